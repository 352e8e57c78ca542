// Handing an open descriptor to another process of ours over a unix socket: one byte, and the descriptor with it.
#pragma once

namespace hky::process {

// fd < 0: the byte alone. False: nobody is there.
bool send_descriptor(int to, unsigned char byte, int fd);

struct PassedDescriptor {
  bool arrived = false;      // false: the other end is closed, or (with `wait` off) nothing is there
  unsigned char byte = 0;
  int fd = -1;               // the receiver's to close; -1 none
};
PassedDescriptor receive_descriptor(int from, bool wait = true);

}  // namespace hky::process
