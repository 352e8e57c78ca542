#include "admin/test_mode.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "admin/test_mode_impl.h"
#include "base/strings.h"
#include "cf/reader.h"

namespace hky::admin {
namespace {

constexpr int kMaxRulesetNumber = 100;  // sendmail: MAXRWSETS / 2

// sendmail lists a class in the order of its symbol table: by hash, without case, then by age. stab.c.
unsigned symbol_bucket(std::string_view word) {
  constexpr unsigned kSize = 2003, kClassType = 1;
  unsigned hash = kClassType;
  for (const char c : word) hash = ((hash << 1) ^ static_cast<unsigned char>(lower(c))) % kSize;
  return hash;
}

// The blank-separated first word, and the rest without the blanks before it.
std::pair<std::string, std::string> split_first(std::string_view text) {
  size_t i = 0;
  while (i < text.size() && !is_space(text[i])) ++i;
  size_t j = i;
  while (j < text.size() && is_space(text[j])) ++j;
  return {std::string(text.substr(0, i)), std::string(text.substr(j))};
}

}  // namespace

TestMode::Impl::Impl(TestWorld w)
    : world(std::move(w)), scope(*world.config), ctx{world.loop, nullptr, *world.config, world.maps, scope, this, this} {
  for (const auto& [name, value] : world.macros) scope.set(world.config->names.intern(name), value);
  compile();
  set_address_type();
}

void TestMode::Impl::compile() {
  std::vector<cf::Diagnostic> errors;
  ctx.program = rewrite::compile(world.config, errors);
}

// sendmail: {addr_type} follows /tryflags, "e r" at the start.
void TestMode::Impl::set_address_type() {
  const std::string text = {route::is_header(role) ? 'h' : 'e', ' ', route::is_sender(role) ? 's' : 'r'};
  scope.set(world.config->names.intern("addr_type"), text);
}

void TestMode::Impl::line(std::string text) {
  text += '\n';
  world.print(text);
}

// Complaints of /try begin with the address where it was scanned (they have a code), not where a map speaks.
void TestMode::Impl::error(std::string text) {
  const bool coded = !text.empty() && is_digit(text[0]);
  line(route::user_line(text, trying && !coded ? std::string_view() : std::string_view(about)));
}

// sendmail: macid(): the name at the front of `text`, which is cut off it. False: complained of.
bool TestMode::Impl::macro_name(std::string_view& text, cf::NameId& id) {
  if (text.empty() || text.starts_with("{}")) {
    line("Name required for macro/class");
    return false;
  }
  if (text[0] != '{') {
    id = static_cast<unsigned char>(text[0]);
    text.remove_prefix(1);
    return true;
  }
  std::string name;
  size_t i = 1;
  for (; i < text.size() && text[i] != '}'; ++i) {
    if (is_alpha(text[i]) || is_digit(text[i]) || text[i] == '_') {
      name += text[i];
    } else {
      line(fmt::format("Invalid macro/class character {}", text[i]));
    }
  }
  if (i >= text.size()) {
    line(fmt::format("Unbalanced {{ on {}", name));
    return false;
  }
  text.remove_prefix(i + 1);
  id = world.config->names.intern(name);
  return true;
}

void TestMode::Impl::dot_command(std::string_view text) {
  const char which = text.size() > 1 ? text[1] : '\0';
  if (which == '\0') return line("Usage: .[DC]macro value(s)");
  if (which != 'D' && which != 'C') return line(fmt::format("Unknown \".\" command {}", text));
  std::string_view rest = text.substr(2);
  if (which == 'C' && rest.empty()) return;
  cf::NameId id = 0;
  if (!macro_name(rest, id)) return;
  cf::Text value = cf::translate_dollars(rest, world.config->names);
  if (which == 'D') {
    scope.set(id, std::move(value));
    return;
  }
  const std::string expanded = cf::expand_to_string(value, scope);
  cf::add_class_words(*world.config, id, expanded);
  compile();
}

void TestMode::Impl::dump_ruleset(std::string_view name) {
  const int index = find_ruleset(name);
  if (index < 0) return line(fmt::format("Undefined ruleset {}", name));
  const cf::Ruleset* set = world.config->find_ruleset(std::to_string(index));
  if (set == nullptr) return;
  for (const cf::RuleLine& rule : set->rules) line(rule_line(rule));
}

void TestMode::Impl::add(Reason reason) {
  const auto* rule = std::get_if<RuleFired>(&reason);
  if (rule != nullptr && rule->rhs.find("$>") != std::string::npos) fired.emplace(rule->file, rule->line);
}

std::string TestMode::Impl::rule_line(const cf::RuleLine& rule) const {
  std::string out = "R";
  const bool unquote = fired.count({rule.place.file, rule.place.line}) > 0;
  const auto side = [&](const cf::Text& text) {
    rewrite::PrescanResult scanned = rewrite::prescan(text, '\t', *world.config, rewrite::TokenTable::kKeepComments, true);
    bool name = false;
    for (const rewrite::Token& token : scanned.tokens) {
      const std::string shown = rewrite::display(token, *world.config);
      out += (name && unquote ? rewrite::strip_quotes(shown) : shown) + " ";
      name = shown == "$>";
    }
  };
  side(rule.lhs);
  out += "\t\t";
  side(rule.rhs);
  return out;
}

void TestMode::Impl::equals_command(std::string_view text) {
  const char which = text.size() > 1 ? text[1] : '\0';
  if (which == '\0') return line("Usage: =Sruleset or =M");
  if (which == 'S') return dump_ruleset(text.substr(2));
  if (which != 'M') return line(fmt::format("Unknown \"=\" command {}", text));
  for (const cf::Mailer& mailer : world.config->mailers) line(mailer_line(*world.config, mailer));
}

void TestMode::Impl::dash_command(std::string_view text) {
  const char which = text.size() > 1 ? text[1] : '\0';
  if (which == '\0') return line("Usage: -d{debug arguments}");
  if (which != 'd') return line(fmt::format("Unknown \"-\" command {}", text));
  set_debug(text.substr(2));
}

void TestMode::Impl::dollar_command(std::string_view text) {
  const bool is_class = text.size() > 1 && text[1] == '=';
  std::string_view rest = text.substr(is_class ? 2 : 1);
  cf::NameId id = 0;
  if (!macro_name(rest, id)) return;
  if (is_class) {
    const auto words = world.config->class_words.find(id);
    if (words == world.config->class_words.end()) return;
    std::vector<std::string> sorted = words->second;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return symbol_bucket(a) < symbol_bucket(b); });
    for (const std::string& word : sorted) line(word);
    return;
  }
  const cf::Text* value = scope.find(id);
  line(value == nullptr ? "Undefined" : cf::to_display(*value, world.config->names));
}

