#include "admin/frame.h"

namespace hky::admin {
namespace {

void put32(std::string& out, uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(v >> shift));
}

uint32_t get32(const char* p) {
  uint32_t v = 0;
  for (int i = 0; i < 4; ++i) v = v << 8 | static_cast<unsigned char>(p[i]);
  return v;
}

net::Task<Result<>> read_exactly(net::Stream& stream, char* to, size_t want, MonoTime deadline) {
  size_t have = 0;
  while (have < want) {
    std::span<char> rest(to + have, want - have);
    auto got = co_await stream.read(rest, deadline);
    if (!got.ok()) co_return got.error();
    if (*got == 0) co_return temporary_error(have == 0 ? "closed" : "control connection broke off in a frame");
    have += *got;
  }
  co_return Result<>();
}

}  // namespace

net::Task<Result<>> write_frame(net::Stream& stream, Frame frame, MonoTime deadline) {
  std::string head;
  put32(head, static_cast<uint32_t>(frame.json.size()));
  put32(head, static_cast<uint32_t>(frame.blob.size()));
  head += frame.json;
  co_return co_await stream.write2(head, frame.blob, deadline);
}

net::Task<Result<Frame>> read_frame(net::Stream& stream, FrameLimits limits, MonoTime deadline) {
  char head[8];
  auto got = co_await read_exactly(stream, head, sizeof head, deadline);
  if (!got.ok()) co_return got.error();
  const uint32_t json_size = get32(head), blob_size = get32(head + 4);
  if (json_size > limits.max_json || blob_size > limits.max_blob)
    co_return permanent_error("control frame exceeds its limit", 552, "5.3.4");
  Frame frame;
  frame.json.resize(json_size);
  frame.blob.resize(blob_size);
  auto json = co_await read_exactly(stream, frame.json.data(), json_size, deadline);
  if (!json.ok()) co_return json.error();
  auto blob = co_await read_exactly(stream, frame.blob.data(), blob_size, deadline);
  if (!blob.ok()) co_return blob.error();
  co_return frame;
}

}  // namespace hky::admin
