// Directories that a start needs and an installation may not have made.
#pragma once

#include <string>

#include "base/error.h"

namespace hky::process {

// Makes `path` and its parents; the last one with this mode and owner. Nothing changes where it is right already.
Result<> make_directory(const std::string& path, unsigned mode, unsigned uid, unsigned gid);

}  // namespace hky::process
