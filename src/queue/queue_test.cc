// The queue's promises, over the memory store (strict about written_once) and RocksDB.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "queue/queue.h"
#include "queue/queue_id.h"
#include "queue/schedule.h"
#include "storage/memory_store.h"
#include "storage/rocksdb_store.h"

namespace hky::queue {
namespace {

class QueueTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "rocksdb") {
      std::string form = (std::filesystem::temp_directory_path() / "hky-queue-XXXXXX").string();
      dir_ = mkdtemp(form.data());
    }
    open_store();
    open();
  }
  void TearDown() override {
    queue_.reset();
    store_.reset();
    if (!dir_.empty()) std::filesystem::remove_all(dir_);
  }
  void open_store() {
    store_.reset();
    if (dir_.empty()) {
      store_ = storage::open_memory_store();
      return;
    }
    storage::RocksdbOptions options;
    options.removal_ms = 5;
    auto opened = storage::open_rocksdb_store(dir_ + "/store", options);
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    store_ = std::move(*opened);
  }
  void open() {
    queue_.reset();
    auto opened = open_queue(*store_, clock_, random_, [](const Envelope&, int64_t now) { return now + 600; }, limits_);
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    queue_ = std::move(*opened);
  }
  // As after a restart of the engine: all that is in memory is gone.
  void reopen() {
    queue_.reset();
    if (!dir_.empty()) open_store();
    open();
  }

  template <class T>
  T run(net::Task<T> task) { return net::run_blocking(loop_, std::move(task)); }

  Envelope envelope(std::vector<std::string> rcpts = {"joe@example.com"}) {
    Envelope e;
    e.id = queue_->new_id();
    e.sender = "root@example.org";
    for (auto& address : rcpts) {
      Rcpt rcpt;
      rcpt.address = std::move(address);
      e.rcpts.push_back(std::move(rcpt));
    }
    e.macros = {{"r", "ESMTP"}, {"{client_addr}", "192.0.2.1"}};
    return e;
  }
  QueueId submit(Envelope e, std::string text = "Subject: x\n\nbody\n", bool leased = false) {
    QueueId id = e.id;
    auto done = run(queue_->submit(loop_, std::move(e), std::make_shared<const std::string>(std::move(text)), leased));
    EXPECT_TRUE(done.ok());
    return id;
  }
  // The next due one; a test that expects none asks idle().
  Job take() {
    auto job = run(queue_->next_due(loop_));
    EXPECT_TRUE(job.has_value());
    return job ? std::move(*job) : Job();
  }
  bool idle() { return run(queue_->idle(loop_, Duration::zero())); }
  std::string text(const Job& job) {
    if (job.body) return *job.body;
    auto body = run(queue_->body(loop_, job.envelope));
    return body.ok() ? **body : body.error().text;
  }
  Result<> finish(Envelope e) { return run(queue_->finish(loop_, std::move(e))); }

  ManualClock clock_;
  SeededRandom random_{1};
  net::Loop loop_{system_clock()};
  Limits limits_;
  std::string dir_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Queue> queue_;
};

TEST_P(QueueTest, WhoSubmittedAMessageAndDeliversItHimselfKnowsNothingOfItsBody) {
  Envelope copy = envelope({"a@x"}), gone = envelope({"b@x"});
  QueueId id = submit(copy, "Subject: one\n\nhello\n", true);
  submit(gone, "Subject: two\n\nhello\n", true);
  ASSERT_TRUE(finish(copy).ok());   // deferred
  gone.rcpts[0].state = RcptState::kDelivered;
  ASSERT_TRUE(finish(gone).ok());
  for (const bool restarted : {false, true}) {
    if (restarted) reopen();
    queue_->flush(nullptr);
    Job job = take();
    EXPECT_EQ(job.envelope.id, id);
    EXPECT_EQ(text(job), "Subject: one\n\nhello\n");
    EXPECT_NE(job.envelope.created, 0);
    ASSERT_TRUE(finish(std::move(job.envelope)).ok());
  }
}

