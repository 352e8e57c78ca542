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
#include "rewrite/tokens.h"

namespace hky::rewrite {

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
  // -d21.N: 2 values of $&x, 4 what a rule made of its words, 10 rules that fail, 12 each rule tried, 15 with its line.
  // Asked once, when a run starts.
  virtual int level() const { return 1; }
  // What sendmail says with syserr/usrerr/message while rewriting: "554 5.3.5 Infinite loop in ruleset x, rule 1".
  // In order with the lines. The default keeps it out of the trace.
  virtual void error(std::string text) { (void)text; }
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
  // Every error of this run, first to last, with its codes (the same texts TraceSink::error got).
  const std::vector<std::string>& errors() const;
  // Which map could not answer: "host map: lookup (x.example): deferred", the last one of this run; empty where none was asked in vain.
  const std::string& deferral() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hky::rewrite
