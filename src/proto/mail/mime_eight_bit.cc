// Text that was encoded for hosts of seven bits, as its reader wants it. See mime.h.
#include <fmt/format.h>

#include "proto/mail/message.h"
#include "proto/mail/mime.h"

namespace hky::mail {
namespace {

constexpr std::string_view kEncodingField = "Content-Transfer-Encoding";

// A field's value as sendmail compares it: blanks behind it count.
std::string_view value_of(const Header& h, std::string_view name) {
  const Field* f = h.find(name);
  if (f == nullptr) return {};
  const size_t first = f->value.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view() : f->value.substr(first);
}

bool is_plain_text(std::string_view type) {
  constexpr std::string_view kType = "text/plain";
  if (!same_name(type.substr(0, kType.size()), kType)) return false;
  return type.size() == kType.size() || type[kType.size()] == ' ' || type[kType.size()] == ';';
}

// Lines of the network become lines of ours.
std::string with_newlines(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 1);
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out;
}

}  // namespace

std::optional<EightBit> to_eight_bit(std::string_view head, std::string_view body, std::string_view where) {
  const Header h = parse_header(head);
  const std::string_view encoding = value_of(h, kEncodingField);
  const bool base64 = same_name(encoding, "base64");
  if ((!base64 && !same_name(encoding, "quoted-printable")) || !is_plain_text(value_of(h, "Content-Type"))) return std::nullopt;
  EightBit out;
  if (!base64) {
    out.body = quoted_printable_decode(body);
  } else {
    std::string decoded;
    if (!base64_decode(body, decoded)) return std::nullopt;
    out.body = with_newlines(decoded);
  }
  out.body += '\n';
  for (const Field& f : h.fields)
    if (!same_name(f.name, kEncodingField)) out.head += f.raw;
  out.head += fmt::format("{}: 8bit\nX-MIME-Autoconverted: from {} to 8bit {}\n\n", kEncodingField, encoding, where);
  return out;
}

}  // namespace hky::mail
