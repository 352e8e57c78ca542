// Programs whose output is asked for: of maps (class program) and of classes (F{X}|program). sendmail: prog_open(). They run as DefaultUser.
#pragma once

#include <string>

#include "base/error.h"
#include "cf/options.h"
#include "ipc/agent.h"

namespace hky::cmd {

// words[0]: its path.
ipc::RunProgram asked_program(std::vector<std::string> words, const cf::UserId& user);
// What `command` prints, by /bin/sh, in this process and at once: an engine, which may run nothing, is told what it printed at the start.
Result<std::string> class_program_output(const std::string& command, const cf::UserId& user);

}  // namespace hky::cmd
