// The kernel's clocks and the hand-moved one: see clock.h.
#include "base/clock.h"

#include <ctime>

namespace hky {
namespace {

class KernelClock : public Clock {
 public:
  WallTime wall() const override {
    timespec t{};
    clock_gettime(CLOCK_REALTIME, &t);
    return WallTime(std::chrono::microseconds(int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000));
  }
  MonoTime mono() const override {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return MonoTime(Duration(int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec));
  }
};

}  // namespace

Clock& system_clock() {
  static KernelClock clock;
  return clock;
}

ManualClock::ManualClock(int64_t unix_seconds)
    : wall_(std::chrono::seconds(unix_seconds)), mono_(std::chrono::hours(1)) {}

void ManualClock::advance(Duration by) {
  wall_ += std::chrono::duration_cast<std::chrono::microseconds>(by);
  mono_ += by;
}

}  // namespace hky
