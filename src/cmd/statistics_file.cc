#include "cmd/statistics_file.h"

namespace hky::cmd {
namespace {

constexpr uint32_t kMagic = 0x1B1DE;
constexpr uint32_t kVersion = 4;
constexpr size_t kConnectionsAt = 24, kTablesAt = 48;

uint64_t number_at(std::string_view file, size_t at, size_t bytes) {
  uint64_t n = 0;
  for (size_t i = bytes; i-- > 0;) n = n << 8 | static_cast<unsigned char>(file[at + i]);
  return n;
}

void put_number(std::string& file, size_t at, size_t bytes, uint64_t n) {
  for (size_t i = 0; i < bytes; ++i, n >>= 8) file[at + i] = static_cast<char>(n & 0xFF);
}

// The tables in the order of the file.
template <typename S>
auto tables(S& s) {
  return std::array{&s.from, &s.kbytes_from, &s.to, &s.kbytes_to, &s.rejected, &s.discarded, &s.quarantined};
}

}  // namespace

Result<Statistics> read_statistics(std::string_view file, int64_t now) {
  Statistics s;
  s.since = now;
  if (file.empty()) return s;
  if (file.size() < 8 || number_at(file, 0, 4) != kMagic) return permanent_error("incorrect magic number");
  if (number_at(file, 4, 4) != kVersion) return permanent_error("version mismatch");
  if (file.size() < kStatisticsSize || number_at(file, 16, 2) != kStatisticsSize) return permanent_error("file size changed");
  s.since = static_cast<int64_t>(number_at(file, 8, 8));
  size_t at = kConnectionsAt;
  for (int64_t* n : {&s.taken, &s.made, &s.refused}) {
    *n = static_cast<int64_t>(number_at(file, at, 8));
    at += 8;
  }
  for (Statistics::Table* table : tables(s))
    for (int64_t& n : *table) {
      n = static_cast<int64_t>(number_at(file, at, 8));
      at += 8;
    }
  return s;
}

std::string write_statistics(const Statistics& s) {
  std::string file(kStatisticsSize, '\0');
  put_number(file, 0, 4, kMagic);
  put_number(file, 4, 4, kVersion);
  put_number(file, 8, 8, static_cast<uint64_t>(s.since));
  put_number(file, 16, 2, kStatisticsSize);
  size_t at = kConnectionsAt;
  for (int64_t n : {s.taken, s.made, s.refused}) {
    put_number(file, at, 8, static_cast<uint64_t>(n));
    at += 8;
  }
  static_assert(kTablesAt + 7 * kStatisticsMailers * 8 == kStatisticsSize);
  for (const Statistics::Table* table : tables(s))
    for (int64_t n : *table) {
      put_number(file, at, 8, static_cast<uint64_t>(n));
      at += 8;
    }
  return file;
}

}  // namespace hky::cmd
