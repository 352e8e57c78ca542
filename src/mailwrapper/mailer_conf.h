// mailer.conf: which program stands behind a name (mailer.conf(5) of FreeBSD and NetBSD):
//   sendmail   /usr/libexec/sendmail/sendmail  -x
// Words are separated by blanks; # begins a comment; a later line of the same name is not looked at. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hky::mailwrapper {

struct Mapping {
  std::string program;                  // absolute
  std::vector<std::string> arguments;   // come before the caller's
};

struct Lookup {
  std::optional<Mapping> mapping;
  std::string problem;                  // not empty: "line 3: sendmail: no program is named"; the file is not followed then
};

// What the text says of `name` ("sendmail", "mailq"). Neither mapping nor problem: the name is not in it.
Lookup find_mapping(std::string_view text, std::string_view name);

}  // namespace hky::mailwrapper
