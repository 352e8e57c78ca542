// Appends to mailboxes on the disk that forgets: cut at every step, with and without torn tails.
#include "agent/mbox.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "agent/append_journal.h"
#include "agent/dot_lock.h"
#include "base/sim_file_system.h"

namespace hky::agent {
namespace {

constexpr const char* kBox = "/var/mail/joe";
constexpr const char* kJournal = "/var/spool/hikyaku/appends";

std::string message(int n) {
  return fmt::format("From a@b Wed Nov 25 01:00:00 2026\nX-Id: {}\n\n{}\nend of {}\n\n", n, std::string(size_t(n % 7) * 40, 'x'), n);
}

// The machine: disk, clock and who is alive; start() is a fresh agent process on it.
struct Machine {
  ManualClock clock;
  SimFileSystem files{clock};
  MemoryLog log;
  int next_pid = 100;
  std::set<int> alive;
  std::unique_ptr<AppendJournal> journal;
  std::optional<World> world;

  Machine() {
    log.set_level(99);
    EXPECT_TRUE(files.make_directories("/var/mail").ok());
    EXPECT_TRUE(files.make_directories("/var/spool/hikyaku").ok());
    files.sync_all();
  }
  void start() {
    alive.clear();
    world.reset();
    journal.reset();
    World w(files, clock, log, "mx");
    w.pid = next_pid++;
    alive.insert(w.pid);
    w.nonce = fmt::format("n{}", w.pid);
    w.boot_seconds = unix_seconds(clock.wall());
    w.alive = [this](int pid) { return alive.contains(pid); };
    w.pause = [this](Duration d) { clock.advance(d); };
    auto opened = AppendJournal::open(files, kJournal);
    if (!opened.ok()) return;
    journal = std::move(*opened);
    w.journal = journal.get();
    world.emplace(std::move(w));
    Result<> recovered = recover_appends(*world);
    (void)recovered;
  }
  Result<> append(std::vector<std::string> texts) {
    if (!world) return temporary_error("no agent");
    AppendJob job;
    job.path = kBox;
    for (const std::string& t : texts) job.messages.push_back(t);
    return append_messages(*world, job);
  }
  std::string box() {
    auto text = files.read_file(kBox);
    return text.ok() ? *text : "";
  }
};

// Splits the mailbox as a reader would and checks that it consists of whole messages only.
std::multiset<int> whole_messages(const std::string& box) {
  std::multiset<int> found;
  size_t at = 0;
  while (at < box.size()) {
    size_t id_at = box.find("X-Id: ", at);
    int n = id_at == std::string::npos ? -1 : std::atoi(box.c_str() + id_at + 6);
    std::string expected = message(n);
    if (box.compare(at, expected.size(), expected) != 0) {
      ADD_FAILURE() << "torn or glued at " << at << ": " << box.substr(at, 200);
      return found;
    }
    found.insert(n);
    at += expected.size();
  }
  return found;
}

TEST(MboxTest, SeveralMessagesAreOneWriteAndOneSync) {
  Machine m;
  m.start();
  ASSERT_TRUE(m.append({message(1)}).ok());
  uint64_t before = m.files.step_count();
  ASSERT_TRUE(m.append({message(2), message(3), message(4)}).ok());
  // lock: create, write, link, unlink; record, sync; append, sync; mark; unlock
  EXPECT_EQ(m.files.step_count() - before, 10u);
  EXPECT_EQ(m.box(), message(1) + message(2) + message(3) + message(4));
  EXPECT_FALSE(m.files.exists(std::string(kBox) + ".lock"));
}

// 20 messages in five batches; the power goes at every single step; the queue then delivers again what was not confirmed.
TEST(MboxTest, PowerCutAtEveryStepLosesTearsAndGluesNothing) {
  int tails_cut = 0;
  for (uint64_t cut = 1;; ++cut) {
    bool finished = false;
    for (uint64_t seed = 0; seed <= 6; ++seed) {
      Machine m;
      m.start();
      ASSERT_TRUE(m.append({message(90)}).ok());
      m.files.cut_at(cut);
      std::set<int> waiting;
      for (int n = 1; n <= 20; ++n) waiting.insert(n);
      auto deliver = [&] {
        for (int n = 1; n <= 20; n += 4) {
          if (!waiting.contains(n)) continue;
          if (!m.append({message(n), message(n + 1), message(n + 2), message(n + 3)}).ok()) continue;
          for (int k = n; k < n + 4; ++k) waiting.erase(k);
        }
      };
      deliver();
      finished = !m.files.was_cut();
      SeededRandom lottery(seed * 1000 + cut);
      m.files.crash(seed == 0 ? nullptr : &lottery);
      m.clock.advance(std::chrono::minutes(1));
      std::set<int> confirmed{90};
      for (int n = 1; n <= 20; ++n) {
        if (!waiting.contains(n)) confirmed.insert(n);
      }
      m.start();
      if (m.log.contains("cut off")) ++tails_cut;
      auto after_crash = whole_messages(m.box());
      for (int n : confirmed) EXPECT_EQ(after_crash.count(n), 1u) << "cut " << cut << " seed " << seed << " message " << n;
      MonoTime start = m.clock.mono();
      deliver();
      EXPECT_EQ(m.clock.mono() - start, Duration(0)) << "a stale lock delayed the mail";
      EXPECT_TRUE(waiting.empty());
      auto in_the_end = whole_messages(m.box());
      for (int n = 1; n <= 20; ++n) EXPECT_GE(in_the_end.count(n), 1u);
      if (HasFailure()) return;
    }
    if (finished) break;
  }
  EXPECT_GT(tails_cut, 5) << "the test never met a torn tail";
}

// The process is killed, the machine goes on: what was written stays, synced or not.
TEST(MboxTest, KilledAgentAtEveryStepLosesNothing) {
  for (uint64_t cut = 1;; ++cut) {
    Machine m;
    m.start();
    m.files.cut_at(cut);
    bool confirmed = m.append({message(5), message(6)}).ok();
    bool finished = !m.files.was_cut();
    m.files.sync_all();
    m.files.crash();
    m.start();
    auto found = whole_messages(m.box());
    EXPECT_GE(found.count(5), confirmed ? 1u : 0u);
    MonoTime start = m.clock.mono();
    ASSERT_TRUE(m.append({message(5), message(6)}).ok()) << cut;
    EXPECT_EQ(m.clock.mono(), start);
    EXPECT_GE(whole_messages(m.box()).count(6), 1u);
    if (HasFailure() || finished) break;
  }
}

TEST(MboxTest, TailThatAnotherProgramChangedIsLeft) {
  Machine m;
  m.start();
  ASSERT_TRUE(m.append({message(1)}).ok());
  // The record names a tail that is not what stands there.
  AppendRecord r;
  r.path = kBox;
  r.inode = m.files.stat(kBox)->inode;
  r.length = 10'000;
  r.head = "From somebody else entirely";
  ASSERT_TRUE(m.journal->begin(r).ok());
  m.start();
  EXPECT_EQ(m.box(), message(1));
  EXPECT_TRUE(m.log.contains("left as it is"));
}

TEST(MboxTest, FullDiskLeavesTheMailboxAsItWas) {
  Machine m;
  m.start();
  ASSERT_TRUE(m.append({message(1)}).ok());
  m.files.fail_at(7, ENOSPC);  // the append itself
  Result<> r = m.append({message(2)});
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().enhanced, "4.3.1");
  EXPECT_TRUE(r.error().temporary());
  EXPECT_EQ(m.box(), message(1));
  EXPECT_TRUE(m.append({message(2)}).ok());
  EXPECT_EQ(m.box(), message(1) + message(2));
}

TEST(MboxTest, MailBehindATornMessageOfAnotherProgramIsNotGluedToIt) {
  Machine m;
  m.start();
  ASSERT_TRUE(m.files.replace_file(kBox, "From x y\nSubject: torn\n\nhalf a li").ok());
  ASSERT_TRUE(m.append({message(2)}).ok());
  EXPECT_EQ(m.box(), "From x y\nSubject: torn\n\nhalf a li\n\n" + message(2));
}

TEST(DotLockTest, WaitsForALivingHolderThenDefers) {
  Machine m;
  m.start();
  m.alive.insert(77);
  ASSERT_TRUE(m.files.replace_file(std::string(kBox) + ".lock", "77 mx\n").ok());
  Result<> r = m.append({message(1)});
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().enhanced, "4.2.0");
  EXPECT_TRUE(m.files.exists(std::string(kBox) + ".lock"));
}

