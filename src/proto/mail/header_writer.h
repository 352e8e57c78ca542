// Writes header fields as sendmail does (headers.c putheader(), put_vanilla_header(), commaize()): long address lists folded at
// commas, other fields kept as they were folded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hky::mail {

// "Name: value\n"; the value's own folds stay. Leading blanks of the value are dropped.
void put_field(std::string& out, std::string_view name, std::string_view value);
// "To: a@x, b@y,\n\tc@z\n": sendmail's commaize: a new line with a tab where the line would pass 78 columns.
void put_address_field(std::string& out, std::string_view name, const std::vector<std::string>& addresses);

}  // namespace hky::mail
