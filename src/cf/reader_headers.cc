// H lines. sendmail: headers.c chompheader() with CHHDR_DEF.
#include <fmt/core.h>

#include "base/strings.h"
#include "cf/reader_impl.h"

namespace hky::cf {

bool Reader::header_condition(std::string_view condition, HeaderRule& rule) {
  if (condition.empty() || condition[0] != '$') {
    for (char c : condition)
      if (!is_space(c)) rule.mailer_flags.set(static_cast<unsigned char>(c) & 127);
    // "?xX$A?": a macro stands alone or not at all
    return condition.find('$') == std::string_view::npos;
  }
  ParsedName name = name_of(condition.substr(1));
  if (name.id == 0 || name.length + 1 != condition.size()) return false;
  rule.macro_cond = name.id;
  return true;
}

void Reader::header_line(std::string_view rest) {
  auto complain = [&] { error(fmt::format("header syntax error, line \"{}\"", rest)); };
  HeaderRule rule;
  rule.place = Place{req_.path, line_};
  size_t at = 0;
  if (!rest.empty() && rest[0] == '?') {
    size_t end = rest.find('?', 1);
    if (end == std::string_view::npos || !header_condition(rest.substr(1, end - 1), rule)) return complain();
    at = end + 1;
  }
  size_t begin = at;
  while (at < rest.size() && rest[at] > ' ' && rest[at] < 0x7f && rest[at] != ':') ++at;
  rule.name = std::string(rest.substr(begin, at - begin));
  while (at < rest.size() && is_space(rest[at])) ++at;
  if (at >= rest.size() || rest[at] != ':' || rule.name.empty()) return complain();
  ++at;
  while (at < rest.size() && is_space(rest[at])) ++at;
  rule.is_default = rule.name == "*";
  rule.value = translate(rest.substr(at));
  Text call = expand(rule.value, scope_);
  size_t i = call.find_first_not_of(u" \t\n");
  if (i == Text::npos || call[i] != kCallSubr) {
    if (!rule.is_default) c_.headers.push_back(std::move(rule));
    return;
  }
  // H...: $>Name asks a ruleset and adds no header; $>+Name keeps the comments
  std::string name = to_display(call.substr(i + 1), c_.names);
  std::string_view ruleset = trim(name);
  if (!ruleset.empty() && ruleset[0] == '+') {
    rule.check_strip_comments = false;
    ruleset = trim_left(ruleset.substr(1));
  }
  size_t length = 0;
  if (ruleset_number(ruleset, &length) <= 0) return;
  rule.check_ruleset = std::string(trim(ruleset.substr(0, length)));
  rule.value.clear();
  c_.headers.push_back(std::move(rule));
}

}  // namespace hky::cf
