// CommitQueue: the one writer of the RocksDB store. Takes what waits, checks each batch in its order against what the ones
// before it leave, writes what passed with the bodies staged since as one WriteBatch, answers.
// Threads: add() from any. One thread of its own writes; in inline mode the callers of durable batches do, one at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "storage/body_engine.h"
#include "storage/rocksdb_database.h"
#include "storage/rocksdb_store.h"

namespace hky::storage {

class CommitQueue {
 public:
  struct Op {
    enum class Kind { kCommit, kAcquire, kHold, kRelease } kind = Kind::kCommit;
    Part part;
    Batch batch;              // kCommit
    Bytes who;                // owner or holder
    Ref ref;                  // kHold, kRelease
    Done<> done;
    Done<Lease> leased;       // kAcquire
    Rc rc = Rc::kOk;
    uint64_t epoch = 0;       // kAcquire: the one given

    bool durable() const { return kind == Kind::kAcquire || (kind == Kind::kCommit && batch.durable); }
  };

  CommitQueue(Database& database, BodyEngine& bodies, const RocksdbOptions& options,
              std::unordered_map<std::string, uint64_t> epochs);
  ~CommitQueue();  // writes what waits, syncs, answers

  void add(Op op);
  void drain();
  uint64_t epoch(const Part& part) const;
  CommitStats stats() const;

 private:
  void run();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void gather(std::unique_lock<std::mutex>& lock);
  void note_rate(size_t messages);
  std::vector<Op> write_group();           // under commit_mutex_; what was written or refused, still to be answered
  void keep_removals(std::vector<Op>& ops);
  static void answer(std::vector<Op> ops); // without it: an answer may bring the next batch
  void write_and_answer();
  Rc recover();
  Rc put_all(std::vector<Op>& ops, bool sync);
  void check(Op& op, rocksdb::WriteBatch& out);
  void check_commit(Op& op, rocksdb::WriteBatch& out);
  Rc expect(const std::string& prefix, const Batch& batch);

  Database& database_;
  BodyEngine& bodies_;
  const RocksdbOptions options_;

  mutable std::mutex mutex_;               // what waits
  std::condition_variable work_;
  std::vector<Op> waiting_;
  size_t durable_waiting_ = 0;
  bool gathering_ = false;
  bool dozing_ = false;                    // nothing waits, and the writer sleeps until something does
  bool ending_ = false;

  std::mutex commit_mutex_;                // one group at a time; also what follows
  std::unordered_map<std::string, std::optional<Bytes>> overlay_;  // keys set in this group, if a batch has conditions
  bool keep_overlay_ = false;
  std::atomic<size_t> last_messages_ = 0;  // bodies in the last group
  unsigned fruitless_ = 0, skip_ = 0;      // gather(): waits that brought too little, groups until the next try
  std::atomic<double> per_micro_ = 0;      // messages that come in a microsecond
  std::chrono::steady_clock::time_point last_group_ = std::chrono::steady_clock::now();
  bool unsynced_ = false;
  bool failed_ = false;                    // the last write failed: open again first

  mutable std::mutex state_mutex_;         // epochs_, stats_
  std::unordered_map<std::string, uint64_t> epochs_;  // by epoch_key
  CommitStats stats_;
  std::thread thread_;
};

}  // namespace hky::storage
