#include "process/directories.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace hky::process {

Result<> make_directory(const std::string& path, unsigned mode, unsigned uid, unsigned gid) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string parent = path.substr(0, at);
    if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) return errno_error(errno, "mkdir " + parent);
  }
  if (::mkdir(path.c_str(), mode) != 0) {
    if (errno != EEXIST) return errno_error(errno, "mkdir " + path);
    struct stat st {};
    if (::stat(path.c_str(), &st) == 0 && st.st_uid == uid) return {};
  }
  if (::geteuid() == 0 && ::chown(path.c_str(), uid, gid) != 0) return errno_error(errno, "chown " + path);
  if (::chmod(path.c_str(), mode) != 0) return errno_error(errno, "chmod " + path);
  return {};
}

}  // namespace hky::process
