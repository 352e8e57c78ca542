// The message parser and what walks over parsed messages.
#include <cstdint>
#include <cstdlib>

#include "proto/mail/address_list.h"
#include "proto/mail/message.h"
#include "proto/mail/mime.h"

using namespace hky::mail;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Header h = parse_header(text);
  if (h.body_offset > text.size()) std::abort();
  for (const Field& f : h.fields) {
    if (!is_field_name(f.name) && !has_8bit(f.name)) std::abort();
    for (std::string_view a : split_addresses(f.value)) parse_mailbox(a);
    unfold(f.value);
  }
  SevenBit s = to_seven_bit(text.substr(0, h.body_offset), text.substr(h.body_offset), "unknown-8bit", "by x id 1");
  if (quoted_printable_decode(quoted_printable_encode(text)) != text) std::abort();
  std::string decoded;
  if (!base64_decode(base64_encode(text), decoded) || decoded != text) std::abort();
  return 0;
}
