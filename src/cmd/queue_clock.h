// QueueClock: of which queue groups a run is due: -q30m, and the groups that have an interval of their own (I=). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cf/config.h"
#include "queue/schedule.h"

namespace hky::cmd {

class QueueClock {
 public:
  explicit QueueClock(int64_t now) : began_(now) {}   // seconds of any clock; all groups had a run then

  // Names as an envelope has them ("": mqueue). They count as run now.
  std::vector<std::string> due(const cf::Config& config, const queue::RetryOptions& retry, int64_t now);
  // Seconds until the next is due; of a configuration that may have changed since. At least 1.
  int64_t wait(const cf::Config& config, const queue::RetryOptions& retry, int64_t now) const;

 private:
  int64_t next(const std::string& group, const queue::RetryOptions& retry) const;
  int64_t began_;
  std::map<std::string, int64_t> last_;
};

}  // namespace hky::cmd
