// Macro values and their expansion (sendmail: macro.c expand(), macvalue()).
// A MacroScope is what one envelope, session or -bt run has set, laid over the Config's D lines; scopes chain.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cf/config.h"
#include "cf/text.h"

namespace hky::cf {

class MacroScope {
 public:
  explicit MacroScope(const Config& config, const MacroScope* outer = nullptr) : config_(&config), outer_(outer) {}
  void set(NameId id, Text value) { own_[id] = std::move(value); }
  void set(NameId id, std::string_view plain);        // bytes, no dollars in it
  void unset(NameId id) { own_.erase(id); }
  const Text* find(NameId id) const;                  // innermost first, then Config::macros
  const Config& config() const { return *config_; }

 private:
  const Config* config_;
  const MacroScope* outer_;
  std::unordered_map<NameId, Text> own_;
};

// Expands $x, $?x..$|..$. recursively (limit: sendmail's MAXMACRORECURSION 10); other metasymbols, $&x among them, pass through.
Text expand(const Text& in, const MacroScope& scope);
// The same, flattened to bytes: $&x is expanded too, metasymbols become what sendmail would print.
std::string expand_to_string(const Text& in, const MacroScope& scope);
// What one macro stands for; "": it is not set.
std::string macro_value(const MacroScope& scope, NameId id);
// Metasymbols printed as typed ("$*", "$={w}", "$1"): -bt's =S listing, traces, explain.
std::string to_display(const Text& in, const NameTable& names);
// Translates what was typed ("$x", "$&{name}", "$$", "$*"): sendmail's translate_dollars. `$@` becomes kCanonHost; only the
// rule reader, which knows it is on a left side, makes kMatchZero of it. Complaints about names go to `errors` where given.
Text translate_dollars(std::string_view in, NameTable& names, std::vector<std::string>* errors = nullptr);
// A line of a file that is no sendmail.cf and has macros (ErrorHeader's): a comment and blanks at its end are left out.
Text translate_line(std::string_view line, NameTable& names);

}  // namespace hky::cf
