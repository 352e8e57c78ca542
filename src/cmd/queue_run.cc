#include "cmd/queue_run.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/json_field.h"
#include "admin/queue_select.h"
#include "base/random.h"
#include "base/strings.h"
#include "base/sysexits.h"
#include "cf/options.h"
#include "cmd/request_changes.h"
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
  Result<BothSettings> settings(BothSettings{services_.settings(), nullptr});
  if (has_changes(j)) settings = own_.of(j, caller.privileged, services_.settings());
  if (!settings.ok()) co_return settings.error();
  const bool verbose = admin::field(j, "verbose", false);
  const Filter filter = [&j](const queue::Envelope& e) { return admin::selected(e, j); };
  Rules how = rules(settings->receive->config->options);
  how.group = admin::field(j, "group", "");
  how.demanded = admin::demanded(j);
  if (skipped(how)) {
    if (verbose) answer.text = std::string(kSkipped) + "\n\n";
    co_return answer;
  }
  const bool foreground = admin::field(j, "foreground", false);
  const long logged_as = admin::field(j, "traffic", 0L);
  if (!foreground && logged_as == 0 && settings->deliver == nullptr) {
    answer.changed = start(filter, how);
    co_return answer;
  }
  std::vector<queue::GroupQueue> groups = choose(filter, how);
  for (const queue::GroupQueue& q : groups) answer.changed += q.messages.size();
  auto told = std::make_shared<Told>(logged_as);
  const int exit_code = co_await deliver_all(std::move(groups), how, settings->deliver, verbose, told);
  answer.traffic = std::move(told->traffic);
  if (!foreground) co_return answer;   // sendmail: runqueue() forks: what comes of it is not the command's
  answer.exit_code = exit_code;
  answer.text = std::move(told->text);
  co_return answer;
}

QueueRuns::Rules QueueRuns::rules(const cf::Options& o) {
  return Rules{queue::rules_of(o), "", policy::queue_at(o), o.recipient_factor, false, o.error_mode == 'p'};
}

// sendmail: runqueue(): a message of no size for one recipient would wait.
bool QueueRuns::skipped(const Rules& how) const {
  if (!how.limit.waits(load(), how.least)) return false;
  services_.log.line(9, LogPriority::kInfo, "NOQUEUE", std::string("runqueue: ") + kSkipped);
  return true;
}

std::vector<queue::GroupQueue> QueueRuns::choose(const Filter& filter, const Rules& how) const {
  const std::shared_ptr<const cf::Config> config = services_.settings()->config;
  std::vector<queue::Envelope> chosen = services_.queue.list();
  const int now = load();
  std::erase_if(chosen, [&](const queue::Envelope& e) { return e.held || !e.quarantine_reason.empty() || how.limit.waits(now, e.priority) || !filter(e); });
  std::vector<queue::GroupQueue> groups = queue::by_group(std::move(chosen), *config, how.run, system_random(), how.group);
  queue::sort_as_run(groups);
  return groups;
}

size_t QueueRuns::start(const Filter& filter, const Rules& how) {
  background_ = how.limit;
  const std::shared_ptr<const cf::Config> config = services_.settings()->config;
  const bool cut = std::any_of(config->queue_groups.begin(), config->queue_groups.end(), [](const cf::QueueGroup& g) { return g.most_messages != 0; });
  if (how.run.most != 0 || how.run.order != 'p' || cut) {
    std::vector<queue::QueueId> ids;
    for (const queue::GroupQueue& q : choose(filter, how))
      for (const queue::Envelope& e : q.messages) ids.push_back(e.id);
    return services_.queue.run(ids, how.demanded);
  }
  const int now = load();   // without a copy of the queue: its own order is that one
  return services_.queue.flush([&](const queue::Envelope& e) {
    return !how.limit.waits(now, e.priority) && (how.group.empty() || iequals(queue::group_of(*config, e).name, how.group)) && filter(e);
  }, how.demanded);
}

size_t QueueRuns::start(const Filter& filter) {
  const Rules how = rules(services_.settings()->config->options);
  return skipped(how) ? 0 : start(filter, how);
}

