#include "storage/memory_store.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include "base/error.h"
#include "storage/limits.h"
#include "storage/notices.h"

namespace hky::storage {
namespace {

struct Cell {
  Bytes value;
  int puts = 1;  // in its life: a broken `written_once` promise is found
};

struct Partition {
  std::map<Bytes, Cell> cells;
  uint64_t epoch = 0;
  Bytes owner;
};

struct MemoryBody {
  Bytes bytes;
  std::set<Bytes> holders;
};

class MemoryStore : public Store {
 public:
  explicit MemoryStore(MemoryOptions options) : options_(options) {
    if (!options_.inline_answers) thread_ = std::thread([this] { answer_loop(); });
  }

  ~MemoryStore() override {
    if (!thread_.joinable()) return;
    {
      std::lock_guard lock(answers_mutex_);
      ending_ = true;
    }
    answers_ready_.notify_one();
    thread_.join();
  }

  void commit(Part part, Batch batch, Done<> done) override {
    Rc rc = Rc::kOk;
    {
      std::lock_guard lock(mutex_);
      rc = apply(part, batch);
      answer([done = std::move(done), rc] { done(rc, {}); });
    }
    run_inline();
  }

  void get(Part part, std::vector<Bytes> keys, Done<std::vector<std::optional<Bytes>>> done) override {
    std::vector<std::optional<Bytes>> values(keys.size());
    {
      std::lock_guard lock(mutex_);
      const Partition& partition = parts_[{part.kind, part.id}];
      for (size_t i = 0; i < keys.size(); ++i) {
        auto it = partition.cells.find(keys[i]);
        if (it != partition.cells.end()) values[i] = it->second.value;
      }
      answer([done = std::move(done), values = std::move(values)]() mutable { done(Rc::kOk, std::move(values)); });
    }
    run_inline();
  }

  void range(Part part, Bytes from, Bytes to, unsigned limit, Done<Page> done) override {
    Page page;
    {
      std::lock_guard lock(mutex_);
      const Partition& partition = parts_[{part.kind, part.id}];
      for (auto it = partition.cells.lower_bound(from); it != partition.cells.end() && it->first < to; ++it) {
        if (page.rows.size() == limit) {
          page.more = true;
          break;
        }
        page.rows.emplace_back(it->first, it->second.value);
      }
      answer([done = std::move(done), page = std::move(page)]() mutable { done(Rc::kOk, std::move(page)); });
    }
    run_inline();
  }

  void put_bodies(Bytes group, std::vector<Bytes> bodies, std::vector<Bytes> holders,
                  Done<std::vector<Ref>> done) override {
    if (!fits_body(group, bodies, holders)) return done(Rc::kTooBig, {});
    std::vector<Ref> refs;
    {
      std::lock_guard lock(mutex_);
      for (size_t i = 0; i < bodies.size(); ++i) {
        MemoryBody body;
        body.bytes = std::move(bodies[i]);
        if (bodies.size() == 1) body.holders.insert(holders.begin(), holders.end());
        else body.holders.insert(holders[i]);
        refs.push_back(Ref{blob_name(++last_body_), 0, static_cast<uint32_t>(body.bytes.size())});
        bodies_.emplace(std::pair(group, refs.back().blob), std::move(body));
        groups_.emplace(refs.back().blob, group);
      }
    }
    done(Rc::kOk, std::move(refs));
  }

  void read_body(Ref ref, uint64_t off, uint32_t len, Done<Bytes> done) override {
    {
      std::lock_guard lock(mutex_);
      MemoryBody* body = find_body(ref);
      Bytes bytes;
      if (body && off < body->bytes.size()) bytes = body->bytes.substr(off, len);
      Rc rc = body ? Rc::kOk : Rc::kAbsent;
      answer([done = std::move(done), rc, bytes = std::move(bytes)]() mutable { done(rc, std::move(bytes)); });
    }
    run_inline();
  }

  void hold(Ref ref, Bytes holder, Done<> done) override {
    {
      std::lock_guard lock(mutex_);
      MemoryBody* body = find_body(ref);
      if (body) body->holders.insert(std::move(holder));
      answer([done = std::move(done), rc = body ? Rc::kOk : Rc::kAbsent] { done(rc, {}); });
    }
    run_inline();
  }

  void release(Ref ref, Bytes holder, Done<> done) override {
    {
      std::lock_guard lock(mutex_);
      MemoryBody* body = find_body(ref);
      bool held = body && body->holders.erase(holder) != 0;
      if (body && body->holders.empty()) {
        bodies_.erase({groups_[ref.blob], ref.blob});
        groups_.erase(ref.blob);
      }
      answer([done = std::move(done), rc = held ? Rc::kOk : Rc::kAbsent] { done(rc, {}); });
    }
    run_inline();
  }

