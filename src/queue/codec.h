// codec: envelopes <-> bytes (doc/queue.md, "An envelope"). Input may be damaged or of a newer version: decoding answers
// with an error and never reads past the end. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "queue/envelope.h"

namespace hky::queue {

inline constexpr uint8_t kEnvelopeVersion = 3;
inline constexpr uint8_t kOldestVersion = 2;   // that is still read
// The most bytes of one stored value: below the store's 64 KiB, so that a header and a chunk always fit.
inline constexpr size_t kChunkBytes = 48u << 10;
// So that one batch can remove them: some 400,000 recipients.
inline constexpr size_t kMaxChunks = 900;

struct Encoded {
  std::string header;                // everything but the recipients that did not fit
  std::vector<std::string> chunks;   // further recipients, each at most kChunkBytes
};
// `generation` names the chunks that belong to this header (doc/queue.md, "Thousands of recipients"). A single recipient
// or macro that is larger than a chunk is an error: receive's line limits keep it away.
Result<Encoded> encode(const Envelope& envelope, uint32_t generation);

// The header alone, with the recipients that are in `envelope`: its chunks stay as they are.
Result<std::string> encode_header(const Envelope& envelope, uint32_t generation, uint32_t chunks);

struct Decoded {
  Envelope envelope;                 // with the recipients of the header
  uint32_t generation = 0;
  uint32_t chunks = 0;
};
Result<Decoded> decode(std::string_view header);
Result<> decode_chunk(std::string_view chunk, std::vector<Rcpt>& into);

}  // namespace hky::queue
