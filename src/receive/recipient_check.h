// RecipientCheck: what a local recipient looks like at RCPT in background delivery: first level of aliases, then
// ruleset 5, then the user. (Full expansion belongs to delivery.) sendmail: recipient.c recipient(), alias.c, finduser().
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "receive/services.h"
#include "route/address.h"

namespace hky::receive {

struct RecipientFound {
  enum class Kind { kRemote, kAlias, kUser, kUnknown, kTempFail } kind = Kind::kRemote;
  std::string refusal;          // kUnknown: what a ruleset says of it, with codes (LUSER_RELAY=error:...); empty: nothing
  std::string host;             // of the triple that it comes to without aliases: ruleset 5's where that has something to say
  RecipientFound() = default;
};
// What RCPT answers of a kUnknown.
smtp::Reply unknown_reply(const RecipientFound& found);

// What the rulesets say against an address, or that there is none in it: it is nobody's then.
std::optional<smtp::Reply> complaint(const route::Address& a);

class RecipientCheck {
 public:
  RecipientCheck(net::Loop& loop, const Clock& clock, ipc::Agent& agent) : loop_(loop), clock_(clock), agent_(agent) {}
  net::Task<RecipientFound> look(rewrite::Context& ctx, const Settings& settings, route::Address address);
  // passwd's, kept for some seconds.
  net::Task<ipc::User> user_named(std::string name, bool match_gecos);

 private:
  static constexpr size_t kMaxKnown = 8192;
  static constexpr int64_t kKeepSeconds = 10;
  struct Known { ipc::User user; int64_t until = 0; };

  net::Loop& loop_;
  const Clock& clock_;
  ipc::Agent& agent_;
  std::unordered_map<std::string, Known> known_;
};

}  // namespace hky::receive
