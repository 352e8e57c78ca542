// VRFY, EXPN, ETRN (sendmail: srvrsmtp.c CMDVRFY, CMDEXPN, CMDETRN; RFC 5321 3.5, RFC 1985).
#include <fmt/format.h>

#include "base/strings.h"
#include "proto/mail/address_list.h"
#include "receive/session.h"
#include "receive/transaction.h"

namespace hky::receive {
namespace {

// The recipient's domain, for ETRN: the part behind the last '@'.
std::string domain_of(const queue::Rcpt& r) {
  std::string address = without_brackets(r.address);
  size_t at = address.rfind('@');
  return at == std::string::npos ? std::string() : lower(address.substr(at + 1));
}

}  // namespace

net::Task<> Session::on_vrfy(std::string arg) {
  uint32_t privacy = options().privacy_options;
  if ((privacy & cf::kPrivNoVrfy) != 0) {
    answer(252, "2.5.2", "Cannot VRFY user; try RCPT to attempt delivery (or try finger)");
    co_return;
  }
  if (!got_helo_ && (privacy & cf::kPrivNeedVrfyHelo) != 0) {
    answer(503, "5.0.0", "I demand that you introduce yourself first");
    co_return;
  }
  if (arg.empty()) {
    answer(501, "5.5.2", "Argument required");
    co_return;
  }
  Transaction& t = transaction();
  policy::Verdict v = co_await policy::rs_check(t.ctx, "check_vrfy", policy::one_argument(arg));
  if (!v.accept) {
    answer_refusal(std::move(v.reply), "check_vrfy", arg, true);
    co_return;
  }
  route::Address a = co_await route::parse_address(t.ctx, arg, route::Role::kEnvelopeRcpt);
  if (!a.messages.empty() || a.mailer == nullptr) {
    answer_refusal(a.messages.empty() ? smtp::Reply(550, "5.1.1", "User unknown") : policy::reply_of_line(a.messages.front()), "", arg, true);
    co_return;
  }
  RecipientFound found = co_await shared_.recipients.look(t.ctx, *settings_, a);
  std::string shown = without_brackets(arg);
  switch (found.kind) {
    case RecipientFound::Kind::kUnknown: answer_refusal(smtp::Reply(550, "5.1.1", "User unknown"), "", arg, true); break;
    case RecipientFound::Kind::kRemote: answer(252, "2.1.5", fmt::format("<{}>", shown)); break;
    case RecipientFound::Kind::kUser:
      answer(250, "2.1.5", fmt::format("{}{}<{}@{}>", found.full_name, found.full_name.empty() ? "" : " ", found.user, host()));
      break;
    default: answer(250, "2.1.5", fmt::format("<{}@{}>", found.user, host())); break;
  }
}

net::Task<> Session::on_expn(std::string arg) {
  uint32_t privacy = options().privacy_options;
  if ((privacy & cf::kPrivNoExpn) != 0) {
    log(5, "", fmt::format("{}: EXPN {} [rejected]", client_.shown, arg));
    answer(502, "5.7.0", "Sorry, we do not allow this operation");
    co_return;
  }
  if (!got_helo_ && (privacy & cf::kPrivNeedExpnHelo) != 0) {
    answer(503, "5.0.0", "I demand that you introduce yourself first");
    co_return;
  }
  if (arg.empty()) {
    answer(501, "5.5.2", "Argument required");
    co_return;
  }
  Transaction& t = transaction();
  policy::Verdict v = co_await policy::rs_check(t.ctx, "check_expn", policy::one_argument(arg));
  if (!v.accept) {
    answer_refusal(std::move(v.reply), "check_expn", arg, true);
    co_return;
  }
  route::Address a = co_await route::parse_address(t.ctx, arg, route::Role::kEnvelopeRcpt);
  if (!a.messages.empty() || a.mailer == nullptr) {
    answer_refusal(a.messages.empty() ? smtp::Reply(550, "5.1.1", "User unknown") : policy::reply_of_line(a.messages.front()), "", arg, true);
    co_return;
  }
  RecipientFound found = co_await shared_.recipients.look(t.ctx, *settings_, a);
  if (found.kind == RecipientFound::Kind::kUnknown) {
    answer_refusal(smtp::Reply(550, "5.1.1", "User unknown"), "", arg, true);
    co_return;
  }
  smtp::Reply r(250, "2.1.5", "");
  r.lines.clear();
  if (found.kind != RecipientFound::Kind::kAlias) {
    std::string name = found.kind == RecipientFound::Kind::kUser ? fmt::format("{}@{}", found.user, host()) : without_brackets(arg);
    r.lines.push_back(fmt::format("{}{}<{}>", found.full_name, found.full_name.empty() ? "" : " ", name));
  }
  std::vector<std::string_view> members = mail::split_addresses(found.alias_value);
  for (std::string_view member : members) {
    route::Address one = co_await route::parse_address(t.ctx, std::string(member), route::Role::kEnvelopeRcpt);
    RecipientFound who = co_await shared_.recipients.look(t.ctx, *settings_, one);
    std::string name = who.kind == RecipientFound::Kind::kRemote ? std::string(member) : fmt::format("{}@{}", member, host());
    r.lines.push_back(fmt::format("{}{}<{}>", who.full_name, who.full_name.empty() ? "" : " ", name));
  }
  if (r.lines.empty()) r.lines.push_back(fmt::format("<{}>", without_brackets(arg)));
  core_->answer(r);
}

net::Task<> Session::on_etrn(std::string arg) {
  if ((options().privacy_options & cf::kPrivNoEtrn) != 0 || daemon_.flags.find('E') != std::string::npos) {
    answer(502, "5.7.0", "Sorry, we do not allow this operation");
    co_return;
  }
  if (arg.empty()) {
    answer(500, "5.5.2", "Parameter required");
    co_return;
  }
  Transaction& t = transaction();
  policy::Verdict v = co_await policy::rs_check(t.ctx, "check_etrn", policy::one_argument(arg));
  if (!v.accept) {
    answer_refusal(std::move(v.reply), "check_etrn", arg, false);
    co_return;
  }
  std::string wanted = lower(arg);
  if (wanted[0] == '#') {  // a queue group
    std::string group = arg.substr(1);
    bool known = false;
    for (const cf::QueueGroup& g : settings_->config->queue_groups) known = known || iequals(g.name, group);
    if (!known) {
      answer(459, "4.5.4", fmt::format("Queue {} unknown", group));
      co_return;
    }
    services_.queue.flush([group](const queue::Envelope& e) { return iequals(e.queue_group, group); });
    answer(250, "2.0.0", fmt::format("Queuing for queue group {} started", group));
    co_return;
  }
  bool below = wanted[0] == '@';
  std::string domain = below ? wanted.substr(1) : wanted;
  services_.queue.flush([domain, below](const queue::Envelope& e) {
    for (const queue::Rcpt& r : e.rcpts) {
      std::string d = domain_of(r);
      if (d == domain || (below && d.size() > domain.size() && d.ends_with("." + domain))) return true;
    }
    return false;
  });
  log(5, "", fmt::format("{}: ETRN {}", client_.shown, arg));
  answer(250, "2.0.0", fmt::format("Queuing for node {} started", arg));
}

}  // namespace hky::receive
