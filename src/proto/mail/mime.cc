// The walk over a message's parts for 8 -> 7 bit conversion. sendmail: mime.c mime8to7().
#include "proto/mail/mime.h"

#include <algorithm>
#include <vector>

#include "proto/mail/message.h"

namespace hky::mail {
namespace {

struct Conversion { std::string_view charset, where; };

constexpr int kMaxDepth = 20;  // sendmail: MAXMIMENESTING

bool starts_with_folded(std::string_view s, std::string_view prefix) {
  return s.size() >= prefix.size() && same_name(s.substr(0, prefix.size()), prefix);
}

// A parameter of Content-Type, unquoted; "" where it is missing.
std::string parameter(std::string_view value, std::string_view name) {
  size_t i = value.find(';');
  while (i != std::string_view::npos && i < value.size()) {
    ++i;
    while (i < value.size() && (value[i] == ' ' || value[i] == '\t' || value[i] == '\n')) ++i;
    size_t eq = value.find_first_of("=;", i);
    if (eq == std::string_view::npos || value[eq] == ';') {
      i = eq;
      continue;
    }
    std::string_view key = value.substr(i, eq - i);
    while (!key.empty() && key.back() == ' ') key.remove_suffix(1);
    std::string text;
    size_t k = eq + 1;
    if (k < value.size() && value[k] == '"') {
      for (++k; k < value.size() && value[k] != '"'; ++k) {
        if (value[k] == '\\' && k + 1 < value.size()) ++k;
        text += value[k];
      }
    } else {
      while (k < value.size() && std::string_view(" ;\t\n").find(value[k]) == std::string_view::npos) text += value[k++];
    }
    if (same_name(key, name)) return text;
    i = value.find(';', k);
  }
  return "";
}

std::string convert_part(std::string_view part, int depth, const Conversion& c, bool outermost);

// Splits at "--boundary" lines and converts what stands between.
std::string convert_multipart(std::string_view body, const std::string& boundary, int depth, const Conversion& c) {
  std::string delimiter = "--" + boundary, out;
  size_t pos = 0, begin = 0;
  bool inside = false, over = false;
  auto flush = [&](size_t end) {
    std::string_view piece = body.substr(begin, end - begin);
    out += inside && !over ? convert_part(piece, depth + 1, c, false) : std::string(piece);
  };
  while (pos < body.size()) {
    size_t nl = std::min(body.find('\n', pos), body.size());
    std::string_view line = body.substr(pos, nl - pos);
    size_t next = std::min(nl + 1, body.size());
    if (!over && line.substr(0, delimiter.size()) == delimiter) {
      std::string_view tail = line.substr(delimiter.size());
      while (!tail.empty() && (tail.back() == ' ' || tail.back() == '\t')) tail.remove_suffix(1);
      if (tail.empty() || tail == "--") {
        flush(pos);
        out += body.substr(pos, next - pos);
        begin = next;
        inside = true;
        over = tail == "--";
      }
    }
    pos = next;
  }
  flush(body.size());
  return out;
}

// Writes the header without the fields that change, and puts the new encoding (and, for a message without MIME, its type) behind.
std::string with_encoding(const Header& h, std::string_view encoding, const Conversion& c, bool outermost) {
  std::string out;
  if (!h.unix_from.empty()) out += std::string(h.unix_from) + "\n";
  for (const Field& f : h.fields)
    if (!same_name(f.name, "Content-Transfer-Encoding")) out += f.raw;
  if (outermost && !h.find("MIME-Version")) out += "MIME-Version: 1.0\n";
  if (outermost && !h.find("Content-Type")) out += "Content-Type: text/plain; charset=" + std::string(c.charset) + "\n";
  out += "Content-Transfer-Encoding: " + std::string(encoding) + "\n";
  if (outermost) out += "X-MIME-Autoconverted: from 8bit to " + std::string(encoding) + " " + std::string(c.where) + "\n";
  return out + "\n";
}

std::string convert_part(std::string_view part, int depth, const Conversion& c, bool outermost) {
  Header h = parse_header(part);
  std::string_view body = part.substr(h.body_offset);
  if (!has_8bit(body) || depth > kMaxDepth) return std::string(part);
  const Field* type_field = h.find("Content-Type");
  std::string type = type_field ? unfold(type_field->value) : "text/plain";
  if (starts_with_folded(type, "multipart/")) {
    std::string boundary = parameter(type, "boundary");
    if (!boundary.empty()) return std::string(part.substr(0, h.body_offset)) + convert_multipart(body, boundary, depth, c);
  }
  if (starts_with_folded(type, "message/rfc822"))
    return std::string(part.substr(0, h.body_offset)) + convert_part(body, depth + 1, c, false);
  size_t high = static_cast<size_t>(std::count_if(body.begin(), body.end(), [](char c) { return static_cast<unsigned char>(c) & 0x80; }));
  // sendmail: quoted-printable where less than an eighth of the bytes are 8 bit, base64 else.
  if (high * 8 < body.size()) return with_encoding(h, "quoted-printable", c, outermost) + quoted_printable_encode(body);
  std::string wire;
  for (char c : body) {
    if (c == '\n') wire += '\r';
    wire += c;
  }
  return with_encoding(h, "base64", c, outermost) + base64_encode(wire);
}

}  // namespace

SevenBit to_seven_bit(std::string_view head, std::string_view body, std::string_view default_charset, std::string_view where) {
  std::string whole(head);
  whole += body;
  std::string converted = convert_part(whole, 0, Conversion{default_charset, where}, true);
  SevenBit out;
  size_t offset = parse_header(converted).body_offset;
  out.head = converted.substr(0, offset);
  out.body = converted.substr(offset);
  return out;
}

}  // namespace hky::mail
