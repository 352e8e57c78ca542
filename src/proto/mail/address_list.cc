#include "proto/mail/address_list.h"

namespace hky::mail {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trim(std::string_view s) {
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && blank(s.back())) s.remove_suffix(1);
  return s;
}

// Where the quoted string, comment or route-addr that begins at `i` ends (behind it); s.size() where it never does.
size_t skip_quoted(std::string_view s, size_t i) {
  for (++i; i < s.size(); ++i) {
    if (s[i] == '\\') ++i;
    else if (s[i] == '"') return i + 1;
  }
  return s.size();
}

size_t skip_comment(std::string_view s, size_t i) {
  int depth = 0;
  for (; i < s.size(); ++i) {
    if (s[i] == '\\') ++i;
    else if (s[i] == '(') ++depth;
    else if (s[i] == ')' && --depth == 0) return i + 1;
  }
  return s.size();
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::vector<std::string_view> split_addresses(std::string_view list, bool at_groups) {
  std::vector<std::string_view> out;
  size_t begin = 0, i = 0;
  int angle = 0;
  auto close = [&](size_t end) {
    std::string_view piece = trim(list.substr(begin, end - begin));
    if (!piece.empty()) out.push_back(piece);
    begin = end + 1;
    angle = 0;
  };
  while (i < list.size()) {
    char c = list[i];
    if (c == '\\') i += 2;
    else if (c == '"') i = skip_quoted(list, i);
    else if (c == '(') i = skip_comment(list, i);
    else {
      if (c == '<') ++angle;
      else if (c == '>' && angle > 0) --angle;
      else if (c == ',' && angle == 0) close(i);
      else if (c == ';' && angle == 0 && at_groups) close(i);  // RFC 5322 3.4: the end of a group
      ++i;
    }
  }
  if (begin < list.size()) close(list.size());
  return out;
}

Mailbox parse_mailbox(std::string_view text) {
  Mailbox m;
  std::string phrase, comment, bare;
  size_t i = 0;
  bool route = false;
  while (i < text.size()) {
    char c = text[i];
    if (c == '"' && !route) {
      size_t end = skip_quoted(text, i);
      bare.append(text, i, end - i);
      for (size_t k = i + 1; k + 1 < end; ++k) {
        if (text[k] == '\\' && k + 2 < end) ++k;
        phrase += text[k];
      }
      i = end;
    } else if (c == '(') {
      size_t end = skip_comment(text, i);
      if (end > i + 2) comment = std::string(text.substr(i + 1, end - i - 2));
      i = end;
    } else if (c == '<') {
      route = true;
      size_t end = text.find('>', i);
      if (end == std::string_view::npos) end = text.size();
      m.address = std::string(trim(text.substr(i + 1, end - i - 1)));
      i = end + 1;
    } else {
      bare += c;
      phrase += c == '\n' ? ' ' : c;
      ++i;
    }
  }
  if (!route) m.address = std::string(trim(bare));
  if (route) m.full_name = std::string(trim(phrase));
  if (m.full_name.empty()) m.full_name = std::string(trim(comment));
  return m;
}

std::string as_phrase(std::string_view name, std::string_view must_quote) {
  bool quoted = false, plain = true;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\') ++i;
    else if (name[i] == '"') quoted = !quoted;
    else if (!quoted && must_quote.find(name[i]) != std::string_view::npos) plain = false;
  }
  if (plain && !quoted) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// RFC 3461 4: xtext.
std::string to_xtext(std::string_view text) {
  static const char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (char ch : text) {
    auto c = static_cast<unsigned char>(ch);
    if (c < '!' || c > '~' || c == '+' || c == '=') {
      out += '+';
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += ch;
    }
  }
  return out;
}

bool from_xtext(std::string_view text, std::string& out) {
  out.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c < '!' || c > '~' || c == '=') return false;
    if (c != '+') {
      out += text[i];
      continue;
    }
    int a = i + 2 < text.size() ? hex(text[i + 1]) : -1, b = i + 2 < text.size() ? hex(text[i + 2]) : -1;
    if (a < 0 || b < 0) return false;
    out += static_cast<char>(a * 16 + b);
    i += 2;
  }
  return true;
}

bool is_xtext(std::string_view text) {
  std::string ignored;
  return from_xtext(text, ignored);
}

}  // namespace hky::mail
