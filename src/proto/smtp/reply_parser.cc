#include "proto/smtp/reply_parser.h"

namespace hky::smtp {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

bool enhanced_code(std::string_view s, std::string& out) {
  size_t i = 0;
  int dots = 0;
  while (i < s.size() && (digit(s[i]) || (s[i] == '.' && i > 0 && digit(s[i - 1])))) dots += s[i++] == '.';
  if (dots != 2 || i == 0 || !digit(s[i - 1])) return false;
  if (i < s.size() && s[i] != ' ') return false;
  out = std::string(s.substr(0, i));
  return true;
}

}  // namespace

std::string RemoteReply::enhanced() const {
  std::string code_text;
  if (text.size() < 9 || !enhanced_code(std::string_view(text).substr(4, text.find('\n') - 4), code_text)) return "";
  if (code_text[0] - '0' != code / 100) return "";
  return code_text;
}

std::string RemoteReply::last_line() const {
  size_t nl = text.rfind('\n');
  return nl == std::string::npos ? text : text.substr(nl + 1);
}

std::optional<RemoteReply> ReplyParser::next() {
  while (!broken_) {
    size_t nl = buffer_.find('\n', done_);
    if (nl == std::string::npos) {
      buffer_.erase(0, done_);
      done_ = 0;
      if (buffer_.size() > max_line_) buffer_.resize(max_line_);  // the line's tail is dropped as it comes
      if (buffer_.empty()) buffer_.shrink_to_fit();
      return std::nullopt;
    }
    std::string_view line(buffer_.data() + done_, nl - done_);
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    std::optional<RemoteReply> reply = take_line(line.substr(0, max_line_));
    done_ = nl + 1;
    if (reply) return reply;
  }
  return std::nullopt;
}

// sendmail: reply(): a line without three digits is skipped; the last line's code counts.
std::optional<RemoteReply> ReplyParser::take_line(std::string_view line) {
  if (++lines_ > max_lines_) {
    broken_ = true;
    return std::nullopt;
  }
  if (line.size() < 3 || !digit(line[0]) || !digit(line[1]) || !digit(line[2])) return std::nullopt;
  int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (code < 100 || (line.size() > 3 && line[3] != '-' && line[3] != ' ')) return std::nullopt;
  if (!partial_.text.empty()) partial_.text += '\n';
  partial_.text.append(line);
  if (line.size() > 3 && line[3] == '-') return std::nullopt;
  partial_.code = code;
  lines_ = 0;
  RemoteReply whole = std::move(partial_);
  partial_ = RemoteReply();
  return whole;
}

}  // namespace hky::smtp
