#include "proto/smtp/data_reader.h"

#include <cstring>

namespace hky::smtp {
namespace {
constexpr size_t kPiece = 32 * 1024;  // a line longer than this is handed on in pieces
}

void DataReader::put(std::string_view piece, bool newline, std::string& out) {
  size_ += piece.size() + newline;
  if (too_big()) return;
  out.append(piece);
  if (newline) out += '\n';
}

// `line` ends in LF.
DataReader::State DataReader::read_line(std::string_view line, std::string& out) {
  line.remove_suffix(1);
  bool crlf = !line.empty() && line.back() == '\r';
  if (crlf) line.remove_suffix(1);
  if (strict_) {
    if (std::memchr(line.data(), '\r', line.size()) != nullptr) return State::kBareCr;
    if (!crlf) return State::kBareLf;
  }
  bool first = !mid_line_;
  mid_line_ = false;
  if (first && !line.empty() && line.front() == '.') {
    if (line.size() == 1) return State::kEnd;
    line.remove_prefix(1);
  }
  put(line, true, out);
  return State::kMore;
}

// `tail` has no LF yet: a CR inside it is bare, and a very long beginning is handed on.
DataReader::State DataReader::read_partial(std::string_view tail, size_t& used, std::string& out) {
  if (tail.empty()) return State::kMore;
  if (strict_) {
    const void* cr = std::memchr(tail.data(), '\r', tail.size() - 1);
    if (cr != nullptr) return State::kBareCr;
  }
  if (tail.size() < kPiece) return State::kMore;
  size_t n = tail.size() - (tail.back() == '\r');
  used += n;
  std::string_view piece = tail.substr(0, n);
  if (!mid_line_ && piece.front() == '.') piece.remove_prefix(1);
  mid_line_ = true;
  put(piece, false, out);
  return State::kMore;
}

DataReader::State DataReader::read(std::string_view in, size_t& used, std::string& out) {
  used = 0;
  out.reserve(out.size() + in.size());
  while (used < in.size()) {
    const char* begin = in.data() + used;
    const auto* nl = static_cast<const char*>(std::memchr(begin, '\n', in.size() - used));
    if (nl == nullptr) break;
    std::string_view line(begin, static_cast<size_t>(nl - begin) + 1);
    State s = read_line(line, out);
    if (s != State::kBareCr && s != State::kBareLf) used += line.size();
    if (s != State::kMore) return s;
  }
  return read_partial(in.substr(used), used, out);
}

}  // namespace hky::smtp
