// Frames over a stream: see frame_channel.h.
#include "ipc/frame_channel.h"

namespace hky::ipc {

void FrameChannel::send(uint32_t id, uint8_t kind, std::string_view payload, std::vector<Descriptor> with) {
  if (out_.empty() || !with.empty()) out_.emplace_back().with = std::move(with);
  std::string& bytes = out_.back().bytes;
  Encoder e(bytes);
  e.u32(uint32_t(payload.size() + 5));
  e.u32(id);
  e.u8(kind);
  bytes += payload;
  if (std::exchange(flushing_, true)) return;
  loop_.after_ready([self = shared_from_this()] { self->loop_.spawn(flush(self)); });
}

net::Task<> FrameChannel::flush(std::shared_ptr<FrameChannel> self) {
  while (!self->out_.empty()) {
    Piece piece = std::move(self->out_.front());
    self->out_.pop_front();
    // No deadline: the peer is a process of ours; it reads, or it is gone and the write fails.
    Result<> sent;
    if (piece.with.empty()) sent = co_await self->stream_->write(piece.bytes, MonoTime::max());
    else sent = co_await self->stream_->write_with(piece.bytes, std::move(piece.with), MonoTime::max());
    if (!sent.ok()) {
      self->out_.clear();
      self->stream_->close();
    }
  }
  self->flushing_ = false;
}

net::Task<> FrameChannel::drained() {
  while (flushing_) co_await loop_.sleep(std::chrono::milliseconds(1));
}

net::Task<> FrameChannel::receive(std::function<void(uint32_t, uint8_t, std::string_view)> on_frame) {
  std::shared_ptr<FrameChannel> self = shared_from_this();
  std::string in(16 << 10, '\0');
  size_t have = 0;
  for (;;) {
    Result<size_t> n = co_await stream_->read(std::span<char>(in.data() + have, in.size() - have), MonoTime::max());
    if (!n.ok() || *n == 0) co_return;
    have += *n;
    size_t at = 0;
    uint32_t wanted = 0;  // of the frame that is not yet whole
    while (have - at >= 4) {
      Decoder head(std::string_view(in).substr(at, have - at));
      uint32_t length = head.u32();
      if (length < 5 || length > kLongest) co_return close();
      wanted = length + 4;
      if (have - at < wanted) break;
      uint32_t id = head.u32();
      uint8_t kind = head.u8();
      on_frame(id, kind, std::string_view(in).substr(at + 9, length - 5));
      at += wanted;
      wanted = 0;
    }
    in.erase(0, at);
    have -= at;
    // Room for the rest, and no more kept than that when a large one has passed.
    in.resize(std::max<size_t>(std::max<size_t>(wanted, have + 1), 16 << 10));
    if (in.capacity() > (1u << 20) && in.size() <= (16 << 10)) in.shrink_to_fit();
  }
}

}  // namespace hky::ipc
