#include "policy/load.h"

#include <cmath>
#include <cstdlib>

#include "base/file_system.h"
#include "base/strings.h"

namespace hky::policy {

int load_of(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) return -1;
  const double first = std::strtod(std::string(text.substr(0, text.find(' '))).c_str(), nullptr);
  return first < 1e6 ? static_cast<int>(first + 0.5) : -1;
}

std::string read_load() {
  auto text = kernel_file_system().read_file("/proc/loadavg");
  return text.ok() ? std::move(*text) : "";
}

}  // namespace hky::policy
