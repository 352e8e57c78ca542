// Task<T>: the one coroutine type of Hikyaku. Lazy: nothing runs before it is awaited or spawned on a Loop.
// Where nothing suspends, awaiting it is a plain call: a child that finishes at once never leaves the stack, and a loop
// over a million such awaits does not grow it (no reliance on tail calls: ASan and -O0 builds have none).
// Threads: a Task lives on one Loop. Rules 18..21 of the style guide apply: co_await is a statement, initialiser,
// assignment or co_return; parameters by value or references to the owning session.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace hky::net {

template <class T = void>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> waiter;
  bool in_first_run = false;    // the awaiting coroutine is still inside await_suspend
  bool done = false;

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> h) noexcept {
      PromiseBase& p = h.promise();
      p.done = true;
      if (!p.in_first_run && p.waiter) p.waiter.resume();
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() { std::terminate(); }  // style 12: nothing throws after start-up
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& v) { value.emplace(std::forward<U>(v)); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle h) : h_(h) {}
  Task(Task&& o) noexcept : h_(std::exchange(o.h_, nullptr)) {}
  Task& operator=(Task&& o) noexcept {
    if (this != &o) {
      if (h_) h_.destroy();
      h_ = std::exchange(o.h_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (h_) h_.destroy();
  }

  bool await_ready() const noexcept { return h_.promise().done; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    auto& p = h_.promise();
    p.waiter = waiter;
    p.in_first_run = true;
    h_.resume();
    p.in_first_run = false;
    return !p.done;
  }
  T await_resume() {
    if constexpr (!std::is_void_v<T>) return std::move(*h_.promise().value);
  }

  // For Loop::spawn and tests that drive a task by hand.
  Handle handle() const { return h_; }
  bool done() const { return h_.promise().done; }

 private:
  Handle h_;
};

namespace detail {
template <class T>
Task<T> Promise<T>::get_return_object() { return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this)); }
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}
}  // namespace detail

}  // namespace hky::net
