// Meeting points of coroutines: see sync.h.
#include "net/sync.h"

namespace hky::net {

void Event::set() {
  set_ = true;
  waiters_.finish_all(Waiter::Outcome::kDone);
}

Task<bool> Event::wait(MonoTime deadline) {
  if (set_) co_return true;
  Waiter w(loop_);
  w.join(waiters_);
  w.set_deadline(deadline);
  Waiter::Outcome how = co_await w;
  co_return how == Waiter::Outcome::kDone;
}

bool Semaphore::try_acquire() {
  if (free_ == 0) return false;
  --free_;
  return true;
}

Task<bool> Semaphore::acquire(MonoTime deadline) {
  if (try_acquire()) co_return true;
  Waiter w(loop_);
  w.join(waiters_);
  w.set_deadline(deadline);
  Waiter::Outcome how = co_await w;
  co_return how == Waiter::Outcome::kDone;
}

void Semaphore::release() {
  // Handed over directly, so that a newcomer cannot overtake.
  if (Waiter* w = waiters_.first()) w->finish(Waiter::Outcome::kDone);
  else ++free_;
}

Task<Mutex::Guard> Mutex::lock() {
  bool locked = co_await one_.acquire();
  Mutex* held = nullptr;
  if (locked) held = this;
  co_return Guard(held);
}

Task<> TaskGroup::run(std::shared_ptr<State> state, Task<> task) {
  co_await task;
  if (--state->running == 0) state->waiters.finish_all(Waiter::Outcome::kDone);
}

void TaskGroup::spawn(Task<> task) {
  ++state_->running;
  state_->loop.spawn(run(state_, std::move(task)));
}

Task<> TaskGroup::wait() {
  std::shared_ptr<State> state = state_;
  while (state->running > 0) {
    Waiter w(state->loop);
    w.join(state->waiters);
    co_await w;
  }
}

}  // namespace hky::net
