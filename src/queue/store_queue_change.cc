// What happens to messages that are in the queue: attempts end, operators hold and purge, aliases split them.
#include <algorithm>

#include "queue/store_queue_core.h"
#include "storage/await.h"

namespace hky::queue {
namespace {

Error no_such(const QueueId& id) { return permanent_error(id + ": no such message in the queue", 550, "5.1.0"); }

void drop_done(Envelope& envelope) {
  std::erase_if(envelope.rcpts, [](const Rcpt& rcpt) { return rcpt.state != RcptState::kPending; });
}

// What submit() added to its own copy: where the body is, and what the submitter left out.
void recall(const Entry& entry, Envelope& envelope) {
  auto stored = decode(entry.encoded);
  if (!stored.ok()) return;
  envelope.body = stored->envelope.body;
  if (envelope.created == 0) envelope.created = stored->envelope.created;
  if (envelope.size == 0) envelope.size = stored->envelope.size;
}

}  // namespace

net::Task<Result<Body>> StoreQueue::body(net::Loop& loop, const Envelope& envelope) {
  Core& c = *core_;
  const storage::Ref ref = envelope.body;
  {
    std::lock_guard lock(c.mutex);
    const Entry* entry = c.index.find(envelope.id);
    if (entry && entry->body) co_return entry->body;
  }
  auto answer = co_await storage::read_body(c.shard.store(), loop, ref, ref.off, ref.len);
  if (!answer.ok()) {
    Result<> failed = to_result(answer.rc, "read a message");
    co_return Result<Body>(failed.error());
  }
  co_return Body(std::make_shared<const std::string>(std::move(answer.value)));
}

net::Task<Result<>> StoreQueue::finish(net::Loop& loop, Envelope envelope) {
  Core& c = *core_;
  uint32_t generation = 0, old_chunks = 0;
  {
    std::lock_guard lock(c.mutex);
    Entry* entry = c.index.find(envelope.id);
    if (!entry) co_return Result<>();  // purged during the attempt
    drop_done(envelope);
    if (envelope.body.blob.empty()) recall(*entry, envelope);
    if (envelope.rcpts.empty()) {
      c.remove(*entry, envelope.body);
      co_return Result<>();
    }
    c.index.drop_body(*entry);
    generation = entry->generation + 1;
    old_chunks = entry->chunks;
    ++envelope.tries;
  }
  envelope.next_try = c.schedule(envelope, c.now());
  Result<> done = co_await rewrite(loop, std::move(envelope), generation, old_chunks);
  co_return done;
}

// The new state of a message whose attempt is over: its chunks, if it has any, then its header, which is not waited for.
net::Task<Result<>> StoreQueue::rewrite(net::Loop& loop, Envelope envelope, uint32_t generation, uint32_t old_chunks) {
  Core& c = *core_;
  const QueueId id = envelope.id;
  auto encoded = encode(envelope, generation);
  if (!encoded.ok()) {
    give_back(id);
    co_return encoded.error();
  }
  const auto chunks = static_cast<uint32_t>(encoded->chunks.size());
  if (chunks != 0) {
    Result<> written = co_await c.shard.write_chunks(loop, id, generation, std::move(encoded->chunks));
    if (!written.ok()) {
      give_back(id);
      co_return written;
    }
  }
  std::vector<Core::Match> matches;
  {
    std::lock_guard lock(c.mutex);
    Entry* entry = c.index.find(id);
    if (!entry) co_return Result<>();
    // The chunks take their recipients away from the header; changes made meanwhile are laid over it.
    auto decoded = decode(encoded->header);
    Envelope header = std::move(decoded->envelope);
    for (const auto& change : entry->changes) change(header);
    auto final_header = encode_header(header, generation, chunks);
    storage::Batch batch = c.shard.batch();
    if (final_header.ok()) encoded->header = std::move(*final_header);
    Shard::put_header(batch, id, encoded->header);
    if (old_chunks != 0) Shard::delete_chunks(batch, id, generation - 1, old_chunks);
    c.shard.forget(std::move(batch));
    c.index.insert(c.make_entry(header, std::move(encoded->header), generation, chunks));
    matches = c.match(&loop);
  }
  Core::hand_over(std::move(matches), &loop);
  co_return Result<>();
}

void StoreQueue::give_back(const QueueId& id) {
  std::vector<Core::Match> matches;
  {
    std::lock_guard lock(core_->mutex);
    Entry* entry = core_->index.find(id);
    if (!entry || !entry->leased) return;
    core_->index.set_leased(*entry, false);
    matches = core_->match(nullptr);
  }
  Core::hand_over(std::move(matches), nullptr);
}

// One new message of a replacement: its body (its own, or a share of the old one's), its chunks, its header into `batch`.
net::Task<Result<>> StoreQueue::prepare(net::Loop& loop, Replacement& r, Envelope& envelope, Body body) {
  Core& c = *core_;
  const bool same = envelope.id == r.old;
  const uint32_t generation = same ? r.generation + 1 : 0;
  if (envelope.created == 0) envelope.created = c.now();
  if (same) {
    drop_done(envelope);
    for (const auto& change : r.changes) change(envelope);
    r.old_goes_on = true;
  }
  if (body) {
    std::vector<std::string> one(1, body->empty() ? std::string("\n") : *body), holder(1, envelope.id);
    auto put = co_await storage::put_bodies(c.shard.store(), loop, c.shard.body_group(), std::move(one), std::move(holder));
    if (!put.ok()) co_return to_result(put.rc, "store a message");
    envelope.body = put.value.at(0);
    envelope.size = body->size();
  } else {
    envelope.body = r.body;
    storage::Rc held = storage::Rc::kOk;
    if (!same) {
      held = co_await storage::hold(c.shard.store(), loop, r.body, envelope.id);
    }
    if (held != storage::Rc::kOk) co_return to_result(held, "share a message");
  }
  auto encoded = encode(envelope, generation);
  if (!encoded.ok()) co_return encoded.error();
  const auto chunks = static_cast<uint32_t>(encoded->chunks.size());
  Result<> written;
  if (chunks != 0) {
    written = co_await c.shard.write_chunks(loop, envelope.id, generation, std::move(encoded->chunks));
  }
  Shard::put_header(r.batch, envelope.id, encoded->header);
  r.entries.push_back(c.make_entry(envelope, std::move(encoded->header), generation, chunks));
  r.entries.back().demanded = r.demanded;
  if (!same) c.keep_body(r.entries.back(), body);
  co_return written;
}

net::Task<Result<>> StoreQueue::replace(net::Loop& loop, const QueueId& old, std::vector<Envelope> with,
                                        std::vector<Body> bodies) {
  Core& c = *core_;
  Replacement r;
  r.old = old;
  r.batch = c.shard.batch();
  {
    std::lock_guard lock(c.mutex);
    const Entry* entry = c.index.find(r.old);
    if (!entry) co_return no_such(r.old);
    auto decoded = decode(entry->encoded);
    if (!decoded.ok()) co_return decoded.error();
    r.body = decoded->envelope.body;
    r.generation = entry->generation;
    r.changes = entry->changes;
    r.demanded = entry->demanded;
    Shard::delete_chunks(r.batch, r.old, entry->generation, entry->chunks);
    for (const Envelope& e : with) c.arriving.insert(e.id);
  }
  bodies.resize(with.size());
  Result<> done;
  // Bodies and chunks first: a crash from here on leaves only what the sweep and the start remove.
  for (size_t i = 0; i < with.size() && done.ok(); ++i) done = co_await prepare(loop, r, with[i], bodies[i]);
  if (done.ok()) {
    if (!r.old_goes_on) Shard::delete_header(r.batch, r.old);
    done = co_await c.shard.commit(loop, std::move(r.batch));
  }
  settle_replacement(loop, r, with, done.ok());
  co_return done;
}

void StoreQueue::settle_replacement(net::Loop& loop, Replacement& r, const std::vector<Envelope>& with, bool done) {
  Core& c = *core_;
  std::vector<Core::Match> matches;
  {
    std::lock_guard lock(c.mutex);
    for (const Envelope& e : with) c.arriving.erase(e.id);
    if (done) {
      if (!r.old_goes_on) c.index.erase(r.old);
      for (Entry& entry : r.entries) c.index.insert(std::move(entry));
      matches = c.match(&loop);
    }
  }
  if (done && !r.old_goes_on) c.shard.let_go(r.body, r.old);
  for (const Envelope& e : with) {
    if (done || e.id == r.old) continue;
    // Perhaps written all the same: the old message stays, so the new ones must not turn up after a restart.
    storage::Batch undo = c.shard.batch();
    Shard::delete_header(undo, e.id);
    c.shard.forget(std::move(undo));
    if (!e.body.blob.empty()) c.shard.let_go(e.body, e.id);
  }
  Core::hand_over(std::move(matches), &loop);
}

namespace {

// sendmail: a queue run passes over quarantined messages.
bool runs(const Entry& entry) { return !entry.waits && !entry.leased; }

}  // namespace

size_t StoreQueue::flush(std::function<bool(const Envelope&)> filter, bool demanded) {
  std::vector<QueueId> chosen;
  core_->visit(runs, [&](const Envelope& envelope) {
    if (!filter || filter(envelope)) chosen.push_back(envelope.id);
  });
  return make_due(chosen, false, demanded);
}

size_t StoreQueue::run(const std::vector<QueueId>& in_order, bool demanded) { return make_due(in_order, true, demanded); }

size_t StoreQueue::make_due(const std::vector<QueueId>& ids, bool in_order, bool demanded) {
  Core& c = *core_;
  size_t due = 0;
  std::vector<Core::Match> matches;
  {
    std::lock_guard lock(c.mutex);
    for (const QueueId& id : ids) {
      Entry* entry = c.index.find(id);
      if (!entry || !runs(*entry)) continue;
      c.index.unschedule(*entry);
      if (!entry->own_time) entry->own_time = entry->next_try;
      entry->next_try = 0;
      ++due;
      entry->place = in_order ? static_cast<uint32_t>(due) : 0;
      entry->demanded = entry->demanded || demanded;
      c.index.schedule(*entry);
    }
    matches = c.match(nullptr);
  }
  Core::hand_over(std::move(matches), nullptr);
  return due;
}

size_t StoreQueue::end_runs(const std::function<bool(long)>& ends) {
  size_t ended = 0;
  std::lock_guard lock(core_->mutex);
  core_->index.each([&](Entry& entry) {
    if (!entry.own_time || !ends(entry.priority)) return;
    core_->index.unschedule(entry);
    entry.next_try = *entry.own_time;
    entry.own_time.reset();
    entry.place = 0;
    entry.demanded = false;
    core_->index.schedule(entry);
    ++ended;
  });
  return ended;
}

// Flags, times and reasons stand in the header; its chunks stay as they are. In memory at once, so that an attempt that
// ends meanwhile is written after it.
net::Task<Result<>> StoreQueue::update(net::Loop& loop, const QueueId& id, std::function<void(Envelope&)> change) {
  Core& c = *core_;
  net::Completion<storage::Rc> written(loop);
  std::vector<Core::Match> matches;
  {
    std::lock_guard lock(c.mutex);
    Entry* entry = c.index.find(id);
    if (!entry) co_return no_such(id);
    auto decoded = decode(entry->encoded);
    if (!decoded.ok()) co_return decoded.error();
    Envelope& envelope = decoded->envelope;
    envelope.next_try = entry->next_try;
    change(envelope);
    // The chunks belong to the generation, so it only counts on where there are none (it says "written once").
    const uint32_t generation = entry->chunks == 0 ? entry->generation + 1 : entry->generation;
    auto header = encode_header(envelope, generation, entry->chunks);
    if (!header.ok()) co_return header.error();
    storage::Batch batch = c.shard.batch();
    Shard::put_header(batch, id, *header);
    c.shard.store().commit(c.shard.part(), std::move(batch),
                           [written](storage::Rc rc, std::monostate) { written.finish(rc); });
    Entry changed = c.make_entry(envelope, std::move(*header), generation, entry->chunks);
    changed.body = entry->body;
    changed.body_bytes = entry->body_bytes;
    changed.leased = entry->leased;
    changed.demanded = entry->demanded;
    changed.changes = std::move(entry->changes);
    if (changed.leased) changed.changes.push_back(std::move(change));
    c.index.insert(std::move(changed));
    matches = c.match(&loop);
  }
  Core::hand_over(std::move(matches), &loop);
  storage::Rc rc = co_await written.wait();
  co_return to_result(rc, "change a message");
}

net::Task<Result<>> StoreQueue::purge(net::Loop& loop, const QueueId& id) {
  Core& c = *core_;
  const QueueId purged = id;
  storage::Ref body;
  storage::Batch batch = c.shard.batch();
  {
    std::lock_guard lock(c.mutex);
    const Entry* entry = c.index.find(purged);
    if (!entry) co_return no_such(purged);
    if (auto decoded = decode(entry->encoded); decoded.ok()) body = decoded->envelope.body;
    Shard::delete_header(batch, purged);
    Shard::delete_chunks(batch, purged, entry->generation, entry->chunks);
    batch.written_once = entry->generation == 0 && entry->chunks == 0;
    c.index.erase(purged);
  }
  Result<> done = co_await c.shard.commit(loop, std::move(batch));
  if (!body.blob.empty()) c.shard.let_go(body, purged);
  co_return done;
}

}  // namespace hky::queue