TEST_P(QueueTest, ARunsOrderIsKeptAndEndsWithItsTry) {
  std::vector<QueueId> ids;
  for (const long priority : {1, 2, 3}) {
    Envelope e = envelope({"a@x"});
    e.priority = priority;
    e.next_try = kOnlyByQueueRun;
    ids.push_back(submit(std::move(e)));
  }
  EXPECT_EQ(queue_->run({ids[2], "none", ids[0]}), 2u);
  Job third = take();
  EXPECT_EQ(third.envelope.id, ids[2]);
  EXPECT_EQ(take().envelope.id, ids[0]);
  EXPECT_FALSE(queue_->busy(ids[1]));
  ASSERT_TRUE(finish(std::move(third.envelope)).ok());
  queue_->give_back(ids[0]);
  queue_->flush(nullptr);
  EXPECT_EQ(take().envelope.id, ids[0]);   // by priority again
}

// sendmail: M_HOLD: named by its id, sender or recipient; that holds for one attempt, and for what the attempt makes of it.
TEST_P(QueueTest, WhatIsDemandedIsSoUntilItsAttemptEnds) {
  Envelope e = envelope({"a@x"});
  e.next_try = kOnlyByQueueRun;
  const QueueId id = submit(e);
  queue_->flush(nullptr, true);
  Job job = take();
  EXPECT_TRUE(job.demanded);
  ASSERT_TRUE(finish(std::move(job.envelope)).ok());
  queue_->flush(nullptr);
  EXPECT_FALSE(take().demanded);
  queue_->give_back(id);
  queue_->run({id}, true);
  job = take();
  EXPECT_TRUE(job.demanded);
  queue_->give_back(id);
  std::optional<Job> again = run(queue_->lease(loop_, id));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->demanded);
  std::vector<Envelope> parts(2, again->envelope);
  parts[1].id = queue_->new_id();
  parts[0].next_try = parts[1].next_try = 0;
  ASSERT_TRUE(run(queue_->replace(loop_, id, parts)).ok());
  EXPECT_TRUE(take().demanded);
  EXPECT_TRUE(take().demanded);
}

// sendmail: run_work_group(): a load that rises ends the run.
TEST_P(QueueTest, ARunThatEndsLeavesTheRestToItsOwnTimes) {
  for (const long priority : {1, 2, 3}) {
    Envelope e = envelope({"a@x"});
    e.priority = priority;
    e.next_try = priority == 3 ? kOnlyByQueueRun : unix_seconds(clock_.wall()) + 600;
    submit(std::move(e));
  }
  queue_->flush(nullptr, true);
  EXPECT_EQ(take().envelope.priority, 1);
  EXPECT_EQ(queue_->end_runs([](long) { return true; }), 2u);
  EXPECT_EQ(queue_->end_runs([](long) { return true; }), 0u);
  clock_.advance(std::chrono::seconds(600));
  const Job second = take();
  EXPECT_EQ(second.envelope.priority, 2);
  EXPECT_FALSE(second.demanded);
  queue_->flush(nullptr);
  EXPECT_EQ(queue_->end_runs([](long priority) { return priority > 3; }), 0u);
  EXPECT_EQ(take().envelope.priority, 3);
}

TEST_P(QueueTest, AMessageComesOutAsItWentInAndIsGoneWhenDone) {
  Envelope e = envelope({"a@x", "b@x"});
  e.envid = "QQ";
  e.auth_sender = "me";
  QueueId id = submit(e, "Subject: one\n\nhello\n");
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_FALSE(idle());
  Job job = take();
  EXPECT_EQ(job.envelope.id, id);
  EXPECT_TRUE(queue_->busy(id));
  EXPECT_EQ(job.envelope.rcpts.size(), 2u);
  EXPECT_EQ(job.envelope.macros, e.macros);
  EXPECT_EQ(job.envelope.envid, "QQ");
  EXPECT_EQ(text(job), "Subject: one\n\nhello\n");
  for (auto& rcpt : job.envelope.rcpts) rcpt.state = RcptState::kDelivered;
  EXPECT_TRUE(finish(job.envelope).ok());
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_TRUE(idle());
  reopen();
  EXPECT_EQ(queue_->count(), 0u);
}

