// The inside of StoreQueue, shared by its .cc files only.
#pragma once

#include "queue/store_queue.h"

namespace hky::queue {

struct StoreQueue::Arrival {
  Arrival(net::Loop& loop, Envelope e, Body b, bool l)
      : envelope(std::move(e)), body(std::move(b)), leased(l), stored(loop) {}
  Envelope envelope;
  Body body;
  const bool leased;
  std::string encoded;
  storage::Rc rc = storage::Rc::kUnavailable;
  net::Completion<storage::Rc> stored;
};

struct StoreQueue::Group {
  explicit Group(net::Loop& l) : loop(l) {}
  net::Loop& loop;
  std::vector<std::shared_ptr<Arrival>> arrivals;
};

// replace() under way.
struct StoreQueue::Replacement {
  QueueId old;
  storage::Ref body;                 // the old message's
  uint32_t generation = 0;
  bool old_goes_on = false;          // one of the new ones has its id
  bool demanded = false;             // the old one was
  std::vector<std::function<void(Envelope&)>> changes;
  storage::Batch batch;
  std::vector<Entry> entries;
};

struct StoreQueue::Core : std::enable_shared_from_this<Core> {
  Core(storage::Store& store, const Clock& c, Random& r, Schedule s, Limits l)
      : shard(store, l.shard), clock(c), random(r), schedule(std::move(s)), limits(std::move(l)) {}

  // A deliverer that waits in next_due.
  struct Waiter {
    net::Loop* loop;
    net::Completion<std::optional<Job>> job;
  };
  // A job that found its deliverer: handed over when the mutex is free again.
  struct Match {
    Waiter waiter;
    Job job;
  };

  int64_t now() const { return unix_seconds(clock.wall()); }
  Result<> admit();
  void refuse_after_fence(storage::Rc rc) {
    if (rc == storage::Rc::kFenced) fenced = true;
  }

  // The rest under mutex.
  Entry make_entry(const Envelope& envelope, std::string encoded, uint32_t generation, uint32_t chunks) const;
  void keep_body(Entry& entry, const Body& body) const;
  Job make_job(Entry& entry);
  std::vector<Match> match(net::Loop* here);
  // Each message that `wanted` takes, with all its recipients. Waits for the disk where there are chunks, and never for
  // the disk with the mutex: a store thread may want it (the sweep).
  void visit(const std::function<bool(const Entry&)>& wanted, const std::function<void(Envelope)>& see);  // locks
  static void hand_over(std::vector<Match> matches, net::Loop* here);  // without the mutex
  void insert(Arrival& arrival);
  void remove(Entry& entry, const storage::Ref& body);

  Shard shard;
  const Clock& clock;
  Random& random;
  const Schedule schedule;
  const Limits limits;
  std::unique_ptr<IdMaker> ids;

  mutable std::mutex mutex;
  Index index;
  std::deque<Waiter> waiters;
  std::map<net::Loop*, std::shared_ptr<Group>> gathering;
  std::map<net::Loop*, bool> ticking;
  std::unordered_set<std::string> drops;
  std::unordered_set<QueueId> arriving;       // ids between their body and their header: the sweep passes over them
  size_t unreadable = 0;
  MonoTime space_asked{};
  bool space_known = false, space_enough = true;
  std::atomic<bool> stopped = false;
  std::atomic<bool> fenced = false;
};

}  // namespace hky::queue
