// Descriptors over unix sockets: see pass.h.
#include "net/pass.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace hky::net {
namespace {

struct Packet {
  iovec part{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostPassed * sizeof(int))> room{};
  msghdr message{};

  Packet(char* bytes, size_t size) {
    part.iov_base = bytes;
    part.iov_len = size;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
  }
  Packet(const Packet&) = delete;
};

}  // namespace

ssize_t send_with(int fd, std::string_view bytes, const std::vector<Descriptor>& descriptors, int flags) {
  HKY_CHECK(descriptors.size() <= kMostPassed);
  Packet p(const_cast<char*>(bytes.data()), bytes.size());
  if (!descriptors.empty()) {
    const size_t size = descriptors.size() * sizeof(int);
    p.message.msg_control = p.room.data();
    p.message.msg_controllen = CMSG_SPACE(size);
    cmsghdr* head = CMSG_FIRSTHDR(&p.message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(size);
    for (size_t i = 0; i < descriptors.size(); ++i) {
      const int one = descriptors[i].get();
      std::memcpy(CMSG_DATA(head) + i * sizeof one, &one, sizeof one);
    }
  }
  ssize_t n = 0;
  do n = ::sendmsg(fd, &p.message, flags | MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n;
}

ssize_t receive_with(int fd, std::span<char> buf, std::deque<Descriptor>& into, int flags) {
  Packet p(buf.data(), buf.size());
  p.message.msg_control = p.room.data();
  p.message.msg_controllen = p.room.size();
  ssize_t n = 0;
  do n = ::recvmsg(fd, &p.message, flags | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0) return n;
  for (cmsghdr* head = CMSG_FIRSTHDR(&p.message); head != nullptr; head = CMSG_NXTHDR(&p.message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    for (size_t i = 0; CMSG_LEN((i + 1) * sizeof(int)) <= head->cmsg_len; ++i) {
      int one = -1;
      std::memcpy(&one, CMSG_DATA(head) + i * sizeof one, sizeof one);
      into.emplace_back(one);
    }
  }
  return n;
}

}  // namespace hky::net
