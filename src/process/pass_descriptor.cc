#include "process/pass_descriptor.h"

#include <sys/socket.h>

#include "net/pass.h"

namespace hky::process {

bool send_descriptor(int to, unsigned char byte, int fd) {
  std::vector<Descriptor> with;
  if (fd >= 0) with.emplace_back(fd);
  const char text = static_cast<char>(byte);
  const bool sent = net::send_with(to, std::string_view(&text, 1), with, 0) == 1;
  for (Descriptor& d : with) (void)d.release();   // the caller's
  return sent;
}

PassedDescriptor receive_descriptor(int from, bool wait) {
  PassedDescriptor out;
  char byte = 0;
  std::deque<Descriptor> with;
  if (net::receive_with(from, std::span<char>(&byte, 1), with, wait ? 0 : MSG_DONTWAIT) != 1) return out;
  out.arrived = true;
  out.byte = static_cast<unsigned char>(byte);
  if (!with.empty()) out.fd = with.front().release();
  return out;
}

}  // namespace hky::process