TEST_P(QueueTest, WhatWasNotDeliveredSurvivesARestartAndIsTriedAgainInTime) {
  submit(envelope({"done@x", "later@x"}), "body text");
  Job job = take();
  job.envelope.rcpts[0].state = RcptState::kDelivered;
  job.envelope.rcpts[1].last_reply = "450 busy";
  EXPECT_TRUE(finish(job.envelope).ok());
  EXPECT_TRUE(idle());
  reopen();
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_TRUE(idle());  // not due
  clock_.advance(std::chrono::seconds(601));
  Job again = take();
  ASSERT_EQ(again.envelope.rcpts.size(), 1u);
  EXPECT_EQ(again.envelope.rcpts[0].address, "later@x");
  EXPECT_EQ(again.envelope.rcpts[0].last_reply, "450 busy");
  EXPECT_EQ(again.envelope.tries, 1);
  EXPECT_EQ(text(again), "body text");
  again.envelope.rcpts[0].state = RcptState::kFailed;
  EXPECT_TRUE(finish(again.envelope).ok());
  reopen();
  EXPECT_EQ(queue_->count(), 0u);
}

TEST_P(QueueTest, ALeaseEndsWithTheProcess) {
  QueueId id = submit(envelope());
  take();
  EXPECT_TRUE(idle() == false);
  reopen();
  EXPECT_EQ(take().envelope.id, id);
}

TEST_P(QueueTest, AWaitingDelivererIsWokenBySubmitAndByTime) {
  std::optional<Job> got;
  auto deliverer = [](Queue& queue, net::Loop& loop, std::optional<Job>& out) -> net::Task<> {
    out = co_await queue.next_due(loop);
  };
  loop_.spawn(deliverer(*queue_, loop_, got));
  QueueId id = submit(envelope());
  auto nap = [](net::Loop& loop) -> net::Task<bool> {
    co_await loop.sleep(std::chrono::milliseconds(1));
    co_return true;
  };
  EXPECT_TRUE(run(nap(loop_)));
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->envelope.id, id);
  EXPECT_TRUE(finish(got->envelope).ok());
  got.reset();
  clock_.advance(std::chrono::seconds(601));
  auto woken = run(queue_->next_due(loop_));
  EXPECT_EQ(woken->envelope.id, id);
}

TEST_P(QueueTest, StopReleasesWhoWaits) {
  auto stopper = [](Queue& queue) -> net::Task<> {
    queue.stop();
    co_return;
  };
  auto waiting = queue_->next_due(loop_);
  loop_.post([&] { loop_.spawn(stopper(*queue_)); });
  EXPECT_FALSE(run(std::move(waiting)).has_value());
}

TEST_P(QueueTest, DueMessagesGoByPriorityThenAge) {
  Envelope late = envelope(), early = envelope(), urgent = envelope();
  late.created = 200;
  early.created = 100;
  urgent.created = 300;
  late.priority = early.priority = 50;
  urgent.priority = 10;
  submit(late);
  submit(early);
  submit(urgent);
  EXPECT_EQ(take().envelope.id, urgent.id);
  EXPECT_EQ(take().envelope.id, early.id);
  EXPECT_EQ(take().envelope.id, late.id);
}

TEST_P(QueueTest, HeldAndQuarantinedMessagesWaitAlsoAfterARestart) {
  QueueId id = submit(envelope());
  EXPECT_TRUE(run(queue_->update(loop_, id, [](Envelope& e) { e.held = true; })).ok());
  EXPECT_TRUE(idle());
  EXPECT_EQ(queue_->flush(nullptr), 0u);
  reopen();
  EXPECT_TRUE(idle());
  EXPECT_TRUE(queue_->list().at(0).held);
  EXPECT_TRUE(run(queue_->update(loop_, id, [](Envelope& e) { e.held = false; e.quarantine_reason = "spam"; })).ok());
  EXPECT_TRUE(idle());
  EXPECT_TRUE(run(queue_->update(loop_, id, [](Envelope& e) { e.quarantine_reason.clear(); })).ok());
  EXPECT_EQ(take().envelope.id, id);
  EXPECT_FALSE(run(queue_->update(loop_, "7BPNkSHB012345", [](Envelope&) {})).ok());
}

