#include "cmd/small_options.h"

#include <algorithm>

#include <fmt/format.h>

namespace hky::cmd {

std::string SmallOptions::value(char letter) const {
  const auto found = std::find_if(given.rbegin(), given.rend(), [letter](const auto& g) { return g.first == letter; });
  return found == given.rend() ? std::string() : found->second;
}

bool SmallOptions::has(char letter) const {
  return std::any_of(given.begin(), given.end(), [letter](const auto& g) { return g.first == letter; });
}

SmallOptions small_options(const std::vector<std::string>& args, std::string_view letters) {
  SmallOptions out;
  size_t i = 0;
  for (; i < args.size() && args[i].size() > 1 && args[i][0] == '-'; ++i) {
    const std::string& word = args[i];
    if (word == "--") {
      ++i;
      break;
    }
    for (size_t k = 1; k < word.size(); ++k) {
      const size_t at = word[k] == ':' ? std::string_view::npos : letters.find(word[k]);
      if (at == std::string_view::npos) {
        out.complaint = fmt::format("invalid option -- '{}'", word[k]);
        return out;
      }
      const bool takes = at + 1 < letters.size() && letters[at + 1] == ':';
      if (!takes) {
        out.given.emplace_back(word[k], "");
        continue;
      }
      if (k + 1 == word.size() && i + 1 == args.size()) {
        out.complaint = fmt::format("option requires an argument -- '{}'", word[k]);
        return out;
      }
      out.given.emplace_back(word[k], k + 1 < word.size() ? word.substr(k + 1) : args[++i]);
      break;
    }
  }
  out.words.assign(args.begin() + static_cast<std::ptrdiff_t>(std::min(i, args.size())), args.end());
  return out;
}

}  // namespace hky::cmd
