// Who we run as: see users.h.
#include "process/users.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <cerrno>
#include <vector>

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

Identity auth_identity(const std::string& user, const std::string& group, const std::string& engine_user) {
  Identity id = engine_identity(user);
  if (!id.change) {
#ifdef __linux__
    id = engine_identity(engine_user);   // told apart by its capability: the engine may not trace it
#else
    (void)engine_user;
#endif
  }
  id.group = group;
  id.reads_all = id.change;
  return id;
}

namespace {

Result<> take_groups(const Identity& identity) {
  if (::initgroups(identity.name.c_str(), identity.gid) != 0) return errno_error(errno, "initgroups for " + identity.name);
  const group* extra = identity.group.empty() ? nullptr : ::getgrnam(identity.group.c_str());
  if (extra != nullptr) {
    const int have = ::getgroups(0, nullptr);
    std::vector<gid_t> groups(have > 0 ? static_cast<size_t>(have) : 0);
    if (have > 0 && ::getgroups(have, groups.data()) != have) return errno_error(errno, "getgroups");
    groups.push_back(extra->gr_gid);
    if (::setgroups(groups.size(), groups.data()) != 0) return errno_error(errno, "setgroups for " + identity.name);
  }
  if (::setgid(identity.gid) != 0) return errno_error(errno, "setgid for " + identity.name);
  return {};
}

#ifdef __linux__
// Of all rights of root that of reading, or none where that is not to be had (a container).
void keep_reading() {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  data[0].effective = data[0].permitted = 1u << CAP_DAC_READ_SEARCH;
  if (::syscall(SYS_capset, &head, data) == 0) return;
  data[0].effective = data[0].permitted = 0;
  ::syscall(SYS_capset, &head, data);
}
#endif

}  // namespace

Result<> become(const Identity& identity) {
  if (!identity.change) return {};
  HKY_TRY(take_groups(identity));
#ifdef __linux__
  if (identity.reads_all) ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
#endif
  if (::setuid(identity.uid) != 0) return errno_error(errno, "setuid for " + identity.name);
#ifdef __linux__
  if (identity.reads_all) {
    keep_reading();
    ::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);   // no core file, no debugger: it holds passwords
  }
#endif
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
