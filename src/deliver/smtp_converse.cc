// Transactions on one greeted connection: two are started at a time, so that the next envelope leaves with the end of the
// body before it (RFC 2920 3.1).
#include <fmt/format.h>

#include <algorithm>

#include "deliver/mailer_flags.h"
#include "deliver/smtp_pool_impl.h"
#include "proto/mail/mime.h"

namespace hky::deliver {
namespace {

constexpr size_t kStartedAhead = 2;

int seconds_for(smtp::Waiting w, const Timeouts& t) {
  switch (w) {
    case smtp::Waiting::kGreeting: return t.initial;
    case smtp::Waiting::kHelo: return t.helo;
    case smtp::Waiting::kMail: return t.mail;
    case smtp::Waiting::kRcpt: return t.rcpt;
    case smtp::Waiting::kDataInit: return t.data_init;
    case smtp::Waiting::kDataBlock: return t.data_block;
    case smtp::Waiting::kDataFinal: return t.data_final;
    case smtp::Waiting::kRset: return t.rset;
    case smtp::Waiting::kQuit: return t.quit;
    default: return t.misc;
  }
}

}  // namespace

MonoTime SmtpPool::deadline(const Connection& c) const {
  const smtp::Waiting what = c.core->waiting_for();
  const Timeouts& t = c.policy->timeouts;
  return s_.clock.mono() + std::chrono::seconds(what == smtp::Waiting::kHelo && speaks_lmtp(*c.line->mailer) ? t.lhlo : seconds_for(what, t));
}

// M line's m=: messages a connection.
bool SmtpPool::worn_out(const Connection& c) const {
  const int limit = cached(c) ? c.line->mailer->max_messages : 1;
  return limit > 0 && c.started >= limit;
}

net::Task<> SmtpPool::converse(Line d, Connection& c) {
  for (;;) {
    top_up(*d, c);
    if (c.open.empty()) {
      if (!c.core->usable() || worn_out(c)) break;
      const bool more = co_await wait_for_work(d, c);
      if (!more) break;
      if (d->waiting.empty()) continue;
      // sendmail: mci_get(), smtpprobe(): a connection that was idle is asked whether it is still there
      c.core->reset_first();
      c.reset_due = true;
      top_up(*d, c);
    }
    const bool on = co_await exchange(d, c);
    if (!on) break;
  }
  if (say_ && !cached(c)) {   // whoever waits for the message tells of it first
    net::Completion<bool> turn(s_.loop);
    turn.finish(true);
    const bool on = co_await turn.wait();
    (void)on;
  }
  if (c.core && c.core->usable()) co_await say_quit(c);   // null: another destination has taken it
}

void SmtpPool::top_up(Destination& d, Connection& c) {
  while (!d.waiting.empty() && c.open.size() < kStartedAhead && c.core->usable() && !worn_out(c)) {
    auto s = std::move(d.waiting.front());
    d.waiting.pop_front();
    start(c, std::move(s));
  }
}

void SmtpPool::start(Connection& c, std::shared_ptr<Shipment> s) {
  const smtp::Extensions& ext = c.core->extensions();
  smtp::Transaction t;
  t.sender = s->sender;
  t.rcpts = s->rcpts;
  t.head = s->head;
  t.body = s->body;
  // RFC 6152 3: to a host without 8BITMIME the text must become 7 bit, unless the mailer says it does not mind (F=8).
  if (s->has_8bit && !s->pass_8bit && !ext.eightbitmime && !c.line->mailer->flag('8')) {
    auto seven = mail::to_seven_bit(s->head, s->body, s->charset, s->converted_by, c.line->mailer->flag('3'));
    t.head = std::move(seven.head);
    s->body_owner = std::make_shared<const std::string>(std::move(seven.body));
    s->body = t.body = *s->body_owner;
    s->head = t.head;
    s->has_8bit = false;
  } else if (s->has_8bit && c.policy->eight_bit_mode == 'm' && ext.eightbitmime && !c.line->mailer->flag(kEightBit)) {
    t.head = s->head = mail::labelled_8bit(s->head, s->charset);
  }
  t.body_is_8bit = (s->has_8bit && s->label_8bit) || s->said_8bit;
  t.said_7bit = s->said_7bit && !s->has_8bit;
  t.mail = s->mail;
  t.line_limit = static_cast<unsigned>(std::max(0, c.line->mailer->line_limit));
  t.blank_after_cut = c.policy->blank_after_cut;
  // sendmail: deliver(): mci_get() had one open.
  if (say_ && c.started > 0) {
    const char* protocol = speaks_lmtp(*c.line->mailer) ? "LMTP" : ext.esmtp ? "ESMTP" : "SMTP";
    const std::string whose = c.line->program ? "for " + c.name : fmt::format("to {} via {}", c.name, c.line->mailer->name);
    std::string cached = fmt::format("{}... Using cached {} connection {}...", s->shown_rcpts, protocol, whose);
    if (c.dialogue && c.reset_due) c.dialogue->after_reset(std::move(cached));
    else say_(std::move(cached));
  }
  if (c.dialogue) c.dialogue->expect_rcpts(s->rcpt_names, s->refusals_shown);
  // sendmail: a process delivers one message after the other; what comes in has its own process, and goes out back to back here
  t.reset_first = s->later && c.started > 0;
  c.reset_due = false;
  ++s->attempts;
  ++c.started;
  c.core->start(std::move(t));
  c.open.push_back(std::move(s));
}

// Writes what there is to write. False: the connection broke (the core knows).
net::Task<bool> SmtpPool::flush(Connection& c) {
  while (c.core->has_output()) {
    const std::string out = c.core->take_output();
    if (c.dialogue) c.dialogue->sent(out);
    auto wrote = co_await c.stream->write(out, deadline(c));
    if (!wrote.ok()) {
      lost(c, wrote.error());
      co_return false;
    }
  }
  co_return true;
}

void SmtpPool::feed(Connection& c, std::string_view bytes) {
  if (c.dialogue) c.dialogue->received(bytes);
  c.core->feed(bytes);
}

// One write, one read, and what came of it. False: the connection is of no more use.
net::Task<bool> SmtpPool::exchange(Line d, Connection& c) {
  const bool wrote = co_await flush(c);
  // What the core refuses by itself is not waited for.
  if (wrote && c.core->waiting_for() != smtp::Waiting::kNothing) {
    auto n = co_await c.stream->read(buffer_, deadline(c));
    if (!n.ok()) lost(c, n.error());
    else if (*n == 0) lost(c, gone());
    else feed(c, std::string_view(buffer_.data(), *n));
  }
  co_return handle_events(*d, c);
}

bool SmtpPool::handle_events(Destination& d, Connection& c) {
  bool on = true;
  while (auto event = c.core->next()) {
    if (auto* done = std::get_if<smtp::client_event::Done>(&*event)) finish(d, c, done->result);
    else if (std::get_if<smtp::client_event::Closed>(&*event)) on = false;
  }
  return on && (c.core->usable() || !c.open.empty());
}

void SmtpPool::finish(Destination& d, Connection& c, const smtp::TransactionResult& result) {
  HKY_CHECK(!c.open.empty());
  auto s = std::move(c.open.front());
  c.open.pop_front();
  // A kept connection that the other side had given up, or a pipelined envelope nobody looked at: not a try of ours.
  const bool unheard = (result.mail.code == 0 && !result.body_sent) || result.mail.code == 421;
  if (unheard && c.finished > 0 && s->attempts < 3) {
    d.waiting.push_front(std::move(s));
    return;
  }
  ++c.finished;
  const bool dsn = c.core->extensions().dsn;
  for (size_t i = 0; i < s->rcpts.size(); ++i) {
    // sendmail: an enhanced code is one only where the server says that it gives them
    const bool codes = c.core->extensions().enhanced_status;
    Fate f = fate_of(result, i, s->rcpts[i], s->sender, codes);
    if (f.sent() && !codes && f.reply.size() > 4) f.text = fmt::format("Sent ({})", f.reply.substr(4, 403));
    f.lmtp = speaks_lmtp(*c.line->mailer);
    if (f.lmtp && f.of_message) answered_alone(f, codes);
    f.remote_mta = c.name;
    if (result.mail.text == smtp::kNoDeliverBy) {   // said by nobody there
      f = local_fate(EX_UNAVAILABLE, "5.4.7", std::string(exit_meaning(EX_UNAVAILABLE).text));
      f.said = smtp::kNoDeliverBy;
    }
    f.relay = c.relay;
    f.dsn_passed = dsn;
    f.by_passed = c.core->extensions().deliverby;
    s->fates[i] = std::move(f);
  }
  const bool nobody = std::none_of(result.rcpts.begin(), result.rcpts.end(), [](const smtp::RemoteReply& r) { return r.code / 100 == 2; });
  // where MAIL was refused sendmail asks nothing more
  if (nobody && result.mail.code / 100 == 2 && result.data.got() && !result.rcpts.empty()) s->fates.back().then = result.data.last_line();
  s->talked_to = c.name;
  note_transaction(d, c, result);
  const std::vector<size_t> places = left_for_others(c, *s);
  if (places.empty()) {
    complete(*s);
    return;
  }
  auto next = std::make_shared<Shipment>(s_.loop, *s);
  next->only = c.others;
  for (const size_t i : places) {
    next->rcpts.push_back(s->rcpts[i]);
    if (!s->rcpt_names.empty()) next->rcpt_names.push_back(s->rcpt_names[i]);
  }
  s_.loop.spawn(try_others(std::move(s), next, places));
  send(std::move(next));
}

// sendmail: deliver(): who got a temporary answer, or none, is tried at the next host at once.
std::vector<size_t> SmtpPool::left_for_others(const Connection& c, const Shipment& s) const {
  std::vector<size_t> places;
  for (size_t i = 0; !c.others.empty() && i < s.fates.size(); ++i)
    if (s.fates[i].exit == EX_TEMPFAIL) places.push_back(i);
  return places;
}

net::Task<> SmtpPool::try_others(std::shared_ptr<Shipment> s, std::shared_ptr<Shipment> next, std::vector<size_t> places) {
  const bool done = co_await next->done.wait();
  for (size_t i = 0; done && i < places.size(); ++i) s->fates[places[i]] = std::move(next->fates[i]);
  s->talked_to = next->talked_to;
  complete(*s);
}

net::Task<> SmtpPool::say_quit(Connection& c) {
  c.core->quit();
  c.leaving = true;
  if (say_ && cached(c)) say_(fmt::format("Closing connection to {}", c.name));
  co_await await_quit(c);
}

// The greeting was a refusal, or our own. sendmail: smtpinit(): QUIT is said at once, also where the host has hung up (421); mci_uncache() finds it closed later.
net::Task<> SmtpPool::leave_unwelcome(Connection& c) {
  c.core->quit();
  c.leaving = true;
  if (say_ && kept(*c.line)) unwelcome_.push_back(c.name);
  if (say_ && !c.core->has_output()) say_(">>> QUIT");
  co_await await_quit(c);
}

net::Task<> SmtpPool::await_quit(Connection& c) {
  if (!c.core->has_output()) co_return;
  const bool wrote = co_await flush(c);
  if (!wrote) co_return;
  // The answer is waited for shortly: the peer may count a connection without it as broken.
  const int seconds = std::min(c.policy->timeouts.quit, 10);
  const MonoTime until = s_.clock.mono() + std::chrono::seconds(seconds);
  for (bool closed = false; !closed || !kept(*c.line);) {
    auto n = co_await c.stream->read(buffer_, until);
    if (!n.ok() || *n == 0) co_return;
    feed(c, std::string_view(buffer_.data(), *n));
    while (auto event = c.core->next()) closed = closed || std::holds_alternative<smtp::client_event::Closed>(*event);
  }
}

}  // namespace hky::deliver
