// rocksdb_store: the Store of one host (doc/storage.md). All partitions lie in one database; one commit thread writes the
// batches of one instant, with the bodies put since, as one synced WriteBatch.
// The only includers of RocksDB are storage/*.cc and sim_disk.h.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "storage/store.h"

namespace rocksdb {
class Env;
}

namespace hky::storage {

struct RocksdbOptions {
  bool inline_commit = false;      // commit on the caller's thread (fast disks, few clients); removals still wait for a ride
  unsigned removal_ms = 50;        // an undurable batch is written unsynced after this time, if no durable one came by
  size_t memtable_bytes = 8u << 20;
  size_t body_memtable_bytes = 32u << 20;
  size_t cache_bytes = 8u << 20;   // blocks read back
  unsigned lock_wait_ms = 0;       // how long open waits for a process that holds the database and is about to end
  rocksdb::Env* env = nullptr;     // null: the kernel's; tests: sim_disk.h
  std::function<void(const std::string& line)> complain;  // RocksDB's own warnings and errors; from any thread. Empty: dropped
};

struct CommitStats {
  uint64_t syncs = 0;      // synced writes
  uint64_t writes = 0;     // all writes, synced or not
  uint64_t batches = 0;    // batches and releases they carried
};

class RocksdbStore : public Store {
 public:
  virtual CommitStats stats() const = 0;
  // Writes what waits for a ride now (unsynced): a process about to end calls it.
  virtual void drain() = 0;
};

// Makes `dir` if it is missing (mode 0700). A database that another process holds is a temporary error that says so.
Result<std::unique_ptr<RocksdbStore>> open_rocksdb_store(const std::string& dir, RocksdbOptions options = {});

}  // namespace hky::storage
