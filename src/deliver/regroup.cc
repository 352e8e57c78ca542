// What aliases made of a message: several envelopes out of one, and what its reports tell of the lists. sendmail: deliver.c sendall()
// "Handle alias owners", splitenv().
#include <fmt/format.h>

#include <algorithm>

#include "deliver/bounce/report_parts.h"
#include "deliver/deliverer_impl.h"
#include "queue/groups.h"
#include "queue/log_lines.h"

namespace hky::deliver {
namespace {

// Whether some were refused to the command and others are sent to.
bool refused_beside_others(const queue::Envelope& e) {
  const auto refused = std::count_if(e.rcpts.begin(), e.rcpts.end(), [](const queue::Rcpt& r) { return r.refused_exit != 0; });
  return refused > 0 && static_cast<size_t>(refused) < e.rcpts.size();
}

}  // namespace

// sendmail: alias(): QDELIVERED: whom others fail for is told, too, of the lists whose owners look after their members; not beside
// what sendall() had to deliver.
void Deliverer::Impl::note_lists(Work& w, ReportRequest& request) {
  queue::Envelope& e = w.envelope();
  const bool failed = std::any_of(request.noted.begin(), request.noted.end(), [](const Noted& n) { return n.ending == Ending::kFailed; });
  if (!failed || e.list_copy || queue::waited(e) || refused_beside_others(e)) return;
  std::vector<Noted> lists;
  for (const std::string& list : queue::lists_of(e)) {
    const auto known = [&](const Noted& n) { return n.ending == Ending::kListed && e.rcpts[n.rcpt].address == list; };
    if (std::any_of(request.noted.begin(), request.noted.end(), known)) continue;
    queue::Rcpt r;
    r.address = list;
    queue::add_multiple(e, std::move(r), true);
    w.fates.emplace_back();
    w.mailers.push_back(nullptr);
    lists.push_back(Noted{e.rcpts.size() - 1, Ending::kListed});
  }
  request.noted.insert(request.noted.begin(), lists.begin(), lists.end());
}

// One of the envelopes that a report became.
net::Task<> Deliverer::Impl::show_part(Work& w, std::string id) {
  std::optional<queue::Job> job = co_await s.queue.lease(s.loop, std::move(id));
  if (!job) co_return;
  job->envelope.next_try = w.started;   // it has waited for nothing
  co_await show_report(w, std::move(*job));
}

// Aliases that became several addresses, or lists with owners: the queue gets the new envelopes first, and hands them out again, but for
// those of a report that a command waits for (after a crash they are the next queue run's).
net::Task<> Deliverer::Impl::regroup(Work& w, Resolved resolved) {
  queue::Envelope& e = w.envelope();
  ReportRequest request;
  request.now = now();
  e.message = message_of(w);
  queue::Envelope base = e;
  base.rcpts.clear();
  for (size_t i = 0; i < e.rcpts.size(); ++i) {
    const std::optional<Fate>& f = w.fates[i];
    const Ending ending = f && !f->temporary() ? Ending::kFailed : ending_of_multiple(e, e.rcpts[i]);
    if (ending != Ending::kNone) request.noted.push_back(Noted{i, ending});
    else base.rcpts.push_back(e.rcpts[i]);
  }
  log_fates(w, request.now);
  if (w.foreground != nullptr) note_failures(w, request);
  note_lists(w, request);
  const bool told = co_await submit_reports(w, request);
  if (!told) {
    const Result<> kept = co_await s.queue.finish(s.loop, std::move(e));
    (void)kept;
    co_return;
  }
  std::vector<queue::Envelope> with;
  const auto add = [&](queue::Envelope whole) {
    std::vector<queue::Envelope> parts = queue::part(std::move(whole), *w.settings->config, s.queue, s.log);
    if (read_anew(e)) queue::hold_back(parts, *w.settings->config);   // sendmail: a session tries all that it has split itself
    std::move(parts.begin(), parts.end(), std::back_inserter(with));
  };
  const std::string id = e.id;
  base.next_try = request.now;
  // what is split is known by the queue alone: its first attempt says the size that this one would have said
  for (queue::Envelope& own : resolved.owned) own.queued_size = e.collected_size;
  base.queued_size = e.collected_size;
  if (!base.rcpts.empty()) add(std::move(base));
  for (queue::Envelope& own : resolved.owned) {
    own.id = s.queue.new_id();
    own.next_try = request.now;
    queue::log_clone(id, own, s.log);
    add(std::move(own));
  }
  if (with.empty()) {
    e.rcpts.clear();
    const Result<> gone = co_await s.queue.finish(s.loop, std::move(e));
    (void)gone;
    co_return;
  }
  std::vector<std::string> shown;
  if (w.foreground != nullptr && e.is_report) {
    for (queue::Envelope& own : with) {
      own.next_try = queue::kOnlyByQueueRun;
      shown.push_back(own.id);
    }
  }
  const Result<> replaced = co_await s.queue.replace(s.loop, id, std::move(with));
  for (const std::string& own : shown) co_await show_part(w, own);
  if (!replaced.ok()) s.log.line(2, LogPriority::kError, id, fmt::format("SYSERR: cannot queue expanded recipients: {}", replaced.error().text));
}

}  // namespace hky::deliver
