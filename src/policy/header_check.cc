#include "policy/header_check.h"

#include <algorithm>

#include "base/strings.h"

namespace hky::policy {
namespace {

constexpr size_t kMaxName = 256;  // sendmail: MAXNAME

// sendmail: the value in quotes, white space as blanks, quotes escaped, cut at MAXNAME.
std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (char c : value) {
    if (out.size() >= kMaxName - 3) break;
    if (c >= '\t' && c <= '\r') c = ' ';
    if (c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

// sendmail: the ruleset sees what stands after the colon, its first blank included.
std::string after_colon(const mail::Field& field) {
  std::string_view text = field.raw.substr(std::min(field.raw.find(':'), field.raw.size() - 1) + 1);
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

HeaderChecks::HeaderChecks(const cf::Config& config) {
  for (const cf::HeaderRule& rule : config.headers) {
    const cf::HeaderRule* checked = rule.check_ruleset.empty() ? nullptr : &rule;
    if (rule.is_default) default_ = checked;
    else if (checked != nullptr || by_name_.count(lower(rule.name)) == 0) by_name_[lower(rule.name)] = checked;
  }
  bool any = default_ != nullptr;
  for (const auto& [name, rule] : by_name_) any = any || rule != nullptr;
  if (!any) by_name_.clear();
}

// sendmail: the default check applies to every field without a ruleset of its own.
const cf::HeaderRule* HeaderChecks::find(std::string_view field_name) const {
  auto it = by_name_.find(lower(field_name));
  if (it != by_name_.end() && it->second != nullptr) return it->second;
  return default_;
}

net::Task<Verdict> check_field(rewrite::Context& ctx, const cf::HeaderRule& rule, const mail::Field& field) {
  std::string value = after_colon(field);
  ctx.scope.set(cf::kN_currHeader, quoted(value));
  ctx.scope.set(cf::kN_hdr_name, field.name);
  ctx.scope.set(cf::kN_hdrlen, std::to_string(value.size()));
  CheckArgument kind = rule.check_strip_comments ? CheckArgument::kAddress : CheckArgument::kUnstructured;
  Verdict v = co_await rs_check(ctx, rule.check_ruleset, one_argument(value), kind);
  ctx.scope.unset(cf::kN_currHeader);
  ctx.scope.unset(cf::kN_hdr_name);
  ctx.scope.unset(cf::kN_hdrlen);
  co_return v;
}

}  // namespace hky::policy
