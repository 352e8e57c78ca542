// Database: the RocksDB under a store: its options, and opening it again after a failed write. RocksDB refuses writes after
// one that failed; its own Resume() was seen to hang and to fail for good (a log that could not be created), while opening
// again reads what the log holds and goes on.
// Threads: readers hold a Use; the committing thread alone opens and closes, and may use db() without one.
#pragma once

#include <memory>
#include <shared_mutex>
#include <string>

#include <rocksdb/db.h>

#include "base/error.h"
#include "storage/rocksdb_store.h"

namespace hky::storage {

class Database {
 public:
  Database(std::string dir, const RocksdbOptions& options);
  ~Database();

  Result<> open();               // the directory too, if it is missing
  rocksdb::Status reopen();      // after a failed write; where it fails db() is null until it succeeds
  rocksdb::DB* db() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* bodies() const { return bodies_; }
  uint64_t free_bytes() const;
  Error error(const rocksdb::Status& status) const;

  // Keeps the database open while it lives.
  class Use {
   public:
    explicit Use(const Database& database) : lock_(database.mutex_), db_(database.db()) {}
    explicit operator bool() const { return db_ != nullptr; }
    rocksdb::DB* operator->() const { return db_; }

   private:
    std::shared_lock<std::shared_mutex> lock_;
    rocksdb::DB* db_;
  };

 private:
  rocksdb::Status open_families();
  void close();

  const std::string dir_;
  const RocksdbOptions options_;
  mutable std::shared_mutex mutex_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* index_ = nullptr;   // RocksDB's; given back in close()
  rocksdb::ColumnFamilyHandle* bodies_ = nullptr;
};

}  // namespace hky::storage
