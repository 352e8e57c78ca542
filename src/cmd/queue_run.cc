#include "cmd/queue_run.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/json_field.h"
#include "admin/queue_select.h"
#include "base/sysexits.h"
#include "cf/options.h"
#include "deliver/smtp_pool.h"

namespace hky::cmd {

using nlohmann::json;

net::Task<Result<admin::RunAnswer>> QueueRuns::run(admin::Caller caller, json j) {
  const bool restricted = services_.settings()->config->options.privacy(cf::kPrivRestrictQrun);
  if (!caller.uid || (restricted && !caller.privileged)) co_return permanent_error("You do not have permission to process the queue", 550, "5.7.0");
  admin::RunAnswer answer;
  if (!admin::field(j, "foreground", false)) {
    answer.changed = services_.queue.flush([&j](const queue::Envelope& e) { return admin::selected(e, j); });
    co_return answer;
  }
  std::vector<queue::Envelope> chosen = services_.queue.list();
  std::erase_if(chosen, [&](const queue::Envelope& e) { return !admin::selected(e, j) || e.held || !e.quarantine_reason.empty(); });
  std::sort(chosen.begin(), chosen.end(), [](const queue::Envelope& a, const queue::Envelope& b) {
    return std::tie(a.priority, a.created, a.id) < std::tie(b.priority, b.created, b.id);
  });
  std::vector<queue::QueueId> ids;
  for (const queue::Envelope& e : chosen) ids.push_back(e.id);
  answer.changed = ids.size();
  const bool verbose = admin::field(j, "verbose", false);
  co_await deliver_all(std::move(ids), verbose, answer.text);
  co_return answer;
}

net::Task<> QueueRuns::deliver_all(std::vector<queue::QueueId> ids, bool verbose, std::string& text) {
  deliver::Foreground f;
  f.verbose = verbose;
  std::string* out = &text;
  f.say = [out](std::string line) { *out += line + '\n'; };
  const std::string directory = services_.settings()->config->options.queue_directory;
  for (size_t i = 0; i < ids.size(); ++i) {
    std::optional<queue::Job> job = co_await services_.queue.lease(services_.loop, ids[i]);
    if (!job) continue;   // gone, or somebody else is at it
    f.tell(fmt::format("\nRunning {}/{} (sequence {} of {})", directory, ids[i], i + 1, ids.size()));
    co_await deliverer_.deliver(std::move(*job), nullptr, f);
  }
  co_await deliverer_.close(f);
}

}  // namespace hky::cmd
