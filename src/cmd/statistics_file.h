// The StatusFile in sendmail's own layout (version 4, little endian, 25 mailers), so that its mailstats, ours and the monitoring
// programs that read it agree: magic, version, when it began, size, connections made, taken and refused, then seven tables of a
// number for each mailer. An empty file is one that begins now. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hky::cmd {

inline constexpr size_t kStatisticsMailers = 25;
inline constexpr size_t kStatisticsSize = 1448;

struct Statistics {
  using Table = std::array<int64_t, kStatisticsMailers>;
  int64_t since = 0;                                             // unix seconds
  int64_t taken = 0, made = 0, refused = 0;                      // connections
  Table from{}, kbytes_from{}, to{}, kbytes_to{};                // messages, and their kilobytes rounded up each
  Table rejected{}, discarded{}, quarantined{};
};

// `now`: when a file without content begins.
Result<Statistics> read_statistics(std::string_view file, int64_t now);
std::string write_statistics(const Statistics& s);

}  // namespace hky::cmd
