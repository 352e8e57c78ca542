// StoreQueue: the Queue over a Store. The index and the waiting deliverers stand under one mutex that is held for
// microseconds; disk work is the store's. Submissions of one instant of a loop are one batch (group commit).
// Threads: as Queue.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_set>

#include "queue/index.h"
#include "queue/queue_id.h"
#include "queue/shard.h"

namespace hky::queue {

class StoreQueue : public Queue {
 public:
  StoreQueue(storage::Store& store, const Clock& clock, Random& random, Schedule schedule, Limits limits);
  ~StoreQueue() override;
  Result<> open();

  QueueId new_id() override;
  net::Task<Result<>> submit(net::Loop& loop, Envelope envelope, Body body, bool leased) override;
  net::Task<std::optional<Job>> next_due(net::Loop& loop) override;
  net::Task<std::optional<Job>> lease(net::Loop& loop, QueueId id, bool demanded) override;
  net::Task<Result<Body>> body(net::Loop& loop, const Envelope& envelope) override;
  net::Task<Result<>> finish(net::Loop& loop, Envelope envelope) override;
  net::Task<Result<>> replace(net::Loop& loop, const QueueId& old, std::vector<Envelope> with,
                              std::vector<Body> bodies) override;
  void give_back(const QueueId& id) override;
  size_t flush(std::function<bool(const Envelope&)> filter, bool demanded) override;
  size_t run(const std::vector<QueueId>& in_order, bool demanded) override;
  size_t end_runs(const std::function<bool(long)>& ends) override;
  std::vector<Envelope> list() const override;
  bool busy(const QueueId& id) const override;
  net::Task<Result<>> update(net::Loop& loop, const QueueId& id, std::function<void(Envelope&)> change) override;
  net::Task<Result<>> purge(net::Loop& loop, const QueueId& id) override;
  net::Task<bool> idle(net::Loop& loop, Duration at_most) override;
  size_t count() const override;
  bool dropped_before(const std::string& name) const override;
  void forget_drop(const std::string& name) override;
  void stop() override;

 private:
  struct Core;      // shared with answers that may come later than the last call
  struct Arrival;   // one submission on its way to the disk
  struct Group;     // those of one instant of one loop
  struct Replacement;

  static void send_group(std::shared_ptr<Core> core, std::shared_ptr<Group> group);
  static net::Task<> tick(std::shared_ptr<Core> core, net::Loop& loop);
  size_t make_due(const std::vector<QueueId>& ids, bool in_order, bool demanded);
  net::Task<Result<>> submit_large(net::Loop& loop, std::shared_ptr<Arrival> arrival);
  net::Task<Result<>> rewrite(net::Loop& loop, Envelope envelope, uint32_t generation, uint32_t old_chunks);

  net::Task<Result<>> prepare(net::Loop& loop, Replacement& replacement, Envelope& envelope, Body body);
  void settle_replacement(net::Loop& loop, Replacement& replacement, const std::vector<Envelope>& with, bool done);

  std::shared_ptr<Core> core_;
};

}  // namespace hky::queue
