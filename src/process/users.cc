// Who we run as: see users.h.
#include "process/users.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>

namespace hky::process {

bool running_as_root() { return ::geteuid() == 0; }

Identity engine_identity(const std::string& user) {
  Identity id;
  id.uid = ::geteuid();
  id.gid = ::getegid();
  if (!running_as_root() || user.empty()) return id;
  const passwd* pw = ::getpwnam(user.c_str());
  if (pw == nullptr) return id;
  id.name = user;
  id.uid = pw->pw_uid;
  id.gid = pw->pw_gid;
  id.change = true;
  return id;
}

Result<> become(const Identity& identity) {
  if (!identity.change) return {};
  if (::initgroups(identity.name.c_str(), identity.gid) != 0) return errno_error(errno, "initgroups for " + identity.name);
  if (::setgid(identity.gid) != 0) return errno_error(errno, "setgid for " + identity.name);
  if (::setuid(identity.uid) != 0) return errno_error(errno, "setuid for " + identity.name);
  // A saved root id would make all of this worth nothing.
  if (identity.uid != 0 && ::setuid(0) == 0) return bug_error("root could be had back after becoming " + identity.name);
  return {};
}

void set_process_name([[maybe_unused]] const char* name) {
#ifdef __linux__
  ::prctl(PR_SET_NAME, name);
#endif
}

}  // namespace hky::process
