// Bytes of any kind as an envelope, a chunk, a drop file: never a crash, and what is readable says the same when it is
// written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "queue/codec.h"
#include "queue/drop.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hky::queue;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (auto decoded = decode(bytes); decoded.ok()) {
    auto again = encode_header(decoded->envelope, decoded->generation, decoded->chunks);
    if (again.ok()) {
      auto second = decode(*again);
      if (!second.ok() || second->envelope.rcpts.size() != decoded->envelope.rcpts.size()) std::abort();
      auto third = encode_header(second->envelope, second->generation, second->chunks);
      if (!third.ok() || *third != *again) std::abort();
    }
  }
  std::vector<Rcpt> rcpts;
  (void)decode_chunk(bytes, rcpts).ok();
  if (auto dropped = decode_drop(bytes); dropped.ok()) {
    auto again = decode_drop(encode_drop(dropped->envelope, dropped->message));
    if (!again.ok() || again->message != dropped->message) std::abort();
  }
  return 0;
}
