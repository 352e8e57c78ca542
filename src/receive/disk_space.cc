#include "receive/disk_space.h"

#include <fmt/format.h>

#include "cf/options.h"

namespace hky::receive {

bool low_on_space(const Services& services, const cf::Options& options, std::string_view id, std::string_view who) {
  const long least = options.min_free_blocks;
  if (!services.space || least <= 0) return false;
  const DiskSpace free = services.space();
  const int64_t blocks = free.bytes / free.block;
  if (blocks >= least) return false;
  services.log.line(0, LogPriority::kAlert, id, fmt::format("low on space ({} needs 0 bytes + {} blocks in {}), max avail: {}", who, least, options.queue_directory, blocks));
  return true;
}

}  // namespace hky::receive
