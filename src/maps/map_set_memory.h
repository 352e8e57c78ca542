// MemoryMapSet: a MapSet whose answers a test writes down. Never suspends unless told to.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "maps/map_set.h"

namespace hky::maps {

class MemoryMapSet : public MapSet {
 public:
  // Declares a map; args as after the K line's name ("hash -o /etc/mail/access").
  void add_map(std::string name, std::string map_class, std::string args = "");
  void put(const std::string& map, const std::string& key, std::string value);  // value with %0..%9
  void fail(const std::string& map, const std::string& key, Status status = Status::kTempFail);
  // lookup_now() of this map answers false, so that callers must await lookup().
  void make_slow(const std::string& map);
  size_t lookups() const { return lookups_; }

  const MapSpec* find(std::string_view name) const override;
  bool lookup_now(std::string_view map, std::string_view key, const std::vector<std::string>& args, MapAnswer& out) override;
  net::Task<MapAnswer> lookup(net::Loop& loop, std::string map, std::string key, std::vector<std::string> args) override;
  net::Task<MapAnswer> lookup_verbatim(net::Loop& loop, std::string map, std::string key) override;

 private:
  struct Entry { Status status = Status::kOk; std::string value; };
  struct Table { MapSpec spec; std::map<std::string, Entry> entries; bool slow = false; };
  MapAnswer answer(std::string_view map, std::string_view key, const std::vector<std::string>* args);
  std::map<std::string, Table, std::less<>> tables_;
  size_t lookups_ = 0;
};

}  // namespace hky::maps
