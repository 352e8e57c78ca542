#include "receive/disk_space.h"

#include <fmt/format.h>

#include <algorithm>

#include "cf/options.h"

namespace hky::receive {

bool low_on_space(const Services& services, const cf::Options& options, std::string_view id, std::string_view who, uint64_t bytes) {
  const long least = std::max(options.min_free_blocks, 0L);
  if (!services.space || (least == 0 && bytes == 0)) return false;
  const DiskSpace free = services.space();
  const int64_t blocks = std::max<int64_t>(free.bytes / free.block, 0);
  if (blocks >= least && bytes / static_cast<uint64_t>(free.block) <= static_cast<uint64_t>(blocks - least)) return false;
  services.log.line(0, LogPriority::kAlert, id, fmt::format("low on space ({} needs {} bytes + {} blocks in {}), max avail: {}", who, bytes, least, options.queue_directory, blocks));
  return true;
}

}  // namespace hky::receive
