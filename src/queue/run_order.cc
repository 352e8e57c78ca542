#include "queue/run_order.h"

#include <algorithm>
#include <tuple>

namespace hky::queue {

void sort_for_run(std::vector<Envelope>& messages, const RunRules&) {
  std::sort(messages.begin(), messages.end(), [](const Envelope& a, const Envelope& b) {
    return std::tie(a.priority, a.created, a.id) < std::tie(b.priority, b.created, b.id);
  });
}

size_t cut_for_run(std::vector<Envelope>& messages, const RunRules& rules) {
  const size_t all = messages.size();
  if (rules.most > 0 && all > rules.most) messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(rules.most), messages.end());
  return all;
}

}  // namespace hky::queue
