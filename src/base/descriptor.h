// Descriptor: an open file descriptor that is closed with its owner, or handed on. Pairs of them are not inherited by programs.
#pragma once

#include <unistd.h>

#include <array>
#include <utility>

#include "base/error.h"

namespace hky {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }                            // -1: none
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

using DescriptorPair = std::array<Descriptor, 2>;
Result<DescriptorPair> open_pipe(int flags = 0);                            // [0] reads what [1] writes; flags of pipe2(2)
Result<DescriptorPair> open_socket_pair(int type, const char* what_for);    // unix; type of socket(2)

}  // namespace hky
