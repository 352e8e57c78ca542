// Meeting points of coroutines on one loop: Mutex, Semaphore, Event, Channel, TaskGroup. None allocates while waiting,
// none may be touched from another thread. Whoever is woken runs when its waker has returned to the loop.
// An object that goes while somebody waits tells them "closed" (false, empty): they must not touch it any more.
#pragma once

#include <deque>
#include <optional>

#include "net/loop.h"
#include "net/waiter.h"

namespace hky::net {

// Set once or again: wait() returns at once while it is set.
class Event {
 public:
  explicit Event(Loop& loop) : loop_(loop) {}
  void set();
  void reset() { set_ = false; }
  bool is_set() const { return set_; }
  // true when set, false when the deadline came first or the event went.
  Task<bool> wait(MonoTime deadline = MonoTime::max());

 private:
  Loop& loop_;
  bool set_ = false;
  WaitQueue waiters_;
};

class Semaphore {
 public:
  Semaphore(Loop& loop, size_t count) : loop_(loop), free_(count) {}
  // true: one taken, give it back with release(). First come, first served.
  Task<bool> acquire(MonoTime deadline = MonoTime::max());
  bool try_acquire();
  void release();
  size_t available() const { return free_; }

 private:
  Loop& loop_;
  size_t free_;
  WaitQueue waiters_;
};

class Mutex {
 public:
  explicit Mutex(Loop& loop) : one_(loop, 1) {}
  class Guard {
   public:
    explicit Guard(Mutex* m) : m_(m) {}
    Guard(Guard&& o) noexcept : m_(std::exchange(o.m_, nullptr)) {}
    Guard& operator=(Guard&& o) noexcept {
      if (this != &o) {
        unlock();
        m_ = std::exchange(o.m_, nullptr);
      }
      return *this;
    }
    ~Guard() { unlock(); }
    bool locked() const { return m_ != nullptr; }
    void unlock() {
      if (Mutex* m = std::exchange(m_, nullptr)) m->one_.release();
    }

   private:
    Mutex* m_;
  };
  Task<Guard> lock();

 private:
  Semaphore one_;
};

// A queue of values between coroutines. push() never waits; pop() waits for one.
template <class T>
class Channel {
 public:
  explicit Channel(Loop& loop) : loop_(loop) {}
  bool push(T value) {  // false after close()
    if (closed_) return false;
    values_.push_back(std::move(value));
    if (Waiter* w = waiters_.first()) w->finish(Waiter::Outcome::kDone);
    return true;
  }
  // No more pushes; what is there is still popped.
  void close() {
    closed_ = true;
    waiters_.finish_all(Waiter::Outcome::kDone);
  }
  // Empty when closed and drained, or when the deadline came.
  Task<std::optional<T>> pop(MonoTime deadline = MonoTime::max()) {
    for (;;) {
      if (!values_.empty()) {
        std::optional<T> value(std::move(values_.front()));
        values_.pop_front();
        co_return value;
      }
      if (closed_) co_return std::optional<T>();
      Waiter w(loop_);
      w.join(waiters_);
      w.set_deadline(deadline);
      Waiter::Outcome how = co_await w;
      if (how != Waiter::Outcome::kDone) co_return std::optional<T>();
    }
  }
  std::optional<T> try_pop() {
    if (values_.empty()) return std::nullopt;
    std::optional<T> value(std::move(values_.front()));
    values_.pop_front();
    return value;
  }
  size_t size() const { return values_.size(); }
  bool closed() const { return closed_; }

 private:
  Loop& loop_;
  std::deque<T> values_;
  bool closed_ = false;
  WaitQueue waiters_;
};

// Tasks that somebody waits for (style 21): co_await wait() before what they refer to goes.
class TaskGroup {
 public:
  explicit TaskGroup(Loop& loop) : state_(std::make_shared<State>(loop)) {}
  void spawn(Task<> task);
  size_t size() const { return state_->running; }
  Task<> wait();  // until none runs

 private:
  struct State {
    explicit State(Loop& l) : loop(l) {}
    Loop& loop;
    size_t running = 0;
    WaitQueue waiters;
  };
  static Task<> run(std::shared_ptr<State> state, Task<> task);

  std::shared_ptr<State> state_;
};

}  // namespace hky::net
