// Endpoints: see address.h.
#include "net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace hky::net {

std::string to_string(const Endpoint& e) {
  if (e.is_unix) return "unix:" + e.address;
  if (e.address.find(':') != std::string::npos) return fmt::format("[{}]:{}", e.address, e.port);
  return fmt::format("{}:{}", e.address, e.port);
}

Result<SocketAddress> to_socket_address(const Endpoint& e) {
  SocketAddress a;
  if (e.is_unix) {
    if (e.address.size() >= sizeof a.local.sun_path) return permanent_error("socket path too long: " + e.address);
    a.local.sun_family = AF_UNIX;
    std::memcpy(a.local.sun_path, e.address.data(), e.address.size());
    a.size = socklen_t(offsetof(sockaddr_un, sun_path) + e.address.size() + 1);
    return a;
  }
  std::string text = e.address.empty() || e.address == "*" ? "0.0.0.0" : e.address;
  if (inet_pton(AF_INET, text.c_str(), &a.v4.sin_addr) == 1) {
    a.v4.sin_family = AF_INET;
    a.v4.sin_port = htons(e.port);
    a.size = sizeof(sockaddr_in);
    return a;
  }
  std::string scope;
  if (size_t percent = text.find('%'); percent != std::string::npos) {  // RFC 4007 11: fe80::1%eth0
    scope = text.substr(percent + 1);
    text.resize(percent);
  }
  if (inet_pton(AF_INET6, text.c_str(), &a.v6.sin6_addr) != 1) return permanent_error("not an IP address: " + e.address);
  a.v6.sin6_family = AF_INET6;
  a.v6.sin6_port = htons(e.port);
  if (!scope.empty()) a.v6.sin6_scope_id = if_nametoindex(scope.c_str());
  a.size = sizeof(sockaddr_in6);
  return a;
}

Endpoint to_endpoint(const SocketAddress& a) {
  Endpoint e;
  char text[INET6_ADDRSTRLEN] = "";
  if (a.any.sa_family == AF_INET) {
    inet_ntop(AF_INET, &a.v4.sin_addr, text, sizeof text);
    e.address = text;
    e.port = ntohs(a.v4.sin_port);
  } else if (a.any.sa_family == AF_INET6) {
    // A mapped IPv4 client is an IPv4 client for access maps and logs.
    if (IN6_IS_ADDR_V4MAPPED(&a.v6.sin6_addr)) inet_ntop(AF_INET, a.v6.sin6_addr.s6_addr + 12, text, sizeof text);
    else inet_ntop(AF_INET6, &a.v6.sin6_addr, text, sizeof text);
    e.address = text;
    e.port = ntohs(a.v6.sin6_port);
  } else {
    e.is_unix = true;
    if (a.size > offsetof(sockaddr_un, sun_path)) e.address = a.local.sun_path;
  }
  return e;
}

Endpoint peer_of(int fd) {
  SocketAddress a;
  if (getpeername(fd, &a.any, &a.size) != 0) return {};
  return to_endpoint(a);
}

Endpoint local_of(int fd) {
  SocketAddress a;
  if (getsockname(fd, &a.any, &a.size) != 0) return {};
  return to_endpoint(a);
}

Error timed_out() {
  Error e = temporary_error("timed out", 421, "4.4.2");
  e.sys = ETIMEDOUT;
  return e;
}

Error closed_here() {
  Error e = temporary_error("closed", 421, "4.4.2");
  e.sys = ECANCELED;
  return e;
}

Error socket_error(int err, const char* act, const Endpoint& with) {
  Error e = temporary_error(fmt::format("{} {}: {}", act, to_string(with), std::generic_category().message(err)), 421, "4.4.2");
  e.sys = err;
  return e;
}

}  // namespace hky::net
