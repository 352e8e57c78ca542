// Binding: see listeners.h.
#include "process/listeners.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hky::process {
namespace {

Error bind_error(const ListenAt& at, int err) {
  const std::string where = (at.address.empty() ? "*" : at.address) + " port " + std::to_string(at.port);
  std::string cure;
  if (err == EADDRINUSE) cure = "; another mail system runs there: stop it, or choose another port (DaemonPortOptions)";
  if (err == EADDRNOTAVAIL) cure = "; this host has no such address: see Addr= in DaemonPortOptions";
  if (err == EACCES) cure = "; only root may bind ports below 1024: start as root, or choose a high port";
  return permanent_error("cannot listen on " + where + ": " + std::strerror(err) + cure, 554, "5.3.0");
}

void set(int fd, int level, int name, int value = 1) { ::setsockopt(fd, level, name, &value, sizeof value); }

struct Address {
  sockaddr_in in{};
  sockaddr_in6 in6{};
  bool v6 = false;
  const sockaddr* get() const { return v6 ? reinterpret_cast<const sockaddr*>(&in6) : reinterpret_cast<const sockaddr*>(&in); }
  socklen_t size() const { return v6 ? sizeof in6 : sizeof in; }
};

Result<Address> address_of(const ListenAt& at) {
  Address a;
  a.v6 = at.address.find(':') != std::string::npos;
  a.in.sin_family = AF_INET;
  a.in6.sin6_family = AF_INET6;
  a.in.sin_port = a.in6.sin6_port = htons(static_cast<uint16_t>(at.port));
  const std::string text = at.address.empty() ? "0.0.0.0" : at.address;
  const int good = a.v6 ? ::inet_pton(AF_INET6, text.c_str(), &a.in6.sin6_addr) : ::inet_pton(AF_INET, text.c_str(), &a.in.sin_addr);
  if (good != 1) return bind_error(at, EADDRNOTAVAIL);
  return a;
}

// sendmail: a socket of IPv6 takes IPv4 too; two for one port are told apart here.
bool for_v6_alone(const ListenAt& at, const std::vector<ListenAt>& all) {
  return at.address != "::" || std::any_of(all.begin(), all.end(), [&at](const ListenAt& other) { return other.port == at.port && other.address.find(':') == std::string::npos; });
}

Result<Descriptor> open_listening(const ListenAt& at, bool v6_alone, bool shared) {
  HKY_TRY_ASSIGN(const Address address, address_of(at));
  Descriptor s(::socket(address.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!s) return bind_error(at, errno);
  set(s.get(), SOL_SOCKET, SO_REUSEADDR);
  if (address.v6) set(s.get(), IPPROTO_IPV6, IPV6_V6ONLY, v6_alone ? 1 : 0);
  if (shared) set(s.get(), SOL_SOCKET, SO_REUSEPORT);
  if (at.send_buffer > 0) set(s.get(), SOL_SOCKET, SO_SNDBUF, at.send_buffer);
  if (at.receive_buffer > 0) set(s.get(), SOL_SOCKET, SO_RCVBUF, at.receive_buffer);
  if (::bind(s.get(), address.get(), address.size()) != 0 || ::listen(s.get(), at.backlog) != 0) return bind_error(at, errno);
  return s;
}

// SO_REUSEPORT lets several sockets of ours share the port, and would let another process of this user join them unseen:
// so the port is first bound without it.
Result<> check_free(const ListenAt& at, bool v6_alone) {
  HKY_TRY(open_listening(at, v6_alone, false));
  return {};
}

void close_all(const std::vector<std::vector<Listening>>& all) {
  for (const auto& loop : all)
    for (const Listening& l : loop) ::close(l.fd);
}

bool somebody_answers(const sockaddr_un& at) {
  const Descriptor s(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return s && ::connect(s.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

}  // namespace

Result<std::vector<std::vector<Listening>>> bind_all(const std::vector<ListenAt>& wanted, unsigned loops) {
  std::vector<std::vector<Listening>> all(loops);
  for (const ListenAt& at : wanted) {
    const bool v6_alone = for_v6_alone(at, wanted);
    if (auto free = check_free(at, v6_alone); !free.ok()) {
      if (at.optional) continue;
      close_all(all);
      return free.error();
    }
    for (unsigned i = 0; i < loops; ++i) {
      auto opened = open_listening(at, v6_alone, true);
      if (!opened.ok()) {
        close_all(all);
        return opened.error();
      }
      all[i].push_back(Listening{opened->release(), at.daemon});
    }
  }
  return all;
}

Result<Descriptor> bind_control(const std::string& path) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (path.size() >= sizeof at.sun_path)
    return permanent_error("control socket path is too long for this system: " + path + "; choose a shorter --root", 554, "5.3.5");
  std::memcpy(at.sun_path, path.c_str(), path.size() + 1);
  if (somebody_answers(at)) return temporary_error("an engine is running already (" + path + ")");
  ::unlink(path.c_str());
  Descriptor s(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!s) return errno_error(errno, "control socket");
  const mode_t old = ::umask(0);  // everybody may submit; who may do what is decided by the peer's uid
  const int bound = ::bind(s.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at);
  const int err = errno;
  ::umask(old);
  if (bound != 0 || ::listen(s.get(), 128) != 0) return errno_error(bound != 0 ? err : errno, "control socket " + path);
  return s;
}

}  // namespace hky::process
