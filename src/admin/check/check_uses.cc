// What the configuration uses and nothing here obeys: flags, keys and words (admin/uses.def), options (admin/differences.def), mail filters.
// Each is told once, at its first line.
#include <fmt/format.h>

#include "admin/check/check.h"
#include "admin/uses.h"
#include "base/strings.h"

namespace hky::admin::check {
namespace {

void tell(const CfFile& cf, int line, const UseInfo& info, Findings& out) {
  if (!out.first(fmt::format("use {} {} {}", cf.path, static_cast<int>(info.use), info.name))) return;
  out.add(info.severity, "not-obeyed", cf.path, line, told(info), std::string(info.cure));
}

void option(const CfFile& cf, const CfLine& line, Findings& out) {
  std::string_view value;
  const OptionInfo* info = option_difference(option_of_line(line.rest, value));
  if (info == nullptr || !info->missing || !out.first(fmt::format("option {} {}", cf.path, info->why))) return;
  out.note("option-not-obeyed", cf.path, line.line, fmt::format("{}: {}", info->name, info->why), "Nothing has to be done; do not count on it.");
}

void filter(const CfFile& cf, const CfLine& line, Findings& out) {
  if (out.first("filter " + cf.path))
    out.warning("not-obeyed", cf.path, line.line, "mail filters (milters) are not called", "Filter behind this host, or before it, until they are.");
}

void uses(const CfFile& cf, Findings& out) {
  const UseInfo* ruleset = nullptr;   // that the R lines which follow belong to
  for (const CfLine& line : cf.lines) {
    for (const UseInfo* info : uses_to_tell(line.kind, line.rest)) {
      if (info->obeyed == Obeyed::kNo) tell(cf, line.line, *info, out);
    }
    if (line.kind == 'O') option(cf, line, out);
    else if (line.kind == 'X') filter(cf, line, out);
    else if (line.kind == 'S') ruleset = ruleset_not_obeyed(trim(std::string_view(line.rest).substr(0, line.rest.find('='))));
    else if (line.kind == 'R' && ruleset != nullptr) tell(cf, line.line, *ruleset, out);
  }
}

}  // namespace

void check_uses(const World& world, Findings& out) {
  uses(world.main, out);
  if (world.submit) uses(*world.submit, out);
}

}  // namespace hky::admin::check
