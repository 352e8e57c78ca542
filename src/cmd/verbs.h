// The table of everything the one binary can be: sendmail's names (argv[0] or first word) and hikyaku's own verbs.
// To add a verb: write `int verb_NAME(const Invocation&)` in verb_NAME.cc and add one line to verbs.def.
// Who calls it: hikyaku_main.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hky::cmd {

// How the program was called: name is the personality or verb, args is what follows it (argv[0] and a verb word removed).
struct Invocation {
  std::string name;
  std::string program;             // argv[0] as given
  std::vector<std::string> args;
  std::string root;                // --root DIR, without a trailing slash; empty: the real root
  bool confined = true;            // false: `hikyaku serve --unconfined`
  bool receives = true;            // false: `hikyaku serve --no-smtp`
};

using VerbFunction = int (*)(const Invocation&);

struct Verb {
  std::string_view name;
  VerbFunction run;
  std::string_view summary;        // one line of `hikyaku help`
  bool personality;                // also reached through argv[0]
};

std::span<const Verb> verbs();
const Verb* find_verb(std::string_view name);

// Takes argv apart: personality by argv[0]'s last component, else verb by the first word; --root DIR and --root=DIR may
// stand before the verb or anywhere among the words of hikyaku's own verbs. A personality never looks for --root in
// argv[0] form (sendmail's getopt rules there), except as its first argument.
// name is empty when no verb was given; unknown words are left in name for the caller to refuse.
Invocation dissect(int argc, char** argv);

// root + path, for every path that a command touches.
std::string rooted(const Invocation& call, std::string_view path);

#define HKY_VERB(word, function, kind, summary) int function(const Invocation& call);
#include "cmd/verbs.def"
#undef HKY_VERB

}  // namespace hky::cmd
