// DATA: collecting, the checks of a whole message, and the queue (sendmail: srvrsmtp.c smtp_data(), collect.c).
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/strings.h"
#include "queue/groups.h"
#include "queue/log_lines.h"
#include "receive/session.h"
#include "receive/transaction.h"

namespace hky::receive {
namespace {

constexpr size_t kMaxReserve = 1u << 20;

// A recipient that aliases, .forward or ruleset 5 may change.
bool to_be_expanded(const queue::Envelope& e) {
  return std::any_of(e.rcpts.begin(), e.rcpts.end(), [](const queue::Rcpt& r) { return r.mailer.empty(); });
}

queue::Envelope::Ret ret_of(std::string_view word) {
  if (word == "FULL") return queue::Envelope::Ret::kFull;
  if (word == "HDRS") return queue::Envelope::Ret::kHdrs;
  return queue::Envelope::Ret::kUnset;
}

}  // namespace

std::vector<size_t> Session::Transaction::by_host() const {
  std::vector<size_t> order(hosts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [this](size_t a, size_t b) { return lower(hosts[a]) < lower(hosts[b]); });
  return order;
}

net::Task<> Session::on_data() {
  Transaction& t = transaction();
  std::string count = std::to_string(t.envelope.rcpts.size());
  t.scope.set(cf::kN_nrcpts, count);
  policy::Verdict v = co_await policy::rs_check(t.ctx, "check_data", policy::one_argument(count), policy::CheckArgument::kUnstructured);
  count_verdict(v);
  if (!v.accept) {
    answer_refusal(std::move(v.reply), "check_data", count, false);
    co_return;
  }
  t.discard = t.discard || v.discard;
  if (t.params.size) t.body.reserve(std::min<size_t>(*t.params.size, kMaxReserve));
  core_->answer(smtp::Reply(354, "", "End data with <CR><LF>.<CR><LF>"));
}

net::Task<> Session::on_body(smtp::event::Body body) {
  Transaction& t = transaction();
  if (t.body.empty()) t.body = std::move(body.text);
  else t.body += body.text;
  if (body.end) co_await finish_message(t, body);
}

net::Task<> Session::finish_message(Transaction& t, smtp::event::Body& last) {
  queue::Envelope& e = t.envelope;
  const size_t looked_at = std::exchange(looked_at_, 0);
  // sendmail: collect(): counted before it is looked at
  if (services_.traffic != nullptr) services_.traffic->collected(t.sender_mailer, last.size);
  if (last.too_big) {
    answer(552, "5.2.3", fmt::format("Message exceeds maximum fixed size ({})", options().max_message_size));
    co_return;
  }
  Collected m;
  m.text = std::move(t.body);
  take_seven_bits(m.text, t.ctx.config, t.params.body);
  read_header(m, t.ctx.config);
  std::string rcpt = e.rcpts.empty() ? "" : e.rcpts.front().address;
  std::optional<smtp::Reply> bad = header_fault(m, t.ctx.config);
  // sendmail: the last fault is the answer
  if (const std::vector<smtp::Reply> faults = content_faults(m, t.ctx.config, t.params.body); !faults.empty()) bad = faults.back();
  if (bad) {
    log(4, e.id, fmt::format("from={}, relay={}, reject={} {} {}", t.sender_shown, client_.shown, bad->code, bad->enhanced, bad->lines[0]));
    core_->answer(*bad);
    co_return;
  }
  t.scope.set(cf::kN_msg_size, std::to_string(last.size));
  Checked checked = co_await check_message(t.ctx, *settings_, m);
  policy::Verdict v = std::move(checked.all);
  t.scope.set('g', t.author.empty() ? e.sender : t.author);   // sendmail: eatheader()
  if (v.accept && policy::has_check(t.ctx, "check_eom")) {
    bool discarded = v.discard;
    std::string quarantine = v.quarantine;
    v = co_await policy::rs_check(t.ctx, "check_eom", policy::one_argument(std::to_string(last.size)), policy::CheckArgument::kUnstructured);
    v.discard = v.discard || discarded;
    if (v.quarantine.empty()) v.quarantine = quarantine;
  }
  count_verdict(v);
  if (!v.accept) {
    answer_refusal(std::move(v.reply), "header", m.message_id, false);
    co_return;
  }
  t.discard = t.discard || v.discard;
  if (!v.quarantine.empty()) e.quarantine_reason = v.quarantine;
  if (!e.quarantine_reason.empty() && services_.traffic != nullptr) services_.traffic->quarantined(t.sender_mailer);
  // sendmail: $u is set where one address came as far as recipient().
  if (looked_at == 1 && !m.errors_to) t.scope.set('u', rcpt);
  else t.scope.unset('u');
  HeadStyle style;
  if (options().no_recipient_action == cf::NoRcptAction::kAddTo || options().no_recipient_action == cf::NoRcptAction::kAddApparentlyTo) {
    for (const size_t i : t.by_host()) style.recipients.push_back(t.envelope.rcpts[i].address);
  }
  style.add_missing = false;
  // sendmail: srvrsmtp.c: auth_warning(), for each MAIL of the envelope, which one that was refused does not end
  if (options().privacy(cf::kPrivAuthWarnings)) style.warnings.assign(std::exchange(rude_mails_, 0), fmt::format("{}: {} didn't use HELO protocol", host(), client_.shown));
  if (!m.full_name.empty()) t.scope.set('x', m.full_name);
  Whole whole = whole_message(m, t.scope, style);
  e.queued_size = whole.queued_size;
  e.hops = m.hops;
  for (queue::Rcpt& r : e.rcpts) ask_receipt(m, r.notify);
  if (m.labelled_8bit) t.params.body = "8BITMIME";
  t.mime = m.header.find("MIME-Version") != nullptr;
  t.hops_wait = hops_wait(m, t.ctx.config, delivery_mode(), t.look_up);
  e.msg_class = m.msg_class;
  e.urgency = m.urgency;
  e.size = m.text.size() - m.header.body_offset;
  e.priority = static_cast<long>(last.size) - e.msg_class * options().class_factor + static_cast<long>(e.rcpts.size()) * options().recipient_factor;
  e.collected_size = m.text.size();
  const std::string id = std::move(whole.message_id);
  m.text.clear();
  t.body = std::move(whole.text);
  if (services_.log.wants(5)) {
    log(5, e.id, fmt::format("from={}, size={}, class={}, nrcpts={}, msgid={},{} proto={},{} relay={}",
                             t.sender_shown, last.size, e.msg_class, e.rcpts.size(), id, t.params.body.empty() ? "" : " bodytype=" + t.params.body + ",",
                             esmtp_ ? (auth_type_.empty() ? "ESMTP" : "ESMTPA") : "SMTP", daemon_.name.empty() ? "" : " daemon=" + daemon_.name + ",", client_.shown));
  }
  co_await submit(t);
}

// What MAIL and the session say of the message.
void Session::fill_in(Transaction& t, queue::Envelope& e) {
  e.created = unix_seconds(services_.clock.wall());
  e.macros = macros_to_keep(t.scope);
  e.session_macros = values_of(t.scope, t.settings->header_macros);
  if (!t.author.empty()) queue::set_author(e, std::move(t.author));
  if (!e.sender.empty() && queue::sender_as_given(e, e.sender) != t.sender_shown) e.macros.emplace_back("mail_from", t.sender_shown);
  e.envid = t.params.envid;
  e.ret = ret_of(t.params.ret);
  e.body_type = t.params.body;
  // sendmail: collect(): what BODY=8BITMIME promised and is not there goes as BODY=7BIT
  if (e.body_type == "8BITMIME" && !mail::has_8bit(t.body)) e.body_type = "7BIT";
  e.auth_sender = t.params.auth;
  if (t.params.deliver_by_mode == 0) return;
  e.deliver_by = e.created + t.params.deliver_by;
  e.deliver_by_mode = t.params.deliver_by_mode;
  if (t.params.deliver_by_trace) queue::trace_deliver_by(e);
}

// At once, or by a queue run; as it came, or as sendmail reads its queue file anew.
void Session::set_course(const Transaction& t, queue::Envelope& e) {
  const cf::Options& o = options();
  // sendmail: sendall(): too many hops are not waited with
  const bool loaded = services_.load != nullptr && policy::queue_at(o, daemon_.queue_la).waits(services_.load->now(), e.priority);
  const bool by_queue_run = delivery_mode() == 'q' || delivery_mode() == 'd', loops = e.hops + 1 > o.max_hop_count;
  const bool waits = (loaded || by_queue_run) && !loops;
  if (waits || t.hops_wait) {
    e.next_try = queue::kOnlyByQueueRun;
    e.collected_size = e.queued_size;   // a queue run reads it anew
  }
  // sendmail: smtp_data(): doublequeue: what is still to be expanded goes the way of a queue run, whole; a queue file has the send queue's order
  if (delivery_mode() == 'i' || !to_be_expanded(e)) return;
  if (!by_queue_run || !loops) {
    e.collected_size = e.queued_size;
    if (!waits && t.mime && mail::has_8bit(t.body)) e.body_type = "8BITMIME";   // sendmail: eatheader(), as readqf() calls it: HasEightBits
  }
  std::vector<queue::Rcpt> sorted;
  for (const size_t i : t.by_host()) sorted.push_back(std::move(e.rcpts[i]));
  e.rcpts = std::move(sorted);
}

net::Task<Result<>> Session::submit_whole(queue::Envelope e, queue::Body body) {
  queue::settle(e, *settings_->config);
  const bool at_once = e.next_try == 0, shown = at_once && verbose_ && services_.deliver_shown, apart = shown || (at_once && services_.deliver_later);
  if (!at_once) queue::log_queued(e, services_.log);
  queue::Job job;
  if (apart) job = queue::Job{e, body};
  Result<> kept = co_await services_.queue.submit(services_.loop, std::move(e), std::move(body), apart);
  if (!kept.ok()) co_return kept;
  if (shown) {
    std::function<void(std::string)> say = [core = core_.get()](std::string line) { core->remark(line); };
    co_await services_.deliver_shown(std::move(job), std::move(say));
  } else if (apart) {
    services_.deliver_later(std::move(job));
  }
  co_return kept;
}

// By queue groups. As a whole first: one commit has all of it, or nothing. Where it cannot be parted it goes on in one piece.
net::Task<Result<>> Session::submit_parted(queue::Envelope whole, queue::Body body) {
  const std::string id = whole.id;
  std::vector<queue::Envelope> parts = queue::part(whole, *settings_->config, services_.queue, services_.log);
  if (whole.next_try == queue::kOnlyByQueueRun)
    for (const queue::Envelope& e : parts) queue::log_queued(e, services_.log);
  const Result<> kept = co_await services_.queue.submit(services_.loop, std::move(whole), std::move(body), true);
  if (!kept.ok()) co_return kept.error();
  const Result<> parted = co_await services_.queue.replace(services_.loop, id, std::move(parts));
  if (!parted.ok()) services_.queue.give_back(id);
  co_return Result<>();
}

net::Task<> Session::submit(Transaction& t) {
  queue::Envelope e = std::move(t.envelope);
  const std::string id = e.id;
  if (t.discard) {
    log(5, id, "discarded");
    answer(250, "2.0.0", id + " Message accepted for delivery");
    co_return;
  }
  fill_in(t, e);
  set_course(t, e);
  auto body = std::make_shared<const std::string>(std::move(t.body));
  Result<> kept;
  if (queue::to_be_parted(e, t.ctx.config)) kept = co_await submit_parted(std::move(e), std::move(body));
  else kept = co_await submit_whole(std::move(e), std::move(body));
  if (kept.ok()) {
    answer(250, "2.0.0", id + " Message accepted for delivery");
    co_return;
  }
  const Error& why = kept.error();
  log(2, id, fmt::format("SYSERR: {}", why.text));
  core_->answer(smtp::Reply(why.temporary() ? why.smtp_code : 451, why.enhanced, why.smtp_code == 452 ? std::string(kNoSpace) : "Cannot take the message now; try again later"));
}

}  // namespace hky::receive
