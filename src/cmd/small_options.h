// Options of the small programs (praliases, mailstats): one letter each, joined or not, getopt(3)'s way.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hky::cmd {

struct SmallOptions {
  std::vector<std::pair<char, std::string>> given;   // in their order, with their values
  std::vector<std::string> words;                    // what follows them
  std::string complaint;                             // getopt's: "invalid option -- 'x'"; "": none

  // The last value of `letter`, or "".
  std::string value(char letter) const;
  bool has(char letter) const;
};

// `letters` as getopt takes them: "C:f:". Stops at the first fault, at "--" and at the first word that is no option.
SmallOptions small_options(const std::vector<std::string>& args, std::string_view letters);

}  // namespace hky::cmd
