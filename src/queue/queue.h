// Queue: durable envelopes with their bodies, a retry schedule, leases on single envelopes for the deliverers.
// The 250 waits for submit(): exactly one shared synced commit (design, decision 2).
// Threads: any loop; coroutines resume on the loop they were given. A Queue must outlive its coroutines: stop(), let the
// loops end, then destroy it, then the Store.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "net/loop.h"
#include "queue/envelope.h"

namespace hky::queue {

// A message in memory on its way: freshly accepted ones stay within a budget, others are read back.
using Body = std::shared_ptr<const std::string>;   // header block, blank line, body; LF line ends

struct Job {                 // one envelope leased to one deliverer
  Envelope envelope;
  Body body;                 // null: read it with Queue::body()
  bool demanded = false;     // who asked for it named it: mailers with F=% send it. sendmail: QueueLimitId, ...Sender, ...Recipient
};

struct Limits {
  uint64_t memory_budget = 64u << 20;   // bodies kept in memory for immediate delivery
  int64_t min_free_bytes = 0;           // below: submit answers 452 4.3.1
  uint64_t max_messages = 0;            // 0: none
  std::string shard = "0";              // the partition 'q'/<shard>
};

// Envelope::next_try of a message that waits for flush(): DeliveryMode queue and deferred.
inline constexpr int64_t kOnlyByQueueRun = INT64_MAX;
// A queue run has it in hand: what was found while it came in is over, as sendmail's queue files do not keep it.
inline bool waited(const Envelope& envelope) { return envelope.tries > 0 || envelope.next_try == kOnlyByQueueRun; }

class Queue {
 public:
  virtual ~Queue() = default;
  // New queue id, unique and in sendmail's form.
  virtual QueueId new_id() = 0;
  // Durable when it returns. Due at once, or at envelope.next_try. `leased`: the caller delivers it itself and then calls
  // finish() with its own copy, which need not know where the body is; else next_due() hands it out.
  // Full disk, too many messages: 452 4.3.1; the store is out of reach: 451 4.3.0.
  virtual net::Task<Result<>> submit(net::Loop& loop, Envelope envelope, Body body, bool leased = false) = 0;
  // The next due job, leased; waits until there is one (or stop()). Ordered by priority, then age; but see run().
  virtual net::Task<std::optional<Job>> next_due(net::Loop& loop) = 0;
  // That message, leased, whatever its next_try; none where it is gone, leased, held or quarantined.
  virtual net::Task<std::optional<Job>> lease(net::Loop& loop, QueueId id, bool demanded = false) = 0;
  virtual net::Task<Result<Body>> body(net::Loop& loop, const Envelope& envelope) = 0;
  // After an attempt; ends the lease. Recipients that are not pending are dropped; none left: the message is removed
  // (unsynced, rides along within 100 ms; finish does not wait for it). Else it is rescheduled: tries + 1, next_try from
  // the Schedule. Changes made by update() during the lease (hold, quarantine) win over the caller's.
  virtual net::Task<Result<>> finish(net::Loop& loop, Envelope envelope) = 0;
  // A group of envelopes replacing one (aliases split by owner; bounces): atomic, durable; ends the lease. bodies[i] is the
  // body of with[i]; missing or null: it shares the old one's. One of them may carry the old id: the old message goes on
  // with that content. The new ones are due at their next_try, and demanded as the old one was. (One batch: at most about 4 MiB of
  // envelopes.)
  virtual net::Task<Result<>> replace(net::Loop& loop, const QueueId& old, std::vector<Envelope> with,
                                      std::vector<Body> bodies = {}) = 0;
  // Ends a lease without an attempt: the message is due again at once (a deliverer that is shutting down).
  virtual void give_back(const QueueId& id) = 0;
  // Makes messages due now: all, or those the filter takes (sendmail -q, -qR...; ETRN).
  // Held and quarantined ones stay. Answers how many became due.
  virtual size_t flush(std::function<bool(const Envelope&)> filter, bool demanded = false) = 0;
  // A queue run: the same for these. next_due() hands them out in this order, and fresh mail before them.
  virtual size_t run(const std::vector<QueueId>& in_order, bool demanded = false) = 0;
  // Ends runs and flushes: who waits for his deliverer by one, and whose priority `ends` takes, is due at his own time again, as if he
  // had not been chosen. Answers how many.
  virtual size_t end_runs(const std::function<bool(long)>& ends) = 0;
  virtual std::vector<Envelope> list() const = 0;
  virtual bool busy(const QueueId& id) const = 0;                 // mailq's '*'
  virtual net::Task<Result<>> update(net::Loop& loop, const QueueId& id, std::function<void(Envelope&)> change) = 0;  // hold, release, quarantine
  virtual net::Task<Result<>> purge(net::Loop& loop, const QueueId& id) = 0;
  virtual net::Task<bool> idle(net::Loop& loop, Duration at_most) = 0;  // true: nothing leased, nothing due
  virtual size_t count() const = 0;
  // Files of the drop folder taken in (Envelope::drop) whose unlinking is not known yet: drop.h asks before it submits.
  virtual bool dropped_before(const std::string& name) const = 0;
  virtual void forget_drop(const std::string& name) = 0;
  virtual void stop() = 0;
};

// Retry schedule: next_try from MinQueueAge and the tries so far is decided by the caller's policy.
using Schedule = std::function<int64_t(const Envelope&, int64_t now)>;

// Takes the shard's lease and reads it (about a second for 100,000 messages): waits, so at start-up only.
Result<std::unique_ptr<Queue>> open_queue(storage::Store& store, const Clock& clock, Random& random, Schedule schedule,
                                          Limits limits);

}  // namespace hky::queue
