// Inside of TestMode, shared by test_mode.cc (rulesets, settings, listings) and test_mode_commands.cc (the / commands).
#pragma once

#include <map>
#include <set>

#include "admin/test_mode.h"

namespace hky::admin {

struct TestMode::Impl : rewrite::TraceSink, Reasons {
  explicit Impl(TestWorld w);

  TestWorld world;
  cf::MacroScope scope;
  rewrite::Context ctx;
  route::Role role = route::Role::kEnvelopeRcpt;   // /tryflags
  std::string about;                                // sendmail: e_to, the address messages begin with
  bool trying = false;                              // /try runs
  std::map<int, int> debug_levels;

  // TraceSink: straight to the output, in order.
  void line(std::string text) override;
  void error(std::string text) override;
  int level() const override {  // -d21.N
    const auto it = debug_levels.find(21);
    return it == debug_levels.end() ? 1 : it->second;
  }

  // Reasons: sendmail takes the quotes off $> "Name" in the rule itself when the rule fires; =S shows it afterwards.
  void add(Reason reason) override;
  std::set<std::pair<std::string, int>> fired;

  void compile();
  void set_address_type();
  void set_debug(std::string_view words);
  bool macro_name(std::string_view& text, cf::NameId& id);
  int find_ruleset(std::string_view& name);
  std::string rule_line(const cf::RuleLine& rule) const;
  void dump_ruleset(std::string_view name);
  void help(std::string_view topic);

  void dot_command(std::string_view text);
  void equals_command(std::string_view text);
  void dash_command(std::string_view text);
  void dollar_command(std::string_view text);
  net::Task<> rulesets(std::string text);
  net::Task<> one_address(std::string names, rewrite::Tokens tokens);

  net::Task<> slash_command(std::string word, std::string argument);
  net::Task<> mx(std::string argument);
  net::Task<> canon(std::string argument);
  net::Task<> map(std::string argument);
  net::Task<> parse(std::string argument);
  net::Task<> try_mailer(std::string argument);
  net::Task<> sender(std::string argument);
  void try_flags(std::string_view flags);
  void header(std::string_view text);
  bool macro_map(const maps::MapSpec& spec, std::string_view key, maps::MapAnswer& answer);
};

// One line of =M.
std::string mailer_line(const cf::Config& config, const cf::Mailer& mailer);

}  // namespace hky::admin
