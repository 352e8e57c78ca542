// Told: what the engine tells a command that waits for it, and the command's side of that. Who calls it: Submission, QueueRuns; mode_bm, mode_bd.
#pragma once

#include <memory>
#include <string>

#include "admin/frame.h"
#include "base/traffic_log.h"

namespace hky::deliver {
class SmtpPool;
}

namespace hky::cmd {

// What goes back to the command: its standard output, and -X's lines ("traffic": with that number; 0: none are asked for).
struct Told {
  explicit Told(long number);
  void say(const std::string& line);
  std::string text, traffic;
  std::shared_ptr<TrafficLog> log;             // into `traffic`; null: not asked for
  long number = 0;
  std::shared_ptr<deliver::SmtpPool> pool;     // the connections of what is delivered while the command waits
};

// The command's side: prints the answer's text, and hands what follows it in the blob to -X's file; `log`: null without one.
void print_told(const admin::Frame& answer, TrafficLog* log);

}  // namespace hky::cmd
