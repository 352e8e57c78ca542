// SimDisk: RocksDB's doors on any hky::FileSystem; over SimFileSystem it is the disk that forgets what was not synced and
// can fail from the n-th write on. For power-cut tests: nothing of it runs in production.
// Threads: as the FileSystem below it. Must outlive the store that is open on it.
#pragma once

#include <memory>

#include "base/file_system.h"

namespace rocksdb {
class Env;
}

namespace hky::storage {

class SimDisk {
 public:
  explicit SimDisk(FileSystem& files);
  ~SimDisk();
  rocksdb::Env* env() const { return env_.get(); }

 private:
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace hky::storage
