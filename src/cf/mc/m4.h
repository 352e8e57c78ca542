// The door to the macro processor: GNU m4 is a program of its own, run once for each `hikyaku makecf` (issue 5, requirement G1).
// Tests give make_cf an M4 that answers from memory.
#pragma once

#include <string>
#include <vector>

namespace hky::cf::mc {

struct M4Result {
  int exit_code = 0;  // m4's own; kExitNoM4 where it cannot be run
  std::string out;
  std::string err;
};

inline constexpr int kExitNoM4 = 127;

class M4 {
 public:
  virtual ~M4() = default;
  // Runs m4 with these arguments (the program's name left out) and waits for it.
  virtual M4Result run(const std::vector<std::string>& arguments) = 0;
};

// The adapter: `gm4` (FreeBSD's name of GNU m4), else `m4`, from $PATH. Both outputs go to nameless files, so neither can block the other.
class InstalledM4 final : public M4 {
 public:
  M4Result run(const std::vector<std::string>& arguments) override;
};

}  // namespace hky::cf::mc
