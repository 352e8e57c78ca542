// Loop: the rounds of one event loop: see loop.h and reactor.h.
#include "net/loop.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "base/error.h"
#include "net/reactor.h"

namespace hky::net {

// --- Waiter -------------------------------------------------------------------------------------------------------

void Waiter::set_deadline(MonoTime deadline) {
  if (deadline == MonoTime::max() || outcome_ != Outcome::kWaiting) return;
  loop_.impl().wheel.insert(*this, TimerWheel::tick_of(deadline) + 1);
}

bool Waiter::settle(Outcome outcome) {
  if (outcome_ != Outcome::kWaiting) return false;
  outcome_ = outcome;
  QueueLink::unlink();
  TimeLink::unlink();
  return handle_ != nullptr;
}

void Waiter::finish(Outcome outcome) {
  if (settle(outcome)) loop_.impl().ready.push_back(static_cast<TimeLink&>(*this));
}

void Waiter::finish_now(Outcome outcome) {
  if (settle(outcome)) handle_.resume();
}

// --- TimerWheel ---------------------------------------------------------------------------------------------------

void TimerWheel::insert(TimeLink& link, int64_t tick) {
  link.tick = std::max(tick, done_ + 1);
  size_t slot = size_t(link.tick) % kSlots;
  slots_[slot].push_back(link);
  used_[slot / 64] |= uint64_t{1} << (slot % 64);
}

void TimerWheel::advance(int64_t now_tick, TimeLink& expired) {
  if (now_tick <= done_) return;
  int64_t from = std::max(done_ + 1, now_tick - int64_t(kSlots) + 1);
  done_ = now_tick;
  for (int64_t t = from; t <= now_tick; ++t) {
    size_t slot = size_t(t) % kSlots;
    if ((used_[slot / 64] >> (slot % 64) & 1) == 0) continue;
    for (Link* l = slots_[slot].next; l != &slots_[slot];) {
      Link* following = l->next;
      if (static_cast<TimeLink*>(l)->tick <= now_tick) expired.push_back(*l);
      l = following;
    }
    if (slots_[slot].alone()) used_[slot / 64] &= ~(uint64_t{1} << (slot % 64));
  }
}

int64_t TimerWheel::next_look() {
  const int64_t end = done_ + int64_t(kSlots);
  for (int64_t t = done_ + 1; t <= end;) {
    size_t slot = size_t(t) % kSlots;
    uint64_t word = used_[slot / 64] >> (slot % 64);
    if (word == 0) {
      t += int64_t(64 - slot % 64);
      continue;
    }
    t += std::countr_zero(word);
    if (t > end) break;
    slot = size_t(t) % kSlots;
    if (!slots_[slot].alone()) return t;
    used_[slot / 64] &= ~(uint64_t{1} << (slot % 64));
  }
  return -1;
}

// --- Watch --------------------------------------------------------------------------------------------------------

Watch::Watch(Loop& loop, int fd, Poller::Mode mode) : loop_(loop), fd_(fd), mode_(mode) {}

Watch::~Watch() { close(); }

int Watch::release() {
  if (registered_) {
    // Without this a child between fork and exec would keep the registration alive.
    loop_.impl().poller.remove(fd_);
    loop_.impl().leave_watch(slot_);
    registered_ = writes_registered_ = false;
  }
  return std::exchange(fd_, -1);
}

void Watch::close() {
  if (fd_ < 0) return;
  ::close(release());
  readers_.finish_all(Waiter::Outcome::kClosed);
  writers_.finish_all(Waiter::Outcome::kClosed);
}

bool Watch::listen_for(bool write) {
  LoopImpl& impl = loop_.impl();
  if (!registered_) {
    uint64_t token = impl.enter_watch(*this);
    slot_ = uint32_t(token);
    if (!impl.poller.add(fd_, token, write, mode_)) {
      impl.leave_watch(slot_);
      return false;
    }
    registered_ = true;
    writes_registered_ = write;
  } else if (write && !writes_registered_) {
    impl.poller.want_write_too(fd_, uint64_t(impl.slots[slot_].generation) << 32 | slot_);
    writes_registered_ = true;
  }
  return true;
}

void Watch::await_readable(Waiter& w) {
  if (closed()) return w.finish(Waiter::Outcome::kClosed);
  if (hangup_ || !listen_for(false)) {
    readable_ = true;
    return w.finish(Waiter::Outcome::kDone);
  }
  w.join(readers_);
}

void Watch::await_writable(Waiter& w) {
  if (closed()) return w.finish(Waiter::Outcome::kClosed);
  if (!listen_for(true)) return w.finish(Waiter::Outcome::kDone);
  w.join(writers_);
}

// --- LoopImpl -----------------------------------------------------------------------------------------------------

LoopImpl::LoopImpl(Loop& loop, const Clock& c) : self(loop), clock(c) { wheel.start(TimerWheel::tick_of(c.mono())); }

namespace {

// The coroutine that owns a spawned task. It is in the loop's list so that a loop which goes takes its tasks along.
struct Root {
  struct promise_type : Link {
    promise_type(LoopImpl& loop, Task<>&) : impl(loop) {
      impl.roots.push_back(*this);
      ++impl.live;
    }
    ~promise_type() { --impl.live; }
    Root get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
    LoopImpl& impl;
  };
};

Root run_root(LoopImpl&, Task<> task) { co_await task; }

}  // namespace

LoopImpl::~LoopImpl() {
  // The newest first: a task goes before the one that started it.
  while (!roots.alone()) {
    auto& promise = static_cast<Root::promise_type&>(*roots.prev);
    std::coroutine_handle<Root::promise_type>::from_promise(promise).destroy();
  }
}

uint64_t LoopImpl::enter_watch(Watch& w) {
  uint32_t slot;
  if (free_slots.empty()) {
    slot = uint32_t(slots.size());
    slots.emplace_back();
  } else {
    slot = free_slots.back();
    free_slots.pop_back();
  }
  slots[slot].watch = &w;
  return uint64_t(slots[slot].generation) << 32 | slot;
}

void LoopImpl::leave_watch(uint32_t slot) {
  slots[slot].watch = nullptr;
  ++slots[slot].generation;  // a notice already fetched for the old one finds nobody
  free_slots.push_back(slot);
}

Watch* LoopImpl::find_watch(uint64_t token) {
  auto slot = uint32_t(token);
  if (slot >= slots.size() || slots[slot].generation != uint32_t(token >> 32)) return nullptr;
  return slots[slot].watch;
}

void LoopImpl::handle(const Readiness& r) {
  Watch* w = find_watch(r.token);
  if (!w) return;
  if (r.hangup) w->hangup_ = true;
  if (r.readable) {
    w->readable_ = true;
    if (Waiter* reader = w->readers_.first()) reader->finish_now(Waiter::Outcome::kDone);
    w = find_watch(r.token);  // the reader may have closed it
    if (!w) return;
  }
  if (r.writable) {
    if (Waiter* writer = w->writers_.first()) writer->finish_now(Waiter::Outcome::kDone);
  }
}

void LoopImpl::fire_timers() {
  MonoTime now = clock.mono();
  TimeLink expired;
  wheel.advance(TimerWheel::tick_of(now), expired);
  while (!expired.alone()) {
    auto* w = static_cast<Waiter*>(static_cast<TimeLink*>(expired.next));
    w->TimeLink::unlink();
    w->finish_now(Waiter::Outcome::kTimedOut);
  }
  while (!sleeps.empty() && sleeps.begin()->first <= now) {
    Waiter* w = sleeps.begin()->second;
    sleeps.erase(sleeps.begin());
    w->finish_now(Waiter::Outcome::kDone);
  }
}

void LoopImpl::run_ready() {
  // Bounded, so that two coroutines which wake each other for ever do not starve the sockets.
  for (int i = 0; i < 100'000 && !ready.alone(); ++i) {
    auto* w = static_cast<Waiter*>(static_cast<TimeLink*>(ready.next));
    w->TimeLink::unlink();
    w->handle_.resume();
  }
}

void LoopImpl::post(std::function<void()> f) {
  bool first;
  {
    std::lock_guard hold(mutex);
    first = posted.empty();
    posted.push_back(std::move(f));
    if (first) posts_waiting.store(true, std::memory_order_release);
  }
  if (first && thread.load(std::memory_order_relaxed) != std::this_thread::get_id()) poller.wake();
}

void LoopImpl::run_posted() {
  if (!posts_waiting.load(std::memory_order_acquire)) return;
  {
    std::lock_guard hold(mutex);
    running.swap(posted);
    posts_waiting.store(false, std::memory_order_release);
  }
  for (auto& f : running) f();
  running.clear();
}

void LoopImpl::run_barrier() {
  if (barrier.empty()) return;
  std::vector<std::function<void()>> now;
  now.swap(barrier);
  for (auto& f : now) f();
}

MonoTime LoopImpl::next_timer() {
  MonoTime next = MonoTime::max();
  int64_t tick = wheel.next_look();
  if (tick >= 0) next = MonoTime(std::chrono::milliseconds(tick * TimerWheel::kTickMs));
  if (!sleeps.empty()) next = std::min(next, sleeps.begin()->first);
  return next;
}

int LoopImpl::wait_milliseconds() {
  if (!ready.alone() || posts_waiting.load(std::memory_order_acquire) || !barrier.empty()) return 0;
  if (stop.load(std::memory_order_relaxed)) return 0;
  MonoTime next = next_timer();
  if (next == MonoTime::max()) return -1;
  if (simulated) return 1;
  auto ns = (next - clock.mono()).count();
  if (ns <= 0) return 0;
  return int(std::min<int64_t>(ns / 1'000'000 + 1, std::numeric_limits<int>::max()));
}

bool LoopImpl::idle_work() const {
  return live == 0 && barrier.empty() && ready.alone() && !posts_waiting.load(std::memory_order_acquire);
}

bool LoopImpl::turn() {
  if (!keep && idle_work()) return false;
  std::array<Readiness, 256> batch;
  int wait = wait_milliseconds();
  int n = poller.wait(batch, wait);
  // Nothing happens in the simulated world: its time jumps to the next timer.
  if (n == 0 && simulated && wait == 1 && !posts_waiting.load(std::memory_order_acquire)) {
    Duration left = next_timer() - clock.mono();
    if (left.count() > 0) simulated->advance(left);
  }
  for (;;) {
    for (int i = 0; i < n; ++i) handle(batch[size_t(i)]);
    if (n < int(batch.size())) break;
    n = poller.wait(batch, 0);  // more were ready: the barrier comes after them all
  }
  if (!sleeps.empty() || wheel.maybe_any()) fire_timers();
  run_posted();
  run_ready();
  run_barrier();
  if (turn_end) turn_end();
  return true;
}

void LoopImpl::run() {
  thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
  while (!stop.load(std::memory_order_acquire) && turn()) {
  }
  thread.store(std::thread::id{}, std::memory_order_relaxed);
  stop.store(false, std::memory_order_release);
}

// --- Loop ---------------------------------------------------------------------------------------------------------

Loop::Loop(const Clock& clock) : impl_(std::make_unique<Impl>(*this, clock)) {}
Loop::~Loop() = default;

void Loop::run() { impl_->run(); }

void Loop::stop() {
  impl_->stop.store(true, std::memory_order_release);
  impl_->poller.wake();
}

void Loop::keep_running(bool on) { impl_->keep = on; }
void Loop::simulate(ManualClock& clock) { impl_->simulated = &clock; }
void Loop::post(std::function<void()> f) { impl_->post(std::move(f)); }
void Loop::spawn(Task<> task) { run_root(*impl_, std::move(task)); }
size_t Loop::live_tasks() const { return impl_->live; }
void Loop::after_ready(std::function<void()> f) { impl_->barrier.push_back(std::move(f)); }
void Loop::each_turn(std::function<void()> f) { impl_->turn_end = std::move(f); }
const Clock& Loop::clock() const { return impl_->clock; }

namespace {

// Keeps a sleeper findable, and forgets it when its coroutine goes first.
class Sleep {
 public:
  Sleep(LoopImpl& impl, MonoTime when, Waiter& w) : impl_(impl), w_(w), at_(impl.sleeps.emplace(when, &w)) {}
  ~Sleep() {
    if (w_.await_resume() == Waiter::Outcome::kWaiting) impl_.sleeps.erase(at_);
  }
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;

 private:
  LoopImpl& impl_;
  Waiter& w_;
  std::multimap<MonoTime, Waiter*>::iterator at_;
};

}  // namespace

Task<> Loop::sleep(Duration d) {
  Waiter w(*this);
  Sleep entry(*impl_, impl_->clock.mono() + d, w);
  co_await w;
}

}  // namespace hky::net
