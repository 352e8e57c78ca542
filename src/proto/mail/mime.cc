// The walk over a message's parts for 8 -> 7 bit conversion. sendmail: mime.c mime8to7().
#include "proto/mail/mime.h"

#include <fmt/format.h>

#include <algorithm>

#include "proto/mail/message.h"

namespace hky::mail {
namespace {

struct Conversion { std::string_view charset, where; bool ebcdic; };

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

// What a part stands in: its default type, and whether it has MIME's fields to be given.
enum class Place : uint8_t { kMessage /* the message itself */, kInner, kDigest };

std::string convert_part(std::string_view part, int depth, const Conversion& c, Place place);

// Preamble and epilogue have no encoding that a reader would undo.
void add_seven_bit(std::string_view text, std::string& out) {
  for (const char ch : text) out += static_cast<char>(ch & 0x7f);
}

// Splits at "--boundary" lines and converts what stands between. The end of line before a boundary is the boundary's (RFC 2046 5.1.1).
std::string convert_multipart(std::string_view body, const std::string& boundary, int depth, const Conversion& c, Place inside) {
  const std::string delimiter = "--" + boundary;
  std::string out;
  size_t pos = 0, begin = 0;
  bool in_part = false, over = false;
  auto flush = [&](size_t end, bool at_boundary) {
    std::string_view piece = body.substr(begin, end - begin);
    if (!in_part || over) return add_seven_bit(piece, out);
    if (at_boundary && !piece.empty()) piece.remove_suffix(1);
    out += convert_part(piece, depth + 1, c, inside);
    if (at_boundary ? end > begin : out.back() != '\n') out += '\n';
  };
  while (pos < body.size()) {
    size_t nl = std::min(body.find('\n', pos), body.size());
    std::string_view line = body.substr(pos, nl - pos);
    size_t next = std::min(nl + 1, body.size());
    if (!over && line.substr(0, delimiter.size()) == delimiter) {
      std::string_view tail = line.substr(delimiter.size());
      while (!tail.empty() && (tail.back() == ' ' || tail.back() == '\t')) tail.remove_suffix(1);
      if (tail.empty() || tail == "--") {
        flush(pos, true);
        out += body.substr(pos, next - pos);
        begin = next;
        in_part = true;
        over = tail == "--";
      }
    }
    pos = next;
  }
  flush(body.size(), false);
  if (!over) out += (out.empty() || out.back() == '\n' ? "" : "\n") + delimiter + "--\n";   // sendmail: a multipart is closed
  return out;
}

constexpr const char* kEncodingField = "Content-Transfer-Encoding";

std::string fields_without_encoding(const Header& h) {
  std::string out;
  if (!h.unix_from.empty()) out += std::string(h.unix_from) + "\n";
  for (const Field& f : h.fields)
    if (!same_name(f.name, kEncodingField)) out += f.raw;
  return out;
}

// What a message without MIME is given.
std::string missing_fields(const Header& h, const Conversion& c) {
  std::string out;
  if (!h.find("MIME-Version")) out += "MIME-Version: 1.0\n";
  if (!h.find("Content-Type")) out += "Content-Type: text/plain; charset=" + std::string(c.charset) + "\n";
  return out;
}

// Writes the header without the fields that change, and puts the new encoding (and, for a message without MIME, its type) behind.
std::string with_encoding(const Header& h, std::string_view encoding, const Conversion& c, Place place) {
  std::string out = fields_without_encoding(h);
  if (place == Place::kMessage) out += missing_fields(h, c);
  out += fmt::format("{}: {}\n", kEncodingField, encoding);
  return out + fmt::format("X-MIME-Autoconverted: from 8bit to {} {}\n\n", encoding, c.where);
}

// sendmail: class e: what is encoded already, in whatever way, stays.
bool may_be_encoded(const Header& h) {
  const Field* f = h.find(kEncodingField);
  if (f == nullptr) return true;
  const std::string encoding = unfold(f->value);
  return same_name(encoding, "8bit") || same_name(encoding, "7bit") || same_name(encoding, "binary");
}

// sendmail: base64 where more than an eighth of the bytes are 8 bit, quoted-printable else; what is mostly foreign from its start on
// (a quarter, 4 KB) is not read to its end for that.
bool wants_base64(const Header& h, std::string_view body) {
  const Field* f = h.find(kEncodingField);
  if (f != nullptr && same_name(unfold(f->value), "binary")) return true;
  size_t high = 0, size = 0;
  for (const char ch : body) {
    ++size;
    high += (ch & 0x80) != 0 ? 1 : 0;
    if (ch == '\n' && size >= 4096 && high > size / 4) break;
  }
  return size / 8 < high;
}

std::string encode_text(const Header& h, std::string_view body, const Conversion& c, Place place) {
  if (!wants_base64(h, body)) return with_encoding(h, "quoted-printable", c, place) + quoted_printable_encode(body, c.ebcdic);
  std::string wire;
  for (char ch : body) {
    if (ch == '\n') wire += '\r';
    wire += ch;
  }
  std::string coded = with_encoding(h, "base64", c, place) + base64_encode(wire);
  coded.pop_back();   // its last end of line: who asked puts it
  return coded;
}

// The message in a message/rfc822; it is said to be MIME.
std::string convert_inner_message(std::string_view text, int depth, const Conversion& c) {
  const Header h = parse_header(text);
  if (h.find("MIME-Version")) return convert_part(text, depth, c, Place::kInner);
  std::string labelled;
  for (const Field& f : h.fields) labelled += f.raw;
  labelled += "MIME-Version: 1.0\n\n";
  labelled += text.substr(h.body_offset);
  return convert_part(labelled, depth, c, Place::kInner);
}

std::string convert_part(std::string_view part, int depth, const Conversion& c, Place place) {
  Header h = parse_header(part);
  std::string_view body = part.substr(h.body_offset);
  const Field* type_field = h.find("Content-Type");
  const std::string type = type_field ? unfold(type_field->value) : place == Place::kDigest ? "message/rfc822" : "text/plain";
  const bool rfc822 = starts_with_folded(type, "message/rfc822");
  const bool as_it_is = depth > kMaxDepth || !may_be_encoded(h) || starts_with_folded(type, "multipart/signed") || (!rfc822 && starts_with_folded(type, "message/"));
  if (as_it_is && place != Place::kMessage) return std::string(part);
  if (as_it_is) return std::string(part.substr(0, h.body_offset - (h.body_offset > 0 ? 1 : 0))) + missing_fields(h, c) + "\n" + std::string(body);
  if (starts_with_folded(type, "multipart/")) {
    const std::string boundary = parameter(type, "boundary");
    return fields_without_encoding(h) + "\n" +
           convert_multipart(body, boundary.empty() ? "----" : boundary, depth, c, starts_with_folded(type, "multipart/digest") ? Place::kDigest : Place::kInner);
  }
  if (rfc822) return fields_without_encoding(h) + "\n" + convert_inner_message(body, depth + 1, c);
  if (has_8bit(body)) return encode_text(h, body, c, place);
  if (place != Place::kMessage) return std::string(part);
  const Field* encoding = h.find(kEncodingField);   // sendmail: mime8to7() writes it last
  return fields_without_encoding(h) + missing_fields(h, c) + (encoding == nullptr ? "" : std::string(encoding->raw)) + "\n" + std::string(body);
}

}  // namespace

std::string labelled_8bit(std::string_view head, std::string_view default_charset) {
  const Header h = parse_header(head);
  if (h.find("MIME-Version") != nullptr) return std::string(head);
  std::string out(head.substr(0, h.body_offset - (h.body_offset > 0 ? 1 : 0)));
  out += missing_fields(h, Conversion{default_charset, "", false});
  if (h.find(kEncodingField) == nullptr) out += fmt::format("{}: 8bit\n", kEncodingField);
  return out + "\n";
}

SevenBit to_seven_bit(std::string_view head, std::string_view body, std::string_view default_charset, std::string_view where, bool ebcdic) {
  std::string whole(head);
  whole += body;
  std::string converted = convert_part(whole, 0, Conversion{default_charset, where, ebcdic}, Place::kMessage);
  if (converted.empty() || converted.back() != '\n') converted += '\n';
  SevenBit out;
  size_t offset = parse_header(converted).body_offset;
  out.head = converted.substr(0, offset);
  out.body = converted.substr(offset);
  return out;
}

}  // namespace hky::mail
