// Waiter: what a suspended coroutine leaves behind while it waits: for a descriptor, a timer or another coroutine.
// It lives in the waiting coroutine's frame and unlinks itself when that frame goes; waiting allocates nothing.
//   Waiter w(loop);
//   w.join(queue);                 // whoever owns the queue wakes it
//   w.set_deadline(deadline);      // optional; coarse: fires up to 200 ms late, never early
//   Waiter::Outcome how = co_await w;
// Threads: the loop's own only.
#pragma once

#include <coroutine>
#include <cstdint>

#include "base/clock.h"

namespace hky::net {

class Loop;
class Waiter;

// A link of a ring; alone it points to itself.
struct Link {
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { unlink(); }
  void unlink() {
    prev->next = next;
    next->prev = prev;
    prev = next = this;
  }
  void push_back(Link& link) {  // `this` is the ring's head
    link.unlink();
    link.prev = prev;
    link.next = this;
    prev->next = &link;
    prev = &link;
  }
  bool alone() const { return next == this; }

  Link* prev = this;
  Link* next = this;
};

struct QueueLink : Link {};  // in a WaitQueue
struct TimeLink : Link {     // in the loop's timer wheel, later in its ready list
  int64_t tick = 0;
};

class Waiter : public QueueLink, public TimeLink {
 public:
  enum class Outcome : uint8_t { kWaiting, kDone, kTimedOut, kClosed };

  explicit Waiter(Loop& loop) : loop_(loop) {}
  void join(QueueLink& queue) { queue.push_back(static_cast<QueueLink&>(*this)); }
  void set_deadline(MonoTime deadline);

  // Resumed from the loop, after the caller has returned to it.
  void finish(Outcome outcome);
  // Resumed before the call returns: for the loop itself.
  void finish_now(Outcome outcome);

  bool await_ready() const { return outcome_ != Outcome::kWaiting; }
  void await_suspend(std::coroutine_handle<> handle) { handle_ = handle; }
  Outcome await_resume() const { return outcome_; }

  static Waiter* from(Link* link) { return static_cast<Waiter*>(static_cast<QueueLink*>(link)); }

 private:
  friend class Loop;
  friend struct LoopImpl;
  bool settle(Outcome outcome);

  Loop& loop_;
  std::coroutine_handle<> handle_;
  Outcome outcome_ = Outcome::kWaiting;
};

// Coroutines waiting for one thing, first come first served. Whoever waits is told kClosed when the queue goes.
class WaitQueue : public QueueLink {
 public:
  ~WaitQueue() { finish_all(Waiter::Outcome::kClosed); }
  bool empty() const { return alone(); }
  Waiter* first() { return empty() ? nullptr : Waiter::from(next); }
  void finish_all(Waiter::Outcome outcome) {
    while (Waiter* w = first()) w->finish(outcome);
  }
};

}  // namespace hky::net
