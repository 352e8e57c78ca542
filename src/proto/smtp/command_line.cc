#include "proto/smtp/command_line.h"

namespace hky::smtp {
namespace {

bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view skip_blanks(std::string_view s) {
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  return s;
}

bool key_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; }

// Where the address ends: at the first blank outside quotes, comments and brackets; one that is unbalanced is the whole line, as its
// refusal says it (sendmail: prescan() with ' ' as delimiter).
size_t address_end(std::string_view s) {
  int angle = 0, comment = 0;
  bool quoted = false;
  for (size_t i = 0; i < s.size(); ++i) {
    char c = s[i];
    if (c == '\\') {
      ++i;
    } else if (quoted) {
      quoted = c != '"';
    } else if (comment > 0) {
      comment += c == '(' ? 1 : c == ')' ? -1 : 0;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '(') {
      ++comment;
    } else if (c == '<') {
      ++angle;
    } else if (c == '>') {
      if (angle == 0) break;
      --angle;
    } else if (c == ')') {
      break;
    } else if (blank(c) && angle == 0) {
      return i;
    }
  }
  return s.size();
}

std::vector<Param> parse_params(std::string_view s) {
  std::vector<Param> out;
  while (!(s = skip_blanks(s)).empty()) {
    Param p;
    size_t i = 0;
    while (i < s.size() && key_char(s[i])) ++i;
    p.key = std::string(s.substr(0, i));
    if (i < s.size() && s[i] == '=') {
      size_t v = ++i;
      while (i < s.size() && s[i] > ' ' && s[i] != 0x7f && s[i] != '=') ++i;
      p.has_value = true;
      p.value = std::string(s.substr(v, i - v));
    }
    s.remove_prefix(i < s.size() ? i + 1 : i);
    out.push_back(std::move(p));
  }
  return out;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

std::string echo(std::string_view line) {
  constexpr size_t kMax = 203;  // sendmail: MAXSHORTSTR
  std::string out;
  for (char c : line) {
    char plain = static_cast<char>(c & 0x7f);
    if ((plain >= ' ' && plain != 0x7f) || plain == '\t') out += plain;
  }
  if (out.size() > kMax) out = out.substr(0, (kMax - 3) / 2) + "..." + out.substr(out.size() - (kMax - 3) / 2);
  return out;
}

CommandLine split_command(std::string_view line) {
  line = skip_blanks(line);
  size_t i = 0;
  while (i < line.size() && !blank(line[i])) ++i;
  CommandLine out;
  out.verb = line.substr(0, i);
  out.rest = out.arg = skip_blanks(line.substr(i));
  while (!out.arg.empty() && blank(out.arg.back())) out.arg.remove_suffix(1);
  return out;
}

PathArgument parse_path(std::string_view arg, std::string_view keyword) {
  PathArgument out;
  size_t word_end = 0;
  while (word_end < arg.size() && arg[word_end] != ':' && !blank(arg[word_end])) ++word_end;
  std::string_view word = arg.substr(0, word_end);
  std::string_view rest = skip_blanks(arg.substr(word_end));
  bool ok = !rest.empty() && rest.front() == ':';
  if (ok) rest = skip_blanks(rest.substr(1));
  if (!ok || rest.empty() || !same_word(word, keyword)) {
    out.error = "Syntax error in parameters scanning \"" + echo(word) + "\"";
    return out;
  }
  size_t end = address_end(rest);
  out.address = std::string(rest.substr(0, end));
  if (end < rest.size()) out.params = parse_params(rest.substr(end));
  return out;
}

}  // namespace hky::smtp
