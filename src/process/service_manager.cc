#include "process/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>

namespace hky::process {

ServiceManager::ServiceManager() {
  const char* named = std::getenv("NOTIFY_SOCKET");
  if (named == nullptr) return;
  const std::string path = named;
  ::unsetenv("NOTIFY_SOCKET");
  sockaddr_un at{};
  // sd_notify(3): a path, or with @ in front a name in the abstract space. Other address families mean nothing here.
  if (path.size() < 2 || path.size() >= sizeof at.sun_path || (path[0] != '/' && path[0] != '@')) return;
  at.sun_family = AF_UNIX;
  path.copy(at.sun_path, path.size());
  if (path[0] == '@') at.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), length) == 0) socket_ = std::move(socket);
}

void ServiceManager::say(std::string_view lines) const {
  if (socket_) (void)!::send(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL);
}

}  // namespace hky::process
