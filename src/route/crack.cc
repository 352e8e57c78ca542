// crack_address: which part of a header's address is the address, so that the rest (phrase, comments, group name) can be
// kept when it is rewritten. sendmail: headers.c crackaddr(); RFC 822 lexical rules, leniently.
#include "base/strings.h"
#include "route/address.h"

namespace hky::route {
namespace {

constexpr std::string_view kAlwaysQuote = "@,;:\\()[]";  // sendmail: MustQuoteChars begins with these
constexpr size_t kMaxCracked = 256;                      // output units, repairs apart

class Cracker {
 public:
  Cracker(std::string_view in, std::string_view must_quote, bool colon_ok) : must_quote_(must_quote), colon_ok_(colon_ok) {
    size_t start = 0;
    while (start < in.size() && is_space(in[start])) ++start;
    in_ = in.substr(start);
  }

  cf::Text run() {
    while (at_ < in_.size()) step();
    if (out_quote_) out_ += u'"';
    for (; out_comment_ > 0; --out_comment_) out_ += u')';
    if (add_angle_) out_ += u'>';
    return std::move(out_);
  }

 private:
  bool room() const { return out_.size() < kMaxCracked; }
  void put(char c) {
    if (room()) out_ += static_cast<unsigned char>(c);
  }

  void step() {
    char c = in_[at_++];
    if (copy_ > 0) put(c);
    if (c == '\\') return backslash();
    if (c == '"' && comment_ <= 0) {
      quoted_ = !quoted_;
      if (copy_ > 0 && room()) out_quote_ = !out_quote_;
      return;
    }
    if (quoted_) return address_character();
    if (c == '(') open_comment();
    if (comment_ > 0) {
      if (c == ')') close_comment();
      return;
    }
    if (c == ')' && copy_ > 0 && room() && out_.size() > head_) out_.pop_back();  // unmatched
    if (c == '[') ++bracket_;
    if (c == ']') --bracket_;
    if (c == ':' && angle_ <= 0 && bracket_ <= 0 && !got_colon_ && !colon_ok_) return colon();
    if (c == ';' && copy_ <= 0 && !colon_ok_) put(c);
    if (kAlwaysQuote.find(c) != std::string_view::npos || must_quote_.find(c) != std::string_view::npos) quote_it_ = true;
    if (c == '<') return open_angle();
    if (c == '>') return close_angle();
    address_character();
  }

  void backslash() {
    if (comment_ <= 0 && !quoted_) quote_it_ = true;
    if (at_ < in_.size()) {
      const char c = in_[at_++];
      if (copy_ > 0) put(c);
    }
    address_character();
  }

  void open_comment() {
    ++comment_;
    if (!room()) return;
    ++out_comment_;
    if (copy_++ <= 0) {
      if (out_.size() != head_) put(' ');
      put('(');
    }
  }

  void close_comment() {
    --comment_;
    --copy_;
    if (room()) --out_comment_;
  }

  // Copies what stood before the `stop` just read as a phrase, quoted where its characters ask for it.
  void copy_phrase(char stop, size_t bare_quote_at) {
    out_.resize(head_);
    if (quote_it_) {
      put('"');
      --at_;  // back over the stop and the blanks before it
      while (at_ > 0 && is_space(in_[--at_])) continue;
      ++at_;
    }
    for (size_t i = head_in_; i < at_; ++i) {
      if (quote_it_ && in_[i] == '"') put('\\');
      put(in_[i]);
    }
    if (quote_it_) {
      if (out_.size() == bare_quote_at) {
        out_.pop_back();
      } else {
        put('"');
      }
      while (at_ < in_.size() && in_[at_] != stop) put(in_[at_++]);
      if (at_ < in_.size()) put(in_[at_++]);
    }
  }

  // sendmail: "group: list;", but not DECnet's host::user and host:.domain.
  void colon() {
    if (at_ < in_.size() && (in_[at_] == ':' || in_[at_] == '.')) {
      quote_it_ = true;
      if (copy_ > 0) put(in_[at_]);
      ++at_;
      return address_character();
    }
    got_colon_ = true;
    copy_phrase(':', head_ + 1);
    while (at_ < in_.size() && is_space(in_[at_])) put(in_[at_++]);
    copy_ = 0;
    put_macro_ = quote_it_ = false;
    head_ = out_.size();
    head_in_ = at_;
  }

  void open_angle() {
    if (got_angle_) quote_it_ = true;  // of two angles the first is bogus
    got_angle_ = true;
    angle_ = 1;
    if (room()) add_angle_ = true;
    copy_phrase('<', 1);
    copy_ = 0;
    put_macro_ = quote_it_ = false;
  }

  void close_angle() {
    if (angle_ > 0) {
      --angle_;
      if (room()) add_angle_ = false;
    } else if (room()) {
      if (copy_ > 0 && out_.size() > head_) out_.pop_back();  // unmatched
      quote_it_ = true;
      return;
    }
    if (copy_++ <= 0) put('>');
  }

  void address_character() {
    if (copy_ > 0 || put_macro_) return;
    if (!out_.empty() && out_.back() == u')') put(' ');
    out_ += cf::kMacroExpand;
    out_ += u'g';
    put_macro_ = true;
  }

  std::string_view in_, must_quote_;
  bool colon_ok_;
  size_t at_ = 0;        // next input character
  size_t head_in_ = 0;   // where the present phrase began
  size_t head_ = 0;      // and its output
  cf::Text out_;
  int comment_ = 0, out_comment_ = 0, angle_ = 0, bracket_ = 0;
  int copy_ = 0;         // 0: inside the address, else what is read is copied
  bool quoted_ = false, out_quote_ = false, add_angle_ = false, put_macro_ = false;
  bool quote_it_ = false, got_angle_ = false, got_colon_ = false;
};

}  // namespace

cf::Text crack_address(std::string_view header_value, std::string_view must_quote, bool colon_ok) {
  return Cracker(header_value, must_quote, colon_ok).run();
}

cf::Text crack_address(std::string_view header_value) { return crack_address(header_value, ".'", false); }

}  // namespace hky::route
