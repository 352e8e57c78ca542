// Power cuts at every write of a run of 200 messages, on the disk that forgets what was not synced. After each:
// - the store opens and the queue reads;
// - every message that was answered "accepted" and not finished is there, with its body;
// - a message that was finished before the last synced commit began is not there again;
// - no body is left that nobody refers to, once the sweep is through.
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "base/sim_file_system.h"
#include "queue/queue.h"
#include "storage/rocksdb_store.h"
#include "storage/sim_disk.h"

namespace hky::queue {
namespace {

constexpr int kMessages = 200, kTogether = 8;

Schedule in_ten_minutes() {
  return [](const Envelope&, int64_t now) { return now + 600; };
}

// What the outside world knows.
struct Known {
  std::set<QueueId> accepted;        // answered 250, not yet finished
  std::set<QueueId> finished;        // confirmed, and a later synced commit was answered: must not come again
  std::set<QueueId> just_finished;   // confirmed since: may come again, need not
};

struct World {
  ManualClock clock;
  SeededRandom random{7};
  SimFileSystem files{clock};
  storage::SimDisk disk{files};
  std::unique_ptr<storage::RocksdbStore> store;
  std::unique_ptr<Queue> queue;
  Known known;

  World() {  // the directory is made by the installation
    EXPECT_TRUE(files.mkdir("/queue", 0700).ok());
    EXPECT_TRUE(files.sync_directory("/").ok());
  }
  bool open() {
    storage::RocksdbOptions options;
    options.env = disk.env();
    options.removal_ms = 1;
    options.memtable_bytes = 64 << 10;  // tables and logs are written and dropped many times in a run
    auto opened = storage::open_rocksdb_store("/queue", options);
    if (!opened.ok()) return false;
    store = std::move(*opened);
    auto queue_opened = open_queue(*store, clock, random, in_ten_minutes(), {});
    if (!queue_opened.ok()) return false;
    queue = std::move(*queue_opened);
    return true;
  }
  void close() {
    queue.reset();
    store.reset();
  }
};

std::string text_of(const std::string& sender) { return "Subject: " + sender + "\n\n" + std::string(1500, 'b') + sender; }

// One client: hands over a message; two of three are delivered at once, of those that stay every other is tried once.
net::Task<> client(World& w, net::Loop& loop, int number, int& running) {
  Envelope e;
  e.id = w.queue->new_id();
  e.sender = std::to_string(number) + "@example.org";
  Rcpt rcpt;
  rcpt.address = "joe@example.com";
  e.rcpts.assign(2, rcpt);
  const QueueId id = e.id;
  auto body = std::make_shared<const std::string>(text_of(e.sender));
  std::set<QueueId> confirmed_before = w.known.just_finished;
  auto stored = co_await w.queue->submit(loop, e, std::move(body), true);
  if (stored.ok()) {
    // This commit was synced after those removals had been given to the store.
    for (const QueueId& gone : confirmed_before) {
      w.known.just_finished.erase(gone);
      w.known.finished.insert(gone);
    }
    w.known.accepted.insert(id);
    auto listed = w.queue->list();
    for (Envelope& mine : listed) {
      if (mine.id != id || number % 6 == 5) continue;
      mine.rcpts[0].state = RcptState::kDelivered;
      if (number % 3 != 2) mine.rcpts[1].state = RcptState::kDelivered;
      if (number % 3 != 2) {
        w.known.accepted.erase(id);
        w.known.just_finished.insert(id);
      }
      (void)(co_await w.queue->finish(loop, std::move(mine)));
    }
  }
  if (--running == 0) loop.stop();
}

void run_script(World& w) {
  for (int first = 0; first < kMessages && !w.files.was_cut(); first += kTogether) {
    net::Loop loop(system_clock());
    int running = kTogether;
    loop.post([&] {
      for (int i = 0; i < kTogether; ++i) loop.spawn(client(w, loop, first + i, running));
    });
    loop.run();
  }
}

net::Task<bool> body_matches(Queue& queue, net::Loop& loop, Envelope e) {
  auto body = co_await queue.body(loop, e);
  co_return body.ok() && **body == text_of(e.sender);
}

void check(World& w, uint64_t cut) {
  ASSERT_TRUE(w.open()) << "cut at " << cut;
  net::Loop loop(system_clock());
  std::set<QueueId> there;
  for (const Envelope& e : w.queue->list()) {
    there.insert(e.id);
    EXPECT_TRUE(net::run_blocking(loop, body_matches(*w.queue, loop, e))) << "cut at " << cut << ": body of " << e.id;
  }
  for (const QueueId& id : w.known.accepted) EXPECT_TRUE(there.contains(id)) << "cut at " << cut << ": lost " << id;
  for (const QueueId& id : w.known.finished) EXPECT_FALSE(there.contains(id)) << "cut at " << cut << ": again " << id;
}

uint64_t steps_of_a_clean_run() {
  World w;
  EXPECT_TRUE(w.open());
  run_script(w);
  EXPECT_EQ(w.known.accepted.size() + w.known.finished.size() + w.known.just_finished.size(), size_t{kMessages});
  EXPECT_GT(w.known.finished.size(), 50u);
  w.close();
  return w.files.step_count() - 2;  // less those of the constructor
}

class CrashTest : public testing::TestWithParam<int> {};

// Split into four so that ctest can run them side by side; together they cut at every write.
TEST_P(CrashTest, APowerCutAtAnyWriteLosesNothingAcceptedAndRepeatsNothingConfirmed) {
  const uint64_t steps = steps_of_a_clean_run();
  for (uint64_t cut = 1 + static_cast<uint64_t>(GetParam()); cut <= steps; cut += 4) {
    World w;
    w.files.cut_at(cut);
    if (w.open()) run_script(w);
    w.close();
    SeededRandom lottery(cut);
    w.files.crash(&lottery);
    check(w, cut);
    w.close();
    if (HasFailure()) return;
  }
}
INSTANTIATE_TEST_SUITE_P(Quarter, CrashTest, testing::Values(0, 1, 2, 3));

// The disk is full for one write and then no more: what is refused is refused, what was accepted stays, and the engine
// goes on without a restart.
class FullDiskTest : public testing::TestWithParam<int> {};

TEST_P(FullDiskTest, OneFailedWriteCostsAtMostRefusals) {
  const uint64_t steps = steps_of_a_clean_run();
  for (uint64_t failing = 40 + static_cast<uint64_t>(GetParam()); failing < steps; failing += 24) {
    World w;
    ASSERT_TRUE(w.open());
    const uint64_t opened = w.files.step_count() - 2;
    if (failing <= opened) continue;
    w.files.fail_at(failing - opened, ENOSPC);
    run_script(w);
    const size_t before = w.known.accepted.size();
    run_script(w);
    EXPECT_GT(w.known.accepted.size(), before) << "failed at " << failing << ": it does not go on";
    w.close();
    SeededRandom lottery(failing);
    w.files.crash(&lottery);
    check(w, failing);
    w.close();
    if (HasFailure()) return;
  }
}
INSTANTIATE_TEST_SUITE_P(Some, FullDiskTest, testing::Values(0, 11));

TEST(KillTest, AKilledProcessRepeatsNothingThatWasWritten) {
  // kill -9 takes the process, not the disk: what was written without a sync is there.
  World w;
  ASSERT_TRUE(w.open());
  run_script(w);
  w.store->drain();
  w.known.finished.merge(w.known.just_finished);
  w.close();
  check(w, 0);
}

}  // namespace
}  // namespace hky::queue
