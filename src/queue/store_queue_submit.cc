// How messages come in (submit) and go out to deliverers (next_due).
#include <algorithm>

#include "queue/store_queue_core.h"
#include "storage/await.h"

namespace hky::queue {
namespace {

constexpr size_t kGroupBytes = 3u << 20;  // below the store's 4 MiB a batch
constexpr size_t kGroupSets = 900;        // and its 1,000 sets
constexpr auto kLongestTick = std::chrono::milliseconds(500);
constexpr auto kShortestTick = std::chrono::milliseconds(20);

// Recipients that surely fit into one value go the common way.
bool is_large(const Envelope& envelope) {
  size_t bytes = 0;
  for (const Rcpt& r : envelope.rcpts) {
    bytes += 40 + r.address.size() + r.mailer.size() + r.host.size() + r.user.size() + r.controlling_user.size() +
             r.orcpt.size() + r.alias_of.size() + r.final_rcpt.size() + r.status.size() + r.last_reply.size() + r.remote_mta.size();
    for (const Attempt& a : r.attempts) bytes += 12 + a.relay.size() + a.status.size() + a.reply.size();
  }
  for (const auto& [name, value] : envelope.macros) bytes += 8 + name.size() + value.size();
  return bytes > kChunkBytes / 2;
}

}  // namespace

net::Task<Result<>> StoreQueue::submit(net::Loop& loop, Envelope envelope, Body body, bool leased) {
  Core& c = *core_;
  Result<> admitted = c.admit();
  if (!admitted.ok()) co_return admitted;
  if (!body || body->empty()) body = std::make_shared<const std::string>("\n");
  if (envelope.id.empty()) envelope.id = new_id();
  if (envelope.created == 0) envelope.created = c.now();
  const bool large = is_large(envelope);
  auto arrival = std::make_shared<Arrival>(loop, std::move(envelope), std::move(body), leased);
  if (large) {
    Result<> done = co_await submit_large(loop, arrival);
    co_return done;
  }
  std::shared_ptr<Group> group;
  {
    std::lock_guard lock(c.mutex);
    c.arriving.insert(arrival->envelope.id);
    auto& gathering = c.gathering[&loop];
    if (!gathering) {
      gathering = std::make_shared<Group>(loop);
      group = gathering;
    }
    gathering->arrivals.push_back(arrival);
  }
  if (group) loop.after_ready([core = core_, group] { send_group(core, group); });
  storage::Rc rc = co_await arrival->stored.wait();
  co_return to_result(rc, "accept");
}

// All submissions of this instant: their bodies, then one batch (more only where the store's limits ask for it).
void StoreQueue::send_group(std::shared_ptr<Core> core, std::shared_ptr<Group> group) {
  {
    std::lock_guard lock(core->mutex);
    core->gathering[&group->loop].reset();
  }
  std::vector<std::string> bodies, holders;
  for (const auto& arrival : group->arrivals) {
    bodies.push_back(*arrival->body);
    holders.push_back(arrival->envelope.id);
  }
  using Arrivals = std::vector<std::shared_ptr<Arrival>>;
  // The end of a part of the group: on the loop, in the order the 250s want: first those who wait, then the deliverers.
  auto settle = [core, loop = &group->loop](const std::shared_ptr<Arrivals>& part, storage::Rc rc) {
    loop->post([core, loop, part, rc] {
      core->refuse_after_fence(rc);
      std::vector<Core::Match> matches;
      {
        std::lock_guard lock(core->mutex);
        for (const auto& arrival : *part) {
          const storage::Rc own = arrival->rc == storage::Rc::kOk ? rc : arrival->rc;
          arrival->rc = own;
          if (own == storage::Rc::kOk) {
            core->insert(*arrival);
            continue;
          }
          core->arriving.erase(arrival->envelope.id);
          // Perhaps written all the same: it must not turn up after a restart, the sender keeps it.
          storage::Batch undo = core->shard.batch();
          Shard::delete_header(undo, arrival->envelope.id);
          core->shard.forget(std::move(undo));
          if (!arrival->envelope.body.blob.empty()) core->shard.let_go(arrival->envelope.body, arrival->envelope.id);
        }
        matches = core->match(loop);
      }
      for (const auto& arrival : *part) arrival->stored.finish_here(arrival->rc);
      Core::hand_over(std::move(matches), loop);
    });
  };
  auto commit = [core, group, settle](storage::Rc put, const std::vector<storage::Ref>& refs) {
    storage::Batch batch = core->shard.batch();
    auto part = std::make_shared<Arrivals>();
    size_t bytes = 0;
    auto send = [&] {
      if (part->empty()) return;
      core->shard.store().commit(core->shard.part(), std::exchange(batch, core->shard.batch()),
                                 [settle, part](storage::Rc rc, std::monostate) { settle(part, rc); });
      part = std::make_shared<Arrivals>();
      bytes = 0;
    };
    for (size_t i = 0; i < group->arrivals.size(); ++i) {
      Arrival& arrival = *group->arrivals[i];
      arrival.rc = put;
      if (put == storage::Rc::kOk) {
        arrival.envelope.body = refs[i];
        auto encoded = encode_header(arrival.envelope, 0, 0);
        if (!encoded.ok()) arrival.rc = storage::Rc::kTooBig;
        else arrival.encoded = std::move(*encoded);
      }
      if (arrival.rc == storage::Rc::kOk) {
        bytes += arrival.encoded.size();
        Shard::put_header(batch, arrival.envelope.id, arrival.encoded);
        if (!arrival.envelope.drop.empty()) Shard::put_mark(batch, arrival.envelope.drop);
      }
      part->push_back(group->arrivals[i]);
      if (bytes > kGroupBytes || batch.set.size() >= kGroupSets) send();
    }
    send();
  };
  core->shard.store().put_bodies(core->shard.body_group(), std::move(bodies), std::move(holders), std::move(commit));
}

// Thousands of recipients: chunks first, the header last.
net::Task<Result<>> StoreQueue::submit_large(net::Loop& loop, std::shared_ptr<Arrival> arrival) {
  Core& c = *core_;
  Envelope& envelope = arrival->envelope;
  const QueueId id = envelope.id;
  {
    std::lock_guard lock(c.mutex);
    c.arriving.insert(id);
  }
  std::vector<std::string> bodies, holders;
  bodies.push_back(*arrival->body);
  holders.push_back(id);
  auto put = co_await storage::put_bodies(c.shard.store(), loop, c.shard.body_group(), std::move(bodies),
                                          std::move(holders));
  Result<> done = to_result(put.rc, "accept");
  Encoded encoded;
  if (done.ok()) {
    envelope.body = put.value.at(0);
    auto both = encode(envelope, 0);
    if (both.ok()) encoded = std::move(*both);
    else done = both.error();
  }
  const auto chunks = static_cast<uint32_t>(encoded.chunks.size());
  if (done.ok()) {
    done = co_await c.shard.write_chunks(loop, id, 0, std::move(encoded.chunks));
  }
  if (done.ok()) {
    storage::Batch batch = c.shard.batch();
    Shard::put_header(batch, id, encoded.header);
    if (!envelope.drop.empty()) Shard::put_mark(batch, envelope.drop);
    done = co_await c.shard.commit(loop, std::move(batch));
  }
  std::vector<Core::Match> matches;
  {
    std::lock_guard lock(c.mutex);
    c.arriving.erase(id);
    if (done.ok()) {
      if (!envelope.drop.empty()) c.drops.insert(envelope.drop);
      Entry entry = c.make_entry(envelope, std::move(encoded.header), 0, chunks);
      c.keep_body(entry, arrival->body);
      entry.leased = arrival->leased;
      c.index.insert(std::move(entry));
      matches = c.match(&loop);
    } else {
      storage::Batch undo = c.shard.batch();
      Shard::delete_header(undo, id);
      Shard::delete_chunks(undo, id, 0, chunks);
      c.shard.forget(std::move(undo));
      if (!envelope.body.blob.empty()) c.shard.let_go(envelope.body, id);
    }
  }
  Core::hand_over(std::move(matches), &loop);
  co_return done;
}

net::Task<std::optional<Job>> StoreQueue::next_due(net::Loop& loop) {
  for (;;) {
    std::optional<Job> job;
    std::optional<net::Completion<std::optional<Job>>> later;
    bool start_ticking = false;
    {
      std::lock_guard lock(core_->mutex);
      if (core_->stopped) co_return std::nullopt;
      if (Entry* entry = core_->index.lease_next(core_->now())) {
        job = core_->make_job(*entry);
      } else {
        later.emplace(loop);
        core_->waiters.push_back(Core::Waiter{&loop, *later});
        start_ticking = !std::exchange(core_->ticking[&loop], true);
      }
    }
    if (start_ticking) loop.spawn(tick(core_, loop));
    if (later) {
      job = co_await later->wait();
    }
    if (!job) co_return std::nullopt;
    uint32_t generation = 0, chunks = 0;
    {
      std::lock_guard lock(core_->mutex);
      const Entry* entry = core_->index.find(job->envelope.id);
      if (!entry) continue;  // purged between
      generation = entry->generation;
      chunks = entry->chunks;
    }
    Result<> read;
    if (chunks != 0) {
      read = co_await core_->shard.read_chunks(loop, job->envelope.id, generation, job->envelope.rcpts);
    }
    if (read.ok()) co_return job;
    // Not readable now: later again, so that it does not keep the deliverer from the others.
    std::lock_guard lock(core_->mutex);
    if (Entry* entry = core_->index.find(job->envelope.id)) {
      core_->index.unschedule(*entry);
      entry->next_try = core_->now() + 60;
      core_->index.set_leased(*entry, false);
    }
  }
}

net::Task<std::optional<Job>> StoreQueue::lease(net::Loop& loop, QueueId id, bool demanded) {
  std::optional<Job> job;
  uint32_t generation = 0, chunks = 0;
  {
    std::lock_guard lock(core_->mutex);
    Entry* entry = core_->stopped ? nullptr : core_->index.find(id);
    if (entry == nullptr || entry->leased || entry->waits) co_return std::nullopt;
    generation = entry->generation;
    chunks = entry->chunks;
    core_->index.set_leased(*entry, true);
    entry->demanded = entry->demanded || demanded;
    job = core_->make_job(*entry);
  }
  Result<> read;
  if (chunks != 0) read = co_await core_->shard.read_chunks(loop, id, generation, job->envelope.rcpts);
  if (read.ok()) co_return job;
  give_back(id);
  co_return std::nullopt;
}

// Wakes deliverers when a retry becomes due. Times are whole seconds, so half a second is soon enough. Ends when nobody
// waits on this loop; the next next_due() starts it again.
net::Task<> StoreQueue::tick(std::shared_ptr<Core> core, net::Loop& loop) {
  for (;;) {
    Duration wait = kLongestTick;
    {
      std::lock_guard lock(core->mutex);
      const int64_t earliest = core->index.earliest(), now = core->now();
      if (earliest <= now) wait = kShortestTick;
    }
    co_await loop.sleep(wait);
    std::vector<Core::Match> matches;
    {
      std::lock_guard lock(core->mutex);
      const bool waited_for = std::any_of(core->waiters.begin(), core->waiters.end(),
                                          [&loop](const Core::Waiter& w) { return w.loop == &loop; });
      if (core->stopped || !waited_for) {
        core->ticking[&loop] = false;
        co_return;
      }
      matches = core->match(&loop);
    }
    Core::hand_over(std::move(matches), &loop);
  }
}

}  // namespace hky::queue
