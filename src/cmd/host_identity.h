// Who this host is: its name, other names, addresses and interfaces, as sendmail finds them at its start.
// A named adapter: the only place that asks the kernel for the host's name and interfaces.
// sendmail: conf.c/daemon.c myhostname(), sm_gethostbyname(), load_if_names(). Who calls it: runtime.cc.
#pragma once

#include <optional>
#include <string>

#include "cf/reader.h"
#include "dns/names.h"
#include "net/loop.h"

namespace hky::cmd {

// uname -n; "localhost" where it is empty.
std::string kernel_host_name();
// This process's time zone as TimeZoneSpec has it: without one the system's, whatever TZ the caller has; with an empty one his.
void use_time_zone(const std::optional<std::string>& spec);
// How far local time is ahead of UTC, now.
int gmt_offset_minutes();

// Names by the hosts file and DNS of `names`; blocks for the few look-ups it needs.
cf::HostIdentity find_host_identity(net::Loop& loop, const dns::NameEnvironment& names);

// Accounts and groups of the system (getpwnam, getgrnam), and a program's output (F{X}|program).
cf::ReadDoors system_read_doors(const std::string& root);

// The name of the user who runs this process; empty when he has none.
std::string current_user();

}  // namespace hky::cmd
