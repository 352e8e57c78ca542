// Queue ids of sendmail's form, 14 characters: year, month, day, hour, minute, second (UTC), two of a sequence, each in
// base 60 (0-9 A-Z a-x); then six digits. sendmail puts its pid there; here the first three are the opening of the queue (its
// epoch modulo 1,000) and the last three extend the sequence, so that ids are unique over restarts and at any rate.
// Threads: next() from any.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "queue/envelope.h"

namespace hky::queue {

class IdMaker {
 public:
  IdMaker(const Clock& clock, Random& random, uint64_t epoch);
  QueueId next();
  // Made by this opening of the queue (or, at the same place in the cycle, a thousand openings ago).
  bool mine(std::string_view id) const;

 private:
  const Clock& clock_;
  const unsigned opening_;
  std::mutex mutex_;
  int64_t second_ = 0;       // never goes back, whatever the clock does
  uint32_t first_ = 0, used_ = 0;
};

bool looks_like_id(std::string_view text);

}  // namespace hky::queue
