// Look-ups in a Config; see config.h.
#include "cf/config.h"

#include <algorithm>
#include <charconv>

namespace hky::cf {

namespace {

std::string fold(std::string_view in) {
  std::string out(in);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

const Ruleset* Config::find_ruleset(std::string_view name_or_number) const {
  int number = 0;
  const char* end = name_or_number.data() + name_or_number.size();
  auto [rest, error] = std::from_chars(name_or_number.data(), end, number);
  if (error == std::errc() && rest == end) {
    for (const Ruleset& r : rulesets)
      if (r.number == number) return &r;
    return nullptr;
  }
  auto it = ruleset_by_name.find(std::string(name_or_number));
  return it == ruleset_by_name.end() ? nullptr : &rulesets[static_cast<size_t>(it->second)];
}

bool Mailer::tells_user() const {
  const Text told{kMacroExpand, u'u'};
  return std::any_of(argv.begin(), argv.end(), [&told](const Text& word) { return word.find(told) != Text::npos; });
}

const Mailer* Config::find_mailer(std::string_view name) const {
  std::string wanted = fold(name);
  for (const Mailer& m : mailers)
    if (fold(m.name) == wanted) return &m;
  return nullptr;
}

const QueueGroup* Config::find_queue_group(std::string_view name) const {
  const std::string wanted = fold(name);
  for (const QueueGroup& q : queue_groups)
    if (fold(q.name) == wanted) return &q;
  return nullptr;
}

bool Config::in_class(NameId cls, std::string_view word) const {
  auto it = classes.find(cls);
  return it != classes.end() && it->second.count(fold(word)) > 0;
}

}  // namespace hky::cf
