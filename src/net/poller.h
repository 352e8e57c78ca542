// Poller: the kernel's readiness notices, edge-triggered and registered once per descriptor. Inside net only.
// Why not Asio's async_wait here: it costs an epoll_ctl each time somebody waits, and forgets an edge that came while
// nobody did, so each read is preceded by one that fails; with remembered edges a read costs epoll_wait (shared) and recv.
// A system without epoll gets a second poller_*.cc.
#pragma once

#include <cstdint>
#include <span>

namespace hky::net {

struct Readiness {
  uint64_t token = 0;
  bool readable = false, writable = false;
  bool hangup = false;  // the peer's end or an error: reading and writing will tell
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  enum class Mode { kEdge, kLevel };
  // false: the descriptor cannot be polled (a plain file): it is always ready.
  bool add(int fd, uint64_t token, bool want_write, Mode mode);
  void want_write_too(int fd, uint64_t token);
  void remove(int fd);
  // Waits at most `milliseconds` (-1: for ever). Returns how many of `out` are filled.
  int wait(std::span<Readiness> out, int milliseconds);
  // From any thread: the current or next wait() returns at once.
  void wake();

 private:
  int epoll_ = -1;
  int event_ = -1;
};

}  // namespace hky::net
