#include "cmd/queue_run.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/json_field.h"
#include "admin/queue_select.h"
#include "base/random.h"
#include "base/sysexits.h"
#include "cf/options.h"
#include "cmd/queue_words.h"
#include "deliver/smtp_pool.h"

namespace hky::cmd {

using nlohmann::json;

namespace {

constexpr char kSkipped[] = "Skipping queue run -- load average too high";

}  // namespace

net::Task<Result<admin::RunAnswer>> QueueRuns::run(admin::Caller caller, json j) {
  const bool restricted = services_.settings()->config->options.privacy(cf::kPrivRestrictQrun);
  if (!caller.uid || (restricted && !caller.privileged)) co_return permanent_error("You do not have permission to process the queue", 550, "5.7.0");
  admin::RunAnswer answer;
  if (j.contains("quarantine")) {
    if (!caller.privileged) co_return permanent_error("Permission denied (real uid not trusted)", 550, "5.7.0");
    co_await quarantine(std::move(j), answer);
    co_return answer;
  }
  const bool verbose = admin::field(j, "verbose", false);
  const Filter filter = [&j](const queue::Envelope& e) { return admin::selected(e, j); };
  Rules how = rules();
  how.run = admin::rules_asked(j, how.run);
  how.limit.load = admin::field(j, "queue_la", how.limit.load);
  how.limit.factor = admin::field(j, "queue_factor", how.limit.factor);
  if (skipped(how)) {
    if (verbose) answer.text = std::string(kSkipped) + "\n\n";
    co_return answer;
  }
  if (!admin::field(j, "foreground", false)) {
    answer.changed = start(filter, how);
    co_return answer;
  }
  std::vector<queue::QueueId> ids = choose(filter, how);
  answer.changed = ids.size();
  auto told = std::make_shared<Told>(admin::field(j, "traffic", 0));
  answer.exit_code = co_await deliver_all(std::move(ids), verbose, told);
  answer.text = std::move(told->text);
  answer.traffic = std::move(told->traffic);
  co_return answer;
}

QueueRuns::Rules QueueRuns::rules() const {
  const cf::Options& o = services_.settings()->config->options;
  return Rules{run_rules(o), policy::queue_at(o), o.recipient_factor};
}

// sendmail: runqueue(): a message of no size for one recipient would wait.
bool QueueRuns::skipped(const Rules& how) const {
  if (!how.limit.waits(load(), how.least)) return false;
  services_.log.line(9, LogPriority::kInfo, "NOQUEUE", std::string("runqueue: ") + kSkipped);
  return true;
}

std::vector<queue::QueueId> QueueRuns::choose(const Filter& filter, const Rules& how) const {
  std::vector<queue::Envelope> chosen = services_.queue.list();
  const int now = load();
  std::erase_if(chosen, [&](const queue::Envelope& e) { return e.held || !e.quarantine_reason.empty() || how.limit.waits(now, e.priority) || !filter(e); });
  queue::sort_for_run(chosen, how.run, system_random());
  queue::cut_for_run(chosen, how.run);
  std::vector<queue::QueueId> ids;
  for (const queue::Envelope& e : chosen) ids.push_back(e.id);
  return ids;
}

size_t QueueRuns::start(const Filter& filter, const Rules& how) {
  if (how.run.most != 0 || how.run.order != 'p') return services_.queue.run(choose(filter, how));
  const int now = load();   // without a copy of the queue: its own order is that one
  return services_.queue.flush([&](const queue::Envelope& e) { return !how.limit.waits(now, e.priority) && filter(e); });
}

size_t QueueRuns::start(const Filter& filter) {
  const Rules how = rules();
  return skipped(how) ? 0 : start(filter, how);
}

// sendmail: -Q[reason]: quarantine_queue(). A reason for what has none (-qQ: for what has one), or an end to it.
net::Task<> QueueRuns::quarantine(json j, admin::RunAnswer& answer) {
  const std::string reason = admin::field(j, "quarantine", "");
  std::string lines;
  bool any = false;
  for (const queue::Envelope& e : services_.queue.list()) {
    if (!admin::selected(e, j)) continue;
    any = true;
    const std::string before = e.quarantine_reason;
    if (before == reason) {
      if (!reason.empty()) lines += fmt::format("{}: Already quarantined with \"{}\"\n", e.id, reason);
      continue;
    }
    std::function<void(queue::Envelope&)> set = [reason](queue::Envelope& x) { x.quarantine_reason = reason; };
    const Result<> done = co_await services_.queue.update(services_.loop, e.id, std::move(set));
    if (!done.ok()) continue;
    ++answer.changed;
    services_.log.line(8, LogPriority::kInfo, e.id, reason.empty() ? "unquarantine" : "quarantine=" + reason);
    if (reason.empty()) lines += fmt::format("{}: Removed quarantine of \"{}\"\n", e.id, before);
    else if (before.empty()) lines += fmt::format("{}: Quarantined with \"{}\"\n", e.id, reason);
    else lines += fmt::format("{}: Quarantine changed from \"{}\" to \"{}\"\n", e.id, before, reason);
  }
  if (!admin::field(j, "verbose", false)) co_return;
  const std::string directory = services_.settings()->config->options.queue_directory;
  answer.text = any ? fmt::format("Processing {}:\n", directory) + lines : directory + ": no matches\n";
  answer.text += answer.changed == 0 ? "No changes\n" : fmt::format("{} change{}\n", answer.changed, answer.changed == 1 ? "" : "s");
}

net::Task<int> QueueRuns::deliver_all(std::vector<queue::QueueId> ids, bool verbose, std::shared_ptr<Told> told) {
  deliver::Foreground f;
  f.verbose = verbose;
  f.tells_failures = true;
  f.traffic_log = told->log;
  f.say = [told](std::string line) { told->say(line); };
  const std::string directory = services_.settings()->config->options.queue_directory;
  for (size_t i = 0; i < ids.size(); ++i) {
    std::optional<queue::Job> job = co_await services_.queue.lease(services_.loop, ids[i]);
    if (!job) continue;   // gone, or somebody else is at it
    f.exit = EX_OK;   // sendmail: dowork(): what the last one leaves with
    f.tell(fmt::format("\nRunning {}/{} (sequence {} of {})", directory, ids[i], i + 1, ids.size()));
    co_await deliverer_.deliver(std::move(*job), nullptr, f);
  }
  co_await deliverer_.close(f);
  co_return f.exit;
}

}  // namespace hky::cmd
