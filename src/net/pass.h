// Descriptors that travel with bytes over a unix socket (SCM_RIGHTS). What a sender gives in one call arrives in one call.
#pragma once

#include <sys/types.h>

#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "base/descriptor.h"

namespace hky::net {

inline constexpr size_t kMostPassed = 4;   // in one call

// sendmsg and recvmsg, with `flags`, again after EINTR: how many bytes, or -1 and errno.
ssize_t send_with(int fd, std::string_view bytes, const std::vector<Descriptor>& descriptors, int flags);
// What came is appended to `into`.
ssize_t receive_with(int fd, std::span<char> buf, std::deque<Descriptor>& into, int flags);

}  // namespace hky::net
