// Running a program as a user: message on its standard input, what it prints caught, its end told as a sysexits code; or spoken to by others.
// Blocking: for the pool of programs.
#pragma once

#include "agent/world.h"

namespace hky::agent {

// Killed by a signal or out of time: EX_TEMPFAIL. Not to be executed: EX_UNAVAILABLE, or EX_OSERR where it may pass.
// `directory` may be a list "a:b:c" (sendmail: D= of the M line): the first that can be entered.
ipc::Outcome run_program(const World& world, const ipc::RunProgram& request, size_t output_limit);
// Its standard input and output are these (ipc::Agent::speak_to()). Hung up on, it is given request.timeout_seconds to end by itself.
ipc::Outcome speak_to_program(const World& world, const ipc::RunProgram& request, Descriptor input, Descriptor output, size_t output_limit);

}  // namespace hky::agent
