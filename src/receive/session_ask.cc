// VRFY, EXPN, ETRN (sendmail: srvrsmtp.c CMDVRFY, CMDEXPN, CMDETRN; RFC 5321 3.5, RFC 1985).
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "queue/groups.h"
#include "receive/session.h"
#include "receive/transaction.h"
#include "route/recipients.h"

namespace hky::receive {
namespace {

// The recipient's domain, for ETRN: the part behind the last '@'.
std::string domain_of(const queue::Rcpt& r) {
  std::string address = without_brackets(r.address);
  size_t at = address.rfind('@');
  return at == std::string::npos ? std::string() : lower(address.substr(at + 1));
}

// sendmail: printvrfyaddr().
std::string shown_for_vrfy(const route::Address& a, const std::string& full_name, const std::string& host) {
  const bool internet = a.mailer == nullptr || iequals(a.mailer->addr_type, "rfc822");
  const bool local = internet && a.user.find('@') == std::string::npos;
  return fmt::format("{}{}<{}{}{}>", full_name, full_name.empty() ? "" : " ", a.user, local ? "@" : "", local ? host : "");
}

}  // namespace

net::Task<> Session::on_vrfy(std::string arg) {
  uint32_t privacy = options().privacy_options;
  if ((privacy & cf::kPrivNoVrfy) != 0) {
    log(6, "", fmt::format("{}: VRFY {} [rejected]", client_.shown, arg));
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
  count_verdict(v);
  if (!v.accept) {
    answer_refusal(std::move(v.reply), "check_vrfy", arg, false);
    co_return;
  }
  co_await show_expansion(std::move(arg), true);
}

net::Task<> Session::on_expn(std::string arg) {
  uint32_t privacy = options().privacy_options;
  if (!features_.expn) {
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
  count_verdict(v);
  if (!v.accept) {
    answer_refusal(std::move(v.reply), "check_expn", arg, false);
    co_return;
  }
  co_await show_expansion(std::move(arg), false);
}

void Session::remark_on(const route::RecipientList& list) {
  if (!verbose_) return;
  for (const route::Said& said : list.said())
    if (said.verbose) core_->remark(said.text);
}

// sendmail: expanded as recipients are (VRFY: to the first level), and shown in the order of the send queue.
net::Task<> Session::show_expansion(std::string arg, bool verify) {
  Transaction& t = transaction();
  route::ExpandOptions how;
  how.verify_only = verify;
  how.old_style = options().old_style_headers;
  route::RecipientList list(t.ctx, services_.agent, std::move(how));
  co_await list.add(arg);
  looked_at_ += static_cast<size_t>(std::count_if(list.all().begin(), list.all().end(), [](const route::Recipient& r) { return r.parent < 0 && !complaint(r.address); }));
  remark_on(list);
  for (const route::Said& said : list.said()) {
    if (said.verbose) continue;
    answer_refusal(policy::reply_of_line(said.coded), "", arg, false);
    co_return;
  }
  smtp::Reply r(250, "2.1.5", "");
  r.lines.clear();
  for (const int i : list.order()) {
    const route::Recipient& rcpt = list.all()[static_cast<size_t>(i)];
    const bool shown = rcpt.state == route::RcptState::kOk || rcpt.state == route::RcptState::kQueueUp || rcpt.state == route::RcptState::kVerified;
    if (!shown) continue;
    r.lines.push_back(shown_for_vrfy(rcpt.address, rcpt.address.full_name, host()));
    if (verify) r.code = rcpt.address.mailer != nullptr && rcpt.address.mailer->flag('q') ? 250 : 252;   // RFC 5321 3.5.3
  }
  if (r.lines.empty()) answer(554, "5.5.2", verify ? "Nothing to VRFY" : "Nothing to EXPN");
  else core_->answer(r);
}

net::Task<> Session::on_etrn(std::string arg) {
  if (!features_.etrn) {
    answer(502, "5.7.0", "Sorry, we do not allow this operation");
    co_return;
  }
  if (arg.empty()) {
    answer(500, "5.5.2", "Parameter required");
    co_return;
  }
  Transaction& t = transaction();
  policy::Verdict v = co_await policy::rs_check(t.ctx, "check_etrn", policy::one_argument(arg));
  count_verdict(v);
  if (!v.accept) {
    answer_refusal(std::move(v.reply), "check_etrn", arg, false);
    co_return;
  }
  std::string wanted = lower(arg);
  if (wanted[0] == '#') {  // a queue group
    std::string group = arg.substr(1);
    const std::shared_ptr<const cf::Config> config = settings_->config;
    if (config->find_queue_group(group) == nullptr) {
      answer(459, "4.5.4", fmt::format("Queue {} unknown", group));
      co_return;
    }
    services_.queue.flush([&](const queue::Envelope& e) { return iequals(queue::group_of(*config, e).name, group); });
    answer(250, "2.0.0", fmt::format("Queuing for queue group {} started", group));
    co_return;
  }
  bool below = wanted[0] == '@';
  std::string domain = below ? wanted.substr(1) : wanted;
  const auto of_domain = [domain, below](const queue::Envelope& e) {
    for (const queue::Rcpt& r : e.rcpts) {
      std::string d = domain_of(r);
      if (d == domain || (below && d.size() > domain.size() && d.ends_with("." + domain))) return true;
    }
    return false;
  };
  services_.queue.flush(of_domain, true);
  log(5, "", fmt::format("{}: ETRN {}", client_.shown, arg));
  answer(250, "2.0.0", fmt::format("Queuing for node {} started", arg));
}

// What has no ruleset of its own: check_other sees the line and the reply's first digit. sendmail: smtp(), CMDNOOP, CMDVERB, CMDERROR.
net::Task<> Session::on_other(std::string line, smtp::Reply reply) {
  Transaction& t = transaction();
  cf::Text argument = policy::two_arguments(line, std::to_string(reply.code / 100));
  policy::Verdict v = co_await policy::rs_check(t.ctx, "check_other", std::move(argument), policy::CheckArgument::kUnstructured);
  count_verdict(v);
  if (v.accept) core_->answer(reply);
  else answer_refusal(std::move(v.reply), "check_other", line, false);
}

net::Task<> Session::on_verb(std::string line) {
  const bool hidden = !features_.shows();
  verbose_ = verbose_ || !hidden;
  smtp::Reply reply = hidden ? smtp::Reply(502, "5.7.0", "Verbose unavailable") : smtp::Reply(250, "2.0.0", "Verbose mode");
  co_await on_other(std::move(line), std::move(reply));
}

net::Task<> Session::on_unknown(smtp::event::Unknown unknown) {
  if (unknown.open_proxy) {
    answer(421, "4.7.0", fmt::format("{} Rejecting open proxy {}", host(), client_.shown));
    co_return;
  }
  std::string shown;
  for (char c : unknown.line)
    if (const char seven = static_cast<char>(c & 0x7f); seven != '\r' && seven != '\n') shown += seven;
  const char* what = unknown.named ? "Command not implemented" : "Command unrecognized";
  smtp::Reply reply(unknown.named ? 502 : 500, "5.5.1", fmt::format("{}: \"{}\"", what, route::shorten(shown, route::kMaxShort)));
  co_await on_other(std::move(unknown.line), std::move(reply));
}

}  // namespace hky::receive
