#include "maps/map_set_memory.h"

#include "base/strings.h"
#include "maps/value.h"

namespace hky::maps {

void MemoryMapSet::add_map(std::string name, std::string map_class, std::string args) {
  MapSpec spec;
  spec.name = name;
  spec.map_class = std::move(map_class);
  spec.args = std::move(args);
  auto parsed = parse_map_args(spec);
  HKY_CHECK(parsed.ok());
  tables_[std::move(name)].spec = std::move(spec);
}

void MemoryMapSet::put(const std::string& map, const std::string& key, std::string value) {
  Entry e;
  e.value = std::move(value);
  tables_[map].entries[lower(key)] = std::move(e);
  tables_[map].spec.name = map;
}

void MemoryMapSet::fail(const std::string& map, const std::string& key, Status status) {
  Entry e;
  e.status = status;
  tables_[map].entries[lower(key)] = std::move(e);
  tables_[map].spec.name = map;
}

void MemoryMapSet::make_slow(const std::string& map) { tables_[map].slow = true; }

const MapSpec* MemoryMapSet::find(std::string_view name) const {
  const auto it = tables_.find(name);
  return it == tables_.end() ? nullptr : &it->second.spec;
}

MapAnswer MemoryMapSet::answer(std::string_view map, std::string_view key, const std::vector<std::string>* args) {
  ++lookups_;
  MapAnswer a;
  const auto table = tables_.find(map);
  if (table == tables_.end()) {
    a.status = Status::kConfig;
    a.exit_code = 78;
    return a;
  }
  const MapSpec& spec = table->second.spec;
  const std::string plain(key);
  const auto it = table->second.entries.find(lower(plain));
  if (it == table->second.entries.end()) {
    a.exit_code = 0;
    return a;
  }
  a.status = it->second.status;
  a.exit_code = static_cast<int>(a.status);
  if (a.status == Status::kOk) {
    a.value = map_rewrite(spec.match_only ? plain : it->second.value, plain, spec.match_only ? nullptr : args, spec.append);
  }
  return a;
}

bool MemoryMapSet::lookup_now(std::string_view map, std::string_view key, const std::vector<std::string>& args, MapAnswer& out) {
  const auto it = tables_.find(map);
  if (it != tables_.end() && it->second.slow) return false;
  out = answer(map, key, &args);
  return true;
}

net::Task<MapAnswer> MemoryMapSet::lookup(net::Loop&, std::string map, std::string key, std::vector<std::string> args) {
  co_return answer(map, key, &args);
}

net::Task<MapAnswer> MemoryMapSet::lookup_verbatim(net::Loop&, std::string map, std::string key) {
  co_return answer(map, key, nullptr);
}

}  // namespace hky::maps
