// MAIL and RCPT: addresses through the rulesets, parameters, checks, recipients (sendmail: srvrsmtp.c CMDMAIL, CMDRCPT).
#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "base/strings.h"
#include "receive/disk_space.h"
#include "receive/session.h"
#include "receive/transaction.h"
#include "route/recipients.h"
#include "route/user_database.h"

namespace hky::receive {
namespace {

smtp::ParamRules rules_of(const cf::Options& o, const Features& f) {
  smtp::ParamRules r;
  r.dsn = f.dsn && o.send_mime_errors;
  r.deliver_by = o.deliver_by_min.count() >= 0;
  return r;
}

// sendmail: setsender(): $f is the sender after rulesets 3, 1 and 4.
net::Task<std::string> envelope_sender(rewrite::Context& ctx, std::string address) {
  rewrite::PrescanResult in = rewrite::prescan(address, '\0', ctx.config, rewrite::TokenTable::kExternal);
  rewrite::Outcome out = co_await rewrite::evaluate(ctx, "3", std::move(in.tokens));
  out = co_await rewrite::evaluate(ctx, "1", std::move(out.tokens));
  out = co_await rewrite::evaluate(ctx, "4", std::move(out.tokens));
  co_return rewrite::cataddr(out.tokens, ctx.config);
}

}  // namespace

net::Task<> Session::on_mail(smtp::event::Mail mail) {
  if (!got_helo_ && (options().privacy_options & cf::kPrivNeedMailHelo) != 0) {
    answer(503, "5.0.0", "Polite people say HELO first");
    co_return;
  }
  if (features_.auth_needed && auth_type_.empty()) {   // RFC 4954 6
    answer(530, "5.7.0", "Authentication required");
    co_return;
  }
  if (mail.fault) {
    core_->answer(*mail.fault);
    co_return;
  }
  drop_transaction();
  if (!got_helo_) ++rude_mails_;
  bad_rcpts_ = 0;
  Transaction& t = transaction();
  t.envelope.id = services_.queue.new_id();
  t.scope.set('i', t.envelope.id);
  t.scope.set(cf::kN_nbadrcpts, "0");
  t.scope.set(cf::kN_mail_from, mail.address);
  t.scope.set(cf::kN_addr_type, "e s");
  t.sender_shown = mail.address;
  route::NamedSender named = co_await route::named_sender(t.ctx, mail.address);
  const route::Address from = std::move(named.address);
  if (std::optional<smtp::Reply> bad = complaint(from)) {
    answer_refusal(std::move(*bad), "", mail.address, true);
    co_return;
  }
  if (std::optional<smtp::Reply> bad = smtp::parse_mail_params(mail.params, rules_of(options(), features_), t.params)) {
    core_->answer(*bad);
    co_return;
  }
  if (from.mailer != nullptr) t.sender_mailer = from.mailer->index;
  std::string sender = co_await envelope_sender(t.ctx, mail.address);
  if (sender == "<>") sender.clear();
  t.envelope.sender = sender;
  if (!sender.empty()) t.author = co_await route::mail_name_of(t.ctx, from);   // sendmail: setsender(): udbsender()
  t.scope.set('f', t.author.empty() ? sender : t.author);   // sendmail: nothing for <>, which rulesets write as <$&f>; $g comes with the header
  // sendmail: setsender(): $x is a local sender's full name
  if (from.mailer != nullptr && from.mailer->flag('l')) {
    const ipc::User who = co_await shared_.recipients.user_named(from.user, false);
    if (who.found && !who.full_name.empty()) t.scope.set('x', who.full_name);
  }
  co_await take_author(t);
  t.scope.set(cf::kN_mail_mailer, from.mailer_name());
  t.scope.set(cf::kN_mail_host, from.host);
  t.scope.set(cf::kN_mail_addr, from.user);
  if (t.params.size) t.scope.set(cf::kN_msg_size, std::to_string(*t.params.size));
  if (t.params.envid && !t.params.envid->empty()) t.scope.set(cf::kN_dsn_envid, *t.params.envid);
  if (!t.params.ret.empty()) t.scope.set(cf::kN_dsn_ret, t.params.ret);
  policy::Verdict v = co_await policy::rs_check(t.ctx, "check_mail", policy::one_argument(mail.address));
  count_verdict(v);
  if (!v.accept) {
    answer_refusal(std::move(v.reply), "check_mail", mail.address, true);
    co_return;
  }
  t.scope.unset(cf::kN_addr_type);
  t.discard = v.discard || discard_all_;
  t.envelope.quarantine_reason = v.quarantine.empty() ? quarantine_all_ : v.quarantine;
  long max = options().max_message_size;
  if (max > 0 && t.params.size && *t.params.size > static_cast<uint64_t>(max)) {
    answer(552, "5.2.3", fmt::format("Message size exceeds fixed maximum message size ({})", max));
    co_return;
  }
  // RFC 1870 6.1: a size the disk has no room for is refused for now.
  if (low_on_space(services_, options(), "NOQUEUE", client_.name, t.params.size.value_or(0))) {
    answer(452, "4.4.5", std::string(kNoSpace));
    co_return;
  }
  answer(250, "2.1.0", mail.address + "... Sender ok");
}

void Session::count_bad_rcpt() { transaction().scope.set(cf::kN_nbadrcpts, std::to_string(++bad_rcpts_)); }

net::Task<> Session::on_rcpt(smtp::event::Rcpt rcpt) {
  const bool goes_on = co_await bears_with_bad_rcpts();
  if (!goes_on) co_return;
  Transaction& t = transaction();
  long max = options().max_recipients_per_message;
  if (max > 0 && t.accepted >= static_cast<size_t>(max)) {
    count_bad_rcpt();
    answer(452, "4.5.3", "Too many recipients");
    co_return;
  }
  if (rcpt.fault) {
    count_bad_rcpt();
    core_->answer(*rcpt.fault);
    co_return;
  }
  t.scope.set(cf::kN_nrcpts, std::to_string(t.accepted));
  route::Address to = co_await route::parse_address(t.ctx, rcpt.address, route::Role::kEnvelopeRcpt);
  if (std::optional<smtp::Reply> bad = complaint(to)) {
    count_bad_rcpt();
    answer_refusal(std::move(*bad), "", rcpt.address, true);
    co_return;
  }
  co_await check_rcpt_of(t, rcpt, to);
}

net::Task<> Session::check_rcpt_of(Transaction& t, smtp::event::Rcpt& rcpt, route::Address& address) {
  smtp::RcptParams params;
  if (std::optional<smtp::Reply> bad = smtp::parse_rcpt_params(rcpt.params, rules_of(options(), features_), params)) {
    count_bad_rcpt();
    core_->answer(*bad);
    co_return;
  }
  t.scope.set(cf::kN_rcpt_mailer, address.mailer_name());
  t.scope.set(cf::kN_rcpt_host, address.host);
  t.scope.set(cf::kN_rcpt_addr, address.user);
  t.scope.set(cf::kN_addr_type, "e r");
  policy::Verdict v = co_await policy::rs_check(t.ctx, "check_rcpt", policy::one_argument(rcpt.address));
  count_verdict(v);
  t.scope.unset(cf::kN_addr_type);
  if (!v.accept) {
    count_bad_rcpt();
    answer_refusal(std::move(v.reply), "check_rcpt", rcpt.address, true);
    co_return;
  }
  t.discard = t.discard || v.discard;
  if (!v.quarantine.empty()) t.envelope.quarantine_reason = v.quarantine;
  ++looked_at_;
  bool queue_up = address.queue_up;
  std::string host = address.host;
  const size_t met = t.met.size();
  if (!t.discard) {
    std::optional<smtp::Reply> bad;
    if (delivery_mode() == 'i') bad = co_await expand_fully(t, rcpt.address, queue_up);
    else if (!queue_up) bad = co_await look_first(t, rcpt.address, address, queue_up, host);   // sendmail: recipient(): QS_QUEUEUP is not looked for
    if (bad) {
      count_bad_rcpt();
      answer_refusal(std::move(*bad), "", rcpt.address, false);
      co_return;
    }
  }
  std::string shown = rcpt.address;
  if (add_rcpt(t, params, address, shown, met)) t.hosts.push_back(std::move(host));
  ++t.accepted;
  answer(250, "2.1.5", fmt::format("{}... Recipient ok{}", shown, queue_up ? " (will queue)" : ""));
}

// Background delivery: only the first level is looked at while the client waits.
net::Task<std::optional<smtp::Reply>> Session::look_first(Transaction& t, std::string shown, route::Address address, bool& queue_up, std::string& host) {
  std::optional<smtp::Reply> bad;
  RecipientFound found = co_await shared_.recipients.look(t.ctx, *settings_, std::move(address));
  host = std::move(found.host);
  t.look_up = t.look_up || found.kind != RecipientFound::Kind::kRemote;
  if (found.kind == RecipientFound::Kind::kUnknown) bad = policy::with_address(unknown_reply(found), shown);
  queue_up = queue_up || found.kind == RecipientFound::Kind::kTempFail;
  co_return bad;
}

// Interactive delivery: aliases are followed to their ends, and what is wrong there is the answer.
net::Task<std::optional<smtp::Reply>> Session::expand_fully(Transaction& t, std::string address, bool& queue_up) {
  std::optional<smtp::Reply> bad;
  std::vector<Transaction::Met> found;
  route::RecipientList list(t.ctx, services_.agent);
  co_await list.add_one(std::move(address));
  remark_on(list);
  for (const route::Said& said : list.said()) {
    if (said.verbose) continue;
    bad = policy::reply_of_line(said.coded);
    break;
  }
  for (const route::Recipient& r : list.all()) {
    queue_up = queue_up || r.state == route::RcptState::kQueueUp;
    if (r.parent < 0 || r.state == route::RcptState::kDuplicate || r.address.mailer == nullptr) continue;
    found.push_back(Transaction::Met{{r.address.mailer->name, r.address.host, r.address.user}, r.address.paddr});
  }
  if (!bad) std::move(found.begin(), found.end(), std::back_inserter(t.met));
  if (queue_up && bad && bad->code < 500) bad.reset();
  co_return bad;
}

// sendmail: recipient(): one that is there already is not added again; the reply names it as it was first given, or as an alias of
// the first `met` expansions called it.
bool Session::add_rcpt(Transaction& t, const smtp::RcptParams& params, const route::Address& address, std::string& shown, size_t met) {
  std::string_view mailer = address.mailer_name();
  Transaction::Key key{std::string(mailer), address.host, address.user};
  for (size_t i = 0; i < t.keys.size(); ++i) {
    if (t.keys[i].mailer != key.mailer || t.keys[i].host != key.host || t.keys[i].user != key.user) continue;
    shown = t.envelope.rcpts[i].address;
    return false;
  }
  for (size_t i = 0; i < met; ++i) {
    const Transaction::Met& m = t.met[i];
    if (m.key.mailer != key.mailer || m.key.host != key.host || m.key.user != key.user) continue;
    shown = m.shown;
    return false;
  }
  t.keys.push_back(std::move(key));
  queue::Rcpt r;
  r.address = shown;
  // What no alias, .forward or ruleset 5 changes goes out by the triple it has; the rest, and what maps could not tell yet, is expanded
  // by its delivery, and a queue run asks the rulesets anew.
  const bool waits = delivery_mode() == 'q' || delivery_mode() == 'd';
  const bool as_it_is = address.mailer != nullptr && !address.mailer->flag('A') && !address.mailer->flag('w') && !address.mailer->flag('5');
  if (!waits && as_it_is && !address.queue_up) {
    r.mailer = address.mailer->name;
    r.host = address.host;
    r.user = address.user;
  }
  r.queue_group = address.queue_group;
  r.orcpt = params.orcpt;
  r.notify = params.notify;
  t.envelope.rcpts.push_back(std::move(r));
  return true;
}

}  // namespace hky::receive
