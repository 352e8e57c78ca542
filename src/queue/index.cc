#include "queue/index.h"

namespace hky::queue {

Entry* Index::find(const QueueId& id) {
  auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : it->second.get();
}

Entry& Index::insert(Entry entry) {
  erase(entry.id);
  auto owned = std::make_unique<Entry>(std::move(entry));
  Entry& placed = *owned;
  placed.in = Entry::In::kNowhere;
  body_bytes_ += placed.body_bytes;
  leased_ += placed.leased;
  entries_[placed.id] = std::move(owned);
  schedule(placed);
  return placed;
}

void Index::erase(const QueueId& id) {
  auto it = entries_.find(id);
  if (it == entries_.end()) return;
  Entry& entry = *it->second;
  unschedule(entry);
  drop_body(entry);
  leased_ -= entry.leased;
  entries_.erase(it);
}

void Index::schedule(Entry& entry) {
  unschedule(entry);
  if (entry.leased || entry.waits || entry.next_try == kOnlyByQueueRun) return;
  // Not compared with the time: lease_next() and any_due() ripen what has become due.
  later_.insert(&entry);
  entry.in = Entry::In::kLater;
}

void Index::unschedule(Entry& entry) {
  if (entry.in == Entry::In::kLater) later_.erase(&entry);
  if (entry.in == Entry::In::kDue) due_.erase(&entry);
  entry.in = Entry::In::kNowhere;
}

void Index::ripen(int64_t now) {
  while (!later_.empty() && (*later_.begin())->next_try <= now) {
    Entry* entry = *later_.begin();
    later_.erase(later_.begin());
    due_.insert(entry);
    entry->in = Entry::In::kDue;
  }
}

Entry* Index::lease_next(int64_t now) {
  ripen(now);
  if (due_.empty()) return nullptr;
  Entry* entry = *due_.begin();
  set_leased(*entry, true);
  return entry;
}

void Index::set_leased(Entry& entry, bool on) {
  unschedule(entry);
  leased_ += static_cast<size_t>(on) - static_cast<size_t>(entry.leased);
  entry.leased = on;
  if (on) entry.place = 0;
  if (on) entry.own_time.reset();
  schedule(entry);
}

void Index::drop_body(Entry& entry) {
  body_bytes_ -= entry.body_bytes;
  entry.body_bytes = 0;
  entry.body.reset();
}

bool Index::any_due(int64_t now) {
  ripen(now);
  return !due_.empty();
}

int64_t Index::earliest() const { return later_.empty() ? INT64_MAX : (*later_.begin())->next_try; }

void Index::each(const std::function<void(Entry&)>& f) {
  for (auto& [id, entry] : entries_) f(*entry);
}

}  // namespace hky::queue
