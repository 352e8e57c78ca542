// The kernel's randomness, read in blocks per thread: see random.h.
#include "base/random.h"

#include <sys/random.h>

#include <array>

#include "base/error.h"

namespace hky {
namespace {

class KernelRandom : public Random {
 public:
  uint64_t next() override {
    // A forked child must not repeat its parent's numbers: blocks are small and a fork happens only in the master,
    // which draws none; getrandom never fails for so few bytes once the kernel is seeded.
    thread_local std::array<uint64_t, 16> block;
    thread_local size_t used = block.size();
    if (used == block.size()) {
      HKY_CHECK(getrandom(block.data(), sizeof block, 0) == ssize_t{sizeof block});
      used = 0;
    }
    return block[used++];
  }
};

}  // namespace

Random& system_random() {
  static KernelRandom random;
  return random;
}

}  // namespace hky
