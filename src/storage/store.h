// Store: partitions of ordered keys with atomic batches, bodies beside them, owners with epochs, change notices.
// The contract (the numbers (0)..(8) of doc/storage.md) holds for every engine; contract_test.cc checks each clause on
// each. Queue and indexed mailboxes are written against this alone.
// Threads: calls from any thread; callbacks come exactly once, on a store thread, which must not block, or, where the
// answer is known at once (put_bodies, a refused batch, the inline mode), on the caller's before the call returns.
// storage/await.h brings them back to a loop. An engine must outlive its calls; its destructor answers what is left.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hky::storage {

using Bytes = std::string;

enum class Rc {
  kOk,
  kConflict,     // a condition failed, nothing was written
  kFenced,       // the epoch is stale: final for that lease
  kAbsent,
  kTooBig,
  kUnavailable,  // perhaps written: repeat, the batch's own conditions tell
  kFull,         // the disk is full; for the rest like kUnavailable
};
const char* to_string(Rc rc);

struct Part { char kind = 0; Bytes id; };           // 'q' queue shard, 'm' mailbox, 'a' account: the unit of atomicity
struct Ref { Bytes blob; uint64_t off = 0; uint32_t len = 0; };  // where a body lies; goes into index values
struct Lease { Part part; uint64_t epoch = 0; Bytes owner; };    // epoch 0: none held

// One atomic durable change of one partition. At most 1,000 sets and 4 MiB; keys 1..1,024 bytes; values 1 B..64 KiB.
struct Batch {
  std::vector<std::pair<Bytes, std::optional<Bytes>>> expect;  // key has exactly this value / is absent
  std::vector<std::pair<Bytes, std::optional<Bytes>>> set;     // put (never empty) / delete
  uint64_t epoch = 0;                                          // not 0: kFenced unless the lease epoch is this
  bool written_once = false;  // promise: each key deleted here was put exactly once in its life (RocksDB: SingleDelete)
  bool durable = true;      // false: a removal that may ride with the next durable batch; written within 100 ms, unsynced
};

struct Page { std::vector<std::pair<Bytes, Bytes>> rows; bool more = false; };

struct HeldBody { Ref ref; std::vector<Bytes> holders; };
struct BodyPage { std::vector<HeldBody> bodies; bool more = false; };

template <class T = std::monostate>
using Done = std::function<void(Rc, T)>;

class Store {
 public:
  virtual ~Store() = default;
  virtual void commit(Part part, Batch batch, Done<> done) = 0;
  virtual void get(Part part, std::vector<Bytes> keys, Done<std::vector<std::optional<Bytes>>> done) = 0;
  virtual void range(Part part, Bytes from, Bytes to, unsigned limit, Done<Page> done) = 0;  // [from, to), bytewise
  // One body: all holders hold it. Several: holders[i] holds bodies[i]. Durable with the first commit that names the Ref
  // (clause 0). `group` is the name the sweep finds them by ("q/<shard>").
  virtual void put_bodies(Bytes group, std::vector<Bytes> bodies, std::vector<Bytes> holders, Done<std::vector<Ref>> done) = 0;
  virtual void read_body(Ref ref, uint64_t off, uint32_t len, Done<Bytes> done) = 0;
  // One more holder of a body that has at least one; kAbsent when it has none. Durable with the next commit.
  virtual void hold(Ref ref, Bytes holder, Done<> done) = 0;
  virtual void release(Ref ref, Bytes holder, Done<> done) = 0;  // drops one holder; the last one frees the space
  // The bodies of a group in the order they were put, after `after` (a Ref::blob, "" is the first): for sweeps only, slow.
  virtual void list_bodies(Bytes group, Bytes after, unsigned limit, Done<BodyPage> done) = 0;
  virtual void acquire(Part part, Bytes owner, unsigned ttl_ms, Done<Lease> done) = 0;
  virtual void renew(Lease lease, Done<> done) = 0;
  virtual void notice(uint16_t channel, Bytes text) = 0;  // a hint: may be lost or doubled, never waited for
  virtual std::shared_ptr<void> listen(uint16_t channel, std::function<void(Bytes)> heard) = 0;  // "": notices were missed
  virtual uint64_t free_bytes() const = 0;  // on the disk behind it; all ones where there is none
};

}  // namespace hky::storage
