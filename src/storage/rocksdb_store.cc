#include "storage/rocksdb_store.h"

#include <deque>

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include "storage/limits.h"
#include "storage/notices.h"
#include "storage/rocksdb_bodies.h"
#include "storage/rocksdb_commit.h"
#include "storage/rocksdb_database.h"
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

class OpenStore : public RocksdbStore {
 public:
  OpenStore(std::unique_ptr<Database> database, const RocksdbOptions& options, uint32_t opening,
            std::unordered_map<std::string, uint64_t> epochs)
      : database_(std::move(database)),
        bodies_(*database_, opening),
        commits_(*database_, bodies_, options, std::move(epochs)) {}

  void commit(Part part, Batch batch, Done<> done) override {
    if (!fits(part, batch)) return done(Rc::kTooBig, {});
    CommitQueue::Op op;
    op.part = std::move(part);
    op.batch = std::move(batch);
    op.done = std::move(done);
    commits_.add(std::move(op));
  }

  // The database is let go before the answer is given: the answer may bring a commit that opens it again.
  void get(Part part, std::vector<Bytes> names, Done<std::vector<std::optional<Bytes>>> done) override {
    reader_.add([this, part = std::move(part), names = std::move(names), done = std::move(done)] {
      std::vector<std::optional<Bytes>> values(names.size());
      Rc rc = read_values(keys::part_prefix(part), names, values);
      done(rc, std::move(values));
    });
  }

  void range(Part part, Bytes from, Bytes to, unsigned limit, Done<Page> done) override {
    reader_.add([this, prefix = keys::part_prefix(part), from = std::move(from), to = std::move(to), limit,
                 done = std::move(done)] {
      Page page;
      Rc rc = read_page(prefix, from, to, limit, page);
      done(rc, std::move(page));
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
      Rc rc = with_database([&] { return bodies_.read(ref, off, len, bytes); });
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
      Rc rc = with_database([&] { return bodies_.list(group, after, limit, page); });
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

  uint64_t free_bytes() const override { return database_->free_bytes(); }

  CommitStats stats() const override { return commits_.stats(); }
  void drain() override { commits_.drain(); }

 private:
  template <class Read>
  Rc with_database(Read read) const {
    Database::Use use(*database_);
    return read();
  }

  Rc read_values(const std::string& prefix, const std::vector<Bytes>& names, std::vector<std::optional<Bytes>>& out) const {
    Database::Use use(*database_);
    if (!use) return Rc::kUnavailable;
    for (size_t i = 0; i < names.size(); ++i) {
      std::string value;
      rocksdb::Status got = use->Get({}, prefix + names[i], &value);
      if (got.ok()) out[i] = std::move(value);
      else if (!got.IsNotFound()) return to_rc(got);
    }
    return Rc::kOk;
  }

  Rc read_page(const std::string& prefix, const Bytes& from, const Bytes& to, unsigned limit, Page& page) const {
    Database::Use use(*database_);
    if (!use) return Rc::kUnavailable;
    rocksdb::ReadOptions options;
    const std::string end = prefix + to;
    rocksdb::Slice bound(end);
    options.iterate_upper_bound = &bound;
    std::unique_ptr<rocksdb::Iterator> it(use->NewIterator(options));
    for (it->Seek(prefix + from); it->Valid(); it->Next()) {
      if (page.rows.size() == limit) {
        page.more = true;
        break;
      }
      rocksdb::Slice name = it->key();
      name.remove_prefix(prefix.size());
      page.rows.emplace_back(name.ToString(), it->value().ToString());
    }
    return to_rc(it->status());
  }

  void body_op(CommitQueue::Op::Kind kind, Ref ref, Bytes holder, Done<> done) {
    CommitQueue::Op op;
    op.kind = kind;
    op.ref = std::move(ref);
    op.who = std::move(holder);
    op.done = std::move(done);
    commits_.add(std::move(op));
  }

  const std::unique_ptr<Database> database_;  // ended last
  RocksdbBodies bodies_;
  Notices notices_;
  CommitQueue commits_;
  Reader reader_;         // ended first
};

std::unordered_map<std::string, uint64_t> read_epochs(rocksdb::DB& db) {
  std::unordered_map<std::string, uint64_t> epochs;
  const std::string prefix("\0e", 2);
  std::unique_ptr<rocksdb::Iterator> it(db.NewIterator({}));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    epochs[it->key().ToString()] = keys::u64({it->value().data(), it->value().size()});
  }
  return epochs;
}

}  // namespace

Result<std::unique_ptr<RocksdbStore>> open_rocksdb_store(const std::string& dir, RocksdbOptions options) {
  auto database = std::make_unique<Database>(dir, options);
  HKY_TRY(database->open());
  rocksdb::DB& db = *database->db();
  std::string value;
  rocksdb::Status got = db.Get({}, keys::opened_key(), &value);
  if (!got.ok() && !got.IsNotFound()) return database->error(got);
  auto opening = static_cast<uint32_t>(keys::u64(value) + 1);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  rocksdb::Status put = db.Put(synced, keys::opened_key(), keys::u64(opening));
  if (!put.ok()) return database->error(put);
  auto epochs = read_epochs(db);
  return std::unique_ptr<RocksdbStore>(
      std::make_unique<OpenStore>(std::move(database), options, opening, std::move(epochs)));
}

}  // namespace hky::storage
