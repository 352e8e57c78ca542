#include "queue/shard.h"

#include <fmt/format.h>

#include <future>

#include "storage/await.h"

namespace hky::queue {
namespace {

constexpr unsigned kPageRows = 1000;
constexpr size_t kIdLength = 14;
constexpr size_t kBatchBytes = 3u << 20;

std::string key(char kind, std::string_view name) { return std::string(1, kind).append(name); }

std::string chunk_prefix(const QueueId& id, uint32_t generation) {
  std::string out = key('r', id);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(generation >> shift));
  return out;
}

std::string chunk_key(const QueueId& id, uint32_t generation, uint32_t number) {
  std::string out = chunk_prefix(id, generation);
  out.push_back(static_cast<char>(number >> 8));
  out.push_back(static_cast<char>(number));
  return out;
}

uint32_t big_endian(std::string_view bytes) {
  uint32_t n = 0;
  for (char c : bytes) n = n << 8 | static_cast<unsigned char>(c);
  return n;
}

// Waits for one answer of a store thread: never on a store thread, and on a loop only where a command asks for it.
template <class T, class Call>
std::pair<storage::Rc, T> wait_for(Call call) {
  auto promise = std::make_shared<std::promise<std::pair<storage::Rc, T>>>();
  auto answer = promise->get_future();
  call(storage::Done<T>([promise](storage::Rc rc, T value) { promise->set_value({rc, std::move(value)}); }));
  return answer.get();
}

}  // namespace

Result<> to_result(storage::Rc rc, const char* doing) {
  if (rc == storage::Rc::kOk) return {};
  if (rc == storage::Rc::kFull) {
    return temporary_error("Insufficient disk space; try again later", 452, "4.3.1");
  }
  if (rc == storage::Rc::kTooBig) return permanent_error(fmt::format("{}: too large for the queue", doing), 552, "5.3.4");
  return temporary_error(fmt::format("{}: the queue's store says: {}", doing, storage::to_string(rc)), 451, "4.3.0");
}

Result<> Shard::acquire(const std::string& owner) {
  auto [rc, lease] = wait_for<storage::Lease>([&](auto done) { store_.acquire(part_, owner, 10'000, done); });
  HKY_TRY(to_result(rc, "take the queue"));
  epoch_ = lease.epoch;
  return {};
}

Result<> Shard::scan(char from, const std::function<void(std::string, std::string)>& each) {
  std::string start(1, from);
  const std::string end(1, static_cast<char>(from + 1));
  for (;;) {
    auto [rc, page] = wait_for<storage::Page>([&](auto done) { store_.range(part_, start, end, kPageRows, done); });
    HKY_TRY(to_result(rc, "read the queue"));
    if (!page.rows.empty()) start = page.rows.back().first + '\0';
    for (auto& [name, value] : page.rows) each(name.substr(1), std::move(value));
    if (!page.more) return {};
  }
}

Result<> Shard::read_headers(const std::function<void(std::string, std::string)>& each) { return scan('m', each); }

Result<> Shard::read_marks(const std::function<void(std::string)>& each) {
  return scan('d', [&](std::string name, const std::string&) { each(std::move(name)); });
}

Result<> Shard::drop_orphans(const std::function<bool(const std::string&, uint32_t, uint32_t)>& wanted) {
  return scan('r', [&](const std::string& name, const std::string&) {
    if (name.size() != kIdLength + 6) return;
    uint32_t generation = big_endian(std::string_view(name).substr(kIdLength, 4));
    uint32_t number = big_endian(std::string_view(name).substr(kIdLength + 4));
    if (wanted(name.substr(0, kIdLength), generation, number)) return;
    storage::Batch removal = batch();
    removal.set.emplace_back(key('r', name), std::nullopt);
    forget(std::move(removal));
  });
}

Result<> Shard::read_chunks_waiting(const QueueId& id, uint32_t generation, std::vector<Rcpt>& into) {
  const std::string prefix = chunk_prefix(id, generation);
  auto [rc, page] =
      wait_for<storage::Page>([&](auto done) { store_.range(part_, prefix, prefix + "\xff\xff\xff", UINT16_MAX, done); });
  HKY_TRY(to_result(rc, "read the recipients"));
  for (const auto& row : page.rows) HKY_TRY(decode_chunk(row.second, into));
  return {};
}

net::Task<Result<>> Shard::read_chunks(net::Loop& loop, QueueId id, uint32_t generation, std::vector<Rcpt>& into) {
  const std::string prefix = chunk_prefix(id, generation);
  std::string from = prefix;
  const std::string to = prefix + "\xff\xff\xff";
  for (bool more = true; more;) {
    auto answer = co_await storage::range(store_, loop, part_, from, to, 64);
    if (!answer.ok()) co_return to_result(answer.rc, "read the recipients");
    for (const auto& row : answer.value.rows) {
      Result<> read = decode_chunk(row.second, into);
      if (!read.ok()) co_return read;
      from = row.first + '\0';
    }
    more = answer.value.more;
  }
  co_return Result<>();
}

net::Task<Result<>> Shard::write_chunks(net::Loop& loop, QueueId id, uint32_t generation,
                                        std::vector<std::string> chunks) {
  storage::Batch next = batch();
  size_t bytes = 0;
  for (size_t i = 0; i < chunks.size(); ++i) {
    bytes += chunks[i].size();
    next.set.emplace_back(chunk_key(id, generation, static_cast<uint32_t>(i)), std::move(chunks[i]));
    if (bytes < kBatchBytes && i + 1 < chunks.size()) continue;
    storage::Batch full = std::exchange(next, batch());
    bytes = 0;
    Result<> done = co_await commit(loop, std::move(full));
    if (!done.ok()) co_return done;
  }
  co_return Result<>();
}

net::Task<Result<>> Shard::commit(net::Loop& loop, storage::Batch batch) {
  storage::Rc rc = co_await storage::commit(store_, loop, part_, std::move(batch));
  co_return to_result(rc, "write the queue");
}

storage::Batch Shard::batch() const {
  storage::Batch out;
  out.epoch = epoch_;
  return out;
}

void Shard::put_header(storage::Batch& batch, const QueueId& id, std::string header) {
  batch.set.emplace_back(key('m', id), std::move(header));
}
void Shard::put_mark(storage::Batch& batch, const std::string& name) { batch.set.emplace_back(key('d', name), "1"); }
void Shard::delete_mark(storage::Batch& batch, const std::string& name) {
  batch.set.emplace_back(key('d', name), std::nullopt);
}
void Shard::delete_header(storage::Batch& batch, const QueueId& id) {
  batch.set.emplace_back(key('m', id), std::nullopt);
}
void Shard::delete_chunks(storage::Batch& batch, const QueueId& id, uint32_t generation, uint32_t chunks) {
  for (uint32_t i = 0; i < chunks; ++i) batch.set.emplace_back(chunk_key(id, generation, i), std::nullopt);
}

void Shard::forget(storage::Batch batch) {
  batch.durable = false;
  store_.commit(part_, std::move(batch), [](storage::Rc, std::monostate) {});
}

void Shard::let_go(const storage::Ref& body, const QueueId& holder) {
  store_.release(body, holder, [](storage::Rc, std::monostate) {});
}

}  // namespace hky::queue
