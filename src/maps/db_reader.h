// Reads Berkeley DB hash and btree files (the formats of release 4 and 5 that sendmail's makemap writes) from an image in
// memory, without the library: the library aborts on damage, and a daemon must not. Every offset is checked.
// Encrypted or checksummed files and sorted duplicates in trees of their own beyond one level are refused or walked alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hky::maps {

struct DbEntry { std::string key, value; };

// `name` is for the error's text. Pairs come in the file's own order; trailing NULs as stored.
Result<std::vector<DbEntry>> parse_db_image(std::string_view image, const std::string& name);

}  // namespace hky::maps
