#include "proto/mail/body_writer.h"

#include <algorithm>
#include <cstring>

namespace hky::mail {
namespace {
constexpr std::string_view kFrom = "From ";
}

void BodyWriter::begin_line(char first, std::string& out) {
  at_line_start_ = false;
  column_ = 0;
  if (style_.dot_stuff && first == '.') {  // RFC 5321 4.5.2
    out += '.';
    ++column_;
  }
}

// Text inside one line (no newline in it).
void BodyWriter::put(std::string_view piece, std::string& out) {
  if (piece.empty()) return;
  if (style_.line_limit != 0) {
    put_limited(piece, out);
  } else {
    out.append(piece);
  }
}

// sendmail: putxline(): a line longer than the limit ends in "!" and goes on behind a blank.
void BodyWriter::put_limited(std::string_view piece, std::string& out) {
  size_t limit = style_.line_limit < 3 ? 3 : style_.line_limit;
  while (!piece.empty()) {
    size_t room = column_ < limit ? limit - column_ : 0;
    if (piece.size() <= room) {
      out.append(piece);
      column_ += piece.size();
      return;
    }
    size_t take = room > 0 ? room - 1 : 0;
    out.append(piece.substr(0, take));
    piece.remove_prefix(take);
    out += '!';
    out += style_.eol;
    out += ' ';
    column_ = 1;
  }
}

void BodyWriter::release_held(std::string& out) {
  if (held_.empty()) return;
  std::string held = std::move(held_);
  held_.clear();
  begin_line(held[0], out);
  put(held, out);
}

void BodyWriter::write(std::string_view text, std::string& out) {
  out.reserve(out.size() + text.size() + text.size() / 32 + 64);
  std::string cut;
  if (style_.seven_bit) {
    cut.assign(text);
    for (char& c : cut) c = static_cast<char>(c & 0x7f);
    text = cut;
  }
  while (!text.empty()) {
    if (at_line_start_ && style_.escape_from) {
      size_t n = std::min(kFrom.size() - held_.size(), text.size());
      if (text.substr(0, n) == kFrom.substr(held_.size(), n)) {
        held_.append(text.substr(0, n));
        text.remove_prefix(n);
        if (held_.size() < kFrom.size()) return;
        out += '>';
        release_held(out);
        continue;
      }
      release_held(out);
    }
    const char* nl = static_cast<const char*>(std::memchr(text.data(), '\n', text.size()));
    size_t n = nl ? static_cast<size_t>(nl - text.data()) : text.size();
    if (n > 0 && at_line_start_) begin_line(text[0], out);
    put(text.substr(0, n), out);
    if (!nl) return;
    out.append(style_.eol);
    at_line_start_ = true;
    text.remove_prefix(n + 1);
  }
}

void BodyWriter::finish(std::string& out) {
  release_held(out);
  if (!at_line_start_) out += style_.eol;
  at_line_start_ = true;
}

}  // namespace hky::mail
