#include "queue/store_queue.h"

#include <fmt/format.h>

#include <algorithm>

#include "queue/store_queue_core.h"
#include "queue/sweep.h"
#include "storage/await.h"

namespace hky::queue {
namespace {

constexpr auto kSpaceCheck = std::chrono::seconds(1);

}  // namespace

// ---- Core

Result<> StoreQueue::Core::admit() {
  if (fenced) return temporary_error("this host lost its queue to another", 451, "4.3.0");
  std::lock_guard lock(mutex);
  if (limits.max_messages != 0 && index.size() >= limits.max_messages) {
    return temporary_error("Too many messages in the queue; try again later", 452, "4.3.1");
  }
  if (limits.min_free_bytes > 0) {
    // sendmail: MinFreeBlocks. Asked once a second: it costs a system call.
    if (!space_known || clock.mono() - space_asked >= kSpaceCheck) {
      space_asked = clock.mono();
      space_known = true;
      space_enough = shard.store().free_bytes() >= static_cast<uint64_t>(limits.min_free_bytes);
    }
    if (!space_enough) return to_result(storage::Rc::kFull, "accept");
  }
  return {};
}

Entry StoreQueue::Core::make_entry(const Envelope& envelope, std::string encoded, uint32_t generation,
                                   uint32_t chunks) const {
  Entry entry;
  entry.id = envelope.id;
  entry.encoded = std::move(encoded);
  entry.next_try = envelope.next_try;
  entry.created = envelope.created;
  entry.priority = envelope.priority;
  entry.generation = generation;
  entry.chunks = chunks;
  entry.waits = envelope.held || !envelope.quarantine_reason.empty();
  return entry;
}

void StoreQueue::Core::keep_body(Entry& entry, const Body& body) const {
  // Only what is delivered at once is worth its memory.
  if (!body || entry.waits || entry.next_try > now() || index.body_bytes() + body->size() > limits.memory_budget) return;
  entry.body = body;
  entry.body_bytes = body->size();
}

Job StoreQueue::Core::make_job(Entry& entry) {
  Job job;
  if (entry.fresh) {
    job.envelope = std::move(*entry.fresh);
    entry.fresh.reset();
  } else if (auto decoded = decode(entry.encoded); decoded.ok()) {
    job.envelope = std::move(decoded->envelope);
  }
  job.body = entry.body;
  job.demanded = entry.demanded;
  return job;
}

// Due messages and waiting deliverers, those of the calling loop first: they cost no hop.
std::vector<StoreQueue::Core::Match> StoreQueue::Core::match(net::Loop* here) {
  std::vector<Match> matches;
  while (!waiters.empty()) {
    Entry* entry = index.lease_next(now());
    if (!entry) break;
    auto chosen = std::find_if(waiters.begin(), waiters.end(), [here](const Waiter& w) { return w.loop == here; });
    if (chosen == waiters.end()) chosen = waiters.begin();
    matches.push_back(Match{*chosen, make_job(*entry)});
    waiters.erase(chosen);
  }
  return matches;
}

void StoreQueue::Core::hand_over(std::vector<Match> matches, net::Loop* here) {
  for (Match& m : matches) {
    if (m.waiter.loop == here) m.waiter.job.finish_here(std::move(m.job));
    else m.waiter.job.finish(std::move(m.job));
  }
}

void StoreQueue::Core::insert(Arrival& arrival) {
  if (!arrival.envelope.drop.empty()) drops.insert(arrival.envelope.drop);
  Entry entry = make_entry(arrival.envelope, std::move(arrival.encoded), 0, 0);
  keep_body(entry, arrival.body);
  entry.leased = arrival.leased;
  if (!arrival.leased && entry.body) entry.fresh = std::make_unique<Envelope>(std::move(arrival.envelope));
  arriving.erase(entry.id);
  index.insert(std::move(entry));
}

// From the store and from memory; neither is waited for.
void StoreQueue::Core::remove(Entry& entry, const storage::Ref& body) {
  storage::Batch batch = shard.batch();
  Shard::delete_header(batch, entry.id);
  Shard::delete_chunks(batch, entry.id, entry.generation, entry.chunks);
  batch.written_once = entry.generation == 0 && entry.chunks == 0;
  shard.forget(std::move(batch));
  shard.let_go(body, entry.id);
  index.erase(QueueId(entry.id));
}

void StoreQueue::Core::visit(const std::function<bool(const Entry&)>& wanted, const std::function<void(Envelope)>& see) {
  struct Large {
    Envelope envelope;
    uint32_t generation;
  };
  std::vector<Large> large;
  {
    std::lock_guard lock(mutex);
    index.each([&](Entry& entry) {
      if (!wanted(entry)) return;
      auto decoded = decode(entry.encoded);
      if (!decoded.ok()) return;
      decoded->envelope.next_try = entry.next_try;
      if (entry.chunks == 0) see(std::move(decoded->envelope));
      else large.push_back(Large{std::move(decoded->envelope), entry.generation});
    });
  }
  for (Large& one : large) {
    if (shard.read_chunks_waiting(one.envelope.id, one.generation, one.envelope.rcpts).ok()) see(std::move(one.envelope));
  }
}

// ---- opening, ids, what is asked about the queue

StoreQueue::StoreQueue(storage::Store& store, const Clock& clock, Random& random, Schedule schedule, Limits limits)
    : core_(std::make_shared<Core>(store, clock, random, std::move(schedule), std::move(limits))) {}

StoreQueue::~StoreQueue() { stop(); }

Result<> StoreQueue::open() {
  Core& c = *core_;
  HKY_TRY(c.shard.acquire("queue"));
  c.ids = std::make_unique<IdMaker>(c.clock, c.random, c.shard.epoch());
  HKY_TRY(c.shard.read_headers([&c](const std::string& id, std::string header) {
    auto decoded = decode(header);
    if (!decoded.ok() || decoded->envelope.id != id) {
      ++c.unreadable;  // left where it is: a newer version may read it
      return;
    }
    c.index.insert(c.make_entry(decoded->envelope, std::move(header), decoded->generation, decoded->chunks));
  }));
  HKY_TRY(c.shard.read_marks([&c](std::string name) { c.drops.insert(std::move(name)); }));
  if (c.unreadable == 0) {
    HKY_TRY(c.shard.drop_orphans([&c](const std::string& id, uint32_t generation, uint32_t number) {
      const Entry* entry = c.index.find(id);
      return entry && entry->generation == generation && number < entry->chunks;
    }));
    // Bodies nobody refers to any more, found by and by while mail already flows.
    sweep(c.shard.store(), c.shard.body_group(), [core = core_](const QueueId& holder) {
      if (core->stopped) return SweepVerdict::kStop;
      std::lock_guard lock(core->mutex);
      bool kept = core->ids->mine(holder) || core->index.find(holder) || core->arriving.contains(holder);
      return kept ? SweepVerdict::kKeep : SweepVerdict::kFree;
    });
  }
  return {};
}

QueueId StoreQueue::new_id() { return core_->ids->next(); }

std::vector<Envelope> StoreQueue::list() const {
  std::vector<Envelope> all;
  core_->visit([](const Entry&) { return true; }, [&all](Envelope envelope) { all.push_back(std::move(envelope)); });
  return all;
}

bool StoreQueue::busy(const QueueId& id) const {
  std::lock_guard lock(core_->mutex);
  const Entry* entry = core_->index.find(id);
  return entry && entry->leased;
}

size_t StoreQueue::count() const {
  std::lock_guard lock(core_->mutex);
  return core_->index.size();
}

bool StoreQueue::dropped_before(const std::string& name) const {
  std::lock_guard lock(core_->mutex);
  return core_->drops.contains(name);
}

void StoreQueue::forget_drop(const std::string& name) {
  {
    std::lock_guard lock(core_->mutex);
    if (core_->drops.erase(name) == 0) return;
  }
  storage::Batch batch = core_->shard.batch();
  Shard::delete_mark(batch, name);
  core_->shard.forget(std::move(batch));
}

net::Task<bool> StoreQueue::idle(net::Loop& loop, Duration at_most) {
  constexpr auto kStep = std::chrono::milliseconds(20);
  const MonoTime until = loop.clock().mono() + at_most;
  for (;;) {
    {
      std::lock_guard lock(core_->mutex);
      if (core_->index.leased() == 0 && !core_->index.any_due(core_->now()) && core_->arriving.empty()) co_return true;
    }
    if (loop.clock().mono() >= until) co_return false;
    co_await loop.sleep(kStep);
  }
}

void StoreQueue::stop() {
  std::deque<Core::Waiter> waiters;
  {
    std::lock_guard lock(core_->mutex);
    core_->stopped = true;
    waiters.swap(core_->waiters);
  }
  for (Core::Waiter& waiter : waiters) waiter.job.finish(std::nullopt);
}

Result<std::unique_ptr<Queue>> open_queue(storage::Store& store, const Clock& clock, Random& random, Schedule schedule,
                                          Limits limits) {
  auto queue = std::make_unique<StoreQueue>(store, clock, random, std::move(schedule), std::move(limits));
  HKY_TRY(queue->open());
  return std::unique_ptr<Queue>(std::move(queue));
}

}  // namespace hky::queue
