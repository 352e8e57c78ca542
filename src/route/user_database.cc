#include "route/user_database.h"

namespace hky::route {
namespace {

net::Task<AliasAnswer> look_up(rewrite::Context& ctx, const char* field, std::string user) {
  std::string map = std::string("userdb.") + field;
  AliasAnswer out = co_await look_up_list(ctx, std::move(map), std::move(user));
  co_return out;
}

}  // namespace

net::Task<AliasAnswer> mail_drop_of(rewrite::Context& ctx, std::string user) { return look_up(ctx, "maildrop", std::move(user)); }

net::Task<AliasAnswer> mail_sender_of(rewrite::Context& ctx, std::string user) { return look_up(ctx, "mailsender", std::move(user)); }

net::Task<std::string> mail_name_of(rewrite::Context& ctx, const Address& sender) {
  if (sender.mailer == nullptr || !sender.mailer->flag('w')) co_return std::string();
  std::string user = sender.user;
  const AliasAnswer own = co_await look_up(ctx, "mailname", std::move(user));
  if (own.found) co_return own.value;
  // sendmail: udbmatch(): of whom the database says where his mail goes
  user = sender.user;
  const AliasAnswer drop = co_await mail_drop_of(ctx, std::move(user));
  if (!drop.found) co_return std::string();
  std::string everybody = ":default";
  const AliasAnswer all = co_await look_up(ctx, "mailname", std::move(everybody));
  co_return all.found ? sender.user + "@" + all.value : std::string();
}

}  // namespace hky::route
