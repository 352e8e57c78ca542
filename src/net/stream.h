// Stream, Listener, Network: sockets as coroutines see them. TLS slips in later behind the same Stream.
// An idle stream holds no buffer: read() waits for readiness first and then reads into the caller's (shared) buffer.
// Errors: temporary, text names peer and act; a deadline reached is Error text "timed out" (code 421 4.4.2);
// an orderly close by the peer is a read of 0 bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/error.h"
#include "net/loop.h"

namespace hky::net {

// An IP address (text form, IPv6 without brackets) and port, or a unix socket's path.
struct Endpoint {
  std::string address;
  uint16_t port = 0;
  bool is_unix = false;
  bool operator==(const Endpoint&) const = default;
};
std::string to_string(const Endpoint& e);  // "192.0.2.1:25", "[2001:db8::1]:25", "unix:/path"

// Our end of a connection that is made; "" and 0: the kernel's choice.
struct LocalEnd {
  std::string address;                       // of the other family than the peer's: left out
  uint16_t port = 0;
  int send_buffer = 0, receive_buffer = 0;   // bytes
};

class Stream {
 public:
  virtual ~Stream() = default;
  // Bytes now there, into buf; 0 is end of file. Waits until `deadline` at most.
  virtual Task<Result<size_t>> read(std::span<char> buf, MonoTime deadline) = 0;
  // Reads without waiting: 0 bytes available is an empty optional (client talking early: greet_pause, pipelining checks).
  virtual std::optional<Result<size_t>> try_read(std::span<char> buf) = 0;
  // All of it, sent directly first and awaited only for what the kernel did not take.
  virtual Task<Result<>> write(std::string_view bytes, MonoTime deadline) = 0;
  virtual Task<Result<>> write2(std::string_view a, std::string_view b, MonoTime deadline) = 0;  // one writev
  virtual void shutdown_write() = 0;
  virtual void close() = 0;
  virtual Endpoint peer() const = 0;
  virtual Endpoint local() const = 0;
  // Unix sockets: the peer's uid as the kernel says (SO_PEERCRED); else nothing.
  virtual std::optional<unsigned> peer_uid() const { return std::nullopt; }
  // Unix sockets: the bytes, and with the first of them the descriptors (pass.h: how many). Elsewhere an error.
  virtual Task<Result<>> write_with(std::string_view bytes, std::vector<Descriptor> descriptors, MonoTime deadline);
  // They are taken in from here on, and handed out in the order in which they came; none is there: not open.
  virtual void accept_descriptors() {}
  virtual Descriptor take_descriptor() { return Descriptor(); }
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  virtual Endpoint local() const = 0;
  virtual void close() = 0;
};

// Two pipes to a program: our end of them, and what becomes its standard input and output.
struct ProgramPipes {
  std::unique_ptr<Stream> stream;
  Descriptor input, output;
};

class Network {
 public:
  virtual ~Network() = default;
  virtual Task<Result<std::unique_ptr<Stream>>> connect(Loop& loop, Endpoint to, LocalEnd from, MonoTime deadline) = 0;
  // SO_REUSEPORT, so that every loop listens with its own. A used port: permanent error that names it.
  virtual Result<std::unique_ptr<Listener>> listen(Loop& loop, Endpoint at, int backlog) = 0;
  virtual Result<ProgramPipes> program_pipes(Loop& loop) = 0;
};

Network& system_network();
// A listening descriptor, bound and ready to be handed over. share_port: SO_REUSEPORT, for several listeners at one port;
// all of them must ask for it. A used port: permanent error that names it.
Result<int> open_listener(const Endpoint& at, int backlog, bool share_port);
// Wraps descriptors that exist: inetd's stdin, a listener handed over by the master, a socket pair.
std::unique_ptr<Stream> adopt_stream(Loop& loop, int fd);
std::unique_ptr<Stream> adopt_stream(Loop& loop, int in_fd, int out_fd);
std::unique_ptr<Listener> adopt_listener(Loop& loop, int fd);
// Two ends in memory of one process, for driving sessions in tests.
std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> memory_pipe(Loop& loop);

}  // namespace hky::net
