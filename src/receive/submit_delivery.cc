// A submission's ways: into the queue, out at once, or back to who wrote it.
#include <algorithm>

#include <fmt/format.h>

#include "base/sysexits.h"
#include "cf/options.h"
#include "queue/groups.h"
#include "queue/log_lines.h"
#include "receive/submit_impl.h"

namespace hky::receive {
namespace {

// The delivery adds to the transcript what it refuses everybody with.
void leave_out(std::vector<std::string>& said, const smtp::Reply& refusal) {
  const std::string coded = fmt::format("{} {} {}", refusal.code, refusal.enhanced, refusal.lines.empty() ? "" : refusal.lines[0]);
  const auto last = std::find(said.rbegin(), said.rend(), coded);
  if (last != said.rend()) said.erase(std::next(last).base());
}

}  // namespace

// sendmail: sendall(): while the load is high a message waits for a queue run, whatever mode it came with.
void Submitting::look_at_load(const route::RecipientList& list) {
  if (s.load == nullptr || mode == 'q' || mode == 'd') return;
  const cf::Options& o = settings->config->options;
  const auto of_it = [](const route::Recipient& r) { return r.state == route::RcptState::kOk || r.state == route::RcptState::kQueueUp; };
  const auto rcpts = std::count_if(list.all().begin(), list.all().end(), of_it);
  if (!policy::queue_at(o).waits(s.load->now(), envelope.priority + static_cast<long>(rcpts) * o.recipient_factor)) return;
  mode = 'q';
  if (!request.verbose || !doors.say) return;
  for (const int i : list.together().members)
    if (const route::Recipient& r = list.all()[static_cast<size_t>(i)]; of_it(r)) doors.say(r.address.paddr + "... queued");
}

void Submitting::log_from(size_t nrcpts) {
  const std::string shown = envelope.sender.empty() ? "<>" : envelope.sender;
  s.log.line(5, LogPriority::kInfo, envelope.id,
             fmt::format("from={}, size={}, class={}, nrcpts={}, msgid={}, relay={}@localhost", shown, message.text.size(), envelope.msg_class,
                         nrcpts, message_id, request.user));
}

net::Task<Result<>> Submitting::dispatch(std::vector<queue::Envelope> parts) {
  size_t nrcpts = queue::pending(bad);
  for (const queue::Envelope& e : parts) nrcpts += queue::pending(e.rcpts);
  for (const queue::Envelope& e : owners_bad) nrcpts += e.rcpts.size();
  log_from(nrcpts);
  const bool now = refusal || !waits() || too_many_hops();
  for (queue::Envelope& e : parts) {
    if (!now) break;
    e.collected_size = message.text.size();
    // sendmail: splitenv(): what is split off or stays behind names its sender
    e.sender_unsaid = !request.sender_given && parts.size() == 1 && e.sender == envelope.sender;
  }
  Result<> done;
  if (refusal) {
    done = co_await give_back(std::move(parts));
    co_return done;
  }
  // sendmail: sendall() forks where there is somebody to deliver to: then nobody is at the terminal any more
  const auto to_deliver = [](const queue::Rcpt& r) { return !r.mailer.empty() && r.refused_exit == EX_OK; };
  const bool forks = mode == 'b' && !waits() && std::any_of(parts.begin(), parts.end(), [&](const auto& e) { return std::any_of(e.rcpts.begin(), e.rcpts.end(), to_deliver); });
  const bool owners = std::any_of(parts.begin(), parts.end(), [](const queue::Envelope& e) { return e.list_copy; });
  for (queue::Envelope& e : parts) {
    done = co_await hand_over(std::move(e));
    if (!done.ok()) co_return done.error();
  }
  for (queue::Envelope& e : owners_bad) co_await report(std::move(e), true);
  if (!bad.empty()) {
    queue::Envelope e = envelope;
    e.rcpts = std::move(bad);
    name_lists(e);
    e.sender_unsaid = !request.sender_given && !owners;
    e.collected_size = message.text.size();
    if (!parts.empty()) e.id = s.queue.new_id();
    co_await report(std::move(e), (header_errors && error_mode != 'q') || forks);
  }
  co_return done;
}

// sendmail: dropenvelope(): the refused message is a failure of everybody it was for; of those alone who had failed before, where some had.
net::Task<Result<>> Submitting::give_back(std::vector<queue::Envelope> parts) {
  Result<> done;
  if (error_mode == 'q') co_return done;
  if (!bad.empty()) {
    queue::Envelope e = envelope;
    e.rcpts = std::move(bad);
    name_lists(e);
    e.sender_unsaid = !request.sender_given;
    e.collected_size = message.text.size();
    if (too_large) e.ret = queue::Envelope::Ret::kHdrs;
    co_await report(std::move(e), true);
    co_return done;
  }
  const bool heard = std::any_of(parts.begin(), parts.end(), [](const queue::Envelope& e) { return std::any_of(e.rcpts.begin(), e.rcpts.end(), queue::hears_of_failure); });
  if (heard) co_await tell_of_sender(false);
  for (queue::Envelope& e : parts) {
    leave_out(e.said, *refusal);
    if (too_large && !is_too_large(*refusal)) e.ret = queue::Envelope::Ret::kHdrs;
    DeliverNow how;
    say_mode(e);
    if (queue::mode_of(e) == '\0') queue::set_mode(e, 'q');   // sendmail: what has errors of its own is not sent any more, but queued
    how.refuse_all = refusal;
    how.verbose = request.verbose;   // the report's way
    how.tells_of_report = true;
    done = co_await deliver(std::move(e), how);
    if (!done.ok()) co_return done.error();
  }
  co_return done;
}

// By queue groups: those split off are kept before the first is delivered; what FastSplit leaves out waits for a queue run. sendmail:
// sendall(), which does not come to that where the message itself is at fault.
net::Task<Result<>> Submitting::hand_over(queue::Envelope whole) {
  const cf::Config& config = *settings->config;
  Result<> done;
  if (header_errors || too_many_hops()) {
    queue::settle(whole, config);
    done = co_await deliver_or_keep(std::move(whole), true);
    co_return done;
  }
  std::vector<queue::Envelope> parts = queue::part(std::move(whole), config, s.queue, s.log);
  if (!waits()) queue::hold_back(parts, config);
  std::vector<queue::Envelope> now;
  for (queue::Envelope& e : parts) {
    if (e.next_try != queue::kOnlyByQueueRun) now.push_back(std::move(e));
    else done = co_await keep_waiting(e);
    if (!done.ok()) co_return done.error();
  }
  for (size_t i = 0; i < now.size(); ++i) {
    done = co_await deliver_or_keep(std::move(now[i]), i == 0);
    if (!done.ok()) co_return done.error();
  }
  if (request.verbose && doors.say && !fault)
    for (const queue::Envelope& e : parts)
      if (e.next_try == queue::kOnlyByQueueRun)
        for (const queue::Rcpt& r : e.rcpts) doors.say(r.address + "... queued");
  co_return done;
}

// sendmail: main(): with errors in the message nothing is sent now, what is good waits for a queue run.
net::Task<Result<>> Submitting::deliver_or_keep(queue::Envelope e, bool whole) {
  const bool hops = too_many_hops();
  Result<> done;
  if ((mode == 'i' && !waits()) || hops) {
    say_mode(e);
    DeliverNow how;
    how.verbose = request.verbose;
    // a list's owner is told by mail, and the sender of what was split off
    how.keep_failures = whole && !e.list_copy && told_here();
    // sendmail: -h counts for the report, too, which so goes nowhere before a queue run
    how.reports_wait = std::max(request.hop_count, 1) > settings->config->options.max_hop_count;
    done = co_await deliver(std::move(e), how);
    if (hops) exit_code = EX_UNAVAILABLE;   // whatever there was before
  } else {
    const bool later = waits() && queue::pending(e.rcpts) > 0;
    if (later) done = co_await keep_waiting(std::move(e));
    else done = co_await keep(std::move(e), true);
  }
  co_return done;
}

// Durable, and nobody else's to deliver.
net::Task<Result<queue::Job>> Submitting::keep_leased(queue::Envelope e) {
  queue::Job job{e, body};
  queue::Body text = body;
  const Result<> kept = co_await s.queue.submit(s.loop, std::move(e), std::move(text), true);
  if (!kept.ok()) co_return kept.error();
  co_return job;
}

net::Task<Result<>> Submitting::keep(queue::Envelope e, bool now) {
  if (!now || !doors.deliver_later) {
    queue::Body text = body;
    Result<> kept = co_await s.queue.submit(s.loop, std::move(e), std::move(text));
    co_return kept;
  }
  Result<queue::Job> leased = co_await keep_leased(std::move(e));
  if (!leased.ok()) co_return leased.error();
  doors.deliver_later(std::move(*leased));
  co_return Result<>();
}

net::Task<Result<>> Submitting::keep_waiting(queue::Envelope e) {
  e.next_try = queue::kOnlyByQueueRun;
  queue::log_queued(e, s.log);
  Result<> kept = co_await keep(std::move(e), false);
  co_return kept;
}

net::Task<Result<>> Submitting::deliver(queue::Envelope e, DeliverNow how) {
  Result<queue::Job> leased = co_await keep_leased(std::move(e));
  if (!leased.ok()) co_return leased.error();
  queue::Job job = std::move(*leased);
  Result<> kept;
  const bool tells = how.keep_failures && error_mode == 'p', quiet = how.keep_failures && error_mode == 'q';
  queue::Envelope rest = job.envelope;
  DeliveredNow done = co_await doors.deliver(std::move(job), std::move(how));
  if (exit_code == EX_OK) exit_code = done.exit_code;
  if (quiet && !done.failed.empty()) co_await tell_of_sender(true);
  if (done.failed.empty() || !tells) co_return kept;
  const bool saved = co_await dead_letter();
  if (saved) co_return kept;
  rest.id = s.queue.new_id();
  rest.rcpts = std::move(done.failed);
  kept = co_await keep(std::move(rest), true);
  co_return kept;
}

// Nothing is left but refused recipients: to the terminal's user as dead.letter, or by mail, or nobody is told. sendmail: savemail().
net::Task<> Submitting::report(queue::Envelope e, bool by_mail) {
  say_mode(e);
  const bool silent = !queue::hears_of_failure(e.rcpts.front());
  if (silent) co_return;
  const bool at_fault = (header_errors || refusal) && by_mail;   // the message, or what -t read of it
  if (at_fault) co_await tell_of_sender(false);
  Result<> kept;
  const bool here = !by_mail && told_here();
  if (here || request.verbose || at_fault) {
    DeliverNow how;
    how.keep_failures = here;
    how.tells_of_report = at_fault;
    how.verbose = request.verbose;
    const int ours = exit_code;   // what the refusal made it, not what is made of the report
    kept = co_await deliver(std::move(e), how);
    exit_code = ours;
  } else {
    kept = co_await keep(std::move(e), true);
  }
  if (!kept.ok()) s.log.line(2, LogPriority::kError, envelope.id, "SYSERR: cannot queue a refused recipient: " + kept.error().text);
}

// sendmail: who named another sender than himself is not the one at the terminal: his report goes by mail.
// Root, who becomes somebody else (RunAsUser of a submission program), has no place in his home then.
bool Submitting::may_save() const {
  const cf::UserId& as = settings->config->options.run_as_user;
  const bool himself = request.user != "root" || (as.name.empty() ? as.uid == 0 : as.name == "root");
  return himself && (!request.sender_given || sender.name == request.user) && sender.found && !sender.home.empty() && doors.save;
}

// What fails is the command's to tell (dead.letter), or nobody's.
bool Submitting::told_here() const { return error_mode == 'q' || (error_mode == 'p' && may_save()); }

// What is made of a message here and now, a report or dead.letter, asks no DNS either in DeliveryMode=d. sendmail: unless {daemon_flags} has C (-G).
void Submitting::say_mode(queue::Envelope& e) const {
  if (mode != 'q' && mode != 'd') return;
  const std::string flags = submission_flags(settings->config->options, request.gateway);
  queue::set_mode(e, deferred && flags.find('C') == std::string::npos ? 'd' : 'q');
}

// sendmail: where the sender's mail would go: -v shows his aliases, and what his report meets is said as of a recipient.
net::Task<> Submitting::tell_of_sender(bool verbose) {
  if ((verbose && !request.verbose) || !doors.say || envelope.sender.empty()) co_return;
  route::ExpandOptions how;
  how.no_alias = request.no_alias;
  route::RecipientList list(ctx, s.agent, how);
  std::string address = queue::sender_as_given(envelope, envelope.sender);
  co_await list.add(std::move(address));
  for (const route::Said& said : list.said())
    if (said.verbose == verbose) doors.say(said.text);
}

// sendmail: savemail(): ~sender/dead.letter. False: there is no such place, the report goes by mail.
net::Task<bool> Submitting::dead_letter() {
  if (!may_save()) co_return false;
  co_await tell_of_sender(true);
  queue::Job job;
  job.envelope = envelope;
  say_mode(job.envelope);
  job.body = body;
  std::string path = sender.home + "/dead.letter";
  ipc::Who who{sender.name, sender.uid, sender.gid, sender.home};
  const bool saved = co_await doors.save(std::move(job), path, std::move(who));
  if (saved) complain(fmt::format("{}... Saved message in {}", path, path));
  co_return saved;
}

}  // namespace hky::receive