TEST_P(QueueTest, AHoldDuringAnAttemptIsNotLostByItsEnd) {
  QueueId id = submit(envelope());
  Job job = take();
  EXPECT_TRUE(run(queue_->update(loop_, id, [](Envelope& e) { e.held = true; })).ok());
  EXPECT_TRUE(queue_->busy(id));
  EXPECT_TRUE(finish(job.envelope).ok());
  clock_.advance(std::chrono::seconds(601));
  EXPECT_TRUE(idle());
  reopen();
  EXPECT_TRUE(idle());
  EXPECT_TRUE(queue_->list().at(0).held);
}

TEST_P(QueueTest, FlushMakesDueWhatTheFilterTakes) {
  Envelope one = envelope({"a@one"}), two = envelope({"b@two"});
  one.next_try = two.next_try = kOnlyByQueueRun;
  submit(one);
  submit(two);
  EXPECT_TRUE(idle());
  EXPECT_EQ(queue_->flush([](const Envelope& e) { return e.rcpts.at(0).address == "b@two"; }), 1u);
  EXPECT_EQ(take().envelope.id, two.id);
  EXPECT_TRUE(queue_->flush(nullptr) == 1u);
  EXPECT_EQ(take().envelope.id, one.id);
}

TEST_P(QueueTest, PurgeRemovesAlsoWhatIsBeingDelivered) {
  QueueId id = submit(envelope());
  Job job = take();
  EXPECT_TRUE(run(queue_->purge(loop_, id)).ok());
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_TRUE(finish(job.envelope).ok());
  EXPECT_EQ(queue_->count(), 0u);
  reopen();
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_FALSE(run(queue_->purge(loop_, id)).ok());
}

TEST_P(QueueTest, ASplitSharesTheBodyAndABounceBringsItsOwn) {
  QueueId old = submit(envelope({"list@x"}), "shared");
  Job job = take();
  Envelope split = envelope({"member@y"}), bounce = envelope({"root@example.org"});
  bounce.is_report = true;
  std::vector<Envelope> with{split, bounce};
  std::vector<Body> bodies{nullptr, std::make_shared<const std::string>("report")};
  EXPECT_TRUE(run(queue_->replace(loop_, old, with, bodies)).ok());
  EXPECT_EQ(queue_->count(), 2u);
  reopen();
  EXPECT_EQ(queue_->count(), 2u);
  for (int i = 0; i < 2; ++i) {
    Job one = take();
    EXPECT_EQ(text(one), one.envelope.is_report ? "report" : "shared");
    one.envelope.rcpts[0].state = RcptState::kDelivered;
    EXPECT_TRUE(finish(one.envelope).ok());
  }
  EXPECT_EQ(queue_->count(), 0u);
}

TEST_P(QueueTest, AnOldMessageMayGoOnBesideItsBounce) {
  QueueId old = submit(envelope({"gone@x", "slow@x"}), "text");
  Job job = take();
  job.envelope.rcpts[0].state = RcptState::kFailed;
  Envelope bounce = envelope({"root@example.org"});
  job.envelope.next_try = clock_.wall().time_since_epoch().count() / 1'000'000 + 600;
  std::vector<Envelope> with{job.envelope, bounce};
  std::vector<Body> bodies{nullptr, std::make_shared<const std::string>("report")};
  EXPECT_TRUE(run(queue_->replace(loop_, old, with, bodies)).ok());
  EXPECT_EQ(take().envelope.id, bounce.id);
  EXPECT_FALSE(queue_->busy(old));
  reopen();
  clock_.advance(std::chrono::seconds(601));
  Job slow = take();
  if (slow.envelope.id != old) slow = take();
  EXPECT_EQ(slow.envelope.id, old);
  ASSERT_EQ(slow.envelope.rcpts.size(), 1u);
  EXPECT_EQ(slow.envelope.rcpts[0].address, "slow@x");
  EXPECT_EQ(text(slow), "text");
}

