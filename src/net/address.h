// Endpoints as the kernel writes them. For net/*.cc only.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"
#include "net/stream.h"

namespace hky::net {

struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_un local;
    sockaddr_storage storage;
  };
  socklen_t size = sizeof(sockaddr_storage);
  SocketAddress() : storage{} {}
};

// "" and "*" are every IPv4 address.
Result<SocketAddress> to_socket_address(const Endpoint& e);
Endpoint to_endpoint(const SocketAddress& a);
Endpoint peer_of(int fd);
Endpoint local_of(int fd);

Error timed_out();                                              // a deadline was reached
Error closed_here();                                            // our own side closed the stream
Error socket_error(int err, const char* act, const Endpoint& with);  // "connect to 192.0.2.1:25: Connection refused"

}  // namespace hky::net
