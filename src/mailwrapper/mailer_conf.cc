#include "mailwrapper/mailer_conf.h"

namespace hky::mailwrapper {
namespace {

std::vector<std::string> words_of(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r\f\v";
  line = line.substr(0, line.find('#'));
  std::vector<std::string> words;
  for (size_t at = line.find_first_not_of(kBlanks); at != std::string_view::npos; at = line.find_first_not_of(kBlanks, at)) {
    const size_t end = line.find_first_of(kBlanks, at);
    words.emplace_back(line.substr(at, end - at));
    if (end == std::string_view::npos) break;
    at = end;
  }
  return words;
}

}  // namespace

Lookup find_mapping(std::string_view text, std::string_view name) {
  Lookup out;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    std::vector<std::string> words = words_of(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (words.empty() || words[0] != name) continue;
    const std::string where = "line " + std::to_string(number) + ": " + words[0];
    if (words.size() == 1) out.problem = where + ": no program is named";
    else if (words[1][0] != '/') out.problem = where + ": " + words[1] + " is not an absolute path";
    else out.mapping = Mapping{words[1], {words.begin() + 2, words.end()}};
    return out;
  }
  return out;
}

}  // namespace hky::mailwrapper
