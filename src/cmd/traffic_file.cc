#include "cmd/traffic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

namespace hky::cmd {

Result<int> open_traffic_file(const std::string& name) {
  int fd = -1;
  if (name.starts_with('|')) {
    // Never pclose()d: who reads it ends with us.
    if (std::FILE* to = ::popen(name.c_str() + 1, "w"); to != nullptr) fd = ::fileno(to);
    if (fd >= 0) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  } else {
    fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  }
  if (fd < 0) return permanent_error(fmt::format("cannot open {}: {}", name, std::strerror(errno)));
  return fd;
}

std::unique_ptr<TrafficLog> traffic_log_to(int fd, long first, bool one) {
  if (fd < 0) return nullptr;
  auto write = [fd](std::string_view lines) {
    while (!lines.empty()) {
      const ssize_t n = ::write(fd, lines.data(), lines.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;   // a full disk costs the log, not the mail
      lines.remove_prefix(static_cast<size_t>(n));
    }
  };
  return std::make_unique<TrafficLog>(write, first, one);
}

}  // namespace hky::cmd
