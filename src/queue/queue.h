// Queue: durable envelopes with their bodies, a retry schedule, leases on single envelopes for the deliverers.
// The 250 waits for submit(): exactly one shared synced commit (design, decision 2). Threads: any loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "net/loop.h"
#include "queue/envelope.h"

namespace hky::queue {

// A message in memory on its way: freshly accepted ones stay within a budget, others are read back.
using Body = std::shared_ptr<const std::string>;   // header block, blank line, body; LF line ends

struct Job {                 // one envelope leased to one deliverer
  Envelope envelope;
  Body body;                 // null: read it with Queue::body()
};

struct Limits {
  uint64_t memory_budget = 64u << 20;   // bodies kept in memory for immediate delivery
  int64_t min_free_bytes = 0;           // below: submit answers 452 4.3.1
  uint64_t max_messages = 0;            // 0: none
};

class Queue {
 public:
  virtual ~Queue() = default;
  // New queue id, unique and in sendmail's form.
  virtual QueueId new_id() = 0;
  // Durable when it returns. `deliver_now`: the job is handed to the caller (leased) instead of the schedule.
  virtual net::Task<Result<>> submit(net::Loop& loop, Envelope envelope, Body body) = 0;
  // The next due job, leased; waits until there is one (or stop()). Ordered by priority, then age (QueueSortOrder).
  virtual net::Task<std::optional<Job>> next_due(net::Loop& loop) = 0;
  virtual net::Task<Result<Body>> body(net::Loop& loop, const Envelope& envelope) = 0;
  // After an attempt. Recipients done are dropped; none left: the message is removed (unsynced, rides along within 100 ms).
  virtual net::Task<Result<>> finish(net::Loop& loop, Envelope envelope) = 0;    // all rcpts done -> removed; else rescheduled
  // A group of envelopes replacing one (aliases split by owner; bounces): atomic, durable.
  virtual net::Task<Result<>> replace(net::Loop& loop, const QueueId& old, std::vector<Envelope> with) = 0;
  // Makes messages due now: all, or those the filter takes (sendmail -q, -qR...; ETRN).
  virtual size_t flush(std::function<bool(const Envelope&)> filter) = 0;
  virtual std::vector<Envelope> list() const = 0;
  virtual bool busy(const QueueId& id) const = 0;                 // mailq's '*'
  virtual net::Task<Result<>> update(net::Loop& loop, const QueueId& id, std::function<void(Envelope&)> change) = 0;  // hold, release, quarantine
  virtual net::Task<Result<>> purge(net::Loop& loop, const QueueId& id) = 0;
  virtual net::Task<bool> idle(net::Loop& loop, Duration at_most) = 0;  // true when nothing is being delivered
  virtual size_t count() const = 0;
  virtual void stop() = 0;
};

// Retry schedule: next_try from MinQueueAge and the tries so far is decided by the caller's policy.
using Schedule = std::function<int64_t(const Envelope&, int64_t now)>;

std::unique_ptr<Queue> open_queue(storage::Store& store, const Clock& clock, Random& random, Schedule schedule, Limits limits);

}  // namespace hky::queue
