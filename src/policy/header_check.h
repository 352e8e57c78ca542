// Header checks: "H...: $>Name" lines of sendmail.cf, and the default "H*: $>Name" for fields that have no line of their own.
// sendmail: headers.c chompheader(): {currHeader}, {hdr_name}, {hdrlen}, {addr_type} while the ruleset runs.
#pragma once

#include <string_view>
#include <unordered_map>

#include "policy/rs_check.h"
#include "proto/mail/message.h"

namespace hky::policy {

// Which field is checked by what. One a Config, built once.
class HeaderChecks {
 public:
  explicit HeaderChecks(const cf::Config& config);
  const cf::HeaderRule* find(std::string_view field_name) const;  // null: no check
  bool empty() const { return by_name_.empty() && default_ == nullptr; }

 private:
  std::unordered_map<std::string, const cf::HeaderRule*> by_name_;  // folded; null value: known, unchecked
  const cf::HeaderRule* default_ = nullptr;
};

net::Task<Verdict> check_field(rewrite::Context& ctx, const cf::HeaderRule& rule, const mail::Field& field);

}  // namespace hky::policy
