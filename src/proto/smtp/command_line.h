// One command line of a client taken apart, as leniently as sendmail does (srvrsmtp.c smtp(), skipword(), parse_esmtp_args()).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/smtp/server.h"

namespace hky::smtp {

struct CommandLine { std::string_view verb, arg, rest; };   // rest: arg with the blanks behind it
CommandLine split_command(std::string_view line);

// "FROM: <joe@x> SIZE=1": `keyword` is "from" or "to". On a syntax error `error` is the reply's text.
struct PathArgument { std::string address; std::vector<Param> params; std::string error; };
PathArgument parse_path(std::string_view arg, std::string_view keyword);

bool same_word(std::string_view a, std::string_view b);   // ASCII case folded
// What may be echoed in a reply: 7 bit, no controls, shortened as sendmail's shortenstring() to 203 characters.
std::string echo(std::string_view line);

}  // namespace hky::smtp
