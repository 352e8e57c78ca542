#include "receive/load_gate.h"

#include <fmt/format.h>

namespace hky::receive {
namespace {

constexpr auto kLookAgain = std::chrono::seconds(5);

// sendmail: pintvl(), brief: "00:03:00", "1+00:00:00".
std::string interval(int64_t seconds) {
  const std::string days = seconds >= 86400 ? fmt::format("{}+", seconds / 86400) : "";
  return days + fmt::format("{:02}:{:02}:{:02}", seconds % 86400 / 3600, seconds % 3600 / 60, seconds % 60);
}

}  // namespace

net::Task<> wait_for_load(const Services& s, std::string daemon) {
  if (s.load == nullptr) co_return;
  const int64_t began = unix_seconds(s.clock.wall());
  int64_t told = 0;
  for (;;) {
    const std::shared_ptr<const Settings> settings = s.settings();
    const cf::Options& o = settings->config->options;
    const int load = s.load->now();
    if (!policy::refuses(o, load)) {
      if (policy::delays(o, load)) co_await s.loop.sleep(std::chrono::seconds(1));
      co_return;
    }
    const int64_t now = unix_seconds(s.clock.wall()), every = o.reject_log_interval.count();
    if (told == 0) {
      s.log.line(9, LogPriority::kNotice, "NOQUEUE", fmt::format("rejecting connections on daemon {}: load average: {}", daemon, load));
      told = now;
    } else if (every > 0 && now - told >= every) {
      s.log.line(9, LogPriority::kNotice, "NOQUEUE", fmt::format("have been rejecting connections on daemon {} for {}", daemon, interval(now - began)));
      told = now;
    }
    co_await s.loop.sleep(kLookAgain);
  }
}

}  // namespace hky::receive
