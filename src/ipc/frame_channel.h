// FrameChannel: frames over one stream: length (4 bytes), request id (4), kind (1), payload. Frames sent in one turn of the
// loop leave in one write. Threads: the loop's own.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ipc/codec.h"
#include "net/stream.h"

namespace hky::ipc {

class FrameChannel : public std::enable_shared_from_this<FrameChannel> {
 public:
  static constexpr uint32_t kLongest = 1u << 30;  // a batch of messages; more is a broken peer

  FrameChannel(net::Loop& loop, std::unique_ptr<net::Stream> stream) : loop_(loop), stream_(std::move(stream)) {}

  // Lost when the peer is gone: its end is told by receive().
  // `with`: what travels with the frame, over a unix socket.
  void send(uint32_t id, uint8_t kind, std::string_view payload, std::vector<Descriptor> with = {});
  // The next that came, where the stream accepts them: those of a frame are there when it is called back for. Not open: none.
  Descriptor take_descriptor() { return stream_->take_descriptor(); }
  // Calls back for each frame until the stream ends or breaks; the view holds during the call only.
  net::Task<> receive(std::function<void(uint32_t id, uint8_t kind, std::string_view payload)> on_frame);
  void close() { stream_->close(); }
  // Until what was sent has been written, or cannot be.
  net::Task<> drained();

 private:
  static net::Task<> flush(std::shared_ptr<FrameChannel> self);

  net::Loop& loop_;
  std::unique_ptr<net::Stream> stream_;
  struct Piece { std::string bytes; std::vector<Descriptor> with; };
  std::deque<Piece> out_;
  bool flushing_ = false;
};

}  // namespace hky::ipc
