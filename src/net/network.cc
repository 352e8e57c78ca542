// Connecting and listening through the kernel: see stream.h.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.h"
#include "net/address.h"
#include "net/adopt.h"
#include "net/reactor.h"
#include "net/stream.h"

namespace hky::net {
namespace {

void set_option(int fd, int level, int name, int value = 1) { ::setsockopt(fd, level, name, &value, sizeof value); }

class SocketListener : public Listener {
 public:
  SocketListener(Loop& loop, int fd) : watch_(loop, fd) {
    watch_.set_readable();
    // Accepted sockets inherit it: one system call less for each of them.
    if (local_of(fd).is_unix) return;
    set_option(fd, IPPROTO_TCP, TCP_NODELAY);
  }

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    for (;;) {
      if (watch_.closed()) co_return closed_here();
      if (watch_.may_read()) {
        int fd = ::accept4(watch_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) co_return socket_stream(watch_.loop(), fd);
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
          // The connection stays in the backlog; others will end and make room.
          Loop& loop = watch_.loop();
          Waiter pause(loop);
          pause.set_deadline(loop.clock().mono() + std::chrono::milliseconds(100));
          pause.join(closing_);
          Waiter::Outcome ended = co_await pause;
          if (ended == Waiter::Outcome::kClosed) co_return closed_here();
          continue;
        }
        if (errno != EAGAIN) co_return socket_error(errno, "accept at", local());
        watch_.drained();
      }
      Waiter w(watch_.loop());
      watch_.await_readable(w);
      Waiter::Outcome how = co_await w;
      if (how == Waiter::Outcome::kClosed) co_return closed_here();
    }
  }

  Endpoint local() const override { return local_of(watch_.fd()); }
  void close() override {
    watch_.close();
    closing_.finish_all(Waiter::Outcome::kClosed);
  }

 private:
  Watch watch_;
  WaitQueue closing_;
};

// A socket left behind by a process that died: nobody answers there, so its name may be taken over.
bool stale_unix_socket(const SocketAddress& a) {
  Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), &a.any, a.size) != 0 && errno == ECONNREFUSED;
}

Result<> bind_local(int fd, const LocalEnd& from, sa_family_t family) {
  Endpoint at;
  at.address = from.address;
  at.port = from.port;
  if (at.address.empty()) at.address = family == AF_INET6 ? "::" : "0.0.0.0";
  HKY_TRY_ASSIGN(SocketAddress local, to_socket_address(at));
  if (local.any.sa_family != family) return {};
#ifdef IP_BIND_ADDRESS_NO_PORT
  if (from.port == 0) set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
#endif
  if (from.port != 0) set_option(fd, SOL_SOCKET, SO_REUSEADDR);   // the connection before may linger there
  if (::bind(fd, &local.any, local.size) != 0) return socket_error(errno, "bind to", at);
  return {};
}

Result<int> start_connect(const SocketAddress& to, const Endpoint& name, const LocalEnd& from, bool& under_way) {
  Descriptor s(::socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!s) return socket_error(errno, "socket for", name);
  if (!name.is_unix) set_option(s.get(), IPPROTO_TCP, TCP_NODELAY);
  if (from.send_buffer > 0) set_option(s.get(), SOL_SOCKET, SO_SNDBUF, from.send_buffer);
  if (from.receive_buffer > 0) set_option(s.get(), SOL_SOCKET, SO_RCVBUF, from.receive_buffer);
  if (!name.is_unix && (!from.address.empty() || from.port != 0)) HKY_TRY(bind_local(s.get(), from, to.any.sa_family));
  int rc;
  do rc = ::connect(s.get(), &to.any, to.size);
  while (rc != 0 && errno == EINTR);
  // A full backlog of a unix socket is EAGAIN: the caller sees a temporary error.
  if (rc != 0 && errno != EINPROGRESS) return socket_error(errno, "connect to", name);
  under_way = rc != 0;
  return s.release();
}

class SystemNetwork : public Network {
 public:
  Task<Result<std::unique_ptr<Stream>>> connect(Loop& loop, Endpoint to, LocalEnd from, MonoTime deadline) override {
    Result<SocketAddress> address = to_socket_address(to);
    if (!address.ok()) co_return std::move(address).error();
    bool under_way = false;
    Result<int> fd = start_connect(*address, to, from, under_way);
    if (!fd.ok()) co_return std::move(fd).error();
    if (!under_way) co_return socket_stream(loop, *fd);
    Watch watch(loop, *fd);
    Waiter w(loop);
    watch.await_writable(w);
    w.set_deadline(deadline);
    Waiter::Outcome how = co_await w;
    if (how != Waiter::Outcome::kDone) {
      Error e = timed_out();
      e.text = "connect to " + to_string(to) + ": timed out";
      e.enhanced = "4.4.1";
      co_return e;
    }
    int err = 0;
    socklen_t size = sizeof err;
    ::getsockopt(watch.fd(), SOL_SOCKET, SO_ERROR, &err, &size);
    if (err != 0) {
      Error e = socket_error(err, "connect to", to);
      e.enhanced = "4.4.1";
      co_return e;
    }
    co_return socket_stream(loop, watch.release());
  }

  Result<std::unique_ptr<Listener>> listen(Loop& loop, Endpoint at, int backlog) override {
    HKY_TRY_ASSIGN(int fd, open_listener(at, backlog, true));
    return adopt_listener(loop, fd);
  }

  Result<ProgramPipes> program_pipes(Loop& loop) override {
    HKY_TRY_ASSIGN(DescriptorPair to, open_pipe());
    HKY_TRY_ASSIGN(DescriptorPair from, open_pipe());
    ProgramPipes pipes;
    pipes.input = std::move(to[0]);
    pipes.output = std::move(from[1]);
    pipes.stream = adopt_stream(loop, from[0].release(), to[1].release());
    return pipes;
  }
};

}  // namespace

Result<int> open_listener(const Endpoint& at, int backlog, bool share_port) {
  HKY_TRY_ASSIGN(SocketAddress address, to_socket_address(at));
  Descriptor s(::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!s) return socket_error(errno, "socket for", at);
  if (!at.is_unix) {
    set_option(s.get(), SOL_SOCKET, SO_REUSEADDR);
    if (share_port) set_option(s.get(), SOL_SOCKET, SO_REUSEPORT);
    if (address.any.sa_family == AF_INET6) set_option(s.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  }
  int rc = ::bind(s.get(), &address.any, address.size);
  if (rc != 0 && errno == EADDRINUSE && at.is_unix && stale_unix_socket(address)) {
    ::unlink(at.address.c_str());
    rc = ::bind(s.get(), &address.any, address.size);
  }
  if (rc == 0) rc = ::listen(s.get(), backlog);
  if (rc == 0) return s.release();
  Error e = socket_error(errno, "cannot listen at", at);
  e.kind = ErrorKind::kPermanent;
  return e;
}

Network& system_network() {
  static SystemNetwork network;
  return network;
}

std::unique_ptr<Listener> adopt_listener(Loop& loop, int fd) { return std::make_unique<SocketListener>(loop, fd); }

}  // namespace hky::net
