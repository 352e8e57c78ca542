#include "route/user_database.h"

namespace hky::route {
namespace {

net::Task<AliasAnswer> look_up(rewrite::Context& ctx, std::string map, std::string key) {
  AliasAnswer out;
  if (ctx.maps.find(map) == nullptr) co_return out;
  maps::MapAnswer answer = co_await ctx.maps.lookup_verbatim(ctx.loop, std::move(map), std::move(key));
  out.found = answer.status == maps::Status::kOk;
  out.temp_fail = answer.status == maps::Status::kTempFail || answer.status == maps::Status::kUnavailable;
  if (out.found) out.value = std::move(answer.value);
  co_return out;
}

}  // namespace

net::Task<AliasAnswer> mail_drop_of(rewrite::Context& ctx, std::string user) {
  AliasAnswer out = co_await look_up(ctx, "userdb.maildrop", std::move(user));
  co_return out;
}

net::Task<AliasAnswer> mail_sender_of(rewrite::Context& ctx, std::string user) {
  AliasAnswer out = co_await look_up(ctx, "userdb.mailsender", std::move(user));
  co_return out;
}

net::Task<std::string> mail_name_of(rewrite::Context& ctx, const Address& sender) {
  if (sender.mailer == nullptr || !sender.mailer->flag('w')) co_return std::string();
  std::string user = sender.user;
  const AliasAnswer own = co_await look_up(ctx, "userdb.mailname", std::move(user));
  if (own.found) co_return own.value;
  const AliasAnswer all = co_await look_up(ctx, "userdb.mailname", ":default");
  co_return all.found ? sender.user + "@" + all.value : std::string();
}

}  // namespace hky::route
