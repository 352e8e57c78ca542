// Load: the machine's load average, and what the load options say of it: QueueLA with QueueFactor, RefuseLA, DelayLA.
// Who calls it: the engine refreshes it every few seconds; sessions, submissions and queue runs compare the number that is kept.
// Threads: any.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "cf/options.h"

namespace hky::policy {

// The first figure of /proc/loadavg, rounded; -1 where there is none, as {load_avg} says it.
int load_of(std::string_view text);
std::string read_load();   // the kernel's text, or ""

class Load {
 public:
  explicit Load(std::function<std::string()> read = read_load) : read_(std::move(read)) { refresh(); }
  void refresh() { now_.store(load_of(read_()), std::memory_order_relaxed); }
  int now() const { return now_.load(std::memory_order_relaxed); }

 private:
  std::function<std::string()> read_;
  std::atomic<int> now_{0};
};

// A message of that priority waits for a lower load. sendmail: conf.c shouldqueue()
struct QueueAt {
  long load = 0, factor = 0;   // QueueLA (0: never; below it: whatever the load), QueueFactor
  bool waits(int now, long priority) const { return load != 0 && now >= load && priority > factor / (now - load + 1); }
};
// A daemon's own figure (DaemonPortOptions' refuseLA=, delayLA=, queueLA=; 0: none) stands over the option's.
inline long own_or(long own, long common) { return own > 0 ? own : common; }
inline QueueAt queue_at(const cf::Options& o, long own = 0) { return QueueAt{own_or(own, o.queue_la), o.queue_factor}; }
inline bool reached(long limit, int now) { return limit > 0 && now >= limit; }

}  // namespace hky::policy
