// The asking end: see requests.h.
#include "ipc/requests.h"

#include <algorithm>
#include <vector>

namespace hky::ipc {

std::shared_ptr<Requests> Requests::open(net::Loop& loop, std::unique_ptr<net::Stream> stream) {
  auto self = std::make_shared<Requests>(loop, std::move(stream));
  loop.spawn(listen(self));
  return self;
}

void Requests::finish(const Waiting& w, Answer a) {
  if (w.here) w.done.finish_here(std::move(a));
  else w.done.finish(std::move(a));
}

void Requests::start(const net::Completion<Answer>& done, bool here, Question question) {
  const bool bounded = question.most != Duration::max();
  Waiting w{done, here, bounded ? loop_.clock().mono() + question.most : MonoTime::max()};
  if (!connected()) return finish(w, Answer());  // not yet awaited: the value waits for its waiter
  const uint32_t id = next_id_++;
  waiting_.emplace(id, std::move(w));
  channel_->send(id, question.kind, question.payload, std::move(question.with));
  if (bounded && !std::exchange(watching_, true)) loop_.spawn(watch_time(shared_from_this()));
}

void Requests::on_frame(uint32_t id, uint8_t kind, std::string_view payload) {
  auto it = waiting_.find(id);
  if (it == waiting_.end() || (kind & kAnswer) == 0) return;
  Waiting w = std::move(it->second);
  waiting_.erase(it);
  finish(w, Answer(payload));
}

net::Task<> Requests::listen(std::shared_ptr<Requests> self) {
  std::function<void(uint32_t, uint8_t, std::string_view)> on_frame = [&r = *self](uint32_t id, uint8_t kind, std::string_view payload) {
    r.on_frame(id, kind, payload);
  };
  co_await self->channel_->receive(std::move(on_frame));
  self->up_.store(false, std::memory_order_relaxed);
  self->channel_->close();
  auto left = std::exchange(self->waiting_, {});
  for (auto& [id, w] : left) finish(w, Answer());
}

// Lives while a request with a limit is under way: no timer a request.
net::Task<> Requests::watch_time(std::shared_ptr<Requests> self) {
  for (;;) {
    const MonoTime now = self->loop_.clock().mono();
    MonoTime next = MonoTime::max();
    std::vector<Waiting> late;
    for (auto it = self->waiting_.begin(); it != self->waiting_.end();) {
      if (it->second.until <= now) {
        late.push_back(std::move(it->second));
        it = self->waiting_.erase(it);
      } else {
        next = std::min(next, it->second.until);
        ++it;
      }
    }
    for (const Waiting& w : late) finish(w, Answer());  // may ask again
    if (next == MonoTime::max() && late.empty()) break;
    const Duration pause = next == MonoTime::max() ? Duration::zero() : std::min<Duration>(next - now, std::chrono::seconds(1));
    co_await self->loop_.sleep(pause);
  }
  self->watching_ = false;
}

net::Task<Requests::Answer> Requests::ask(net::Loop& caller, uint8_t kind, std::string payload, Duration most, std::vector<Descriptor> with) {
  net::Completion<Answer> done(caller);
  auto self = shared_from_this();
  Question question;
  question.kind = kind;
  question.payload = std::move(payload);
  question.most = most;
  question.with = std::move(with);
  if (&caller == &loop_) {
    start(done, true, std::move(question));
  } else {
    auto held = std::make_shared<Question>(std::move(question));
    loop_.post([self, done, held] { self->start(done, false, std::move(*held)); });
  }
  Answer a = co_await done.wait();
  co_return a;
}

void Requests::tell(uint8_t kind, std::string payload) {
  auto self = shared_from_this();
  auto held = std::make_shared<std::string>(std::move(payload));
  loop_.post([self, kind, held] {
    if (self->connected()) self->channel_->send(self->next_id_++, kind, *held);
  });
}

void Requests::close_from_any_thread() {
  auto self = shared_from_this();
  loop_.post([self] { self->close(); });
}

}  // namespace hky::ipc
