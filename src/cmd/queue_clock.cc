#include "cmd/queue_clock.h"

#include <algorithm>

#include "queue/groups.h"

namespace hky::cmd {

int64_t QueueClock::next(const std::string& group, const queue::RetryOptions& retry) const {
  const auto last = last_.find(group);
  return (last == last_.end() ? began_ : last->second) + std::max<int64_t>(queue::run_interval(retry, group), 1);
}

std::vector<std::string> QueueClock::due(const cf::Config& config, const queue::RetryOptions& retry, int64_t now) {
  std::vector<std::string> out;
  for (const cf::QueueGroup& g : config.queue_groups) {
    std::string group = queue::stored_name(config, g);
    if (next(group, retry) > now) continue;
    last_[group] = now;
    out.push_back(std::move(group));
  }
  return out;
}

int64_t QueueClock::wait(const cf::Config& config, const queue::RetryOptions& retry, int64_t now) const {
  int64_t soonest = next("", retry);
  for (const cf::QueueGroup& g : config.queue_groups) soonest = std::min(soonest, next(queue::stored_name(config, g), retry));
  return std::max<int64_t>(soonest - now, 1);
}

}  // namespace hky::cmd
