// What one local recipient becomes: aliases, ruleset 5, the user's existence.
// sendmail: alias.c alias(), recipient.c "Alias the name and handle special mailer types", parseaddr.c maplocaluser().
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "base/sysexits.h"
#include "route/aliases.h"
#include "route/recipients_impl.h"
#include "route/user_database.h"

namespace hky::route {

namespace {

constexpr int kMaxFuzzy = 3;  // sendmail: findusercount

bool quoted(const std::string& user) { return user.find('\\') != std::string::npos; }

}  // namespace

net::Task<> Expansion::resolve(int i, int level) {
  const cf::Mailer* m = at(i).address.mailer;
  if (m == nullptr) co_return;
  if (m->name == "*include*") {
    co_await include_list(i, level);
    co_return;
  }
  if (!quoted(at(i).address.user) && m->flag('A') && !l_.options_.no_alias) co_await alias(i, level);
  if (at(i).state == RcptState::kOk && !quoted(at(i).address.user) && m->flag('@')) co_await user_database(i, level);
  if (at(i).state == RcptState::kOk && m->flag('5') && !at(i).address.no_rule5) co_await rule5(i, level);
  if (at(i).state == RcptState::kOk && m->flag('w')) co_await local_user(i, level);
}

net::Task<> Expansion::alias(int i, int level) {
  std::string name = at(i).address.user;
  AliasAnswer answer = co_await lookup_alias(ctx_, name);
  if (answer.temp_fail) wait_for(i, "alias database");
  if (!answer.found) co_return;
  if (ctx_.reasons != nullptr) {
    AliasExpanded reason{at(i).address.paddr, answer.value, ""};
    ctx_.reasons->add(std::move(reason));
  }
  if (l_.options_.verify_only) {
    at(i).state = RcptState::kVerified;
    co_return;
  }
  message(at(i).address.paddr, "aliased to " + shorten(answer.value, kMaxShort));
  std::string value = answer.value;
  co_await stand_for(i, level, std::move(value));

  std::string owner_name = "owner-" + name;
  AliasAnswer owner = co_await lookup_alias(ctx_, owner_name);
  if (!owner.found) co_return;
  // sendmail: a simple owner becomes the sender itself, any other is named by its alias
  const bool plain = owner.value.find_first_of(",:/|\"") == std::string::npos;
  belongs_to(i, plain ? owner.value : owner_name);
}

// sendmail: M_CHECKUDB, F=@
net::Task<> Expansion::user_database(int i, int level) {
  std::string name = at(i).address.user;
  AliasAnswer drop = co_await mail_drop_of(ctx_, name);
  if (drop.temp_fail) wait_for(i, "user database");
  if (!drop.found) co_return;
  if (l_.options_.verify_only) {
    at(i).state = RcptState::kVerified;
    co_return;
  }
  message(at(i).address.paddr, "expanded to " + shorten(drop.value, kMaxShort));
  co_await stand_for(i, level, std::move(drop.value));
  AliasAnswer owner = co_await mail_sender_of(ctx_, std::move(name));
  if (owner.found) belongs_to(i, owner.value);
}

void Expansion::belongs_to(int i, std::string owner) {
  at(i).owner = std::move(owner);
  l_.transcript_.push_back("Message delivered to mailing list " + at(i).address.paddr);
}

void Expansion::wait_for(int i, const char* database) {
  at(i).state = RcptState::kQueueUp;
  at(i).status = "4.3.0";
  at(i).error = fmt::format("451 4.3.0 {} unavailable", database);
}

net::Task<> Expansion::stand_for(int i, int level, std::string value) {
  at(i).self_reference = false;
  at(i).state = RcptState::kExpanded;
  // sendmail: what comes out of an alias runs as the default user
  at(i).uid = ctx_.config.options.default_user.uid;
  at(i).gid = 0;
  RecipientList::Dsn dsn;
  co_await send_list(std::move(value), i, level + 1, std::move(dsn));
  if (at(i).self_reference && at(i).state == RcptState::kExpanded) at(i).state = RcptState::kOk;
}

net::Task<> Expansion::rule5(int i, int level) {
  rewrite::PrescanResult scanned = rewrite::prescan(at(i).address.user, '\0', ctx_.config, rewrite::TokenTable::kExternal);
  if (scanned.tokens.empty()) co_return;
  ctx_.scope.set('h', at(i).address.host);
  ctx_.scope.set('u', at(i).address.user);
  ctx_.scope.set('z', at(i).home);
  ctx_.scope.set(cf::kN_addr_type, "e r");
  rewrite::Outcome out = co_await rewrite::evaluate(ctx_, "5", std::move(scanned.tokens));
  if (out.status == rewrite::RewriteStatus::kTempFail) {
    at(i).state = RcptState::kQueueUp;
    at(i).status = "4.4.3";
    at(i).error = "451 4.4.3 Transient parse error";
    co_return;
  }
  const rewrite::Token call(1, cf::kCanonNet);
  if (out.tokens.empty() || out.tokens[0] != call) co_return;
  Recipient next;
  next.address.paddr = at(i).address.paddr;
  co_await build_address(ctx_, next.address, std::move(out.tokens));
  for (const std::string& said : next.address.messages) complain(next.address.paddr, said);
  if (next.address.error_exit != 0) {
    hard_exit(next.address.error_exit);
    next.state = next.address.temp_fail ? RcptState::kQueueUp : RcptState::kBad;
    next.status = next.address.status;
    next.error = next.address.error_text;
    if (!l_.said_.empty() && !l_.said_.back().verbose) next.error = l_.said_.back().coded;
  }
  next.primary = at(i).primary;   // sendmail: maplocaluser(): Q_COPYFLAGS
  next.notify = at(i).notify;
  next.orcpt = at(i).orcpt;
  if (same(at(i), next)) co_return;
  next.parent = i;
  at(i).state = RcptState::kExpanded;
  l_.all_.push_back(std::move(next));
  const int made = static_cast<int>(l_.all_.size()) - 1;
  co_await recipient(made, level + 1);
}

net::Task<> Expansion::local_user(int i, int level) {
  std::string name = rewrite::strip_quotes(at(i).address.user);
  const bool was_quoted = quoted(at(i).address.user);
  ipc::LookupUser question;
  question.name = name;
  question.match_gecos = ctx_.config.options.match_gecos;
  ipc::User user = co_await l_.agent_.lookup_user(ctx_.loop, std::move(question));
  if (user.temp_fail) {
    at(i).state = RcptState::kQueueUp;
    at(i).status = "4.3.0";
    complain(at(i).address.paddr, "451 4.3.0 Temporary failure: user database unavailable");
    at(i).error = l_.said_.back().coded;
    hard_exit(EX_TEMPFAIL);
    co_return;
  }
  if (!user.found) {
    refuse(i, "5.1.1", "User unknown");
    hard_exit(EX_NOUSER);
    co_return;
  }
  if (!user.name.empty() && user.name != name) {  // found by its full name (MatchGECOS)
    at(i).address.user = user.name;
    if (++fuzzy_ > kMaxFuzzy) {
      refuse(i, "5.4.6", fmt::format("aliasing/forwarding loop for {} broken", user.name));
      co_return;
    }
    co_await resolve(i, level);
    co_return;
  }
  Recipient& r = at(i);
  r.controlling_user = user.name.empty() ? name : user.name;
  r.answered_for = true;
  r.uid = r.address.uid = user.uid;
  r.gid = r.address.gid = user.gid;
  r.home = r.address.home = user.home;
  r.address.full_name = user.full_name;
  r.shell_user = r.controlling_user;
  r.bogus_shell = !l_.shell_allows(user);
  if (!was_quoted && !l_.options_.no_forward) co_await forward(i, level);
}

}  // namespace hky::route
