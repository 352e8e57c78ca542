// ReplyParser: a server's replies (RFC 5321 4.2) out of bytes cut anywhere. Lines that are no reply are skipped, as sendmail does;
// both CRLF and bare LF end a line. Used by ClientCore.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/smtp/client.h"

namespace hky::smtp {

class ReplyParser {
 public:
  ReplyParser(size_t max_line, size_t max_lines) : max_line_(max_line), max_lines_(max_lines) {}
  void feed(std::string_view bytes) { buffer_.append(bytes); }
  std::optional<RemoteReply> next();   // a whole reply, or nothing yet
  bool broken() const { return broken_; }  // more lines than allowed

 private:
  std::optional<RemoteReply> take_line(std::string_view line);
  std::string buffer_;
  size_t done_ = 0;             // bytes of buffer_ already read
  RemoteReply partial_;
  size_t lines_ = 0;
  size_t max_line_, max_lines_;
  bool broken_ = false;
};

}  // namespace hky::smtp
