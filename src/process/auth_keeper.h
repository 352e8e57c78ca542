// AuthKeeper: the master's care for the auth process: it starts one, hands the connection to the engine through a door (a packet
// socket pair that carries descriptors), and replaces one that ends: at once, or later each time one dies young.
// Who calls it: master.cc. Threads: none running.
#pragma once

#include <sys/types.h>

#include <functional>

#include "base/clock.h"
#include "base/descriptor.h"
#include "process/master.h"

namespace hky::process {

class AuthKeeper {
 public:
  // `in_child`: gives the signals back their defaults and closes what the child has inherited of the master.
  AuthKeeper(const MasterPlan& plan, std::function<void()> in_child) : plan_(plan), in_child_(std::move(in_child)) {}

  // A door for a new engine, and the first auth process behind it. Returns the engine's end.
  Result<Descriptor> open_door();
  // Another process; the one before, if any, leaves with its last dialogue.
  void start();
  // What may be due by now.
  void on_time();
  int poll_limit() const;          // milliseconds until then, -1: nothing is due
  void ended(pid_t pid);           // ours or not
  // No more of them. The last one goes when the engine has; kill() does not wait for that.
  void stop_replacing();
  void kill();
  pid_t pid() const { return pid_; }
  void leave() { door_.reset(); }   // in another child

 private:
  [[noreturn]] void run_child(int fd);

  const MasterPlan& plan_;
  std::function<void()> in_child_;
  pid_t pid_ = -1;
  Descriptor door_;
  Descriptor engine_end_;          // until open_door() returns it
  bool replacing_ = true;
  int deaths_ = 0;
  MonoTime started_{}, due_{};     // due_: when the next one starts, where one has died
};

}  // namespace hky::process
