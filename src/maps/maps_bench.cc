// What a look-up in a file map of 100,000 entries costs, and through the whole set.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "base/file_system.h"
#include "maps/makemap.h"
#include "maps/map_set.h"
#include "maps/table.h"

namespace hky::maps {
namespace {

constexpr int kEntries = 100'000;
std::string key(int i) { return "user" + std::to_string(i) + "@host.example"; }

void TableFind(benchmark::State& state) {
  Table t;
  for (int i = 0; i < kEntries; ++i) t.add(key(i), "value");
  t.finish();
  std::vector<std::string> keys;
  for (int i = 0; i < 4096; ++i) keys.push_back(key(i * 23 % kEntries));
  size_t i = 0;
  std::string_view value;
  for (auto _ : state) benchmark::DoNotOptimize(t.find(keys[i++ & 4095], value));
}
BENCHMARK(TableFind);

bool make_database(const std::string& path) {
  DbWriteOptions o;
  o.replace = true;
  auto w = DbWriter::create(path, o);
  HKY_CHECK(w.ok());
  for (int i = 0; i < kEntries; ++i) HKY_CHECK(w->put(key(i), "value").ok());
  return w->commit().ok();
}

void HashMapLookup(benchmark::State& state) {
  const std::string dir = std::filesystem::temp_directory_path() / "hky-maps-bench";
  std::filesystem::create_directories(dir);
  static const bool made = make_database(dir + "/m.db");
  HKY_CHECK(made);
  MapSpec spec;
  spec.name = "m";
  spec.map_class = "hash";
  spec.args = "/m";
  Environment env;
  env.root = dir;
  auto set = open_map_set({spec}, std::move(env));
  std::vector<std::string> keys;
  for (int i = 0; i < 4096; ++i) keys.push_back(key(i * 23 % kEntries));
  const std::vector<std::string> none;
  size_t i = 0;
  MapAnswer first;
  set->lookup_now("m", keys[0], none, first);  // reads the file
  for (auto _ : state) {
    MapAnswer out;
    set->lookup_now("m", keys[i++ & 4095], none, out);
    HKY_CHECK(out.status == Status::kOk);
  }
}
BENCHMARK(HashMapLookup);

}  // namespace
}  // namespace hky::maps

BENCHMARK_MAIN();
