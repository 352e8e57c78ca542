#include "storage/rocksdb_store.h"

#include <deque>

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include "base/file_system.h"
#include "storage/limits.h"
#include "storage/notices.h"
#include "storage/rocksdb_bodies.h"
#include "storage/rocksdb_commit.h"
#include "storage/rocksdb_keys.h"

namespace hky::storage {
namespace {

// Reads, on one thread of their own: a block that is not cached must not stop a loop.
class Reader {
 public:
  Reader() : thread_([this] { run(); }) {}
  ~Reader() {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    work_.notify_one();
    thread_.join();
  }
  void add(std::function<void()> read) {
    {
      std::lock_guard lock(mutex_);
      reads_.push_back(std::move(read));
    }
    work_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      work_.wait(lock, [this] { return ending_ || !reads_.empty(); });
      if (reads_.empty()) return;
      auto read = std::move(reads_.front());
      reads_.pop_front();
      lock.unlock();
      read();
      read = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<std::function<void()>> reads_;
  bool ending_ = false;
  std::thread thread_;
};

struct Database {
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* index = nullptr;
  rocksdb::ColumnFamilyHandle* bodies = nullptr;

  Database() = default;
  Database(Database&&) = default;
  ~Database() {
    if (!db) return;
    for (auto* family : {index, bodies}) {
      if (family) (void)db->DestroyColumnFamilyHandle(family);
    }
    (void)db->Close();
  }
};

class OpenStore : public RocksdbStore {
 public:
  OpenStore(Database database, std::string dir, const RocksdbOptions& options, uint32_t opening,
            std::unordered_map<std::string, uint64_t> epochs)
      : dir_(std::move(dir)),
        database_(std::move(database)),
        bodies_(*database_.db, *database_.bodies, opening),
        commits_(*database_.db, bodies_, options, std::move(epochs)) {}

  void commit(Part part, Batch batch, Done<> done) override {
    if (!fits(part, batch)) return done(Rc::kTooBig, {});
    CommitQueue::Op op;
    op.part = std::move(part);
    op.batch = std::move(batch);
    op.done = std::move(done);
    commits_.add(std::move(op));
  }

  void get(Part part, std::vector<Bytes> names, Done<std::vector<std::optional<Bytes>>> done) override {
    reader_.add([this, part = std::move(part), names = std::move(names), done = std::move(done)] {
      std::vector<std::optional<Bytes>> values(names.size());
      std::string prefix = keys::part_prefix(part);
      for (size_t i = 0; i < names.size(); ++i) {
        std::string value;
        rocksdb::Status got = database_.db->Get({}, prefix + names[i], &value);
        if (got.ok()) values[i] = std::move(value);
        else if (!got.IsNotFound()) return done(to_rc(got), {});
      }
      done(Rc::kOk, std::move(values));
    });
  }

  void range(Part part, Bytes from, Bytes to, unsigned limit, Done<Page> done) override {
    reader_.add([this, prefix = keys::part_prefix(part), from = std::move(from), to = std::move(to), limit,
                 done = std::move(done)] {
      Page page;
      rocksdb::ReadOptions options;
      std::string end = prefix + to;
      rocksdb::Slice bound(end);
      options.iterate_upper_bound = &bound;
      std::unique_ptr<rocksdb::Iterator> it(database_.db->NewIterator(options));
      for (it->Seek(prefix + from); it->Valid(); it->Next()) {
        if (page.rows.size() == limit) {
          page.more = true;
          break;
        }
        rocksdb::Slice name = it->key();
        name.remove_prefix(prefix.size());
        page.rows.emplace_back(name.ToString(), it->value().ToString());
      }
      if (!it->status().ok()) return done(to_rc(it->status()), {});
      done(Rc::kOk, std::move(page));
    });
  }

  void put_bodies(Bytes group, std::vector<Bytes> bodies, std::vector<Bytes> holders,
                  Done<std::vector<Ref>> done) override {
    if (!fits_body(group, bodies, holders)) return done(Rc::kTooBig, {});
    done(Rc::kOk, bodies_.put(group, std::move(bodies), holders));
  }

  void read_body(Ref ref, uint64_t off, uint32_t len, Done<Bytes> done) override {
    reader_.add([this, ref = std::move(ref), off, len, done = std::move(done)] {
      Bytes bytes;
      Rc rc = bodies_.read(ref, off, len, bytes);
      done(rc, std::move(bytes));
    });
  }

  void hold(Ref ref, Bytes holder, Done<> done) override {
    if (holder.empty() || holder.size() > kMaxHolder) return done(Rc::kTooBig, {});
    body_op(CommitQueue::Op::Kind::kHold, std::move(ref), std::move(holder), std::move(done));
  }
  void release(Ref ref, Bytes holder, Done<> done) override {
    body_op(CommitQueue::Op::Kind::kRelease, std::move(ref), std::move(holder), std::move(done));
  }

