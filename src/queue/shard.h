// Shard: the queue's partition in the store: its keys, its batches, its lease, reading it at start (doc/queue.md).
// Stateless but for the lease. Threads: any.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "net/loop.h"
#include "queue/codec.h"
#include "queue/queue.h"

namespace hky::queue {

class Shard {
 public:
  Shard(storage::Store& store, const std::string& name) : store_(store), part_{'q', name}, bodies_("q/" + name) {}

  // Waiting calls, for the start only.
  Result<> acquire(const std::string& owner);
  Result<> read_headers(const std::function<void(std::string id, std::string header)>& each);
  Result<> read_marks(const std::function<void(std::string name)>& each);
  // Chunks of a generation or number that no header names are removed.
  Result<> drop_orphans(const std::function<bool(const std::string& id, uint32_t generation, uint32_t number)>& wanted);
  Result<> read_chunks_waiting(const QueueId& id, uint32_t generation, std::vector<Rcpt>& into);

  net::Task<Result<>> read_chunks(net::Loop& loop, QueueId id, uint32_t generation, std::vector<Rcpt>& into);
  // In as many batches as it takes, each durable, before the header that names them.
  net::Task<Result<>> write_chunks(net::Loop& loop, QueueId id, uint32_t generation, std::vector<std::string> chunks);
  net::Task<Result<>> commit(net::Loop& loop, storage::Batch batch);

  storage::Batch batch() const;
  static void put_header(storage::Batch& batch, const QueueId& id, std::string header);
  static void put_mark(storage::Batch& batch, const std::string& name);
  static void delete_mark(storage::Batch& batch, const std::string& name);
  static void delete_header(storage::Batch& batch, const QueueId& id);
  static void delete_chunks(storage::Batch& batch, const QueueId& id, uint32_t generation, uint32_t chunks);
  // A removal rides along; nobody waits for it. Its failure costs a repeat.
  void forget(storage::Batch batch);
  void let_go(const storage::Ref& body, const QueueId& holder);

  storage::Store& store() const { return store_; }
  const storage::Part& part() const { return part_; }
  const std::string& body_group() const { return bodies_; }
  uint64_t epoch() const { return epoch_; }

 private:
  Result<> scan(char from, const std::function<void(std::string key, std::string value)>& each);
  storage::Store& store_;
  const storage::Part part_;
  const std::string bodies_;
  uint64_t epoch_ = 0;
};

// What a caller of submit hears: 452 4.3.1 for a full disk, 451 4.3.0 else.
Result<> to_result(storage::Rc rc, const char* doing);

}  // namespace hky::queue