TEST_P(QueueTest, ThousandsOfRecipientsAreWrittenInChunks) {
  std::vector<std::string> rcpts;
  for (int i = 0; i < 20'000; ++i) rcpts.push_back("user-with-a-long-name-" + std::to_string(i) + "@host.example.com");
  QueueId id = submit(envelope(rcpts), "text");
  reopen();
  EXPECT_EQ(queue_->list().at(0).rcpts.size(), rcpts.size());
  Job job = take();
  ASSERT_EQ(job.envelope.rcpts.size(), rcpts.size());
  EXPECT_EQ(job.envelope.rcpts.back().address, rcpts.back());
  for (size_t i = 0; i < rcpts.size() / 2; ++i) job.envelope.rcpts[i].state = RcptState::kDelivered;
  EXPECT_TRUE(run(queue_->update(loop_, id, [](Envelope& e) { e.warning_sent = true; })).ok());
  EXPECT_TRUE(finish(job.envelope).ok());
  reopen();
  clock_.advance(std::chrono::seconds(601));
  job = take();
  EXPECT_EQ(job.envelope.rcpts.size(), rcpts.size() / 2);
  EXPECT_TRUE(job.envelope.warning_sent);
  for (auto& rcpt : job.envelope.rcpts) rcpt.state = RcptState::kDelivered;
  EXPECT_TRUE(finish(job.envelope).ok());
  reopen();
  EXPECT_EQ(queue_->count(), 0u);
}

TEST_P(QueueTest, BodiesOverTheMemoryBudgetAreReadBack) {
  queue_.reset();
  limits_.memory_budget = 10;
  open();
  submit(envelope(), "longer than ten bytes");
  Job job = take();
  EXPECT_EQ(job.body, nullptr);
  EXPECT_EQ(text(job), "longer than ten bytes");
}

TEST_P(QueueTest, AFullQueueOrDiskAnswers452) {
  queue_.reset();
  limits_.max_messages = 1;
  open();
  submit(envelope());
  auto refused = run(queue_->submit(loop_, envelope(), std::make_shared<const std::string>("x")));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().smtp_code, 452);
  EXPECT_EQ(refused.error().enhanced, "4.3.1");
  if (dir_.empty()) return;
  queue_.reset();
  limits_ = Limits();
  limits_.min_free_bytes = INT64_MAX;
  open();
  refused = run(queue_->submit(loop_, envelope(), std::make_shared<const std::string>("x")));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().enhanced, "4.3.1");
}

TEST_P(QueueTest, AnOwnerThatWasReplacedIsFencedOff) {
  QueueId id = submit(envelope());
  auto other = open_queue(*store_, clock_, random_, [](const Envelope&, int64_t now) { return now; }, limits_);
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(run(queue_->submit(loop_, envelope(), std::make_shared<const std::string>("x"))).ok());
  EXPECT_FALSE(run(queue_->update(loop_, id, [](Envelope& e) { e.held = true; })).ok());
  EXPECT_EQ((*other)->count(), 1u);
}

TEST_P(QueueTest, SubmissionsOfOneInstantShareOneSync) {
  if (dir_.empty()) return;
  auto& rocksdb = static_cast<storage::RocksdbStore&>(*store_);
  const uint64_t before = rocksdb.stats().syncs;
  int stored = 0;
  auto one = [](Queue& queue, net::Loop& loop, Envelope e, int& count) -> net::Task<> {
    auto done = co_await queue.submit(loop, std::move(e), std::make_shared<const std::string>("x"));
    count += done.ok();
    if (count == 50) loop.stop();
  };
  loop_.post([&] {
    for (int i = 0; i < 50; ++i) loop_.spawn(one(*queue_, loop_, envelope(), stored));
  });
  loop_.run();
  EXPECT_EQ(stored, 50);
  EXPECT_EQ(rocksdb.stats().syncs - before, 1u);
}

