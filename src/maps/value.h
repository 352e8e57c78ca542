// What every class does with keys and values alike. sendmail: map.c map_rewrite(), get_column(); stripquotes().
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hky::maps {

// %0..%9 filled in (%0 is key, %1.. are args; a missing one is empty; %% is %), then `append`.
// args null: `value` stays as it is.
std::string map_rewrite(std::string_view value, std::string_view key, const std::vector<std::string>* args, std::string_view append);
std::string strip_quotes(std::string_view s);  // "a b" -> a b, \x -> x
// Column `col` of a line; delim '\0' means white space. False: no such column.
bool get_column(std::string_view line, size_t col, char delim, std::string_view& out);

}  // namespace hky::maps
