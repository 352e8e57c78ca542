// The agent's end: see remote_agent.h.
#include "ipc/frame_channel.h"
#include "ipc/messages.h"
#include "ipc/remote_agent.h"
#include "net/sync.h"

namespace hky::ipc {
namespace {

class Server {
 public:
  Server(net::Loop& loop, std::shared_ptr<FrameChannel> channel, Agent& agent)
      : loop_(loop), channel_(std::move(channel)), agent_(agent), running_(loop) {}

  // False: a frame we do not understand; the peer is not ours.
  bool start(uint32_t id, uint8_t kind, std::string_view payload) {
    switch (Kind(kind)) {
      case Kind::kDeliverMbox: return begin<std::vector<DeliverMbox>>(id, payload, &Agent::deliver_mbox);
      case Kind::kDeliverMaildir: return begin<DeliverMaildir>(id, payload, &Agent::deliver_maildir);
      case Kind::kAppendFile: return begin<AppendFile>(id, payload, &Agent::append_file);
      case Kind::kRunProgram: return begin<RunProgram>(id, payload, &Agent::run_program);
      case Kind::kReadForward: return begin<ReadForward>(id, payload, &Agent::read_forward);
      case Kind::kReadInclude: return begin<ReadInclude>(id, payload, &Agent::read_include);
      case Kind::kLookupUser: return begin<LookupUser>(id, payload, &Agent::lookup_user);
      case Kind::kSpeakTo: return begin_speaking(id, payload);
      case Kind::kAnswer: break;
    }
    return false;
  }
  net::Task<> wait() { return running_.wait(); }

 private:
  template <class Request, class Reply>
  bool begin(uint32_t id, std::string_view payload, net::Task<Reply> (Agent::*act)(net::Loop&, Request)) {
    Decoder d(payload);
    Request request;
    get(d, request);
    if (!d.finished()) return false;
    running_.spawn(serve(*this, id, act, std::move(request)));
    return true;
  }

  bool begin_speaking(uint32_t id, std::string_view payload) {
    Decoder d(payload);
    RunProgram request;
    get(d, request);
    Descriptor input = channel_->take_descriptor(), output = channel_->take_descriptor();
    if (!d.finished() || !output) return false;
    running_.spawn(speak(*this, id, std::move(request), std::move(input), std::move(output)));
    return true;
  }

  template <class Request, class Reply>
  static net::Task<> serve(Server& self, uint32_t id, net::Task<Reply> (Agent::*act)(net::Loop&, Request), Request request) {
    Reply reply = co_await (self.agent_.*act)(self.loop_, std::move(request));
    self.answer(id, reply);
  }

  static net::Task<> speak(Server& self, uint32_t id, RunProgram request, Descriptor input, Descriptor output) {
    Outcome outcome = co_await self.agent_.speak_to(self.loop_, std::move(request), std::move(input), std::move(output));
    self.answer(id, outcome);
  }

  template <class Reply>
  void answer(uint32_t id, const Reply& reply) {
    std::string payload;
    Encoder e(payload);
    put(e, reply);
    channel_->send(id, uint8_t(Kind::kAnswer), payload);
  }

  net::Loop& loop_;
  std::shared_ptr<FrameChannel> channel_;
  Agent& agent_;
  net::TaskGroup running_;
};

}  // namespace

net::Task<> serve_agent(net::Loop& loop, std::unique_ptr<net::Stream> stream, Agent& agent) {
  stream->accept_descriptors();
  auto channel = std::make_shared<FrameChannel>(loop, std::move(stream));
  Server server(loop, channel, agent);
  std::function<void(uint32_t, uint8_t, std::string_view)> on_frame = [&server, &channel](uint32_t id, uint8_t kind,
                                                                                         std::string_view payload) {
    if (!server.start(id, kind, payload)) channel->close();
  };
  co_await channel->receive(std::move(on_frame));
  // The engine is gone; what it asked for is done all the same: a delivery half way would be torn.
  co_await server.wait();
  channel->close();
  co_await channel->drained();
}

}  // namespace hky::ipc
