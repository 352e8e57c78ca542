// The engine's end of the agent: see remote_agent.h.
#include "ipc/remote_agent.h"

#include <atomic>
#include <unordered_map>

#include "base/sysexits.h"
#include "ipc/frame_channel.h"
#include "ipc/messages.h"

namespace hky::ipc {
namespace {

constexpr const char* kGone = "delivery agent is not there";

Outcome deferred() {
  Outcome o;
  o.exit_code = EX_TEMPFAIL;
  o.dsn = "4.3.0";
  o.output = kGone;
  return o;
}

struct Answer {
  bool arrived = false;
  std::string payload;
  Answer() = default;
  explicit Answer(std::string_view p) : arrived(true), payload(p) {}
};

}  // namespace

struct RemoteAgent::Impl : std::enable_shared_from_this<RemoteAgent::Impl> {
  Impl(net::Loop& l, std::unique_ptr<net::Stream> stream)
      : loop(l), channel(std::make_shared<FrameChannel>(l, std::move(stream))) {}

  struct Waiting {
    net::Completion<Answer> done;
    bool here;  // the caller's loop is ours
  };

  void start(const net::Completion<Answer>& done, bool here, Kind kind, const std::string& payload) {
    if (!up.load(std::memory_order_relaxed)) {
      // Not yet awaited: the value waits for its waiter.
      here ? done.finish_here(Answer()) : done.finish(Answer());
      return;
    }
    uint32_t id = next_id++;
    waiting.emplace(id, Waiting{done, here});
    channel->send(id, uint8_t(kind), payload);
  }

  static void finish(const Waiting& w, Answer a) {
    if (w.here) w.done.finish_here(std::move(a));
    else w.done.finish(std::move(a));
  }

  void on_frame(uint32_t id, uint8_t kind, std::string_view payload) {
    auto it = waiting.find(id);
    if (it == waiting.end() || (kind & uint8_t(Kind::kAnswer)) == 0) return;
    Waiting w = std::move(it->second);
    waiting.erase(it);
    finish(w, Answer(payload));
  }

  static net::Task<> listen(std::shared_ptr<Impl> self) {
    std::function<void(uint32_t, uint8_t, std::string_view)> on_frame = [&impl = *self](uint32_t id, uint8_t kind,
                                                                                       std::string_view payload) {
      impl.on_frame(id, kind, payload);
    };
    co_await self->channel->receive(std::move(on_frame));
    self->up.store(false, std::memory_order_relaxed);
    self->channel->close();
    auto left = std::exchange(self->waiting, {});
    for (auto& [id, w] : left) finish(w, Answer());
  }

  net::Task<Answer> ask(net::Loop& caller, Kind kind, std::string payload) {
    net::Completion<Answer> done(caller);
    auto self = shared_from_this();
    if (&caller == &loop) {
      start(done, true, kind, payload);
    } else {
      auto held = std::make_shared<std::string>(std::move(payload));
      loop.post([self, done, kind, held] { self->start(done, false, kind, *held); });
    }
    Answer a = co_await done.wait();
    co_return a;
  }

  // The reply's fields into `reply`; false: the agent went, or said what we do not understand.
  template <class Request, class Reply>
  net::Task<bool> call(net::Loop& caller, Kind kind, Request request, Reply& reply) {
    std::string payload;
    Encoder e(payload);
    put(e, request);
    Answer a = co_await ask(caller, kind, std::move(payload));
    if (!a.arrived) co_return false;
    Decoder d(a.payload);
    get(d, reply);
    co_return d.finished();
  }

  net::Loop& loop;
  std::shared_ptr<FrameChannel> channel;
  std::unordered_map<uint32_t, Waiting> waiting;
  uint32_t next_id = 1;
  std::atomic<bool> up{true};
};

RemoteAgent::RemoteAgent(net::Loop& loop, std::unique_ptr<net::Stream> stream)
    : impl_(std::make_shared<Impl>(loop, std::move(stream))) {
  loop.spawn(Impl::listen(impl_));
}

RemoteAgent::~RemoteAgent() { close(); }

bool RemoteAgent::connected() const { return impl_->up.load(std::memory_order_relaxed); }
void RemoteAgent::close() { impl_->channel->close(); }

net::Task<std::vector<Outcome>> RemoteAgent::deliver_mbox(net::Loop& loop, std::vector<DeliverMbox> batch) {
  const size_t count = batch.size();
  std::vector<Outcome> out;
  bool answered = co_await impl_->call(loop, Kind::kDeliverMbox, std::move(batch), out);
  if (!answered || out.size() != count) out.assign(count, deferred());
  co_return out;
}

net::Task<Outcome> RemoteAgent::deliver_maildir(net::Loop& loop, DeliverMaildir request) {
  Outcome out;
  bool answered = co_await impl_->call(loop, Kind::kDeliverMaildir, std::move(request), out);
  if (!answered) out = deferred();
  co_return out;
}

net::Task<Outcome> RemoteAgent::append_file(net::Loop& loop, AppendFile request) {
  Outcome out;
  bool answered = co_await impl_->call(loop, Kind::kAppendFile, std::move(request), out);
  if (!answered) out = deferred();
  co_return out;
}

net::Task<Outcome> RemoteAgent::run_program(net::Loop& loop, RunProgram request) {
  Outcome out;
  bool answered = co_await impl_->call(loop, Kind::kRunProgram, std::move(request), out);
  if (!answered) out = deferred();
  co_return out;
}

net::Task<FileText> RemoteAgent::read_forward(net::Loop& loop, ReadForward request) {
  FileText out;
  bool answered = co_await impl_->call(loop, Kind::kReadForward, std::move(request), out);
  if (!answered) {
    out = FileText();
    out.found = true;
    out.problem = std::string("transient: ") + kGone;
  }
  co_return out;
}

net::Task<FileText> RemoteAgent::read_include(net::Loop& loop, ReadInclude request) {
  FileText out;
  bool answered = co_await impl_->call(loop, Kind::kReadInclude, std::move(request), out);
  if (!answered) {
    out = FileText();
    out.problem = std::string("transient: ") + kGone;
  }
  co_return out;
}

net::Task<User> RemoteAgent::lookup_user(net::Loop& loop, LookupUser request) {
  User out;
  bool answered = co_await impl_->call(loop, Kind::kLookupUser, std::move(request), out);
  if (!answered) {
    out = User();
    out.temp_fail = true;
  }
  co_return out;
}

}  // namespace hky::ipc
