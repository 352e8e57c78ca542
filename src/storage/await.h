// The Store's calls as coroutines of one loop: `Rc rc = co_await commit(store, loop, part, batch);`.
// An answer given before the call returns costs no hop; one from a store thread costs one post to the loop.
// The answer is a class with a constructor, so that it may travel through co_await (style, section 7).
#pragma once

#include <thread>
#include <utility>

#include "net/loop.h"
#include "storage/store.h"

namespace hky::storage {

template <class T>
struct Answer {
  Answer() = default;
  Answer(Rc r, T v) : rc(r), value(std::move(v)) {}
  bool ok() const { return rc == Rc::kOk; }
  Rc rc = Rc::kUnavailable;
  T value{};
};

namespace detail {
template <class T>
Done<T> bring_back(const net::Completion<Answer<T>>& completion) {
  return [completion, loop_thread = std::this_thread::get_id()](Rc rc, T value) {
    Answer<T> answer(rc, std::move(value));
    if (std::this_thread::get_id() == loop_thread) completion.finish_here(std::move(answer));
    else completion.finish(std::move(answer));
  };
}
}  // namespace detail

inline net::Task<Rc> commit(Store& store, net::Loop& loop, Part part, Batch batch) {
  net::Completion<Answer<std::monostate>> done(loop);
  store.commit(std::move(part), std::move(batch), detail::bring_back(done));
  auto answer = co_await done.wait();
  co_return answer.rc;
}

inline net::Task<Answer<std::vector<std::optional<Bytes>>>> get(Store& store, net::Loop& loop, Part part,
                                                                std::vector<Bytes> keys) {
  net::Completion<Answer<std::vector<std::optional<Bytes>>>> done(loop);
  store.get(std::move(part), std::move(keys), detail::bring_back(done));
  co_return co_await done.wait();
}

inline net::Task<Answer<Page>> range(Store& store, net::Loop& loop, Part part, Bytes from, Bytes to, unsigned limit) {
  net::Completion<Answer<Page>> done(loop);
  store.range(std::move(part), std::move(from), std::move(to), limit, detail::bring_back(done));
  co_return co_await done.wait();
}

inline net::Task<Answer<std::vector<Ref>>> put_bodies(Store& store, net::Loop& loop, Bytes group,
                                                      std::vector<Bytes> bodies, std::vector<Bytes> holders) {
  net::Completion<Answer<std::vector<Ref>>> done(loop);
  store.put_bodies(std::move(group), std::move(bodies), std::move(holders), detail::bring_back(done));
  co_return co_await done.wait();
}

inline net::Task<Answer<Bytes>> read_body(Store& store, net::Loop& loop, Ref ref, uint64_t off, uint32_t len) {
  net::Completion<Answer<Bytes>> done(loop);
  store.read_body(std::move(ref), off, len, detail::bring_back(done));
  co_return co_await done.wait();
}

inline net::Task<Rc> hold(Store& store, net::Loop& loop, Ref ref, Bytes holder) {
  net::Completion<Answer<std::monostate>> done(loop);
  store.hold(std::move(ref), std::move(holder), detail::bring_back(done));
  auto answer = co_await done.wait();
  co_return answer.rc;
}

inline net::Task<Rc> release(Store& store, net::Loop& loop, Ref ref, Bytes holder) {
  net::Completion<Answer<std::monostate>> done(loop);
  store.release(std::move(ref), std::move(holder), detail::bring_back(done));
  auto answer = co_await done.wait();
  co_return answer.rc;
}

inline net::Task<Answer<BodyPage>> list_bodies(Store& store, net::Loop& loop, Bytes group, Bytes after, unsigned limit) {
  net::Completion<Answer<BodyPage>> done(loop);
  store.list_bodies(std::move(group), std::move(after), limit, detail::bring_back(done));
  co_return co_await done.wait();
}

inline net::Task<Answer<Lease>> acquire(Store& store, net::Loop& loop, Part part, Bytes owner, unsigned ttl_ms) {
  net::Completion<Answer<Lease>> done(loop);
  store.acquire(std::move(part), std::move(owner), ttl_ms, detail::bring_back(done));
  co_return co_await done.wait();
}

inline net::Task<Rc> renew(Store& store, net::Loop& loop, Lease lease) {
  net::Completion<Answer<std::monostate>> done(loop);
  store.renew(std::move(lease), detail::bring_back(done));
  auto answer = co_await done.wait();
  co_return answer.rc;
}

}  // namespace hky::storage
