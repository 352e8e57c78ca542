// One line a reason: see reasons.h.
#include "base/reasons.h"

#include <fmt/format.h>

namespace hky {
namespace {

struct Liner {
  std::string operator()(const RulesetEntered& r) const { return fmt::format("ruleset {} input: {}", r.name, r.input); }
  std::string operator()(const RulesetReturned& r) const {
    return fmt::format("ruleset {} returns: {}", r.name, r.output);
  }
  std::string operator()(const RuleFired& r) const {
    return fmt::format("rule {}:{} (ruleset {}) R{} {} matched: {} -> {}", r.file, r.line, r.ruleset, r.lhs, r.rhs,
                       r.before, r.after);
  }
  std::string operator()(const MapAnswered& r) const {
    if (!r.found) return fmt::format("map {}({}) not found{}{}", r.map, r.key, r.status.empty() ? "" : ": ", r.status);
    return fmt::format("map {}({}) = {}", r.map, r.key, r.value);
  }
  std::string operator()(const DnsAnswered& r) const {
    return fmt::format("dns {} {} = {}{}", r.type, r.name, r.answer, r.secure ? " (secure)" : "");
  }
  std::string operator()(const Verdict& r) const {
    return fmt::format("{}: {} {} {}", r.check, r.accept ? "accept" : "refuse", r.code, r.text);
  }
  std::string operator()(const AliasExpanded& r) const {
    return fmt::format("alias {} -> {}{}{}", r.from, r.to, r.file.empty() ? "" : " by ", r.file);
  }
  std::string operator()(const AddressResolved& r) const {
    return fmt::format("address {} resolved: mailer {}, host {}, user {}", r.address, r.mailer, r.host, r.user);
  }
  std::string operator()(const Remark& r) const { return r.text; }
};

}  // namespace

std::string to_line(const Reason& reason) { return std::visit(Liner{}, reason); }

}  // namespace hky
