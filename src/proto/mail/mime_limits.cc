#include "proto/mail/mime_limits.h"

#include <algorithm>
#include <string_view>

namespace hky::mail {
namespace {

// Where a reader of quotes and comments stands. RFC 5322 3.2.1 to 3.2.4; sendmail: in a quote ')' counts all the same.
struct Balance {
  bool escaped = false, quoted = false;
  size_t depth = 0;   // of comments

  void take(char c) {
    if (escaped) {
      escaped = false;
      return;
    }
    if (c == '\\') escaped = true;
    else if (c == '(' && !quoted) ++depth;
    else if (c == ')' && depth > 0) --depth;
    if (c == '"' && depth == 0) quoted = !quoted;
  }
  size_t owed() const { return (escaped ? 1 : 0) + depth + (quoted ? 1 : 0); }   // bytes that must follow
};

size_t end_of_parameter(std::string_view value, size_t begin) {
  Balance b;
  for (size_t i = begin; i < value.size(); ++i) {
    const bool plain = !b.escaped;
    b.take(value[i]);
    if (value[i] == ';' && plain && !b.quoted && b.depth == 0) return i;
  }
  return value.size();
}

}  // namespace

Mended shorten(std::string& text, size_t limit) {
  const size_t room = std::min(text.size(), limit);
  Balance kept;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    Balance next = kept;
    next.take(text[i]);
    if (room - i <= next.owed()) break;
    kept = next;
  }
  if (i == text.size()) return Mended::kNo;
  std::string closed = text.substr(0, i).append(kept.depth, ')');
  if (kept.quoted) closed += '"';
  if (closed == text) return Mended::kNo;
  const Mended what = text.size() < limit ? Mended::kClosed : Mended::kCut;
  text = std::move(closed);
  return what;
}

MendedParameters shorten_parameters(std::string& value, size_t limit) {
  MendedParameters all;
  for (size_t begin = 0; begin <= value.size();) {
    const size_t end = end_of_parameter(value, begin);
    std::string one = value.substr(begin, end - begin);
    const Mended what = shorten(one, limit);
    if (what == Mended::kClosed) all.closed = true;
    if (what == Mended::kCut) all.cut = end - begin;
    if (what != Mended::kNo) value.replace(begin, end - begin, one);
    begin += one.size() + 1;
  }
  return all;
}

}  // namespace hky::mail
