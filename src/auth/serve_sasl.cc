// The answering end: see serve_sasl.h.
#include "auth/serve_sasl.h"

#include <functional>
#include <unordered_map>

#include "ipc/frame_channel.h"
#include "ipc/requests.h"
#include "net/sync.h"

namespace hky::auth {
namespace {

using ipc::SaslKind;
using ipc::SaslStep;

SaslStep try_later(const char* why) {
  SaslStep s;
  s.kind = SaslStep::Kind::kTempFail;
  s.problem = why;
  return s;
}

class Server {
 public:
  Server(net::Loop& loop, std::shared_ptr<ipc::FrameChannel> channel, SaslLibrary& library, net::WorkerPool& workers, SaslLimits limits)
      : loop_(loop), channel_(std::move(channel)), library_(library), workers_(workers), limits_(limits), running_(loop) {}

  // False: a frame we do not understand; the peer is not ours.
  bool take(uint32_t id, uint8_t kind, std::string_view payload) {
    switch (SaslKind(kind)) {
      case SaslKind::kMechanisms: return begin<ipc::SaslRequest>(id, payload, &Server::tell_mechanisms);
      case SaslKind::kStart: return begin<ipc::SaslStart>(id, payload, &Server::start);
      case SaslKind::kRespond: return begin<ipc::SaslResponse>(id, payload, &Server::respond);
      case SaslKind::kEnd: return begin<ipc::SaslEnd>(id, payload, &Server::end);
    }
    return false;
  }
  net::Task<> wait() { return running_.wait(); }

 private:
  struct Exchange {
    std::shared_ptr<SaslDialogue> dialogue;
    bool busy = false;        // a worker has it
    bool given_up = false;    // goes when the worker is done
    MonoTime used{};
  };

  template <class Request>
  bool begin(uint32_t id, std::string_view payload, net::Task<> (Server::*act)(uint32_t, Request)) {
    ipc::Decoder d(payload);
    Request request;
    get(d, request);
    if (!d.finished()) return false;
    running_.spawn((this->*act)(id, std::move(request)));
    return true;
  }

  template <class Message>
  void answer(uint32_t id, const Message& m) {
    std::string payload;
    ipc::Encoder e(payload);
    put(e, m);
    channel_->send(id, ipc::Requests::kAnswer, payload);
  }

  net::Task<> tell_mechanisms(uint32_t id, ipc::SaslRequest request) {
    std::function<ipc::SaslMechanisms()> work = [library = &library_, request] { return library->mechanisms(request); };
    ipc::SaslMechanisms m = co_await workers_.run(loop_, std::move(work));
    answer(id, m);
  }

  net::Task<> start(uint32_t id, ipc::SaslStart s) {
    forget_the_silent();
    if (exchanges_.size() >= limits_.exchanges || exchanges_.count(s.exchange) > 0) {
      answer(id, try_later("too many exchanges at once"));
      co_return;
    }
    Exchange& x = exchanges_[s.exchange];
    x.busy = true;
    const uint32_t number = s.exchange;
    auto made = std::make_shared<std::shared_ptr<SaslDialogue>>();
    std::function<SaslStep()> work = [library = &library_, s = std::move(s), made] {
      *made = library->begin(s.request);
      if (!*made) return try_later("the SASL library is out of order");
      std::optional<std::string> initial;
      if (s.has_initial) initial = s.initial;
      return (*made)->start(s.mechanism, initial);
    };
    SaslStep step = co_await workers_.run(loop_, std::move(work));
    exchanges_[number].dialogue = *made;
    settle(number, step.kind);
    answer(id, step);
  }

  net::Task<> respond(uint32_t id, ipc::SaslResponse r) {
    auto it = exchanges_.find(r.exchange);
    // Forgotten, or begun with a process before us.
    if (it == exchanges_.end() || it->second.busy) {
      answer(id, try_later("no such exchange"));
      co_return;
    }
    it->second.busy = true;
    const uint32_t number = r.exchange;
    std::function<SaslStep()> work = [dialogue = it->second.dialogue, r = std::move(r)] { return dialogue->step(r.response); };
    SaslStep step = co_await workers_.run(loop_, std::move(work));
    settle(number, step.kind);
    answer(id, step);
  }

  net::Task<> end(uint32_t, ipc::SaslEnd e) {
    auto it = exchanges_.find(e.exchange);
    if (it == exchanges_.end()) co_return;
    if (it->second.busy) it->second.given_up = true;
    else exchanges_.erase(it);
  }

  void settle(uint32_t number, SaslStep::Kind kind) {
    auto it = exchanges_.find(number);
    it->second.busy = false;
    it->second.used = loop_.clock().mono();
    if (kind != SaslStep::Kind::kChallenge || it->second.given_up) exchanges_.erase(it);
  }

  // The engine tells of every end; this is for what was lost.
  void forget_the_silent() {
    const MonoTime now = loop_.clock().mono();
    if (exchanges_.size() < limits_.exchanges && now - swept_ < limits_.idle) return;
    swept_ = now;
    std::erase_if(exchanges_, [&](const auto& x) { return !x.second.busy && now - x.second.used >= limits_.idle; });
  }

  net::Loop& loop_;
  std::shared_ptr<ipc::FrameChannel> channel_;
  SaslLibrary& library_;
  net::WorkerPool& workers_;
  SaslLimits limits_;
  std::unordered_map<uint32_t, Exchange> exchanges_;
  MonoTime swept_{};
  net::TaskGroup running_;
};

}  // namespace

net::Task<> serve_sasl(net::Loop& loop, std::unique_ptr<net::Stream> stream, SaslLibrary& library, net::WorkerPool& workers,
                       SaslLimits limits) {
  auto channel = std::make_shared<ipc::FrameChannel>(loop, std::move(stream));
  Server server(loop, channel, library, workers, limits);
  std::function<void(uint32_t, uint8_t, std::string_view)> on_frame = [&server, &channel](uint32_t id, uint8_t kind,
                                                                                         std::string_view payload) {
    if (!server.take(id, kind, payload)) channel->close();
  };
  co_await channel->receive(std::move(on_frame));
  co_await server.wait();
  channel->close();
}

}  // namespace hky::auth
