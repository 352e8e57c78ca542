// What an operator writes: K-line arguments (first line: class and arguments) and map source text (the rest), read
// line by line, and for some inputs through makemap into a database and back.
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "base/strings.h"
#include "maps/makemap.h"
#include "maps/map_set.h"

namespace {

// A directory of this process, gone with it.
class Directory {
 public:
  Directory() : path_((std::filesystem::temp_directory_path() / "hkyfuzzXXXXXX").string()) { HKY_CHECK(::mkdtemp(path_.data()) != nullptr); }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

const std::string& directory() {
  static const Directory dir;
  return dir.path();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hky;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  maps::MapSpec spec;
  spec.name = "fuzz";
  spec.map_class = line.substr(0, line.find(' '));
  spec.args = line.size() > spec.map_class.size() ? line.substr(spec.map_class.size() + 1) : std::string_view();
  (void)maps::parse_map_args(spec).ok();
  if (end >= text.size()) return 0;
  const auto lines = split(text.substr(end + 1), '\n');
  maps::SourceFormat format;
  format.delimiter = size % 3 == 0 ? ':' : '\0';
  for (const auto l : lines) {
    std::string key;
    std::string_view value;
    if (maps::parse_source_line(l, format, key, value) == maps::SourceLine::kEntry) HKY_CHECK(key.size() + value.size() <= l.size());
  }
  if (size % 32 != 0) return 0;  // the rest writes and syncs files
  size_t at = 0;
  maps::CommandIo io;
  io.read_line = [&](std::string& out) {
    if (at >= lines.size()) return false;
    out = lines[at++];
    return true;
  };
  io.out = [](std::string_view) {};
  io.err = [](std::string_view) {};
  const int code = maps::makemap_main({"-e", "-r", size % 64 == 0 ? "hash" : "btree", "/map"}, directory(), io);
  HKY_CHECK(code == 0 || code == 65);
  HKY_CHECK(maps::read_db_file(directory() + "/map.db").ok());
  return 0;
}
