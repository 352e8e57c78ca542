// The checks every address passes before and after its rulesets, and sendmail's words about them.
// sendmail: parseaddr.c invalidaddr(), hasctrlchar(); err.c fmtmsg(); util.c shortenstring(); err.c dsntoexitstat().
#include <fmt/format.h>

#include "base/strings.h"
#include "base/sysexits.h"
#include "route/address.h"

namespace hky::route {
namespace {

constexpr bool is_c1(unsigned char c) { return (c & 0xe0) == 0x80; }

std::string_view syntax_code(bool is_rcpt) { return is_rcpt ? "5.1.3" : "5.1.7"; }

std::string too_long(std::string_view address) {
  return fmt::format("553 5.1.0 Address \"{}\" too long ({} bytes max)", address.substr(0, kMaxAddress), kMaxAddress);
}

// Length of a D.S.N at the beginning of s that ends at `end` or the end of s; 0: none there.
size_t dsn_length(std::string_view s) {
  if (s.size() < 5 || (s[0] != '2' && s[0] != '4' && s[0] != '5') || s[1] != '.') return 0;
  size_t i = 2, digits = 0;
  while (i < s.size() && is_digit(s[i]) && digits < 3) ++i, ++digits;
  if (digits == 0 || i >= s.size() || s[i] != '.') return 0;
  ++i, digits = 0;
  while (i < s.size() && is_digit(s[i]) && digits < 3) ++i, ++digits;
  if (digits == 0 || (i < s.size() && s[i] != ' ')) return 0;
  return i;
}

}  // namespace

std::string invalid_address(std::string_view address, bool is_rcpt) {
  std::string shown(address);
  bool eight_bit = false;
  for (size_t i = 0; i < shown.size(); ++i) {
    if (is_c1(static_cast<unsigned char>(shown[i]))) {
      eight_bit = true;
      shown[i] = '?';
    }
    if (i + 1 > kMaxAddress) return too_long(shown);
  }
  if (!eight_bit) return {};
  return fmt::format("501 {} 8-bit character in mailbox address \"{}\"", syntax_code(is_rcpt), shown);
}

std::string control_characters(std::string& address, bool is_rcpt) {
  std::string_view what;
  bool quoted = false;
  for (size_t i = 0; i < address.size(); ++i) {
    if (i + 1 > kMaxAddress) {
      std::string said = too_long(address);
      address.resize(kMaxAddress);
      return said;
    }
    const auto c = static_cast<unsigned char>(address[i]);
    if ((c < 32 && c != '\t') || c == 127) {
      what = "non-printable character";
      address[i] = '?';
    } else if (is_c1(c)) {
      what = "8-bit character";
      address[i] = '?';
    } else if (c == '\\') {
      if (i + 1 == address.size()) {
        what = "trailing \\ character";
        address[i] = '?';
      } else {
        ++i;
      }
    } else if (c == '"') {
      quoted = !quoted;
    }
  }
  if (quoted) what = "unbalanced quote";
  if (what.empty()) return {};
  return fmt::format("501 {} Syntax error in mailbox address \"{}\" ({})", syntax_code(is_rcpt), address, what);
}

int exit_of_dsn(std::string_view dsn) {
  if (dsn.starts_with('2')) return EX_OK;
  if (dsn.starts_with('4')) return EX_TEMPFAIL;
  if (!dsn.starts_with('5')) return EX_CONFIG;
  const auto parts = split(dsn, '.');
  const auto number = [&parts](size_t i) {
    int n = 0;
    for (size_t k = 0; i < parts.size() && k < parts[i].size() && is_digit(parts[i][k]); ++k) n = n * 10 + (parts[i][k] - '0');
    return n;
  };
  const int detail = number(2);
  switch (number(1)) {  // RFC 3463 3: subject; the values as sendmail's -bv ends
    case 1: {
      constexpr int kAddress[] = {EX_DATAERR, EX_NOUSER, EX_NOHOST, EX_USAGE, EX_UNAVAILABLE, EX_CONFIG, EX_NOUSER, EX_USAGE, EX_NOHOST};
      return detail < 9 ? kAddress[detail] : EX_UNAVAILABLE;
    }
    case 2: return detail == 3 ? EX_DATAERR : EX_UNAVAILABLE;
    case 3: return EX_OSERR;
    case 4: {
      constexpr int kRouting[] = {EX_IOERR, EX_TEMPFAIL, EX_IOERR, EX_TEMPFAIL, EX_PROTOCOL, EX_TEMPFAIL, EX_CONFIG};
      return detail < 7 ? kRouting[detail] : EX_UNAVAILABLE;
    }
    case 5: return EX_PROTOCOL;
    case 7: return EX_DATAERR;
    default: return EX_UNAVAILABLE;
  }
}

std::string shorten(std::string_view text, size_t limit) {
  if (text.size() <= limit) return std::string(text);
  if (limit < 10) return limit < 5 ? std::string(text.substr(0, limit)) : fmt::format("{}...", text.substr(0, limit - 3));
  const size_t side = (limit - 3) / 2;
  return fmt::format("{}...{}", text.substr(0, side), text.substr(text.size() - side));
}

bool names_address(std::string_view coded) {
  const std::string_view code = coded.substr(0, 3);
  return code == "050" || code == "450" || code == "550" || code == "553";
}

std::string coded_line(std::string_view message, std::string_view to, std::string_view place) {
  size_t words = 0, cut = 0;   // of codes
  for (size_t i = 0; i < message.size() && words < 2; ++i) {
    if (message[i] != ' ') continue;
    const std::string_view word = message.substr(cut, i - cut);
    if (!std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.'; })) break;
    cut = i + 1;
    ++words;
  }
  std::string out(message.substr(0, cut));
  out += place;
  if (!to.empty() && names_address(message)) out += fmt::format("{}... ", to);
  out += message.substr(cut);
  for (char& c : out) c = static_cast<char>(c & 0x7f);   // sendmail: messages are 7-bit
  return out;
}

std::string user_line(std::string_view message, std::string_view to) {
  if (message.size() < 4 || !is_digit(message[0]) || !is_digit(message[1]) || !is_digit(message[2]) ||
      (message[3] != ' ' && message[3] != '-')) {
    // sendmail: message() names the address here, but not before "Name server timeout" (its code is 851).
    if (!to.empty() && message.starts_with("DNS failure: ")) return fmt::format("{}... {}", shorten(to, kMaxShort), message);
    return std::string(message);
  }
  const std::string_view code = message.substr(0, 3);
  std::string_view text = message.substr(4);
  const size_t dsn = dsn_length(text);
  if (dsn > 0) text.remove_prefix(std::min(dsn + 1, text.size()));
  std::string line;
  if (text.starts_with("Address \"")) to = to.substr(0, kMaxAddress);  // sendmail has cut it where it complains
  if (!to.empty() && names_address(code)) line = fmt::format("{}... ", shorten(to, kMaxShort));
  line += text;
  for (char& c : line) c = static_cast<char>(c & 0x7f);  // sendmail: messages are 7-bit
  return line;
}

}  // namespace hky::route
