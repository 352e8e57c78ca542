#include "storage/rocksdb_database.h"

#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <thread>

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include "base/file_system.h"

namespace hky::storage {
namespace {

// Takes the place of the file LOG, which RocksDB keeps beside the data. On a full disk that file's first line that cannot be
// written makes the next one a failed assertion (Debian's library has them on), and the host would end for a line of its log.
class Complaints : public rocksdb::Logger {
 public:
  explicit Complaints(std::function<void(const std::string&)> to) : Logger(rocksdb::WARN_LEVEL), to_(std::move(to)) {}
  using Logger::Logv;
  void Logv(const char* format, va_list words) override {
    char text[1024];   // longer ones are cut
    if (!to_ || std::vsnprintf(text, sizeof text, format, words) <= 0) return;
    std::string line = text;
    while (line.ends_with('\n')) line.pop_back();
    to_(line);
  }

 private:
  const std::function<void(const std::string&)> to_;
};

rocksdb::DBOptions database_options(const RocksdbOptions& options) {
  rocksdb::DBOptions out;
  out.create_if_missing = true;
  out.create_missing_column_families = true;
  if (options.env) out.env = options.env;
  out.max_background_jobs = 2;
  out.max_open_files = 256;
  out.max_total_wal_size = 4 * (options.memtable_bytes + options.body_memtable_bytes);  // the index family fills slowly: it is flushed so that old logs go
  out.info_log = std::make_shared<Complaints>(options.complain);
  out.info_log_level = rocksdb::WARN_LEVEL;
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  return out;
}

rocksdb::ColumnFamilyOptions family_options(const RocksdbOptions& options, std::shared_ptr<rocksdb::Cache> cache,
                                            size_t block_size, bool filter) {
  rocksdb::ColumnFamilyOptions out;
  out.write_buffer_size = options.memtable_bytes;
  out.compression = rocksdb::kNoCompression;
  out.bottommost_compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.block_size = block_size;
  if (filter) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));  // holder lists are asked for, and absent
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return out;
}

// Bodies come and go: the larger the memtable, the fewer are written once more, to a table file, before their removal comes.
rocksdb::ColumnFamilyOptions body_options(const RocksdbOptions& options, std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::ColumnFamilyOptions out = family_options(options, std::move(cache), 16 << 10, false);
  out.write_buffer_size = options.body_memtable_bytes;
  return out;
}

// The mail of all users lies in it: nobody else looks in. RocksDB syncs what is inside; the name of the directory itself
// must be on the disk before the first 250 too, and those of missing parents.
Result<> make_directory(const std::string& dir) {
  FileSystem& files = kernel_file_system();
  if (files.exists(dir)) return {};
  const std::string parent = directory_of(dir);
  if (parent != dir && !files.exists(parent)) HKY_TRY(make_directory(parent));
  HKY_TRY(files.mkdir(dir, 0700));
  return files.sync_directory(parent);
}

// RocksDB has no code of its own for it: Env::LockFile() answers with an IOError that says so.
bool is_locked(const rocksdb::Status& status) { return status.IsIOError() && status.ToString().find("lock") != std::string::npos; }

}  // namespace

Database::Database(std::string dir, const RocksdbOptions& options) : dir_(std::move(dir)), options_(options) {}

Database::~Database() { close(); }

Result<> Database::open() {
  if (!options_.env) HKY_TRY(make_directory(dir_));
  rocksdb::Status opened = open_families();
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.lock_wait_ms);
  while (is_locked(opened) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    opened = open_families();
  }
  if (!opened.ok()) return error(opened);
  return {};
}

rocksdb::Status Database::reopen() {
  std::unique_lock lock(mutex_);
  close();
  return open_families();
}

rocksdb::Status Database::open_families() {
  auto cache = rocksdb::NewLRUCache(options_.cache_bytes, 2);
  std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, family_options(options_, cache, 4 << 10, true)},
      {"bodies", body_options(options_, cache)}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::Status opened = rocksdb::DB::Open(database_options(options_), dir_, families, &handles, &db);
  if (!opened.ok()) return opened;
  db_.reset(db);
  index_ = handles[0];
  bodies_ = handles[1];
  return opened;
}

void Database::close() {
  if (!db_) return;
  for (auto* family : {index_, bodies_}) (void)db_->DestroyColumnFamilyHandle(family);
  index_ = bodies_ = nullptr;
  (void)db_->Close();
  db_.reset();
}

uint64_t Database::free_bytes() const {
  rocksdb::Env* env = options_.env ? options_.env : rocksdb::Env::Default();
  uint64_t free = 0;
  return env->GetFreeSpace(dir_, &free).ok() ? free : UINT64_MAX;
}

Error Database::error(const rocksdb::Status& status) const {
  return temporary_error(fmt::format("cannot open the database {}: {}", dir_, status.ToString()), 451, "4.3.0");
}

}  // namespace hky::storage
