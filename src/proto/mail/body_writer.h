// BodyWriter: a message's text on its way out, in one pass: line ends, dot-stuffing, ">From " escaping, the mailer's line limit,
// the 8th bit. Fed in pieces cut anywhere. sendmail: deliver.c putbody(), headers.c putxline().
#pragma once

#include <string>
#include <string_view>

namespace hky::mail {

struct BodyStyle {
  std::string eol = "\n";        // E=; "\r\n" for SMTP
  bool dot_stuff = false;        // F=X
  bool escape_from = false;      // F=E: "From " at a line's start becomes ">From "
  bool seven_bit = false;        // F=7: the 8th bit is cut off
  unsigned line_limit = 0;       // L=: longer lines are cut as "...!" eol " ..."; 0: none
  bool blank_after_cut = true;   // the blank there; without it the rest is a line like others
};

class BodyWriter {
 public:
  explicit BodyWriter(BodyStyle style) : style_(std::move(style)) {}
  void write(std::string_view text, std::string& out);   // appends
  void finish(std::string& out);                         // ends an unfinished last line

 private:
  void begin_line(char first, std::string& out);
  void put(std::string_view piece, std::string& out);
  void put_limited(std::string_view piece, std::string& out);
  void put_rest(size_t from, size_t size, std::string& out);
  void release_held(std::string& out);
  void end_line(std::string& out);
  size_t slop() const { return behind_cut_ && style_.blank_after_cut ? 1 : 0; }   // the blank
  BodyStyle style_;
  bool at_line_start_ = true;
  std::string held_;             // a piece of "From " seen at a line's start, undecided
  std::string line_;             // with a line limit: what may still be the current line's end
  bool behind_cut_ = false;      // line_ is the rest of one that was cut
};

}  // namespace hky::mail
