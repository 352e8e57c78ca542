// Streams over sockets, pipes and terminals: see stream.h.
#include "net/stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "net/adopt.h"
#include "net/address.h"
#include "net/pass.h"
#include "net/reactor.h"

namespace hky::net {
namespace {

// What reading and writing a descriptor without ever waiting looks like.
ssize_t receive_now(int fd, std::span<char> buf) {
  for (;;) {
    ssize_t n = ::recv(fd, buf.data(), buf.size(), MSG_DONTWAIT);
    if (n >= 0 || errno != EINTR) return n;
  }
}

ssize_t send_now(int fd, std::string_view a, std::string_view b) {
  for (;;) {
    ssize_t n;
    if (b.empty()) {
      n = ::send(fd, a.data(), a.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
      iovec parts[2] = {{const_cast<char*>(a.data()), a.size()}, {const_cast<char*>(b.data()), b.size()}};
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      n = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (n >= 0 || errno != EINTR) return n;
  }
}

// Who is at the other end of a unix socket, as the kernel knows it.
std::optional<unsigned> uid_of_peer(int fd) {
#ifdef SO_PEERCRED
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || who.pid == 0) return std::nullopt;  // no unix socket
  return who.uid;
#else
  uid_t uid = 0;
  gid_t gid = 0;
  if (::getpeereid(fd, &uid, &gid) != 0) return std::nullopt;
  return uid;
#endif
}

bool would_wait(int err) { return err == EAGAIN || err == EWOULDBLOCK; }

class SocketStream : public Stream {
 public:
  SocketStream(Loop& loop, int fd) : watch_(loop, fd) {}

  Task<Result<size_t>> read(std::span<char> buf, MonoTime deadline) override {
    for (;;) {
      if (watch_.closed()) co_return closed_here();
      if (watch_.may_read()) {
        std::optional<Result<size_t>> got = receive(buf);
        if (got) co_return std::move(*got);
      }
      Waiter w(watch_.loop());
      watch_.await_readable(w);
      w.set_deadline(deadline);
      Waiter::Outcome how = co_await w;
      if (how == Waiter::Outcome::kTimedOut) co_return timed_out();
      if (how == Waiter::Outcome::kClosed) co_return closed_here();
    }
  }

  std::optional<Result<size_t>> try_read(std::span<char> buf) override {
    if (watch_.closed()) return Result<size_t>(closed_here());
    return receive(buf);
  }

  Task<Result<>> write(std::string_view bytes, MonoTime deadline) override { return write2(bytes, {}, deadline); }

  Task<Result<>> write2(std::string_view a, std::string_view b, MonoTime deadline) override {
    for (;;) {
      if (a.empty()) std::swap(a, b);
      if (a.empty()) co_return Result<>();
      if (watch_.closed()) co_return closed_here();
      ssize_t n = send_now(watch_.fd(), a, b);
      if (n >= 0) {
        size_t first = std::min(size_t(n), a.size());
        a.remove_prefix(first);
        b.remove_prefix(size_t(n) - first);
        continue;
      }
      if (!would_wait(errno)) co_return socket_error(errno, "write to", peer());
      Result<> room = co_await writable(deadline);
      if (!room.ok()) co_return room;
    }
  }

  Task<Result<>> write_with(std::string_view bytes, std::vector<Descriptor> descriptors, MonoTime deadline) override {
    for (;;) {
      if (watch_.closed()) co_return closed_here();
      const ssize_t n = send_with(watch_.fd(), bytes, descriptors, MSG_DONTWAIT);
      if (n >= 0) co_return co_await write(bytes.substr(size_t(n)), deadline);
      if (!would_wait(errno)) co_return socket_error(errno, "write to", peer());
      Result<> room = co_await writable(deadline);
      if (!room.ok()) co_return room;
    }
  }
  void accept_descriptors() override { passed_ = std::make_unique<std::deque<Descriptor>>(); }
  Descriptor take_descriptor() override {
    if (!passed_ || passed_->empty()) return Descriptor();
    Descriptor first = std::move(passed_->front());
    passed_->pop_front();
    return first;
  }

  void shutdown_write() override {
    if (!watch_.closed()) ::shutdown(watch_.fd(), SHUT_WR);
  }
  void close() override { watch_.close(); }
  Endpoint peer() const override { return peer_of(watch_.fd()); }
  std::optional<unsigned> peer_uid() const override { return uid_of_peer(watch_.fd()); }
  Endpoint local() const override { return local_of(watch_.fd()); }

 private:
  Task<Result<>> writable(MonoTime deadline) {
    Waiter w(watch_.loop());
    watch_.await_writable(w);
    w.set_deadline(deadline);
    Waiter::Outcome how = co_await w;
    if (how == Waiter::Outcome::kTimedOut) co_return timed_out();
    if (how == Waiter::Outcome::kClosed) co_return closed_here();
    co_return Result<>();
  }

  std::optional<Result<size_t>> receive(std::span<char> buf) {
    ssize_t n = passed_ ? receive_with(watch_.fd(), buf, *passed_, MSG_DONTWAIT) : receive_now(watch_.fd(), buf);
    // Less than asked for: the kernel has no more, the next bytes bring a new edge; unless descriptors ended what it gave.
    const bool more = n >= 0 && (size_t(n) == buf.size() || passed_);
    if (n >= 0 && !more) watch_.drained();
    if (more) watch_.set_readable();
    if (n >= 0) return Result<size_t>(size_t(n));
    watch_.drained();
    if (would_wait(errno)) return std::nullopt;
    return Result<size_t>(socket_error(errno, "read from", peer()));
  }

  Watch watch_;
  std::unique_ptr<std::deque<Descriptor>> passed_;   // null: they are not accepted
};

// Two descriptors that may be pipes, terminals or files (inetd's and -bs's stdin and stdout). They are shared with whoever
// started us, so they are not switched to non-blocking: poll(2) is asked first.
class PipeStream : public Stream {
 public:
  PipeStream(Loop& loop, int in_fd, int out_fd) : in_(loop, in_fd), out_(loop, out_fd) {}

  Task<Result<size_t>> read(std::span<char> buf, MonoTime deadline) override {
    for (;;) {
      std::optional<Result<size_t>> got = try_read(buf);
      if (got) co_return std::move(*got);
      Waiter w(in_.loop());
      in_.await_readable(w);
      w.set_deadline(deadline);
      Waiter::Outcome how = co_await w;
      if (how == Waiter::Outcome::kTimedOut) co_return timed_out();
      if (how == Waiter::Outcome::kClosed) co_return closed_here();
    }
  }

  std::optional<Result<size_t>> try_read(std::span<char> buf) override {
    if (in_.closed()) return Result<size_t>(closed_here());
    pollfd p{in_.fd(), POLLIN, 0};
    if (::poll(&p, 1, 0) == 0) return std::nullopt;
    ssize_t n;
    do n = ::read(in_.fd(), buf.data(), buf.size());
    while (n < 0 && errno == EINTR);
    if (n >= 0) return Result<size_t>(size_t(n));
    if (would_wait(errno)) return std::nullopt;
    return Result<size_t>(errno_error(errno, "read from standard input"));
  }

  Task<Result<>> write(std::string_view bytes, MonoTime deadline) override { return write2(bytes, {}, deadline); }

  Task<Result<>> write2(std::string_view a, std::string_view b, MonoTime deadline) override {
    for (;;) {
      if (a.empty()) std::swap(a, b);
      if (a.empty()) co_return Result<>();
      if (out_.closed()) co_return closed_here();
      pollfd p{out_.fd(), POLLOUT, 0};
      if (::poll(&p, 1, 0) > 0) {
        // A pipe that is writable takes PIPE_BUF bytes without waiting.
        ssize_t n = ::write(out_.fd(), a.data(), std::min<size_t>(a.size(), 4096));
        if (n >= 0) a.remove_prefix(size_t(n));
        else if (!would_wait(errno) && errno != EINTR) co_return errno_error(errno, "write to standard output");
        continue;
      }
      Waiter w(out_.loop());
      out_.await_writable(w);
      w.set_deadline(deadline);
      Waiter::Outcome how = co_await w;
      if (how == Waiter::Outcome::kTimedOut) co_return timed_out();
      if (how == Waiter::Outcome::kClosed) co_return closed_here();
    }
  }

  void shutdown_write() override { out_.close(); }
  void close() override {
    in_.close();
    out_.close();
  }
  Endpoint peer() const override { return peer_of(in_.fd()); }
  Endpoint local() const override { return local_of(in_.fd()); }

 private:
  Watch in_, out_;
};

bool is_socket(int fd) {
  struct stat s {};
  return ::fstat(fd, &s) == 0 && S_ISSOCK(s.st_mode);
}

}  // namespace

Task<Result<>> Stream::write_with(std::string_view, std::vector<Descriptor>, MonoTime) { co_return permanent_error("no unix socket: descriptors cannot be passed"); }

std::unique_ptr<Stream> socket_stream(Loop& loop, int fd) { return std::make_unique<SocketStream>(loop, fd); }

std::unique_ptr<Stream> adopt_stream(Loop& loop, int fd) {
  if (is_socket(fd)) return socket_stream(loop, fd);
  return adopt_stream(loop, fd, ::fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

std::unique_ptr<Stream> adopt_stream(Loop& loop, int in_fd, int out_fd) {
  if (is_socket(in_fd) && in_fd == out_fd) return socket_stream(loop, in_fd);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that left is an error of write, not our end
  return std::make_unique<PipeStream>(loop, in_fd, out_fd == in_fd ? ::fcntl(in_fd, F_DUPFD_CLOEXEC, 0) : out_fd);
}

}  // namespace hky::net
