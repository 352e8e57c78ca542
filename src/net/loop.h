// Loop: one event loop, one thread (how it hears from the kernel: poller.h). Everything a coroutine may wait for
// starts here: sleeping, another thread's answer, sockets (stream.h). A process has one Loop a core.
// Threads: run() on one thread; post() and Completion::finish() from any; everything else on the loop's own thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "net/task.h"

namespace hky::net {

class Loop {
 public:
  explicit Loop(const Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;

  void run();   // until stop() or until no work is left and keep_running is off
  void stop();  // from any thread
  void keep_running(bool on);

  // Runs f on the loop soon. Posts from other threads in one instant share one wake-up.
  void post(std::function<void()> f);
  // Starts a task that owns itself; the loop counts it: live_tasks().
  void spawn(Task<> task);
  size_t live_tasks() const;

  // After all events that were ready have been handled, f runs once (the commit barrier of design section 5: take in all
  // ready events, then commit once, then answer).
  void after_ready(std::function<void()> f);

  // f runs at the end of every turn, before the loop waits again: what gathered meanwhile goes out in one piece (log lines).
  void each_turn(std::function<void()> f);

  Task<> sleep(Duration d);
  // For tests and the simulator: when nothing else happens, `clock` (the one given to the constructor) jumps to the next timer.
  void simulate(ManualClock& clock);
  const Clock& clock() const;

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// A value that another thread (or later code) will bring: await wait() once, call finish() once, in any order.
template <class T>
class Completion {
 public:
  explicit Completion(Loop& loop) : state_(std::make_shared<State>(loop)) {}

  // From any thread. Resumes the waiter on its loop.
  void finish(T value) const {
    auto s = state_;
    auto box = std::make_shared<T>(std::move(value));
    s->loop.post([s, box] {
      s->value.emplace(std::move(*box));
      if (auto w = std::exchange(s->waiter, nullptr)) w.resume();
    });
  }
  // On the waiter's own loop, without the hop.
  void finish_here(T value) const {
    state_->value.emplace(std::move(value));
    if (auto w = std::exchange(state_->waiter, nullptr)) w.resume();
  }

  Task<T> wait() const {
    auto s = state_;
    Awaiter a{s.get()};
    co_await a;
    co_return std::move(*s->value);
  }

 private:
  struct State {
    explicit State(Loop& l) : loop(l) {}
    Loop& loop;
    std::optional<T> value;
    std::coroutine_handle<> waiter;
  };
  struct Awaiter {
    State* s;
    bool await_ready() const { return s->value.has_value(); }
    void await_suspend(std::coroutine_handle<> h) { s->waiter = h; }
    void await_resume() {}
  };
  std::shared_ptr<State> state_;
};

// Runs a task to its end on a private loop: for commands (-bt, -bv, newaliases) and tests.
template <class T>
T run_blocking(Loop& loop, Task<T> task) {
  std::optional<T> out;
  auto body = [](Task<T> t, std::optional<T>& o, Loop& l) -> Task<> {
    o = co_await t;
    l.stop();
  };
  loop.spawn(body(std::move(task), out, loop));
  loop.run();
  return std::move(*out);
}

inline void run_blocking(Loop& loop, Task<> task) {
  auto body = [](Task<> t, Loop& l) -> Task<> {
    co_await t;
    l.stop();
  };
  loop.spawn(body(std::move(task), loop));
  loop.run();
}

// Blocking work (getpwnam, LDAP, programs, PAM): run on a small pool, answered on the calling loop.
class WorkerPool {
 public:
  explicit WorkerPool(unsigned threads);
  ~WorkerPool();
  template <class T>
  Task<T> run(Loop& loop, std::function<T()> work) {
    Completion<T> done(loop);
    submit([done, work = std::move(work)] { done.finish(work()); });
    co_return co_await done.wait();
  }
  void submit(std::function<void()> work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hky::net
