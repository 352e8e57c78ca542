// Users of the host's processes: configured names, looked up once at the start (design, decision 5).
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace hky::process {

struct Identity {
  std::string user;
  unsigned uid = 0, gid = 0;
  std::vector<unsigned> groups;  // supplementary, with gid
  std::string home;
  bool current = false;          // nothing to change: we run as it
};

bool running_as_root();
// "user", "user:group" or a numeric id. Not root: always the current user, whatever the name. A missing one: permanent error.
Result<Identity> find_identity(const std::string& name);
Identity current_identity();
// Drops to it for good: groups, gid, uid (saved ids too). Refuses to go on as root when asked for somebody else.
Result<> become(const Identity& identity);

}  // namespace hky::process
