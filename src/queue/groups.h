// Queue groups: a message's recipients wait where their mailer (Q=) or the ruleset queuegroup says, no more of them together than the
// group allows (r=). sendmail: queue.c split_by_recipient(), split_within_queue().
#pragma once

#include <vector>

#include "base/log.h"
#include "cf/config.h"
#include "queue/queue.h"
#include "queue/run_order.h"

namespace hky::queue {

// As envelopes have it: "" is mqueue.
std::string stored_name(const cf::Config& config, const cf::QueueGroup& group);
// That group, else mqueue: also where the configuration no longer has what a message waits in.
const cf::QueueGroup& group_of(const cf::Config& config, const Envelope& envelope);

// Its recipients, those that are pending and not refused, ask for more than one place, or are more than a message may have in theirs.
bool to_be_parted(const Envelope& whole, const cf::Config& config);

// Where all its recipients may wait together: there it waits.
void settle(Envelope& whole, const cf::Config& config);

// The parts of a message in the order sendmail tries them. The first keeps the id, and all the others: it waits where its first
// recipient asks to, and takes those that ask for nothing. The others have new ids (`queue`); the log is told of them.
std::vector<Envelope> part(Envelope whole, const cf::Config& config, Queue& queue, Log& log);

// What waits in one group, as a queue run takes it and mailq lists it.
struct GroupQueue {
  std::string group, directory;     // its name; where sendmail keeps it: P=, else QueueDirectory
  int runners = 1;                  // R=, else MaxRunnersPerQueue
  std::vector<Envelope> messages;   // sorted, and no more than a run takes (J=, else `rules`)
  size_t requests = 0;              // how many there are
};
// Of each group, in the order of the Q lines; `only`: of that one ("": of all).
std::vector<GroupQueue> by_group(std::vector<Envelope> messages, const cf::Config& config, const RunRules& rules, Random& random, const std::string& only = "");
// Those with more runners come first. sendmail: multiqueue_cache() and its work groups
void sort_as_run(std::vector<GroupQueue>& groups);

// Of the parts that one delivery began with, those that wait for a queue run. sendmail: FastSplit
void hold_back(std::vector<Envelope>& parts, const cf::Config& config);

}  // namespace hky::queue
