#include "receive/load_gate.h"

#include <fmt/format.h>

namespace hky::receive {
namespace {

// Why a connection waits, and until when it is looked again.
struct Refusal { LogPriority priority; std::string why; Duration pause; };

// sendmail: pintvl(), brief: "00:03:00", "1+00:00:00".
std::string interval(int64_t seconds) {
  const std::string days = seconds >= 86400 ? fmt::format("{}+", seconds / 86400) : "";
  return days + fmt::format("{:02}:{:02}:{:02}", seconds % 86400 / 3600, seconds % 3600 / 60, seconds % 60);
}

std::optional<Refusal> refusal(const Services& s, const cf::Options& o, const Daemon& daemon, int64_t now) {
  if (const int load = s.load == nullptr ? 0 : s.load->now(); policy::reached(policy::own_or(daemon.refuse_la, o.refuse_la), load))
    return Refusal{LogPriority::kNotice, fmt::format("rejecting connections on daemon {}: load average: {}", daemon.name, load), std::chrono::seconds(5)};
  const auto too_many = [&daemon](long most) {
    return Refusal{LogPriority::kInfo, fmt::format("rejecting connections on daemon {}: {} children, max {}", daemon.name, most, most), std::chrono::milliseconds(100)};
  };
  switch (s.rates.enter(daemon.name, now, policy::Rates::Limits{o.max_daemon_children, daemon.children, o.connection_rate_throttle})) {
    case policy::Rates::Turn::kTooMany: return too_many(o.max_daemon_children);
    case policy::Rates::Turn::kDaemonFull: return too_many(daemon.children);
    case policy::Rates::Turn::kTooFast:
      return Refusal{LogPriority::kNotice, fmt::format("deferring connections on daemon {}: {} per second", daemon.name, o.connection_rate_throttle), std::chrono::seconds(1)};
    case policy::Rates::Turn::kYours: break;
  }
  return std::nullopt;
}

}  // namespace

net::Task<> wait_for_turn(const Services& s, Daemon daemon) {
  const int64_t began = unix_seconds(s.clock.wall());
  int64_t told = 0;
  for (;;) {
    const std::shared_ptr<const Settings> settings = s.settings();
    const cf::Options& o = settings->config->options;
    const int64_t now = unix_seconds(s.clock.wall()), every = o.reject_log_interval.count();
    const std::optional<Refusal> no = refusal(s, o, daemon, now);
    if (!no) {
      if (s.load != nullptr && policy::reached(policy::own_or(daemon.delay_la, o.delay_la), s.load->now())) co_await s.loop.sleep(std::chrono::seconds(1));
      co_return;
    }
    if (told == 0) {
      s.log.line(9, no->priority, "NOQUEUE", no->why);
      told = now;
    } else if (every > 0 && now - told >= every) {
      s.log.line(9, LogPriority::kNotice, "NOQUEUE", fmt::format("have been rejecting connections on daemon {} for {}", daemon.name, interval(now - began)));
      told = now;
    }
    const Duration pause = no->pause;
    co_await s.loop.sleep(pause);
  }
}

}  // namespace hky::receive
