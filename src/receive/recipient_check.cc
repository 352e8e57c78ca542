#include "receive/recipient_check.h"

#include "base/strings.h"
#include "policy/rs_check.h"
#include "route/user_database.h"

namespace hky::receive {

net::Task<ipc::User> RecipientCheck::user_named(std::string name, bool match_gecos) {
  int64_t now = unix_seconds(clock_.wall());
  auto it = known_.find(name);
  if (it != known_.end() && it->second.until > now) co_return it->second.user;
  ipc::LookupUser question;
  question.name = name;
  question.match_gecos = match_gecos;
  ipc::User user = co_await agent_.lookup_user(loop_, std::move(question));
  if (known_.size() >= kMaxKnown) known_.clear();
  if (!user.temp_fail) known_[name] = Known{user, now + kKeepSeconds};
  co_return user;
}

smtp::Reply unknown_reply(const RecipientFound& found) {
  return found.refusal.empty() ? smtp::Reply(550, "5.1.1", "User unknown") : policy::reply_of_line(found.refusal);
}

std::optional<smtp::Reply> complaint(const route::Address& a) {
  // Lines without a code are remarks of maps ("DNS failure: CNAME loop"): no refusal.
  for (const std::string& line : a.messages)
    if (!line.empty() && (line[0] == '4' || line[0] == '5')) return policy::reply_of_line(line);
  if (!a.error_text.empty()) return policy::reply_of_line(a.error_text);
  if (a.unparsable) return smtp::Reply(553, "5.1.0", "Invalid address");
  return std::nullopt;
}

net::Task<RecipientFound> RecipientCheck::look(rewrite::Context& ctx, const Settings& settings, route::Address address) {
  constexpr int kMaxMoves = 10;  // ruleset 5 may name another local user
  RecipientFound found;
  for (int move = 0; move < kMaxMoves; ++move) {
    const cf::Mailer* mailer = address.mailer;
    found.host = address.host;
    if (mailer == nullptr) co_return found;
    std::string user = rewrite::strip_quotes(address.user);
    bool aliases = mailer->flag('A') && !address.no_rule5;
    if (aliases) {
      std::string key = lower(user);
      maps::MapAnswer a = co_await settings.maps->lookup_verbatim(loop_, settings.alias_map, std::move(key));
      if (a.status == maps::Status::kTempFail) found.kind = RecipientFound::Kind::kTempFail;
      if (a.status == maps::Status::kOk) found.kind = RecipientFound::Kind::kAlias;
      if (a.status == maps::Status::kOk || a.status == maps::Status::kTempFail) co_return found;
    }
    if (mailer->flag('@') && !address.no_rule5) {
      const route::AliasAnswer drop = co_await route::mail_drop_of(ctx, user);
      if (drop.found || drop.temp_fail) found.kind = drop.found ? RecipientFound::Kind::kAlias : RecipientFound::Kind::kTempFail;
      if (drop.found || drop.temp_fail) co_return found;
    }
    // sendmail: M_TRYRULESET5: ruleset 5 sees the user before passwd does.
    if (mailer->flag('5') && !address.no_rule5) {
      rewrite::PrescanResult in = rewrite::prescan(address.user, '\0', ctx.config, rewrite::TokenTable::kExternal);
      rewrite::Outcome out = co_await rewrite::evaluate(ctx, "5", std::move(in.tokens));
      if (!out.tokens.empty() && out.tokens[0].size() == 1 && out.tokens[0][0] == cf::kCanonNet) {
        route::Address next;
        next.paddr = address.paddr;
        co_await route::build_address(ctx, next, std::move(out.tokens));
        if (next.is_error) {
          found.kind = next.temp_fail ? RecipientFound::Kind::kTempFail : RecipientFound::Kind::kUnknown;
          found.refusal = next.messages.empty() ? next.error_text : next.messages.front();
          co_return found;
        }
        if (next.mailer != nullptr && (next.mailer != mailer || next.user != address.user)) {
          address = std::move(next);
          continue;
        }
      }
    }
    if (!mailer->flag('w')) co_return found;
    ipc::User who = co_await user_named(user, ctx.config.options.match_gecos);
    found.kind = who.temp_fail ? RecipientFound::Kind::kTempFail : who.found ? RecipientFound::Kind::kUser : RecipientFound::Kind::kUnknown;
    co_return found;
  }
  co_return found;
}

}  // namespace hky::receive
