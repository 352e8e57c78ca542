// The rewriting machine: runs compiled rulesets over a token list, one step at a time, on an explicit frame stack.
// It owns no socket, clock, file or coroutine. Where a rule needs a map that cannot answer at once, run() returns the
// question and answer() resumes exactly there (never restarted: macro and syslog maps have effects).
// Who calls it: route, policy, receive, deliver through rewrite/evaluate.h; -bt likewise: the same code everywhere.
// sendmail: parseaddr.c rewrite(), callsubr(), map_lookup(); debug printout of -d21.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/reasons.h"
#include "cf/config.h"
#include "cf/expand.h"
#include "maps/map_set.h"

namespace hky::rewrite {

// A token: bytes, or one metasymbol ($#, $@, $:, $| ...) standing alone. Spelled as Text so that nothing is ambiguous.
using Token = cf::Text;
using Tokens = std::vector<Token>;

// The compiled rulesets of one Config; immutable, shared by all sessions that run on that Config.
class Program;
std::shared_ptr<const Program> compile(std::shared_ptr<const cf::Config> config, std::vector<cf::Diagnostic>& errors);

struct NeedLookup { std::string map; std::string key; std::vector<std::string> args; };

enum class RewriteStatus { kOk = 0, kTempFail = 75, kSoftware = 70, kConfig = 78, kDataErr = 65 };

// Where -bt's lines go ("canonify           input: ..."). Null costs one branch.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void line(std::string text) = 0;
};

class Machine {
 public:
  Machine(const Program& program, cf::MacroScope& scope, maps::MapSet& maps, TraceSink* trace, Reasons* reasons);
  ~Machine();
  void start(int ruleset_index, Tokens input);
  std::optional<NeedLookup> run();  // nullopt: finished
  void answer(maps::MapAnswer a);
  Tokens take_result();
  RewriteStatus status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// sendmail: prescan(). Splits an address into tokens by OperatorChars; quotes, comments, escapes as sendmail treats them.
struct PrescanResult { Tokens tokens; std::string error; size_t consumed = 0; };  // error: "553 5.1.3 ..." text or empty
PrescanResult prescan(std::string_view address, int delimiter, const cf::Config& config, bool no_strip_quotes = false, bool external = false);
// sendmail: cataddr(). Tokens back to a string, with SpaceSub between two words.
std::string cataddr(const Tokens& tokens, const cf::Config& config, char space_sub = '\0', bool external = false);
// The blank-separated form the trace prints.
std::string display(const Tokens& tokens, const cf::Config& config);

}  // namespace hky::rewrite
