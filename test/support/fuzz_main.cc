// Replays a fuzz target's corpus without libFuzzer: every file of the folders named is fed once, whole and cut in two.
// ctest runs it under GCC, so that a finding stays found.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  int fed = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
      const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
      LLVMFuzzerTestOneInput(bytes, text.size());
      LLVMFuzzerTestOneInput(bytes, text.size() / 2);
      ++fed;
    }
  }
  std::printf("%d inputs replayed\n", fed);
  return fed > 0 ? 0 : 1;
}
