// S and R lines: rulesets, their numbers, and the checks sendmail makes while it reads a rule.
// sendmail: readcf.c case 'R', case 'S', strtorwset().
#include <fmt/core.h>

#include <algorithm>

#include "base/strings.h"
#include "cf/reader_impl.h"

namespace hky::cf {

namespace {

bool is_name_char(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

// "$*", "$=" ... as the complaints spell them.
std::string spelled(char16_t meta, const NameTable& names) {
  if (meta == kMatchRepl) return "$1-$9";
  if (meta_has_operand(meta)) return meta == kMatchClass ? "$=" : meta == kMatchNotClass ? "$~" : meta == kCondIf ? "$?" : "$";
  return to_display(Text(1, meta), names);
}

}  // namespace

size_t Reader::ruleset_slot(int number, std::string_view name) {
  for (size_t i = 0; i < c_.rulesets.size(); ++i) {
    if (c_.rulesets[i].number != number) continue;
    // "Scanonify=3" after a reference by number gives it its name
    if (!name.empty() && !is_digit(name[0]) && is_digit(c_.rulesets[i].name[0])) c_.rulesets[i].name = std::string(name);
    return i;
  }
  Ruleset r;
  r.number = number;
  r.name = name.empty() ? std::to_string(number) : std::string(name);
  r.place = Place{in_file_ ? req_.path : "", line_};
  c_.rulesets.push_back(std::move(r));
  return c_.rulesets.size() - 1;
}

int Reader::named_ruleset(std::string_view name, int wanted) {
  const std::string key(name);
  auto it = c_.ruleset_by_name.find(key);
  if (it != c_.ruleset_by_name.end()) {
    int old = c_.rulesets[static_cast<size_t>(it->second)].number;
    if (wanted >= 0 && wanted != old) {
      error(fmt::format("{}: ruleset changed value (old {}, new {})", fmt::format("{}={}", name, wanted), old, wanted));
      return old;
    }
    return old;
  }
  int number = wanted;
  if (number < 0) {
    if (next_named_ - 1 < kMaxRulesets / 2) {
      error(fmt::format("{}: too many named rulesets ({} max)", name, kMaxRulesets / 2));
      return -1;
    }
    number = --next_named_;
  }
  size_t slot = ruleset_slot(number, name);
  c_.ruleset_by_name[key] = static_cast<int>(slot);
  return number;
}

int Reader::ruleset_number(std::string_view in, size_t* length) {
  constexpr int kFree = kMaxRulesets / 2;
  auto number_at = [&](size_t& at) {
    long n = 0;
    while (at < in.size() && is_digit(in[at])) n = std::min(n * 10 + (in[at++] - '0'), 1000000L);
    return static_cast<int>(n);
  };
  size_t at = 0;
  while (at < in.size() && is_space(in[at])) ++at;
  if (length != nullptr) *length = in.size();
  if (at >= in.size() || (!is_name_char(in[at]))) {
    error(fmt::format("invalid ruleset name: \"{:.20}\"", in.substr(at)));
    return -1;
  }
  if (is_digit(in[at])) {
    int n = number_at(at);
    if (length != nullptr) *length = at;
    if (n >= kFree) {
      error(fmt::format("bad ruleset {} ({} max)", n, kFree));
      return -1;
    }
    ruleset_slot(n, "");
    return n;
  }
  size_t begin = at;
  while (at < in.size() && is_name_char(in[at])) ++at;
  std::string_view name = in.substr(begin, at - begin);
  while (at < in.size() && is_space(in[at])) ++at;
  int wanted = -1;
  if (at < in.size() && in[at] == '=') {
    ++at;
    while (at < in.size() && is_space(in[at])) ++at;
    if (at >= in.size() || !is_digit(in[at])) {
      error(fmt::format("bad ruleset definition \"{}\" (number required after `=')", in));
      return -1;
    }
    wanted = number_at(at);
    if (wanted >= kFree) {
      error(fmt::format("bad ruleset number {} in \"{}\" ({} max)", wanted, in, kFree));
      return -1;
    }
  }
  if (length != nullptr) *length = at;
  return named_ruleset(name, wanted);
}

void Reader::ruleset_line(std::string_view rest) {
  std::string name = expanded(rest);
  int number = ruleset_number(name, nullptr);
  if (number < 0) {
    ruleset_ = 0;
    return;
  }
  ruleset_ = static_cast<int>(ruleset_slot(number, "")) + 1;
  Ruleset& r = c_.rulesets[static_cast<size_t>(ruleset_ - 1)];
  if (r.rules.empty()) r.place = Place{req_.path, line_};
  else if (req_.test_mode) report(false, fmt::format("WARNING: Ruleset {} has multiple definitions", name), false);
}

void Reader::check_lhs(const Text& lhs, int& wildcards) {
  wildcards = 0;
  for (size_t i = 0; i < lhs.size(); ++i) {
    char16_t c = lhs[i];
    switch (c) {
      case kMatchRepl:
      case kCanonUser:
      case kCallSubr:
      case kCondIf:
      case kCondFi:
      case kHostBegin:
      case kHostEnd:
      case kLookupBegin:
      case kLookupEnd:
        error(fmt::format("Inappropriate use of {} on LHS", spelled(c, c_.names)));
        break;
      case kMatchZeroAny:
      case kMatchAny:
      case kMatchOne:
      case kMatchClass:
      case kMatchNotClass:
        ++wildcards;
        break;
      default: break;
    }
    if (meta_has_operand(c)) ++i;
  }
  if (wildcards > kMaxWildcards) error("R line: too many wildcards");
}

void Reader::check_rhs(const Text& rhs, int wildcards) {
  char16_t closing = 0;  // what ends the look-up that is open
  int args = 0;
  for (size_t i = 0; i < rhs.size(); ++i) {
    char16_t c = rhs[i];
    if (meta_has_operand(c)) ++i;
    switch (c) {
      case kMatchRepl:
        if (i < rhs.size() && (rhs[i] < 1 || rhs[i] > wildcards))
          error(fmt::format("replacement ${} out of bounds", static_cast<int>(rhs[i])));
        break;
      case kMatchZeroAny:
      case kMatchAny:
      case kMatchOne:
      case kMatchClass:
      case kMatchNotClass:
        error(fmt::format("Inappropriate use of {} on RHS", spelled(c, c_.names)));
        break;
      case kHostBegin:
      case kLookupBegin:
        if (closing != 0) error("cannot nest map lookups");
        closing = c == kHostBegin ? kHostEnd : kLookupEnd;
        args = 0;
        break;
      case kHostEnd:
      case kLookupEnd:
        if (c == closing) closing = 0;
        break;
      case kCanonHost:
        if (closing != 0 && ++args >= kMaxMapArgs) error("too many arguments for map lookup");
        break;
      default: break;
    }
  }
  if (closing != 0) error("missing map closing token");
}

void Reader::rule_line(std::string_view whole) {
  size_t tab = whole.find('\t');
  if (ruleset_ == 0) {
    error(fmt::format("missing valid ruleset for \"{}\"", whole));
    return;
  }
  std::string_view lhs = whole.substr(1, tab == std::string_view::npos ? tab : tab - 1);
  std::string_view rhs = tab == std::string_view::npos ? std::string_view() : whole.substr(tab);
  size_t begin = rhs.find_first_not_of('\t');
  if (begin == std::string_view::npos) {
    error(fmt::format("invalid rewrite line \"{}\" (tab expected)", trim_right(whole)));
    return;
  }
  rhs = rhs.substr(begin);
  size_t end = rhs.find('\t');
  RuleLine rule;
  rule.place = Place{req_.path, line_};
  if (end != std::string_view::npos) {
    std::string_view comment = rhs.substr(end);
    size_t text_at = comment.find_first_not_of('\t');
    if (text_at != std::string_view::npos) rule.comment = std::string(comment.substr(text_at));
    rhs = rhs.substr(0, end);
  }
  rule.lhs = expand(translate(lhs), scope_);
  rule.rhs = expand(translate(rhs), scope_);
  std::replace(rule.lhs.begin(), rule.lhs.end(), char16_t{kCanonHost}, char16_t{kMatchZero});
  bool empty = rule.lhs.find_first_not_of(u" \t\n") == Text::npos;
  if (empty) error("R line: null LHS");
  int wildcards = 0;
  check_lhs(rule.lhs, wildcards);
  if (rule.rhs.find_first_not_of(u" \t\n") == Text::npos) error("R line: null RHS");
  check_rhs(rule.rhs, std::min(wildcards, kMaxWildcards));
  rules_seen_ = true;
  c_.rulesets[static_cast<size_t>(ruleset_ - 1)].rules.push_back(std::move(rule));
}

}  // namespace hky::cf
