// The addresses of a header field, as commaize() finds them. Pure.
// Who calls it: receive (what mailq says of a message), deliver (rewriting).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/mail/message.h"
#include "rewrite/evaluate.h"

namespace hky::route {

// Each ended as prescan() ends one: at a comma, also behind a < that is not closed. Views into `list`.
std::vector<std::string_view> addresses_of(std::string_view list, const cf::Config& config);

// The last quote or bracket in the addresses of a header that is not closed: "<joe, eric... Unbalanced '<'"; "": there is none.
std::string last_fault(const mail::Header& header, const cf::Config& config);

}  // namespace hky::route
