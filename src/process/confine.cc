// What confinement means everywhere; see confine.h.
#include "process/confine.h"

namespace hky::process {

std::string Confined::text() const {
  if (files && calls) return "files and system calls";
  if (calls) return "system calls alone (this kernel has no Landlock)";
  if (files) return "files alone (this kernel filters no system calls)";
  return "nothing (this system offers neither Landlock nor seccomp)";
}

std::vector<std::string> system_files() {
  // Folders where a file is replaced by renaming (a rule for a file holds its inode, not its name): passwd, resolv.conf.
  return {"/etc", "/usr", "/lib", "/lib64", "/bin", "/sbin", "/dev/null", "/dev/urandom", "/dev/random", "/proc/self", "/proc/loadavg", "/proc/meminfo",
          "/proc/cpuinfo", "/proc/stat", "/proc/sys", "/sys/devices/system/cpu", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", "/run/nscd", "/var/lib/sss", "/var/lib/unbound"};
}

}  // namespace hky::process
