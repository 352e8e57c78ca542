#include "queue/log_lines.h"

#include <fmt/format.h>

namespace hky::queue {

void log_queued(const Envelope& envelope, Log& log) {
  constexpr int kLevel = 8;
  for (const Rcpt& r : envelope.rcpts) {
    if (r.state != RcptState::kPending || r.refused_exit != 0) continue;
    const std::string mailer = r.mailer.empty() ? "" : ", mailer=" + r.mailer;
    log.line(kLevel, LogPriority::kInfo, envelope.id, fmt::format("to={}, delay=00:00:00{}, pri={}, stat=queued", r.address, mailer, envelope.priority));
  }
}

void log_clone(const QueueId& id, const Envelope& copy, Log& log) { log.line(5, LogPriority::kInfo, id, fmt::format("{}: clone: owner={}", copy.id, copy.sender)); }

}  // namespace hky::queue
