// Acting as somebody else: see identity.h.
#include "agent/identity.h"

#include <grp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace hky::agent {
namespace {

// The C library changes the ids of all threads; the kernel's own calls change those of this one. Systems without them
// do the change for the process: there one worker must serve.
#ifdef __linux__
int set_groups(const std::vector<gid_t>& groups) { return int(::syscall(SYS_setgroups, groups.size(), groups.data())); }
int set_effective_gid(gid_t gid) { return int(::syscall(SYS_setresgid, -1, gid, -1)); }
int set_effective_uid(uid_t uid) { return int(::syscall(SYS_setresuid, -1, uid, -1)); }
#else
int set_groups(const std::vector<gid_t>& groups) { return ::setgroups(int(groups.size()), groups.data()); }
int set_effective_gid(gid_t gid) { return ::setegid(gid); }
int set_effective_uid(uid_t uid) { return ::seteuid(uid); }
#endif

}  // namespace

bool can_change_user() {
  static const bool root = ::getuid() == 0 && ::geteuid() == 0;
  return root;
}

std::vector<gid_t> groups_of(const ipc::Who& who) {
  int count = 64;
  std::vector<gid_t> groups{gid_t(who.gid)};
  if (who.user.empty()) return groups;
  groups.resize(size_t(count));
  if (::getgrouplist(who.user.c_str(), gid_t(who.gid), groups.data(), &count) < 0) {
    groups.resize(size_t(count));
    if (::getgrouplist(who.user.c_str(), gid_t(who.gid), groups.data(), &count) < 0) count = 0;
  }
  groups.resize(size_t(count));
  if (groups.empty()) groups.push_back(gid_t(who.gid));
  return groups;
}

AsUser::AsUser(const ipc::Who& who) {
  if (!can_change_user() || who.uid == 0) return;
  changed_ = true;
  if (set_groups(groups_of(who)) != 0 || set_effective_gid(gid_t(who.gid)) != 0 || set_effective_uid(uid_t(who.uid)) != 0) {
    entered_ = errno_error(errno, "become " + who.user);
    leave();
  }
}

void AsUser::leave() {
  if (!changed_) return;
  changed_ = false;
  // A worker that cannot come back must not serve the next owner as this one.
  HKY_CHECK(set_effective_uid(0) == 0 && set_effective_gid(0) == 0 && set_groups({0}) == 0);
}

}  // namespace hky::agent
