// base64 and quoted-printable (RFC 2045 6.7, 6.8).
#include <array>

#include "proto/mail/mime.h"

namespace hky::mail {
namespace {

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kHex[] = "0123456789ABCDEF";

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string base64_encode(std::string_view bytes, size_t line) {
  std::string out;
  out.reserve(bytes.size() * 4 / 3 + bytes.size() / 50 + 8);
  size_t column = 0;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    size_t n = bytes.size() - i < 3 ? bytes.size() - i : 3;
    auto at = [&](size_t k) { return k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u; };
    unsigned v = at(0) << 16 | at(1) << 8 | at(2);
    out += kBase64[v >> 18];
    out += kBase64[v >> 12 & 63];
    out += n > 1 ? kBase64[v >> 6 & 63] : '=';
    out += n > 2 ? kBase64[v & 63] : '=';
    column += 4;
    if (line != 0 && column >= line && i + 3 < bytes.size()) {
      out += '\n';
      column = 0;
    }
  }
  if (line != 0 && !out.empty()) out += '\n';
  return out;
}

bool base64_decode(std::string_view text, std::string& out) {
  out.clear();
  unsigned v = 0;
  int bits = 0, pad = 0;
  for (char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    if (c == '=') {
      ++pad;
      continue;
    }
    int d = base64_value(c);
    if (d < 0 || pad > 0) return false;
    v = (v << 6 | static_cast<unsigned>(d)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(v >> bits & 0xff);
    }
  }
  return pad <= 2 && bits < 6;
}

std::string quoted_printable_encode(std::string_view text, bool ebcdic) {
  constexpr std::string_view kNotInEbcdic = "!\"#$@[\\]^`{|}~";
  std::string out, line;
  out.reserve(text.size() + text.size() / 8);
  char before = '\0';   // a blank waits here for what follows it
  const auto code = [&line](char c) {
    const auto byte = static_cast<unsigned char>(c);
    line += {'=', kHex[byte >> 4], kHex[byte & 15]};
  };
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  for (const char c : text) {
    if (c == '\n') {
      if (blank(before)) code(before);
      if (line == ".") line = "=2E";
      out += line + '\n';
      line.clear();
      before = c;
      continue;
    }
    if (blank(before)) line += before;
    // sendmail: mime8to7(): a line is broken behind its 73rd column; a dot there stays where it is the line's last, so that none stands alone
    const bool dot_ends = line.size() > 73 && before == '.';
    if (line.size() > 72 && (line.size() > 75 || c != '.' || dot_ends)) {
      if (dot_ends) line.pop_back();
      out += line + "=\n";
      line.assign(dot_ends ? 1 : 0, '.');
    }
    if (c > 0x20 && c < 0x7f && c != '=' && !(ebcdic && kNotInEbcdic.find(c) != std::string_view::npos)) line += c;
    else if (!blank(c)) code(c);
    before = c;
  }
  if (blank(before)) code(before);
  return out + line;
}

std::string quoted_printable_decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
    } else if (const size_t next = text.find_first_not_of(" \t", i + 1); next != std::string_view::npos && text[next] == '\n') {
      i = next;   // RFC 2045 6.7 (3): blanks were added on the way
    } else if (i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += '=';
    }
  }
  return out;
}

}  // namespace hky::mail
