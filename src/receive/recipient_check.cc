#include "receive/recipient_check.h"

#include "base/strings.h"

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

net::Task<RecipientFound> RecipientCheck::look(rewrite::Context& ctx, const Settings& settings, route::Address address) {
  constexpr int kMaxMoves = 10;  // ruleset 5 may name another local user
  RecipientFound found;
  for (int move = 0; move < kMaxMoves; ++move) {
    const cf::Mailer* mailer = address.mailer;
    if (mailer == nullptr) co_return found;
    std::string user = rewrite::strip_quotes(address.user);
    found.user = user;
    bool aliases = mailer->flag('A') && !address.no_rule5;
    if (aliases) {
      std::string key = lower(user);
      maps::MapAnswer a = co_await settings.maps->lookup_verbatim(loop_, settings.alias_map, std::move(key));
      if (a.status == maps::Status::kTempFail) found.kind = RecipientFound::Kind::kTempFail;
      if (a.status == maps::Status::kOk) {
        found.kind = RecipientFound::Kind::kAlias;
        found.alias_value = a.value;
      }
      if (a.status == maps::Status::kOk || a.status == maps::Status::kTempFail) co_return found;
    }
    if (!mailer->flag('w')) co_return found;
    // sendmail: M_TRYRULESET5: ruleset 5 sees the user before passwd does.
    if (mailer->flag('5') && !address.no_rule5) {
      rewrite::PrescanResult in = rewrite::prescan(address.user, '\0', ctx.config, rewrite::TokenTable::kExternal);
      rewrite::Outcome out = co_await rewrite::evaluate(ctx, "5", std::move(in.tokens));
      bool moved = out.tokens.size() > 1 && out.tokens[0].size() == 1 && out.tokens[0][0] == cf::kCanonNet;
      if (moved) {
        size_t at = 2;
        while (at < out.tokens.size() && !(out.tokens[at].size() == 1 && out.tokens[at][0] == cf::kCanonUser)) ++at;
        rewrite::Tokens rest(out.tokens.begin() + static_cast<std::ptrdiff_t>(std::min(at + 1, out.tokens.size())), out.tokens.end());
        std::string next = rewrite::cataddr(rest, ctx.config);
        const cf::Mailer* to = ctx.config.find_mailer(rewrite::to_bytes(out.tokens[1]));
        if (to != nullptr && (to != mailer || next != address.user)) {
          address.mailer = to;
          address.user = next;
          continue;
        }
      }
    }
    ipc::User who = co_await user_named(user, ctx.config.options.match_gecos);
    found.kind = who.temp_fail ? RecipientFound::Kind::kTempFail : who.found ? RecipientFound::Kind::kUser : RecipientFound::Kind::kUnknown;
    found.full_name = who.full_name;
    co_return found;
  }
  co_return found;
}

}  // namespace hky::receive