TEST_P(QueueTest, LeasedToItsSubmitterAndGivenBack) {
  QueueId id = submit(envelope(), "x", true);
  EXPECT_TRUE(queue_->busy(id));
  queue_->give_back(id);
  EXPECT_EQ(take().envelope.id, id);
}

TEST_P(QueueTest, MarksOfTheDropFolderOutliveARestart) {
  Envelope e = envelope();
  e.drop = "d0123";
  submit(e);
  EXPECT_TRUE(queue_->dropped_before("d0123"));
  reopen();
  EXPECT_TRUE(queue_->dropped_before("d0123"));
  queue_->forget_drop("d0123");
  reopen();
  EXPECT_FALSE(queue_->dropped_before("d0123"));
}

INSTANTIATE_TEST_SUITE_P(Engines, QueueTest, testing::Values("memory", "rocksdb"),
                         [](const auto& engine) { return engine.param; });

TEST(IdMakerTest, UniqueAtAnyRateAndOverRestarts) {
  ManualClock clock(1'764'032'400);  // 2025-11-25 01:00:00
  SeededRandom random(1);
  std::set<QueueId> all;
  for (uint64_t epoch = 1; epoch <= 3; ++epoch) {
    IdMaker ids(clock, random, epoch);
    for (int i = 0; i < 20'000; ++i) {
      QueueId id = ids.next();
      EXPECT_TRUE(looks_like_id(id)) << id;
      EXPECT_TRUE(all.insert(id).second) << id;
      // 2025 is the 125th year since 1900, November the tenth month from 0, the 25th day, 01:00:00.
      if (i == 0) { EXPECT_EQ(id.substr(0, 6), "5AP100"); }
    }
  }
}

TEST(ScheduleTest, ClassesDecideWhenMailIsGivenUpAndWarnedOf) {
  RetryOptions options;
  options.queue_return = {1000, 100, 3000, 50};
  options.queue_warn = {10, 5, 0, 1};
  Envelope e;
  e.sender = "a@b";
  e.created = 1;
  EXPECT_FALSE(expired(options, e, 1001));
  EXPECT_TRUE(expired(options, e, 1002));
  EXPECT_TRUE(warn_due(options, e, 12));
  EXPECT_FALSE(warn_due(options, e, 11));
  e.urgency = Envelope::Urgency::kUrgent;
  EXPECT_TRUE(expired(options, e, 102));
  e.urgency = Envelope::Urgency::kNonUrgent;
  EXPECT_FALSE(expired(options, e, 3001));
  EXPECT_FALSE(warn_due(options, e, 3001));  // 0: never
  e.is_report = true;
  EXPECT_TRUE(expired(options, e, 52));
  EXPECT_FALSE(warn_due(options, e, 52));
  e.is_report = false;
  e.deliver_by = 20;
  e.deliver_by_mode = 'R';
  EXPECT_TRUE(expired(options, e, 21));
  e.deliver_by_mode = 'N';
  EXPECT_FALSE(expired(options, e, 21));
  EXPECT_TRUE(warn_due(options, e, 21));
}

TEST(ScheduleTest, TheWaitIsTheRunIntervalOrDoublesUpToMaxQueueAge) {
  RetryOptions options;
  options.run_interval = 60;
  Envelope e;
  e.tries = 1;
  EXPECT_EQ(next_try(options, e, 1000), 1060);
  options.group_intervals["slow"] = 3600;
  e.queue_group = "slow";
  EXPECT_EQ(next_try(options, e, 1000), 4600);
  e.queue_group = "another";
  EXPECT_EQ(next_try(options, e, 1000), 1060);
  options.min_queue_age = 300;
  EXPECT_EQ(next_try(options, e, 1000), 1300);
  options.max_queue_age = 1000;
  e.tries = 2;
  EXPECT_EQ(next_try(options, e, 1000), 1600);
  e.tries = 9;
  EXPECT_EQ(next_try(options, e, 1000), 2000);
  options.run_interval = 0;
  EXPECT_EQ(next_try(options, e, 1000), kOnlyByQueueRun);
}

}  // namespace
}  // namespace hky::queue
