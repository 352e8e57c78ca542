// MapSet: the opened maps of one Config, by name. Opening is lazy as in sendmail: a broken map is reported when it is
// first asked (and by `hikyaku check`), an optional one (-o) that is missing just finds nothing.
// Threads: shared by all loops of a process; snapshots of files are swapped atomically when their mtime changes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "maps/map.h"

namespace hky::maps {

class MapSet {
 public:
  virtual ~MapSet() = default;
  virtual const MapSpec* find(std::string_view name) const = 0;   // name as folded by the reader
  // True: answered without blocking. False: lookup() must be awaited.
  // Not answered here: class "macro" (it belongs to the caller's scope; rewrite does it itself).
  virtual bool lookup_now(std::string_view map, std::string_view key, const std::vector<std::string>& args, MapAnswer& out) = 0;
  virtual net::Task<MapAnswer> lookup(net::Loop& loop, std::string map, std::string key, std::vector<std::string> args) = 0;
};

}  // namespace hky::maps
