#include "deliver/log_line.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace hky::deliver {

std::string short_interval(int64_t seconds) {
  if (seconds < 0) seconds = 0;
  const std::string clock = fmt::format("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
  return seconds >= 86400 ? fmt::format("{}+{}", seconds / 86400, clock) : clock;
}

std::string delivery_line(const DeliveryLine& line, const Fate& fate) {
  std::string out = fmt::format("to={}, delay={}, xdelay={}", join(line.to, ","), short_interval(line.delay), short_interval(line.xdelay));
  if (!line.mailer.empty()) out += fmt::format(", mailer={}", line.mailer);
  out += fmt::format(", pri={}", line.priority);
  if (!fate.relay.empty()) out += fmt::format(", relay={}", fate.relay);
  out += fmt::format(", dsn={}", fate.dsn);
  if (!fate.sent() && !fate.reply.empty() && !fate.command.empty() && !fate.remote_mta.empty()) out += fmt::format(", reply={}", fate.reply);
  out += fmt::format(", stat={}", fate.text);
  return out;
}

int log_level_of(const Fate& fate) { return fate.sent() ? 8 : fate.temporary() ? 9 : 7; }

}  // namespace hky::deliver
