// MIME fields made harmless for what reads mail: cut, and the quotes and comments that stay open closed. Pure.
// sendmail: MaxMimeHeaderLength; util.c shorten_rfc822_string(), headers.c fix_mime_header().
#pragma once

#include <cstddef>
#include <string>

namespace hky::mail {

enum class Mended { kNo, kClosed /* it was short enough */, kCut };

// To at most `limit` bytes, what stays open closed within them: a text of fewer bytes gives its last ones for that.
Mended shorten(std::string& text, size_t limit);

// The same for each parameter of a field, from one ';' to the next.
struct MendedParameters {
  bool closed = false;    // one was
  size_t cut = 0;         // length of the last that was cut; 0: none was
};
MendedParameters shorten_parameters(std::string& value, size_t limit);

}  // namespace hky::mail
