// The coroutine driver of Machine; see evaluate.h.
#include "rewrite/evaluate.h"

#include <fmt/format.h>

#include "rewrite/program.h"

namespace hky::rewrite {

net::Task<Outcome> evaluate(Context& ctx, std::string ruleset, Tokens input) {
  Outcome outcome;
  int index = ctx.program->find_ruleset(ruleset);
  if (index < 0) {
    // sendmail: rewrite() of a number without rules changes nothing, and says so
    if (index == kEmptyRuleset && ctx.trace != nullptr) {
      std::string words = display(input, ctx.config);
      if (!words.empty()) words.insert(0, 1, ' ');
      ctx.trace->line(fmt::format("{:<16.16}   input:{}", ruleset, words));
      ctx.trace->line(fmt::format("{:<16.16} returns:{}", ruleset, words));
    }
    outcome.tokens = std::move(input);
    co_return std::move(outcome);
  }
  Machine machine(*ctx.program, ctx.scope, ctx.maps, ctx.trace, ctx.reasons);
  machine.start(index, std::move(input));
  for (;;) {
    std::optional<NeedLookup> need = machine.run();
    if (!need.has_value()) break;
    maps::MapAnswer answer = co_await ctx.maps.lookup(ctx.loop, std::move(need->map), std::move(need->key), std::move(need->args));
    machine.answer(std::move(answer));
  }
  outcome.tokens = machine.take_result();
  outcome.status = machine.status();
  outcome.errors = machine.errors();
  outcome.deferral = machine.deferral();
  co_return std::move(outcome);
}

}  // namespace hky::rewrite
