// Running a program as a user: message on its standard input, what it prints caught, its end told as a sysexits code.
// Blocking: for the pool of programs.
#pragma once

#include "agent/world.h"

namespace hky::agent {

// Killed by a signal or out of time: EX_TEMPFAIL. Not to be executed: EX_UNAVAILABLE, or EX_OSERR where it may pass.
// `directory` may be a list "a:b:c" (sendmail: D= of the M line): the first that can be entered.
ipc::Outcome run_program(const World& world, const ipc::RunProgram& request, size_t output_limit);

}  // namespace hky::agent
