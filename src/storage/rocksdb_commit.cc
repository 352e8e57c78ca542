#include "storage/rocksdb_commit.h"

#include <algorithm>

#include "base/error.h"
#include "storage/limits.h"
#include "storage/rocksdb_bodies.h"
#include "storage/rocksdb_keys.h"

namespace hky::storage {
namespace {

// Messages of one instant share a flush; those of the next moments may too, where so many come that the wait is worth it.
constexpr auto kGather = std::chrono::microseconds(2000);
constexpr size_t kEnough = 6;        // messages a flush that end the wait
constexpr double kWorthIt = 2;       // messages that must be expected within kGather
constexpr unsigned kMostSkips = 256;

}  // namespace

CommitQueue::CommitQueue(Database& database, BodyEngine& bodies, const RocksdbOptions& options,
                         std::unordered_map<std::string, uint64_t> epochs)
    : database_(database), bodies_(bodies), options_(options), epochs_(std::move(epochs)), thread_([this] { run(); }) {}

CommitQueue::~CommitQueue() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  work_.notify_one();
  thread_.join();
  if (unsynced_ && !failed_) (void)database_.db()->SyncWAL();  // best effort: what is lost here costs a repeat
}

void CommitQueue::add(Op op) {
  bool durable = op.durable();
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (gathering_) wake = durable && bodies_.staged() >= kEnough;
    else wake = durable ? durable_waiting_ == 0 : dozing_;
    waiting_.push_back(std::move(op));
    durable_waiting_ += durable;
  }
  if (durable && options_.inline_commit) {
    write_and_answer();  // perhaps written by another caller meanwhile, then there is nothing left to do
  } else if (wake) {
    work_.notify_one();
  }
}

void CommitQueue::drain() { write_and_answer(); }

void CommitQueue::write_and_answer() {
  std::vector<Op> ops;
  {
    std::lock_guard group(commit_mutex_);
    ops = write_group();
  }
  answer(std::move(ops));
}

uint64_t CommitQueue::epoch(const Part& part) const {
  std::lock_guard lock(state_mutex_);
  auto it = epochs_.find(keys::epoch_key(part));
  return it == epochs_.end() ? 0 : it->second;
}

CommitStats CommitQueue::stats() const {
  std::lock_guard lock(state_mutex_);
  return stats_;
}

void CommitQueue::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wait_for_work(lock);
    if (waiting_.empty() && ending_) return;
    if (waiting_.empty()) continue;  // a caller wrote it (inline mode, drain)
    if (!ending_) gather(lock);
    lock.unlock();
    write_and_answer();
    lock.lock();
  }
}

// Until a durable batch waits, or an undurable one has waited long enough for a ride. A busy writer looks after the
// undurable ones by its own clock, so that they need not wake it; an idle one dozes.
void CommitQueue::wait_for_work(std::unique_lock<std::mutex>& lock) {
  auto durable = [this] { return ending_ || (durable_waiting_ != 0 && !options_.inline_commit); };
  if (work_.wait_for(lock, std::chrono::milliseconds(options_.removal_ms), durable) || !waiting_.empty()) return;
  dozing_ = true;
  work_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
  dozing_ = false;
  work_.wait_for(lock, std::chrono::milliseconds(options_.removal_ms), durable);
}

// With many clients a flush as fast as 0.2 ms would carry two messages. Where as many come as kWorthIt says, waiting until
// there are kEnough costs no throughput and saves the device's time and the kernel's. Where the wait did not bring them (few
// clients, all of them waiting for us), it is not tried again for a growing number of groups. One client never waits.
void CommitQueue::gather(std::unique_lock<std::mutex>& lock) {
  const size_t before = bodies_.staged();
  if (durable_waiting_ == 0 || before >= kEnough || std::max(before, last_messages_.load()) < 2) return;
  if (per_micro_ * static_cast<double>(kGather.count()) < kWorthIt) return;
  if (skip_ != 0) {
    --skip_;
    return;
  }
  gathering_ = true;
  work_.wait_for(lock, kGather, [this] { return ending_ || bodies_.staged() >= kEnough; });
  gathering_ = false;
  if (bodies_.staged() >= kEnough / 2) {
    fruitless_ = 0;
  } else {
    fruitless_ = std::min(fruitless_ + 1, 9u);
    skip_ = std::min(1u << fruitless_, kMostSkips);
  }
}

// How many messages come in a microsecond, smoothed over some ten groups.
void CommitQueue::note_rate(size_t messages) {
  const auto now = std::chrono::steady_clock::now();
  const double passed = std::chrono::duration<double, std::micro>(now - last_group_).count();
  last_group_ = now;
  if (passed > 0) per_micro_ = per_micro_ * 0.9 + 0.1 * static_cast<double>(messages) / passed;
}

