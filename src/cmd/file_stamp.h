// FileStamp: whether a configuration file is another one than the one that was read. Time alone is not enough: an editor writes
// beside and renames, twice within a second. Who calls it: engine.cc, kept_settings.h.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

namespace hky::cmd {

using FileStamp = std::tuple<uint64_t, uint64_t, int64_t, int64_t>;  // device, inode, size, mtime in ns

// All zero where there is no such file.
FileStamp stamp_of(const std::string& path);

}  // namespace hky::cmd
