// Poller over Linux's epoll: see poller.h.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.h"
#include "net/poller.h"

namespace hky::net {
namespace {
constexpr uint64_t kWakeToken = ~uint64_t{0};
constexpr size_t kBatch = 256;
}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  HKY_CHECK(epoll_ >= 0 && event_ >= 0);
  epoll_event e{};
  e.events = EPOLLIN | EPOLLET;  // never read: each write is a new edge
  e.data.u64 = kWakeToken;
  HKY_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &e) == 0);
}

Poller::~Poller() {
  ::close(event_);
  ::close(epoll_);
}

bool Poller::add(int fd, uint64_t token, bool want_write, Mode mode) {
  epoll_event e{};
  e.events = EPOLLIN | EPOLLRDHUP;
  if (mode == Mode::kEdge) e.events |= EPOLLET;
  if (want_write) e.events |= EPOLLOUT;
  e.data.u64 = token;
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &e) == 0;
}

void Poller::want_write_too(int fd, uint64_t token) {
  epoll_event e{};
  e.events = EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET;
  e.data.u64 = token;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &e);
}

void Poller::remove(int fd) {
  epoll_event e{};
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, &e);
}

int Poller::wait(std::span<Readiness> out, int milliseconds) {
  std::array<epoll_event, kBatch> events;
  int n = epoll_wait(epoll_, events.data(), int(std::min(out.size(), events.size())), milliseconds);
  int filled = 0;
  for (int i = 0; i < n; ++i) {
    if (events[size_t(i)].data.u64 == kWakeToken) continue;
    const uint32_t bits = events[size_t(i)].events;
    Readiness& r = out[size_t(filled++)];
    r.token = events[size_t(i)].data.u64;
    r.hangup = (bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    r.readable = r.hangup || (bits & EPOLLIN) != 0;
    r.writable = (bits & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
  }
  return filled;
}

void Poller::wake() {
  uint64_t one = 1;
  ssize_t n = ::write(event_, &one, sizeof one);
  (void)n;  // full counter: a wake-up is under way anyhow
}

}  // namespace hky::net