// sendmail: strtorwset(): the ruleset's number, or -1 with what is wrong said.
int TestMode::Impl::find_ruleset(std::string_view& name) {
  name = trim_left(name);
  if (!name.empty() && is_digit(name[0])) {
    int number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    if (parsed.ec != std::errc() || number >= kMaxRulesetNumber) {
      line(fmt::format("bad ruleset {} ({} max)", parsed.ec != std::errc() ? "2147483647" : std::to_string(number), kMaxRulesetNumber));
      return -1;
    }
    return number;
  }
  size_t i = 0;
  while (i < name.size() && (is_alpha(name[i]) || is_digit(name[i]) || name[i] == '_')) ++i;
  if (i == 0 || !is_alpha(name[0])) {
    line(fmt::format("invalid ruleset name: \"{}\"", name.substr(0, 20)));
    return -1;
  }
  const cf::Ruleset* set = world.config->find_ruleset(name.substr(0, i));
  return set == nullptr ? -1 : set->number;
}

// "ruleset,ruleset address, address".
net::Task<> TestMode::Impl::rulesets(std::string text) {
  std::string_view all = trim_left(text);
  size_t blank = 0;
  while (blank < all.size() && !is_space(all[blank])) ++blank;
  if (blank >= all.size()) {
    line("No address!");
    co_return;
  }
  const std::string names(all.substr(0, blank));
  std::string rest(all.substr(blank + 1));
  std::string invalid = route::invalid_address(rest, true);
  if (!invalid.empty()) {
    error(std::move(invalid));
    co_return;
  }
  for (;;) {
    rewrite::PrescanResult scanned = rewrite::prescan(rest, ',', *world.config, rewrite::TokenTable::kKeepComments);
    about = rest;
    for (std::string& complaint : scanned.errors) error(std::move(complaint));
    about.clear();
    if (!scanned.tokens.empty()) co_await one_address(names, std::move(scanned.tokens));
    if (scanned.consumed >= rest.size()) break;
    rest.erase(0, scanned.consumed + 1);
    if (scanned.refused) break;
  }
}

net::Task<> TestMode::Impl::one_address(std::string names, rewrite::Tokens tokens) {
  std::string_view left = names;
  while (!left.empty()) {
    const int number = find_ruleset(left);
    if (number < 0) {
      line(fmt::format("Undefined ruleset {}", left));
      co_return;
    }
    std::string ruleset = std::to_string(number);
    rewrite::Outcome out = co_await rewrite::evaluate(ctx, ruleset, std::move(tokens));
    tokens = std::move(out.tokens);
    if (out.status != rewrite::RewriteStatus::kOk) {
      const cf::Ruleset* set = world.config->find_ruleset(ruleset);
      line(fmt::format("== Ruleset {} ({}) status {}", left, number, static_cast<int>(out.status)));
      (void)set;
    }
    const size_t comma = left.find(',');
    if (comma == std::string_view::npos) co_return;
    left.remove_prefix(comma + 1);
  }
}

TestMode::TestMode(TestWorld world) : impl_(std::make_unique<Impl>(std::move(world))) {}
TestMode::~TestMode() = default;

void TestMode::banner() {
  impl_->line("ADDRESS TEST MODE (ruleset 3 NOT automatically invoked)");
  impl_->line("Enter <ruleset> <address>");
}

void TestMode::prompt() { impl_->world.print("> "); }

void TestMode::debug(std::string_view words) { impl_->set_debug(words); }

net::Task<bool> TestMode::line(std::string text) {
  if (text.size() > kMaxLine) text.resize(kMaxLine);
  const char first = text.empty() ? '\0' : text[0];
  switch (first) {
    case '\0':
    case '#': co_return true;
    case '?': impl_->help("-bt"); co_return true;
    case '.': impl_->dot_command(text); co_return true;
    case '=': impl_->equals_command(text); co_return true;
    case '-': impl_->dash_command(text); co_return true;
    case '$': impl_->dollar_command(text); co_return true;
    default: break;
  }
  if (first != '/') {
    co_await impl_->rulesets(std::move(text));
    co_return true;
  }
  const std::string_view trimmed = trim_right(text);
  auto [word, argument] = split_first(trimmed);
  if (iequals(word, "/quit")) co_return false;
  co_await impl_->slash_command(std::move(word), std::move(argument));
  co_return true;
}

}  // namespace hky::admin
