// DiskGauge: what is free where a folder lies. It is asked once a second at the most: each session wants to know, and it is a
// system call. Who calls it: engine.cc, one for each loop. Threads: its loop's.
#pragma once

#include <string>

#include "base/clock.h"
#include "receive/services.h"

namespace hky::cmd {

class DiskGauge {
 public:
  explicit DiskGauge(std::string folder) : folder_(std::move(folder)) {}
  receive::DiskSpace operator()();   // of a folder that cannot be asked: as much as one likes

 private:
  std::string folder_;
  receive::DiskSpace known_;
  MonoTime asked_{};
};

}  // namespace hky::cmd
