// What a queue run takes and mailq lists, and in which order. Who calls it: cmd's queue runs; the control socket's list; mailq -Ac.
#pragma once

#include <vector>

#include "base/random.h"
#include "cf/options.h"
#include "queue/envelope.h"

namespace hky::queue {

struct RunRules {
  size_t most = 0;       // messages at once, the first in the order; 0: all. sendmail: MaxQueueRunSize
  // sendmail: QueueSortOrder. p: priority, h: the first recipient's host from its last label on, then priority; t: the oldest first;
  // f: queue id; m: who was tried longest ago first; r, s: by chance; n: none
  char order = 'p';
};

RunRules rules_of(const cf::Options& options);

// sendmail: queue.c sortq(). Of equals the older first.
void sort_for_run(std::vector<Envelope>& messages, const RunRules& rules, Random& random);
// The first of those sorted; answers how many there were.
size_t cut_for_run(std::vector<Envelope>& messages, const RunRules& rules);

}  // namespace hky::queue
