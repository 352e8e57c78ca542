// The inside of Loop: timer wheel, ready list, watched descriptors. For net/*.cc only.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "net/loop.h"
#include "net/poller.h"
#include "net/waiter.h"

namespace hky::net {

// Deadlines in slots of 100 ms. Setting and dropping one costs a few pointers; most are dropped.
class TimerWheel {
 public:
  static constexpr int64_t kTickMs = 100;
  static constexpr size_t kSlots = 512;
  static int64_t tick_of(MonoTime t) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count() / kTickMs;
  }
  void start(int64_t now_tick) { done_ = now_tick; }
  void insert(TimeLink& link, int64_t tick);
  // Moves all that are due to `expired`.
  void advance(int64_t now_tick, TimeLink& expired);
  // A tick at which to look again; -1 when nothing waits.
  int64_t next_look();
  bool maybe_any() const {
    uint64_t any = 0;
    for (uint64_t word : used_) any |= word;
    return any != 0;
  }

 private:
  std::array<TimeLink, kSlots> slots_;
  std::array<uint64_t, kSlots / 64> used_{};  // a bit a slot: may claim an empty one, never denies a full one
  int64_t done_ = 0;          // ticks up to here have been handled
};

// One descriptor's registration with a loop. Closes it in the end.
class Watch {
 public:
  Watch(Loop& loop, int fd, Poller::Mode mode = Poller::Mode::kEdge);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  Loop& loop() const { return loop_; }
  int fd() const { return fd_; }
  bool closed() const { return fd_ < 0; }
  void close();  // waiters are told kClosed
  int release();  // gives the descriptor up without closing it; nobody may be waiting

  // Before reading: whether it is worth trying. After: what came of it.
  bool may_read() const { return readable_ || hangup_; }
  void drained() { readable_ = false; }
  void set_readable() { readable_ = true; }
  // Puts the waiter in line. The loop's notices start here: an idle descriptor that nobody awaits costs nothing.
  void await_readable(Waiter& w);
  void await_writable(Waiter& w);

 private:
  friend struct LoopImpl;
  bool listen_for(bool write);

  Loop& loop_;
  int fd_;
  uint32_t slot_ = 0;
  Poller::Mode mode_;
  bool registered_ = false, writes_registered_ = false, readable_ = false, hangup_ = false;
  WaitQueue readers_, writers_;
};

struct LoopImpl {
  LoopImpl(Loop& loop, const Clock& c);
  ~LoopImpl();

  void run();
  bool turn();  // one round; false: nothing is left to do
  void post(std::function<void()> f);
  void handle(const Readiness& r);
  void fire_timers();
  void run_ready();
  void run_posted();
  void run_barrier();
  int wait_milliseconds();
  MonoTime next_timer();
  bool idle_work() const;

  uint64_t enter_watch(Watch& w);
  void leave_watch(uint32_t slot);
  Watch* find_watch(uint64_t token);

  struct Slot {
    Watch* watch = nullptr;
    uint32_t generation = 0;
  };

  Loop& self;
  const Clock& clock;
  ManualClock* simulated = nullptr;
  Poller poller;
  std::vector<Slot> slots;
  std::vector<uint32_t> free_slots;
  TimerWheel wheel;
  std::multimap<MonoTime, Waiter*> sleeps;
  TimeLink ready;
  Link roots;
  size_t live = 0;
  bool keep = false;
  std::vector<std::function<void()>> barrier;
  std::function<void()> turn_end;

  std::mutex mutex;  // guards posted
  std::vector<std::function<void()>> posted;
  std::vector<std::function<void()>> running;
  std::atomic<bool> stop{false};
  std::atomic<bool> posts_waiting{false};
  std::atomic<std::thread::id> thread{};
};

struct Loop::Impl : LoopImpl {
  using LoopImpl::LoopImpl;
};

}  // namespace hky::net
