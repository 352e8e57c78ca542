// Random: the only door to chance. Production reads the kernel; tests seed it, so that a run can be repeated.
#pragma once

#include <cstdint>
#include <random>
#include <span>

namespace hky {

class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t next() = 0;
  uint64_t below(uint64_t bound) { return bound < 2 ? 0 : next() % bound; }
};

Random& system_random();  // thread-safe

class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace hky
