#include "process/file_broker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/descriptor.h"
#include "process/pass_descriptor.h"

namespace hky::process {
namespace {

constexpr size_t kMaxPath = 4096;

Descriptor open_allowed(const std::string& path, const std::vector<std::string>& directories, int& error) {
  const std::string directory = path.substr(0, path.rfind('/'));
  error = EACCES;
  if (path.find("/../") != std::string::npos) return Descriptor();
  if (std::find(directories.begin(), directories.end(), directory) == directories.end()) return Descriptor();
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    error = errno;
    return file;
  }
  struct stat st {};
  if (::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode)) return Descriptor();
  error = 0;
  return file;
}

}  // namespace

Result<int> FileBroker::ask(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (path.size() > kMaxPath) return errno_error(ENAMETOOLONG, "open " + path);
  if (::send(fd_, path.data(), path.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(path.size())) return errno_error(errno, "open " + path);
  const PassedDescriptor answer = receive_descriptor(fd_);
  if (answer.fd < 0) return errno_error(!answer.arrived ? EPIPE : answer.byte != 0 ? answer.byte : EACCES, "open " + path);
  return answer.fd;
}

void serve_files(int fd, const std::vector<std::string>& directories) {
  std::string path(kMaxPath + 1, '\0');
  while (true) {
    const ssize_t n = ::recv(fd, path.data(), path.size(), 0);  // SOCK_SEQPACKET: one path a packet
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    int error = 0;
    const Descriptor file = open_allowed(path.substr(0, static_cast<size_t>(n)), directories, error);
    if (!send_descriptor(fd, static_cast<unsigned char>(error), file.get())) return;  // 0, or the errno
  }
}

}  // namespace hky::process
