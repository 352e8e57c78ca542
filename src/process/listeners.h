// Sockets that the master binds: TCP with SO_REUSEPORT, one a loop, and the control socket.
// Errors name the address and the cure; a used port is EX_OSERR's (permanent), others too.
#pragma once

#include "base/descriptor.h"
#include "process/master.h"

namespace hky::process {

// [loop][...]. Closes what it had opened when one fails.
Result<std::vector<std::vector<Listening>>> bind_all(const std::vector<ListenAt>& wanted, unsigned loops);
// A stale socket (nobody answers) is replaced; a live one is an error that says so.
Result<Descriptor> bind_control(const std::string& path);

}  // namespace hky::process
