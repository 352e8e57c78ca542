// Index: what the queue knows of its messages in memory, and the schedule over them. About 0.6 KiB a message.
// Not thread-safe: the queue's mutex guards it.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <unordered_map>

#include "queue/codec.h"
#include "queue/queue.h"

namespace hky::queue {

struct Entry {
  QueueId id;
  std::string encoded;                  // the header as stored
  std::unique_ptr<Envelope> fresh;      // the same decoded, until the first attempt begins
  Body body;                            // within the budget, until the first attempt ends
  uint64_t body_bytes = 0;              // what it takes of the budget
  int64_t next_try = 0, created = 0;
  long priority = 0;
  std::optional<int64_t> own_time;      // next_try, while a queue run makes it due
  uint32_t place = 0;                   // in that run; 0: its order is ours
  bool demanded = false;                // until the attempt ends: Job::demanded
  uint32_t generation = 0, chunks = 0;
  bool waits = false;                   // held or quarantined: never due
  bool leased = false;
  enum class In : uint8_t { kNowhere, kLater, kDue } in = In::kNowhere;
  std::vector<std::function<void(Envelope&)>> changes;  // update() during the lease
};

class Index {
 public:
  Entry* find(const QueueId& id);
  // Takes its place in the schedule unless it is leased. An entry of that id is replaced.
  Entry& insert(Entry entry);
  void erase(const QueueId& id);
  // After next_try, waits, priority or leased changed. Call unschedule() before changing them.
  void schedule(Entry& entry);
  void unschedule(Entry& entry);
  // The first of those due, leased; null where none is. In a queue run's order (QueueSortOrder), then by priority, then age.
  Entry* lease_next(int64_t now);
  void drop_body(Entry& entry);

  bool any_due(int64_t now);
  int64_t earliest() const;             // of those later; INT64_MAX: none
  size_t size() const { return entries_.size(); }
  size_t leased() const { return leased_; }
  void set_leased(Entry& entry, bool on);
  uint64_t body_bytes() const { return body_bytes_; }
  void each(const std::function<void(Entry&)>& f);

 private:
  struct ByTime {
    bool operator()(const Entry* a, const Entry* b) const {
      return std::tie(a->next_try, a->id) < std::tie(b->next_try, b->id);
    }
  };
  struct ByRank {
    bool operator()(const Entry* a, const Entry* b) const {
      return std::tie(a->place, a->priority, a->created, a->id) < std::tie(b->place, b->priority, b->created, b->id);
    }
  };
  void ripen(int64_t now);  // later -> due

  std::unordered_map<QueueId, std::unique_ptr<Entry>> entries_;
  std::set<Entry*, ByTime> later_;
  std::set<Entry*, ByRank> due_;
  size_t leased_ = 0;
  uint64_t body_bytes_ = 0;
};

}  // namespace hky::queue
