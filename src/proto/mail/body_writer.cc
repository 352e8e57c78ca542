#include "proto/mail/body_writer.h"

#include <algorithm>
#include <cstring>

namespace hky::mail {
namespace {
constexpr std::string_view kFrom = "From ";
}

void BodyWriter::begin_line(char first, std::string& out) {
  at_line_start_ = false;
  if (style_.dot_stuff && first == '.') out += '.';  // RFC 5321 4.5.2
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

// A part of line_. One that nothing leads in is escaped as a line is.
void BodyWriter::put_rest(size_t from, size_t size, std::string& out) {
  if (behind_cut_ && !style_.blank_after_cut) {
    if (style_.dot_stuff && line_[from] == '.') out += '.';
    else if (style_.escape_from && std::string_view(line_).substr(from).starts_with(kFrom)) out += '>';
  }
  out.append(line_, from, size);
}

// sendmail: putxline(): a line longer than the limit ends in "!" and goes on behind a blank. What may still be the line's
// end waits in line_.
void BodyWriter::put_limited(std::string_view piece, std::string& out) {
  size_t limit = style_.line_limit < 3 ? 3 : style_.line_limit;
  line_.append(piece);
  size_t done = 0;
  while (line_.size() - done + slop() > limit) {
    size_t take = limit - slop() - 1;
    put_rest(done, take, out);
    out += '!';
    out += style_.eol;
    if (style_.blank_after_cut) out += ' ';
    behind_cut_ = true;
    done += take;
  }
  line_.erase(0, done);
}

void BodyWriter::end_line(std::string& out) {
  if (!line_.empty()) put_rest(0, line_.size(), out);
  line_.clear();
  behind_cut_ = false;
  out += style_.eol;
  at_line_start_ = true;
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
    end_line(out);
    text.remove_prefix(n + 1);
  }
}

void BodyWriter::finish(std::string& out) {
  release_held(out);
  if (!at_line_start_) end_line(out);
}

}  // namespace hky::mail
