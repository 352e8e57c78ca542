// Splits an address list of a header ("Joe <joe@x>, \"a,b\" <c@d>, (x,y) e@f, g: h, i;") at its top-level commas.
// sendmail: commaize(): quotes, comments, route brackets are respected, errors are tolerated. Also takes apart one mailbox.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hky::mail {

// Pieces trimmed, empty ones left out. Views into `list`.
// at_groups: a ';' ends an address too; without it the end of a group stays with its last member, as sendmail's headers have it.
std::vector<std::string_view> split_addresses(std::string_view list, bool at_groups = true);

struct Mailbox {
  std::string address;     // joe@x, without brackets and comments
  std::string full_name;   // phrase or comment, or ""
};
Mailbox parse_mailbox(std::string_view text);

// A person's name as it may stand before <address>: in quotes where an unquoted character is one of must_quote, or a quote is left open.
// sendmail: rfc822_string(), addquotes().
std::string as_phrase(std::string_view name, std::string_view must_quote);
// RFC 5321 4.1.3 xtext (RFC 3461 4): "+" and "=" and non-printables as +XX.
std::string to_xtext(std::string_view text);
bool from_xtext(std::string_view text, std::string& out);
bool is_xtext(std::string_view text);

}  // namespace hky::mail
