// A program whose output is the words of a class (F{X}|program). Who calls it: the reader of the configuration, by its doors.
#pragma once

#include <string>

#include "base/error.h"
#include "cf/options.h"

namespace hky::cmd {

// What `command` prints, by /bin/sh; as `user` where we are root. Waits for its end. sendmail: prog_open()
Result<std::string> class_program_output(const std::string& command, const cf::UserId& user);

}  // namespace hky::cmd