  void list_bodies(Bytes group, Bytes after, unsigned limit, Done<BodyPage> done) override {
    {
      std::lock_guard lock(mutex_);
      BodyPage page;
      for (auto it = bodies_.upper_bound({group, after}); it != bodies_.end() && it->first.first == group; ++it) {
        if (page.bodies.size() == limit) {
          page.more = true;
          break;
        }
        const MemoryBody& body = it->second;
        page.bodies.push_back(HeldBody{Ref{it->first.second, 0, static_cast<uint32_t>(body.bytes.size())},
                                       {body.holders.begin(), body.holders.end()}});
      }
      answer([done = std::move(done), page = std::move(page)]() mutable { done(Rc::kOk, std::move(page)); });
    }
    run_inline();
  }

  void acquire(Part part, Bytes owner, unsigned, Done<Lease> done) override {
    if (!fits(part)) return done(Rc::kTooBig, {});
    {
      std::lock_guard lock(mutex_);
      Partition& partition = parts_[{part.kind, part.id}];
      partition.owner = owner;
      Lease lease{part, ++partition.epoch, std::move(owner)};
      answer([done = std::move(done), lease = std::move(lease)] { done(Rc::kOk, lease); });
    }
    run_inline();
  }

  void renew(Lease lease, Done<> done) override {
    {
      std::lock_guard lock(mutex_);
      const Partition& partition = parts_[{lease.part.kind, lease.part.id}];
      Rc rc = partition.epoch == lease.epoch && lease.epoch != 0 ? Rc::kOk : Rc::kFenced;
      answer([done = std::move(done), rc] { done(rc, {}); });
    }
    run_inline();
  }

  void notice(uint16_t channel, Bytes text) override { notices_.notice(channel, text); }
  std::shared_ptr<void> listen(uint16_t channel, std::function<void(Bytes)> heard) override {
    return notices_.listen(channel, std::move(heard));
  }
  uint64_t free_bytes() const override { return UINT64_MAX; }

 private:
  Rc apply(const Part& part, Batch& batch) {
    if (!fits(part, batch)) return Rc::kTooBig;
    Partition& partition = parts_[{part.kind, part.id}];
    if (batch.epoch != 0) {
      HKY_CHECK(batch.epoch <= partition.epoch);  // an epoch nobody was given
      if (batch.epoch != partition.epoch) return Rc::kFenced;
    }
    for (const auto& [key, value] : batch.expect) {
      auto it = partition.cells.find(key);
      bool there = it != partition.cells.end();
      if (value ? !there || it->second.value != *value : there) return Rc::kConflict;
    }
    for (auto& [key, value] : batch.set) {
      if (value) {
        auto [it, fresh] = partition.cells.try_emplace(key);
        it->second.value = std::move(*value);
        if (!fresh) ++it->second.puts;
      } else {
        auto it = partition.cells.find(key);
        if (it == partition.cells.end()) continue;
        HKY_CHECK(!batch.written_once || it->second.puts == 1);
        partition.cells.erase(it);
      }
    }
    return Rc::kOk;
  }

  static Bytes blob_name(uint64_t n) {
    Bytes name(8, '\0');
    for (int i = 7; i >= 0; --i, n >>= 8) name[i] = static_cast<char>(n & 0xff);
    return name;
  }

  MemoryBody* find_body(const Ref& ref) {
    auto group = groups_.find(ref.blob);
    if (group == groups_.end()) return nullptr;
    auto it = bodies_.find({group->second, ref.blob});
    return it == bodies_.end() ? nullptr : &it->second;
  }

  // Under mutex_, so that answers come in the order their calls took effect.
  void answer(std::function<void()> f) {
    std::lock_guard lock(answers_mutex_);
    answers_.push_back(std::move(f));
    answers_ready_.notify_one();
  }

  void run_inline() {
    if (!options_.inline_answers) return;
    for (;;) {
      std::function<void()> f;
      {
        std::lock_guard lock(answers_mutex_);
        if (answers_.empty()) return;
        f = std::move(answers_.front());
        answers_.pop_front();
      }
      f();
    }
  }

  void answer_loop() {
    std::unique_lock lock(answers_mutex_);
    for (;;) {
      answers_ready_.wait(lock, [this] { return ending_ || !answers_.empty(); });
      if (answers_.empty()) return;
      auto f = std::move(answers_.front());
      answers_.pop_front();
      lock.unlock();
      f();
      f = nullptr;
      lock.lock();
    }
  }

  const MemoryOptions options_;
  std::mutex mutex_;
  std::map<std::pair<char, Bytes>, Partition> parts_;
  std::map<std::pair<Bytes, Bytes>, MemoryBody> bodies_;  // by group and blob
  std::map<Bytes, Bytes> groups_;                         // blob -> group
  uint64_t last_body_ = 0;
  Notices notices_;
  std::mutex answers_mutex_;
  std::condition_variable answers_ready_;
  std::deque<std::function<void()>> answers_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Store> open_memory_store(MemoryOptions options) { return std::make_unique<MemoryStore>(options); }

}  // namespace hky::storage
