// A message's header as views into its text: fields in order, unfolding, the body's place. LF line ends (CRLF was folded on
// the way in). Pure; used by receive (collect), deliver (header rewriting), report.
// sendmail: collect.c, headers.c chompheader(). RFC 5322 2.2.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hky::mail {

struct Field {
  std::string_view name;    // as written, without blanks before ':'
  std::string_view value;   // after ':' and one blank; folds ("\n\t") still inside, no final newline
  std::string_view raw;     // whole field with final newline
};

struct Header {
  std::vector<Field> fields;
  std::string_view unix_from;   // a first line "From joe ..." (without newline), or empty
  size_t body_offset = 0;       // first byte of the body; text.size() when there is none
  bool had_separator = false;   // an empty line stood between (else the first non-header line begins the body)

  const Field* find(std::string_view name) const;   // first, without case
  size_t count(std::string_view name) const;
};

// Reads the header block of `text`; never fails: what is no header begins the body. The views live as long as `text`.
Header parse_header(std::string_view text);

bool is_field_name(std::string_view name);          // RFC 5322 3.6.8 ftext; sendmail: no blank inside
bool same_name(std::string_view a, std::string_view b);   // ASCII case folded
std::string unfold(std::string_view value);         // newlines out, leading and trailing blanks trimmed
// sendmail: hops are "Received:" (H_TRACE) lines.
size_t count_hops(const Header& header);
bool has_8bit(std::string_view text);

}  // namespace hky::mail
