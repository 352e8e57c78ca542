// The "to=" lines of the log, as sendmail writes them. (sendmail: deliver.c logdelivery(), conf.c pintvl().) Pure.
#pragma once

#include <string>
#include <vector>

#include "deliver/fate.h"

namespace hky::deliver {

// "00:01:07", "2+03:04:05".
std::string short_interval(int64_t seconds);

struct DeliveryLine {
  std::vector<std::string> to;   // as given: "<joe@x>", "joe"
  int64_t delay = 0, xdelay = 0;
  std::string mailer;            // "" when none was reached
  long priority = 0;
};
std::string delivery_line(const DeliveryLine& line, const Fate& fate);
// sendmail: success 8, deferral 9, failure 7.
int log_level_of(const Fate& fate);

}  // namespace hky::deliver
