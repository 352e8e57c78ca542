// Frame: what travels over the control socket, in both directions: a JSON object and a blob of raw bytes (a message, or
// nothing). On the wire: two 32-bit big-endian lengths, then both. Who calls it: control_server, control_client.
#pragma once

#include <cstdint>
#include <string>

#include "net/stream.h"

namespace hky::admin {

struct Frame {
  std::string json;   // UTF-8; bytes that are not are written as U+FFFD, raw bytes belong in the blob
  std::string blob;

  Frame() = default;
  Frame(std::string j, std::string b) : json(std::move(j)), blob(std::move(b)) {}
};

struct FrameLimits {
  uint32_t max_json = 64u << 20;   // a listing of some 100,000 messages
  uint32_t max_blob = 512u << 20;
};

net::Task<Result<>> write_frame(net::Stream& stream, Frame frame, MonoTime deadline);
// An orderly close before the first byte is a temporary error with the text "closed".
net::Task<Result<Frame>> read_frame(net::Stream& stream, FrameLimits limits, MonoTime deadline);

}  // namespace hky::admin
