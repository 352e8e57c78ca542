// A damaged database file gives an Error, never a crash, and never more than it holds.
#include <cstdint>

#include "base/error.h"
#include "maps/db_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view image(reinterpret_cast<const char*>(data), size);
  auto entries = hky::maps::parse_db_image(image, "fuzz");
  if (!entries.ok()) return 0;
  size_t bytes = 0;
  for (const auto& e : *entries) bytes += e.value.size();
  HKY_CHECK(bytes <= size);
  return 0;
}
