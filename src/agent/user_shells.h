// /etc/shells: users with another shell mail neither to programs nor to files (sendmail: usershellok()). Blocking: for workers; threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ipc/agent.h"

namespace hky::agent {

// getusershell(3): every path of the text, comments left out.
std::vector<std::string> shells_of(std::string_view text);
// Sets user.shell_listed and any_shell by /etc/shells, which is read again when it changes; without it /bin/sh and /bin/csh are the shells.
void judge_shell(ipc::User& user, std::string_view shell);

}  // namespace hky::agent
