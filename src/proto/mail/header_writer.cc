#include "proto/mail/header_writer.h"

#include <algorithm>

namespace hky::mail {

void put_field(std::string& out, std::string_view name, std::string_view value) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && value.back() == '\n') value.remove_suffix(1);
  out += name;
  out += ':';
  if (!value.empty()) {
    out += ' ';
    out += value;
  }
  out += '\n';
}

// sendmail: commaize(): MAXOBUF 78 columns (38 counted back from the limit for the line's own tail), blanks as continuation.
void put_address_field(std::string& out, std::string_view name, const std::vector<std::string>& addresses, std::string_view lead) {
  constexpr size_t kWidth = 78;
  out += name;
  out += ':';
  out += lead;
  size_t column = name.size() + 1 + lead.size();
  bool first = true;
  for (const std::string& a : addresses) {
    size_t need = column + a.size();
    if (!first) need += 2;
    if (need > kWidth && !first) {
      out += ",\n        ";
      column = 8 + a.size();
    } else {
      if (!first) out += ", ";
      column = need;
    }
    out += a;
    first = false;
  }
  out += '\n';
}

uint64_t size_without_field_ends(std::string_view fields) {
  uint64_t size = fields.size();
  for (size_t at = fields.find('\n'); at != std::string_view::npos; at = fields.find('\n', at + 1))
    if (at + 1 == fields.size() || (fields[at + 1] != ' ' && fields[at + 1] != '\t')) --size;
  return size;
}

std::string lead_of(const Field& field) {
  const size_t colon = field.raw.find(':');
  const size_t from = colon == std::string_view::npos ? field.raw.size() : colon + 1;
  const size_t end = std::min(field.raw.find_first_not_of(" \t\n", from), field.raw.find_last_not_of('\n') + 1);
  return std::string(std::max(from, end) - from, ' ');
}

void mend_folds(std::string& value) {
  for (size_t i = value.find('\n'); i != std::string::npos; i = value.find('\n', i + 1)) {
    const size_t next = value.find_first_not_of(" \t", i + 1);
    if (next == i + 1 || next == std::string::npos || value[next] == '\n') value[i] = ' ';
  }
}

}  // namespace hky::mail