TEST(DotLockTest, BreaksWhatNobodyHolds) {
  for (const char* text : {"77\n", "77 mx n1\n", "100 mx other-run\n"}) {
    Machine m;
    m.start();
    ASSERT_TRUE(m.files.replace_file(std::string(kBox) + ".lock", text).ok());
    MonoTime start = m.clock.mono();
    EXPECT_TRUE(m.append({message(1)}).ok()) << text;
    EXPECT_EQ(m.clock.mono(), start) << text;
  }
}

TEST(DotLockTest, LockOfAnotherHostOrWithoutPidIsOldAfterFiveMinutes) {
  for (const char* text : {"77 elsewhere\n", "", "0"}) {
    Machine m;
    m.start();
    ASSERT_TRUE(m.files.replace_file(std::string(kBox) + ".lock", text).ok());
    EXPECT_FALSE(m.append({message(1)}).ok()) << text;
    m.clock.advance(std::chrono::minutes(5));
    EXPECT_TRUE(m.append({message(1)}).ok()) << text;
  }
}

TEST(MboxTest, DevNullTakesEverything) {
  Machine m;
  m.start();
  AppendJob job;
  job.path = "/dev/null";
  job.dot_lock = false;
  EXPECT_TRUE(append_messages(*m.world, job).ok());
}

}  // namespace
}  // namespace hky::agent
