// evaluate: the driver of Machine for coroutines: feeds it answers from the running system's maps until it is done.
// sendmail: rscheck() for checks is policy's; this only rewrites.
#pragma once

#include "maps/map_set.h"
#include "net/loop.h"
#include "rewrite/machine.h"

namespace hky::rewrite {

// What every evaluation of one session or envelope shares.
struct Context {
  net::Loop& loop;
  std::shared_ptr<const Program> program;
  const cf::Config& config;
  maps::MapSet& maps;
  cf::MacroScope& scope;
  TraceSink* trace = nullptr;
  Reasons* reasons = nullptr;
};

struct Outcome {
  Tokens tokens;
  RewriteStatus status = RewriteStatus::kOk;
  std::vector<std::string> errors;  // as Machine::errors()
  std::string deferral;             // as Machine::deferral()
};

// ruleset: name or number; an absent ruleset returns the input unchanged (sendmail does the same for the standard ones).
net::Task<Outcome> evaluate(Context& ctx, std::string ruleset, Tokens input);

}  // namespace hky::rewrite
