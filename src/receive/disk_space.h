// MinFreeBlocks: whether the queue's disk has room for more mail. Who asks: sessions when they begin and at MAIL, submissions by command.
#pragma once

#include <string_view>

#include "receive/services.h"

namespace hky::receive {

inline constexpr std::string_view kNoSpace = "Insufficient disk space; try again later";

// For a message of `bytes` besides; the log is told when it is low. sendmail: enoughdiskspace().
bool low_on_space(const Services& services, const cf::Options& options, std::string_view id, std::string_view who, uint64_t bytes = 0);

}  // namespace hky::receive
