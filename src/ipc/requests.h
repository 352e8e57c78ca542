// Requests: questions to another process of ours over one stream, many under way at once, answers in any order.
// The engine's end of the agent (remote_agent.h) and of the auth process (auth/remote_sasl.h). Frames: doc/ipc.md.
// Threads: ask() from a coroutine on any loop; tell(), close(), connected() from any; the stream lives on its own loop.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>

#include "ipc/frame_channel.h"

namespace hky::ipc {

class Requests : public std::enable_shared_from_this<Requests> {
 public:
  static constexpr uint8_t kAnswer = 0x80;

  struct Answer {
    bool arrived = false;     // false: the other process went, or the time is up
    std::string payload;
    Answer() = default;
    explicit Answer(std::string_view p) : arrived(true), payload(p) {}
  };

  // Starts to listen. On `loop`'s thread, or before it runs.
  static std::shared_ptr<Requests> open(net::Loop& loop, std::unique_ptr<net::Stream> stream);
  Requests(net::Loop& loop, std::unique_ptr<net::Stream> stream)
      : loop_(loop), channel_(std::make_shared<FrameChannel>(loop, std::move(stream))) {}

  // `most`: how long to wait; Duration::max() as long as the other process lives.
  // `with`: descriptors that go with the request.
  net::Task<Answer> ask(net::Loop& caller, uint8_t kind, std::string payload, Duration most = Duration::max(), std::vector<Descriptor> with = {});
  // Without an answer.
  void tell(uint8_t kind, std::string payload);
  bool connected() const { return up_.load(std::memory_order_relaxed); }
  void close() { channel_->close(); }       // on the stream's loop
  void close_from_any_thread();

 private:
  struct Waiting {
    net::Completion<Answer> done;
    bool here;            // the caller's loop is ours
    MonoTime until;
  };

  static net::Task<> listen(std::shared_ptr<Requests> self);
  static net::Task<> watch_time(std::shared_ptr<Requests> self);
  static void finish(const Waiting& w, Answer a);
  struct Question {
    uint8_t kind = 0;
    std::string payload;
    Duration most = Duration::max();
    std::vector<Descriptor> with;
  };
  void start(const net::Completion<Answer>& done, bool here, Question question);
  void on_frame(uint32_t id, uint8_t kind, std::string_view payload);

  net::Loop& loop_;
  std::shared_ptr<FrameChannel> channel_;
  std::unordered_map<uint32_t, Waiting> waiting_;
  uint32_t next_id_ = 1;
  bool watching_ = false;
  std::atomic<bool> up_{true};
};

}  // namespace hky::ipc
