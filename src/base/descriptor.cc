#include "base/descriptor.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace hky {

Result<DescriptorPair> open_pipe(int flags) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | flags) != 0) return errno_error(errno, "pipe");
  return DescriptorPair{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<DescriptorPair> open_socket_pair(int type, const char* what_for) {
  int ends[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) return errno_error(errno, std::string("socket pair of ") + what_for);
  return DescriptorPair{Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace hky
