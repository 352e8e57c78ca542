// Clock: the only door to the time. Production opens it on the kernel, tests and the simulator on a hand-moved clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace hky {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual MonoTime mono() const = 0;  // never goes back
};

// The kernel's clocks. Stateless; one object serves all threads.
Clock& system_clock();

// Stands still until moved; wall and mono move together.
class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t unix_seconds = 1'790'000'000);
  WallTime wall() const override { return wall_; }
  MonoTime mono() const override { return mono_; }
  void advance(Duration by);

 private:
  WallTime wall_;
  MonoTime mono_{};
};

inline int64_t unix_seconds(WallTime t) {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

}  // namespace hky
