#include "process/pass_descriptor.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace hky::process {
namespace {

struct Packet {
  unsigned char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  Packet() {
    message.msg_iov = &part;
    message.msg_iovlen = 1;
  }
  Packet(const Packet&) = delete;
  void make_room() {
    message.msg_control = room.data();
    message.msg_controllen = room.size();
  }
};

}  // namespace

bool send_descriptor(int to, unsigned char byte, int fd) {
  Packet p;
  p.byte = byte;
  if (fd >= 0) {
    p.make_room();
    cmsghdr* head = CMSG_FIRSTHDR(&p.message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &fd, sizeof fd);
  }
  return ::sendmsg(to, &p.message, MSG_NOSIGNAL) == 1;
}

PassedDescriptor receive_descriptor(int from, bool wait) {
  Packet p;
  p.make_room();
  ssize_t n = 0;
  do n = ::recvmsg(from, &p.message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
  while (n < 0 && errno == EINTR);
  PassedDescriptor out;
  if (n != 1) return out;
  out.arrived = true;
  out.byte = p.byte;
  const cmsghdr* head = CMSG_FIRSTHDR(&p.message);
  if (head != nullptr && head->cmsg_type == SCM_RIGHTS) std::memcpy(&out.fd, CMSG_DATA(head), sizeof out.fd);
  return out;
}

}  // namespace hky::process
