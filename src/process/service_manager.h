// ServiceManager: what the master says to the one who started it (systemd's Type=notify): datagrams to the socket that NOTIFY_SOCKET
// names. Where the variable is not set nothing is said. Who calls it: master.cc, before it forks: the variable is taken out of the
// environment, so that no program run for a user can speak in the master's name. Threads: none yet running.
#pragma once

#include <string>
#include <string_view>

#include "base/descriptor.h"

namespace hky::process {

class ServiceManager {
 public:
  ServiceManager();

  // sd_notify(3)'s lines: "READY=1", "STOPPING=1", "STATUS=...". A manager that does not listen is no fault of ours.
  void say(std::string_view lines) const;
  void leave() { socket_.reset(); }   // in a child

 private:
  Descriptor socket_;
};

}  // namespace hky::process
