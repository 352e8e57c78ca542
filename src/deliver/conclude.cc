// After an attempt: fates into the envelope, log lines, reports, back to the queue. sendmail: deliver.c markstats(), logdelivery();
// envelope.c dropenvelope().
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "deliver/bounce/error_header.h"
#include "deliver/bounce/report_parts.h"
#include "deliver/deliverer_impl.h"
#include "deliver/header_rewrite.h"
#include "deliver/log_line.h"
#include "proto/mail/mime.h"

namespace hky::deliver {
namespace {

bool alike(const Fate& a, const Fate& b) { return a.exit == b.exit && a.dsn == b.dsn && a.text == b.text && a.relay == b.relay; }

}  // namespace

// mailq's line: the last that was refused for good, else the first reason to wait. sendmail: giveresponse(), usrerr(): e_message.
std::string message_of(const Work& w) {
  std::string out = queue::waited(w.job.envelope) ? "" : w.job.envelope.message;
  for (const size_t i : spoken_order(w)) {
    if (!w.fates[i] || w.fates[i]->sent()) continue;
    const Fate& f = *w.fates[i];
    if (f.temporary() && !out.empty()) continue;
    const bool untried = !f.stated && f.temporary();
    out = untried ? std::string(without_codes(f.reply)) : !f.stated && f.reply.empty() ? std::string(without_codes(f.said)) : f.text;
  }
  return out;
}

// sendmail logs recipients that went the same way in one line.
void Deliverer::Impl::log_fates(Work& w, int64_t at) {
  queue::Envelope& e = w.envelope();
  std::vector<bool> said(e.rcpts.size(), false);
  for (size_t i = 0; i < e.rcpts.size(); ++i) {
    if (!w.fates[i] || said[i]) continue;
    const Fate& f = *w.fates[i];
    const cf::Mailer* m = i < w.mailers.size() ? w.mailers[i] : nullptr;
    if (!s.log.wants(log_level_of(f))) continue;
    DeliveryLine line;
    for (size_t k = i; k < e.rcpts.size(); ++k) {
      if (!w.fates[k] || said[k] || w.mailers[k] != m || !alike(*w.fates[k], f)) continue;
      said[k] = true;
      line.to.push_back(e.rcpts[k].address);
    }
    line.delay = at - e.created;
    line.xdelay = at - w.started;
    line.mailer = m != nullptr ? m->name : "";
    line.priority = e.priority;
    s.log.line(log_level_of(f), LogPriority::kInfo, e.id, delivery_line(line, f));
  }
}

Ending Deliverer::Impl::ending_of(Work& w, size_t i, bool expired, bool warn) {
  queue::Rcpt& r = w.envelope().rcpts[i];
  const std::optional<Fate>& f = w.fates[i];
  if (r.state != queue::RcptState::kPending) return ending_of_multiple(w.envelope(), r);
  if (f && f->sent()) {
    r.state = queue::RcptState::kDelivered;
    // sendmail: deliver(): QBYTRACE, QBYNRELAY
    const bool by = w.envelope().deliver_by != 0 && (r.notify & queue::kNotifySuccess) == 0;
    if (by && queue::deliver_by_trace(w.envelope())) return Ending::kByTrace;
    if (by && w.envelope().deliver_by_mode == 'N' && !f->by_passed) return Ending::kByNotify;
    const bool final = w.mailers[i] != nullptr && w.mailers[i]->flag('l');
    if (final) return Ending::kDelivered;
    return f->dsn_passed ? Ending::kNone : Ending::kRelayed;
  }
  if ((f && !f->temporary()) || expired) {
    r.state = queue::RcptState::kFailed;
    return Ending::kFailed;
  }
  return warn ? Ending::kDelayed : Ending::kNone;
}

net::Task<bool> Deliverer::Impl::queue_report(Work& w, OutgoingReport report) {
  const std::string id = report.envelope.id;
  const std::string logged = std::move(report.logged);
  if (w.foreground != nullptr && w.foreground->reports_wait) report.envelope.next_try = queue::kOnlyByQueueRun;
  auto text = std::make_shared<const std::string>(std::move(report.text));
  // sendmail: the process that could not deliver sends the report too: by the same configuration, and shows how
  const bool waited_for = w.foreground != nullptr && (w.foreground->verbose || w.foreground->traffic_log || w.foreground->tells_of_report);
  const bool shown = waited_for && report.envelope.next_try == 0;
  const bool by_others = !shown && (w.settings == settings || report.envelope.next_try != 0);
  queue::Job job;
  if (!by_others) job.envelope = report.envelope;
  job.body = text;
  const Result<> kept = co_await s.queue.submit(s.loop, std::move(report.envelope), std::move(text), !by_others);
  if (!kept.ok()) {
    s.log.line(2, LogPriority::kError, w.envelope().id, fmt::format("SYSERR: cannot queue a report: {}", kept.error().text));
    co_return false;
  }
  s.log.line(6, LogPriority::kInfo, w.envelope().id, fmt::format("{}: {}", id, logged));
  if (shown) co_await show_report(w, std::move(job));
  else if (!by_others) jobs.spawn(work(std::move(job), w.settings, nullptr));
  co_return true;
}

// What becomes of it is not the command's failure.
net::Task<> Deliverer::Impl::show_report(Work& w, queue::Job job) {
  Foreground f;
  f.verbose = w.foreground->verbose;
  f.tells_failures = f.tells_of_report = w.foreground->tells_of_report;
  f.say = w.foreground->say;
  f.traffic_log = w.foreground->traffic_log;
  f.told_of_sender = std::exchange(w.foreground->told_of_sender, {});   // the first is his
  f.pool = w.foreground->pool;
  co_await work(std::move(job), w.settings, &f);
  w.foreground->pool = std::move(f.pool);
}

// sendmail: dropenvelope(): what -v says of a message that has waited long, and mailq of one that goes on.
void Deliverer::Impl::tell_late(Work& w, const ReportRequest& request) {
  queue::Envelope& e = w.envelope();
  const auto wanted = [&e](const Noted& n, Ending ending) { return n.ending == ending && wants_report(e.rcpts[n.rcpt], ending); };
  const bool warned = std::any_of(request.noted.begin(), request.noted.end(), [&](const Noted& n) { return wanted(n, Ending::kDelayed); });
  const bool too_old = request.expired && std::any_of(request.noted.begin(), request.noted.end(), [&](const Noted& n) {
    return wanted(n, Ending::kFailed) && (!w.fates[n.rcpt] || w.fates[n.rcpt]->temporary());
  });
  if (!warned && !too_old) return;
  const std::string text = late_words(w, !warned);
  const bool untried = std::all_of(w.mailers.begin(), w.mailers.end(), [](const cf::Mailer* m) { return m == nullptr; });
  if (w.foreground != nullptr) w.foreground->tell((untried && !e.rcpts.empty() ? e.rcpts.back().address + "... " : "") + text);
  if (warned) e.message = text;
}

// Durable before the recipients they speak of leave the envelope. False: they could not be queued.
net::Task<bool> Deliverer::Impl::submit_reports(Work& w, ReportRequest request) {
  if (request.noted.empty()) co_return true;
  // sendmail: errbody(): the header goes back with a local mailer's fields, its addresses as rulesets 3 and 4 have them
  if (const cf::Mailer* mailer = w.settings->config->find_mailer("local"); mailer != nullptr) {
    cf::Mailer plain = *mailer;
    plain.sender_header_rwset = plain.rcpt_header_rwset = 0;
    plain.flags.set('P');   // the return path, whatever mailer it goes by
    const bool ours = w.envelope().is_report && w.envelope().sender.empty();   // sendmail: its sender is called so
    std::string traced;   // the first Received: is ours
    const std::string sender = ours ? "MAILER-DAEMON" : w.envelope().sender;
    std::string author = queue::author(w.envelope());
    if (author.empty() || ours) author = sender;
    const bool renamed = !w.envelope().list_copy && !w.loops;   // sendmail: of a loop no mailer has looked at the sender
    w.scope.set('g', renamed ? author : sender);
    OfSender of_sender = w.of_sender;
    request.original_head = co_await outgoing_header(w.ctx, w.header, plain, std::move(traced), std::move(author), w.envelope().list_copy, std::move(of_sender));
    if (w.has_8bit && !w.envelope().is_report && w.policy().eight_bit_mode == 'm') request.original_head = mail::labelled_8bit(request.original_head, w.charset());
  }
  request.error_header = error_header_lines(w, s.files);
  const bool warning_alone = std::all_of(request.noted.begin(), request.noted.end(), [](const Noted& n) { return n.ending == Ending::kDelayed; });
  if (warning_alone) tell_late(w, request);
  request.sender = co_await look_at_sender(w, request);
  if (!warning_alone) tell_late(w, request);
  queue::Queue& q = s.queue;
  const std::function<std::string()> new_id = [&q] { return q.new_id(); };
  std::vector<OutgoingReport> reports = make_reports(w, request, new_id);
  for (OutgoingReport& report : reports) {
    const bool kept = co_await queue_report(w, std::move(report));
    if (!kept) co_return false;
  }
  bool failed = false;
  for (const Noted& n : request.noted) failed = failed || (n.ending == Ending::kFailed && wants_report(w.envelope().rcpts[n.rcpt], n.ending));
  if (!failed || !reports.empty() || request.told_already) co_return true;
  const bool dropped = co_await drop(w);
  if (!dropped) s.log.line(3, LogPriority::kWarning, w.envelope().id, "savemail: a report about a report could not be delivered; it is dropped");
  co_return true;
}

// A report that has reached nobody, not even the postmaster, as the last resort: root's file. sendmail: savemail(): ESM_USRTMP.
net::Task<bool> Deliverer::Impl::drop(Work& w) {
  std::string path = w.settings->config->options.dead_letter_drop;
  if (path.empty() || !w.envelope().is_report || w.policy().double_bounce.empty()) co_return false;
  queue::Job letter;
  letter.envelope = w.envelope();
  letter.envelope.sender = "MAILER-DAEMON";   // sendmail: as it calls him where no mailer's rules do
  letter.body = w.job.body;
  ipc::Who root{"root", 0, 0, "/"};
  const Fate fate = co_await save(std::move(letter), w.settings, path, std::move(root));
  if (!fate.sent()) {
    s.log.line(2, LogPriority::kError, w.envelope().id, fmt::format("SYSERR: cannot save a report in {}: {}", path, fate.text));
    co_return false;
  }
  s.log.line(3, LogPriority::kWarning, w.envelope().id, fmt::format("savemail: a report about a report could not be delivered; saved in {}", path));
  if (w.foreground != nullptr) w.foreground->tell(fmt::format("MAILER-DAEMON... Saved message in {}", path));
  co_return true;
}

// What the command that waits shall know; failures it tells itself need no report but the postmaster's.
void Deliverer::Impl::note_failures(Work& w, ReportRequest& request) {
  Foreground& f = *w.foreground;
  // sendmail: giveresponse(): setstat(): also of what is tried again, unless it is EX_TEMPFAIL; a syserr() about the configuration says EX_SOFTWARE
  for (const size_t i : spoken_order(w)) {
    const std::optional<Fate>& fate = w.fates[i];
    if (f.exit != EX_OK || !fate || fate->sent() || fate->exit == EX_TEMPFAIL) continue;
    const bool ours = fate->exit == EX_CONFIG && !fate->said.empty();
    f.exit = ours ? EX_SOFTWARE : exit_meaning(fate->exit).text.empty() ? EX_UNAVAILABLE : fate->exit;
  }
  for (const Noted& n : request.noted) {
    if (n.ending != Ending::kFailed || !f.keep_failures || !queue::hears_of_failure(w.envelope().rcpts[n.rcpt])) continue;
    const int exit = w.fates[n.rcpt] ? w.fates[n.rcpt]->exit : EX_UNAVAILABLE;
    queue::Rcpt refused = w.envelope().rcpts[n.rcpt];   // should the command not be able to tell
    refused.state = queue::RcptState::kPending;
    refused.refused_exit = exit;
    f.failed.push_back(std::move(refused));
  }
  request.told_already = f.keep_failures;
}

net::Task<> Deliverer::Impl::conclude(Work& w) {
  queue::Envelope& e = w.envelope();
  const int64_t at = now();
  const bool expired = queue::expired(w.policy().retry, e, at);
  const bool warn = queue::warn_due(w.policy().retry, e, at);
  log_fates(w, at);
  e.message = message_of(w);
  ReportRequest request;
  request.now = at;
  request.expired = expired;
  for (size_t i = 0; i < e.rcpts.size(); ++i) {
    queue::Rcpt& r = e.rcpts[i];
    if (w.fates[i]) {
      ++r.tries;
      r.last_try = at;
      r.status = w.fates[i]->dsn;
      r.last_reply = w.fates[i]->reply.empty() ? w.fates[i]->text : w.fates[i]->reply;
      r.remote_mta = w.fates[i]->remote_mta;
      r.answered = w.fates[i]->of_rcpt;
      queue::note_attempt(r, queue::Attempt{at, w.fates[i]->relay, r.status, r.last_reply});
    }
    Noted n;
    n.rcpt = i;
    n.ending = ending_of(w, i, expired, warn);
    if (n.ending != Ending::kNone) request.noted.push_back(n);
    // The next try asks the rulesets again, as sendmail's queue run does; what aliases and .forward gave stays.
    if (r.state == queue::RcptState::kPending && w.mailers[i] != nullptr && !w.mailers[i]->flag('l')) r.mailer.clear();
  }
  if (w.foreground != nullptr) note_failures(w, request);
  note_lists(w, request);
  const bool told = co_await submit_reports(w, request);
  if (!told) {
    for (const Noted& n : request.noted)
      if (n.ending == Ending::kFailed) e.rcpts[n.rcpt].state = queue::RcptState::kPending;
  } else if (warn) {
    e.warning_sent = true;
  }
  e.sender_unsaid = false;
  queue::end_mode(e);   // the next try is a queue run's
  e.collected_size = e.queued_size;
  const std::string id = e.id;
  const Result<> done = co_await s.queue.finish(s.loop, std::move(e));
  if (!done.ok()) s.log.line(2, LogPriority::kError, id, fmt::format("SYSERR: cannot write the envelope: {}", done.error().text));
}

}  // namespace hky::deliver