  void list_bodies(Bytes group, Bytes after, unsigned limit, Done<BodyPage> done) override {
    reader_.add([this, group = std::move(group), after = std::move(after), limit, done = std::move(done)] {
      BodyPage page;
      Rc rc = bodies_.list(group, after, limit, page);
      done(rc, std::move(page));
    });
  }

  void acquire(Part part, Bytes owner, unsigned, Done<Lease> done) override {
    if (!fits(part)) return done(Rc::kTooBig, {});
    CommitQueue::Op op;
    op.kind = CommitQueue::Op::Kind::kAcquire;
    op.part = std::move(part);
    op.who = std::move(owner);
    op.leased = std::move(done);
    commits_.add(std::move(op));
  }

  void renew(Lease lease, Done<> done) override {
    done(lease.epoch != 0 && commits_.epoch(lease.part) == lease.epoch ? Rc::kOk : Rc::kFenced, {});
  }

  void notice(uint16_t channel, Bytes text) override { notices_.notice(channel, text); }
  std::shared_ptr<void> listen(uint16_t channel, std::function<void(Bytes)> heard) override {
    return notices_.listen(channel, std::move(heard));
  }

  uint64_t free_bytes() const override {
    uint64_t free = 0;
    return database_.db->GetEnv()->GetFreeSpace(dir_, &free).ok() ? free : UINT64_MAX;
  }

  CommitStats stats() const override { return commits_.stats(); }
  void drain() override { commits_.drain(); }

 private:
  void body_op(CommitQueue::Op::Kind kind, Ref ref, Bytes holder, Done<> done) {
    CommitQueue::Op op;
    op.kind = kind;
    op.ref = std::move(ref);
    op.who = std::move(holder);
    op.done = std::move(done);
    commits_.add(std::move(op));
  }

  const std::string dir_;
  Database database_;     // ended last
  RocksdbBodies bodies_;
  Notices notices_;
  CommitQueue commits_;
  Reader reader_;         // ended first
};

rocksdb::DBOptions database_options(const RocksdbOptions& options) {
  rocksdb::DBOptions out;
  out.create_if_missing = true;
  out.create_missing_column_families = true;
  if (options.env) out.env = options.env;
  out.max_background_jobs = 2;
  out.max_open_files = 256;
  out.max_total_wal_size = 8 * options.memtable_bytes;  // the index family fills slowly: it is flushed so that old logs go
  out.info_log_level = rocksdb::WARN_LEVEL;
  out.keep_log_file_num = 2;
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

Error open_error(const std::string& dir, const rocksdb::Status& status) {
  return temporary_error(fmt::format("cannot open the database {}: {}", dir, status.ToString()), 451, "4.3.0");
}

Result<Database> open_database(const std::string& dir, const RocksdbOptions& options) {
  auto cache = rocksdb::NewLRUCache(options.cache_bytes, 2);
  std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, family_options(options, cache, 4 << 10, true)},
      {"bodies", family_options(options, cache, 16 << 10, false)}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::Status opened = rocksdb::DB::Open(database_options(options), dir, families, &handles, &db);
  if (!opened.ok()) return open_error(dir, opened);
  Database out;
  out.db.reset(db);
  out.index = handles[0];
  out.bodies = handles[1];
  return out;
}

std::unordered_map<std::string, uint64_t> read_epochs(rocksdb::DB& db) {
  std::unordered_map<std::string, uint64_t> epochs;
  const std::string prefix("\0e", 2);
  std::unique_ptr<rocksdb::Iterator> it(db.NewIterator({}));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    epochs[it->key().ToString()] = keys::u64({it->value().data(), it->value().size()});
  }
  return epochs;
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

}  // namespace

Result<std::unique_ptr<RocksdbStore>> open_rocksdb_store(const std::string& dir, RocksdbOptions options) {
  if (!options.env) HKY_TRY(make_directory(dir));
  HKY_TRY_ASSIGN(Database database, open_database(dir, options));
  std::string value;
  rocksdb::Status got = database.db->Get({}, keys::opened_key(), &value);
  if (!got.ok() && !got.IsNotFound()) return open_error(dir, got);
  auto opening = static_cast<uint32_t>(keys::u64(value) + 1);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  rocksdb::Status put = database.db->Put(synced, keys::opened_key(), keys::u64(opening));
  if (!put.ok()) return open_error(dir, put);
  auto epochs = read_epochs(*database.db);
  return std::unique_ptr<RocksdbStore>(
      std::make_unique<OpenStore>(std::move(database), dir, options, opening, std::move(epochs)));
}

}  // namespace hky::storage