void QueueRuns::look_at_load() {
  const int now = load();
  if (!policy::reached(background_.load, now)) return;
  const policy::QueueAt limit = background_;
  const size_t ended = services_.queue.end_runs([limit, now](long priority) { return limit.waits(now, priority); });
  if (ended != 0) services_.log.line(9, LogPriority::kInfo, "NOQUEUE", fmt::format("runqueue: Flushing queue: {} messages wait (LA {})", ended, now));
}

// sendmail: -Q[reason]: quarantine_queue(). A reason for what has none (-qQ: for what has one), or an end to it.
net::Task<> QueueRuns::quarantine(json j, admin::RunAnswer& answer) {
  std::vector<queue::Envelope> meant = services_.queue.list();
  std::erase_if(meant, [&j](const queue::Envelope& e) { return !admin::selected(e, j); });
  queue::RunRules all;
  all.order = 'n';
  std::string text;
  for (const queue::GroupQueue& q : queue::by_group(std::move(meant), *services_.settings()->config, all, system_random(), admin::field(j, "group", ""))) {
    text += q.messages.empty() ? q.directory + ": no matches\n" : fmt::format("Processing {}:\n", q.directory);
    for (const queue::Envelope& e : q.messages) {
      std::string line;
      const bool changed = co_await quarantine_one(e, admin::field(j, "quarantine", ""), line);
      text += line;
      answer.changed += changed ? 1 : 0;
    }
  }
  if (!admin::field(j, "verbose", false)) co_return;
  answer.text = text + (answer.changed == 0 ? "No changes\n" : fmt::format("{} change{}\n", answer.changed, answer.changed == 1 ? "" : "s"));
}

// Whether it was changed, and what -v says of it.
net::Task<bool> QueueRuns::quarantine_one(const queue::Envelope& e, std::string reason, std::string& line) {
  const std::string before = e.quarantine_reason;
  if (before == reason) {
    if (!reason.empty()) line = fmt::format("{}: Already quarantined with \"{}\"\n", e.id, reason);
    co_return false;
  }
  std::function<void(queue::Envelope&)> set = [reason](queue::Envelope& x) { x.quarantine_reason = reason; };
  const Result<> done = co_await services_.queue.update(services_.loop, e.id, std::move(set));
  if (!done.ok()) co_return false;
  services_.log.line(8, LogPriority::kInfo, e.id, reason.empty() ? "unquarantine" : "quarantine=" + reason);
  if (reason.empty()) line = fmt::format("{}: Removed quarantine of \"{}\"\n", e.id, before);
  else if (before.empty()) line = fmt::format("{}: Quarantined with \"{}\"\n", e.id, reason);
  else line = fmt::format("{}: Quarantine changed from \"{}\" to \"{}\"\n", e.id, before, reason);
  co_return true;
}

net::Task<int> QueueRuns::deliver_all(std::vector<queue::GroupQueue> groups, Rules how, std::shared_ptr<const deliver::Settings> with, bool verbose, std::shared_ptr<Told> told) {
  deliver::Foreground f;
  f.verbose = verbose;
  f.of_queue_run = true;
  f.tells_failures = how.tells_failures;
  f.traffic_log = told->log;
  f.say = [told](std::string line) { told->say(line); };
  for (const queue::GroupQueue& q : groups) {
    for (size_t i = 0; i < q.messages.size(); ++i) {
      const queue::Envelope& e = q.messages[i];
      const std::string which = fmt::format("{}/{} (sequence {} of {})", q.directory, e.id, i + 1, q.messages.size());
      if (how.limit.waits(load(), e.priority)) {
        f.tell(fmt::format("\nSkipping {} and flushing rest of queue", which));
        services_.log.line(9, LogPriority::kInfo, "NOQUEUE",
                           fmt::format("runqueue: Flushing queue from {}/{} (pri {}, LA {}, {} of {})", q.directory, e.id, e.priority, load(), i + 1, q.messages.size()));
        break;
      }
      std::optional<queue::Job> job = co_await services_.queue.lease(services_.loop, e.id, how.demanded);
      if (!job) continue;   // gone, or somebody else is at it
      f.exit = EX_OK;   // sendmail: dowork(): what the last one leaves with
      f.tell("\nRunning " + which);
      co_await deliverer_.deliver(std::move(*job), with, f);
    }
  }
  co_await deliverer_.close(f);
  co_return f.exit;
}

}  // namespace hky::cmd
