// Users: who the processes run as. Names are configured, never compiled in; a host without the engine's user, or a start
// by an ordinary user, runs everything as the one who started it (design, decision 5).
#pragma once

#include <string>

#include "base/error.h"

namespace hky::process {

struct Identity {
  std::string name;
  unsigned uid = 0, gid = 0;
  bool change = false;      // false: stay who we are
  std::string group;        // and of this group, where there is one
  bool reads_all = false;   // keeps the right to read any file (Linux: CAP_DAC_READ_SEARCH, nothing else)
};

// root and the user exists: that user; else who we are.
Identity engine_identity(const std::string& user);
// Who the auth process is: `user`, else the engine's user, else who we are; of `group` besides. sasldb and keytabs may be root's
// alone (sendmail insists on it), so it keeps the right to read; where a system cannot grant that alone it stays root.
Identity auth_identity(const std::string& user, const std::string& group, const std::string& engine_user);
// Groups, gid, uid, for good; checked afterwards. No capability survives.
Result<> become(const Identity& identity);
bool running_as_root();
// The name ps and top show ("hikyaku-engine").
void set_process_name(const char* name);

}  // namespace hky::process