std::vector<CommitQueue::Op> CommitQueue::write_group() {
  std::vector<Op> ops;
  {
    std::lock_guard lock(mutex_);
    ops.swap(waiting_);
    durable_waiting_ = 0;
  }
  if (ops.empty()) return ops;
  bool sync = std::any_of(ops.begin(), ops.end(), [](const Op& op) { return op.durable(); });
  last_messages_ = bodies_.staged();
  note_rate(last_messages_);
  Rc written = put_all(ops, sync);
  if (written == Rc::kOk) return ops;
  keep_removals(ops);
  for (Op& op : ops) {
    if (op.rc == Rc::kOk) op.rc = written;
  }
  return ops;
}

// Nobody waits for a removal, and nobody would repeat it: after a failed write it stays, before all that came later, and
// goes with the next one that succeeds.
void CommitQueue::keep_removals(std::vector<Op>& ops) {
  auto stays = [](const Op& op) {
    return op.rc == Rc::kOk && (op.kind == Op::Kind::kRelease || (op.kind == Op::Kind::kCommit && !op.batch.durable));
  };
  std::lock_guard lock(mutex_);
  if (ending_) return;
  auto kept = std::stable_partition(ops.begin(), ops.end(), [&](const Op& op) { return !stays(op); });
  waiting_.insert(waiting_.begin(), std::make_move_iterator(kept), std::make_move_iterator(ops.end()));
  ops.erase(kept, ops.end());
}

void CommitQueue::answer(std::vector<Op> ops) {
  for (Op& op : ops) {
    if (op.kind == Op::Kind::kAcquire) op.leased(op.rc, op.rc == Rc::kOk ? Lease{op.part, op.epoch, op.who} : Lease{});
    else op.done(op.rc, {});
  }
}

// A failed write perhaps stands in the log all the same; opening again decides it.
Rc CommitQueue::recover() {
  if (!failed_) return Rc::kOk;
  Rc rc = to_rc(database_.reopen());
  failed_ = rc != Rc::kOk;
  return rc;
}

Rc CommitQueue::put_all(std::vector<Op>& ops, bool sync) {
  if (Rc recovered = recover(); recovered != Rc::kOk) return recovered;
  keep_overlay_ = std::any_of(ops.begin(), ops.end(), [](const Op& op) { return !op.batch.expect.empty(); });
  rocksdb::WriteBatch group;
  Rc rc = bodies_.write(group);
  for (Op& op : ops) check(op, group);
  overlay_.clear();
  if (rc == Rc::kOk && group.Count() != 0) {
    rocksdb::WriteOptions how;
    how.sync = sync;
    rc = to_rc(database_.db()->Write(how, &group));
    failed_ = rc != Rc::kOk;
    unsynced_ = !sync;
    std::lock_guard lock(state_mutex_);
    ++stats_.writes;
    stats_.syncs += sync;
    stats_.batches += ops.size();
  }
  bodies_.settle(rc == Rc::kOk);
  return rc;
}

void CommitQueue::check(Op& op, rocksdb::WriteBatch& out) {
  switch (op.kind) {
    case Op::Kind::kCommit:
      check_commit(op, out);
      break;
    case Op::Kind::kAcquire: {
      std::string key = keys::epoch_key(op.part);
      {
        std::lock_guard lock(state_mutex_);
        op.epoch = ++epochs_[key];  // stays, should the write fail: an epoch may be skipped, never given twice
      }
      op.rc = to_rc(out.Put(key, keys::u64(op.epoch)));
      break;
    }
    case Op::Kind::kHold:
      op.rc = bodies_.hold(op.ref, op.who, out);
      break;
    case Op::Kind::kRelease:
      op.rc = bodies_.release(op.ref, op.who, out);
      break;
  }
}

void CommitQueue::check_commit(Op& op, rocksdb::WriteBatch& out) {
  const Batch& batch = op.batch;
  if (batch.epoch != 0 && batch.epoch != epoch(op.part)) {
    op.rc = Rc::kFenced;
    return;
  }
  std::string key = keys::part_prefix(op.part);
  const size_t prefix = key.size();
  op.rc = expect(key, batch);
  if (op.rc != Rc::kOk) return;
  for (const auto& [name, value] : batch.set) {
    key.resize(prefix);
    key += name;
    rocksdb::Status put = value                ? out.Put(key, *value)
                          : batch.written_once ? out.SingleDelete(key)
                                               : out.Delete(key);
    HKY_CHECK(put.ok());  // only a size over 4 GiB fails here
    if (keep_overlay_) overlay_[key] = value;
  }
}

Rc CommitQueue::expect(const std::string& prefix, const Batch& batch) {
  for (const auto& [name, wanted] : batch.expect) {
    std::string key = prefix + name;
    std::optional<Bytes> now;
    if (auto it = overlay_.find(key); it != overlay_.end()) {
      now = it->second;
    } else {
      std::string value;
      rocksdb::Status got = database_.db()->Get({}, key, &value);
      if (got.ok()) now = std::move(value);
      else if (!got.IsNotFound()) return to_rc(got);
    }
    if (now != wanted) return Rc::kConflict;
  }
  return Rc::kOk;
}

}  // namespace hky::storage
