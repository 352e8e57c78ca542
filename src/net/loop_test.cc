// The loop: tasks, timers, posts from other threads, the barrier, and the meeting points of coroutines.
#include "net/loop.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/clock.h"
#include "net/sync.h"

namespace hky::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<int> seven() { co_return 7; }

Task<int> add_up(int times) {
  int sum = 0;
  for (int i = 0; i < times; ++i) {
    int n = co_await seven();
    sum += n;
  }
  co_return sum;
}

TEST(LoopTest, MillionSynchronousAwaitsDoNotGrowTheStack) {
  Loop loop(system_clock());
  EXPECT_EQ(run_blocking(loop, add_up(1'000'000)), 7'000'000);
}

Task<> hop(Loop& loop, int& count) {
  Event event(loop);
  loop.post([&event] { event.set(); });
  bool set = co_await event.wait();
  if (set) ++count;
}

Task<> hop_often(Loop& loop, int times, int& count) {
  for (int i = 0; i < times; ++i) co_await hop(loop, count);
}

TEST(LoopTest, ManySuspendedAwaitsDoNotGrowTheStack) {
  Loop loop(system_clock());
  int count = 0;
  run_blocking(loop, hop_often(loop, 200'000, count));
  EXPECT_EQ(count, 200'000);
}

Task<> note_after(Loop& loop, Duration d, int id, std::vector<int>& order) {
  co_await loop.sleep(d);
  order.push_back(id);
}

TEST(LoopTest, SleepersWakeInOrderInSimulatedTime) {
  ManualClock clock;
  Loop loop(clock);
  loop.simulate(clock);
  MonoTime start = clock.mono();
  std::vector<int> order;
  loop.spawn(note_after(loop, seconds(3600), 3, order));
  loop.spawn(note_after(loop, milliseconds(5), 1, order));
  loop.spawn(note_after(loop, seconds(60), 2, order));
  EXPECT_EQ(loop.live_tasks(), 3u);
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(clock.mono() - start, seconds(3600));
}

Task<> wait_event(Event& event, MonoTime deadline, int& result) {
  bool set = co_await event.wait(deadline);
  result = 0;
  if (set) result = 1;
}

TEST(LoopTest, DeadlinesFireNeverEarlyAndSoonAfter) {
  ManualClock clock;
  Loop loop(clock);
  loop.simulate(clock);
  for (int64_t ms : {1, 99, 100, 51'199, 51'200, 51'300, 300'000, 3'600'000}) {
    Event event(loop);
    int result = -1;
    MonoTime start = clock.mono();
    loop.spawn(wait_event(event, start + milliseconds(ms), result));
    loop.run();
    EXPECT_EQ(result, 0);
    EXPECT_GE(clock.mono() - start, milliseconds(ms));
    EXPECT_LE(clock.mono() - start, milliseconds(ms + 200));
  }
}

TEST(LoopTest, DeadlineDoesNotFireForWhatCameInTime) {
  ManualClock clock;
  Loop loop(clock);
  loop.simulate(clock);
  Event event(loop);
  int result = -1;
  loop.spawn(wait_event(event, clock.mono() + seconds(10), result));
  std::vector<int> order;
  loop.post([&] { event.set(); });
  loop.spawn(note_after(loop, seconds(100), 1, order));
  loop.run();
  EXPECT_EQ(result, 1);
}

TEST(LoopTest, PostsFromOtherThreadsAllArrive) {
  Loop loop(system_clock());
  loop.keep_running(true);
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        loop.post([&] {
          if (++count == 40'000) loop.stop();
        });
      }
    });
  }
  loop.run();
  for (auto& t : threads) t.join();
  EXPECT_EQ(count, 40'000);
}

TEST(LoopTest, BarrierComesAfterAllThatWasReady) {
  Loop loop(system_clock());
  std::vector<std::string> order;
  auto take_in = [&](const char* name) {
    order.emplace_back(name);
    if (order.size() == 1) loop.after_ready([&] { order.emplace_back("commit"); });
  };
  loop.post([&] { take_in("a"); });
  loop.post([&] { take_in("b"); });
  loop.post([&] { take_in("c"); });
  loop.run();
  EXPECT_EQ(order, (std::vector<std::string>{"a", "b", "c", "commit"}));
}

TEST(LoopTest, LoopThatGoesTakesItsTasksAlong) {
  auto alive = std::make_shared<int>(1);
  {
    Loop loop(system_clock());
    auto body = [](std::shared_ptr<int> held, Loop& l) -> Task<> {
      co_await l.sleep(seconds(1000));
      *held = 2;
    };
    loop.spawn(body(alive, loop));
    EXPECT_EQ(alive.use_count(), 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_EQ(*alive, 1);
}

Task<int> from_worker(WorkerPool& pool, Loop& loop) {
  std::function<int()> work = [] { return 42; };
  int sum = 0;
  for (int i = 0; i < 100; ++i) {
    int n = co_await pool.run<int>(loop, work);
    sum += n;
  }
  co_return sum;
}

TEST(WorkerPoolTest, AnswersOnTheLoop) {
  Loop loop(system_clock());
  WorkerPool pool(3);
  EXPECT_EQ(run_blocking(loop, from_worker(pool, loop)), 4200);
}

Task<> critical(Loop& loop, Mutex& mutex, int& inside, int& most, int& done) {
  Mutex::Guard guard = co_await mutex.lock();
  most = std::max(most, ++inside);
  co_await loop.sleep(milliseconds(1));
  --inside;
  ++done;
}

Task<> run_group(Loop& loop, int& most, int& done) {
  Mutex mutex(loop);
  int inside = 0;
  TaskGroup group(loop);
  for (int i = 0; i < 20; ++i) group.spawn(critical(loop, mutex, inside, most, done));
  co_await group.wait();
}

TEST(SyncTest, MutexLetsOneInAndGroupWaitsForAll) {
  ManualClock clock;
  Loop loop(clock);
  loop.simulate(clock);
  int most = 0, done = 0;
  run_blocking(loop, run_group(loop, most, done));
  EXPECT_EQ(most, 1);
  EXPECT_EQ(done, 20);
}

Task<> produce(Loop& loop, Channel<int>& channel) {
  for (int i = 1; i <= 100; ++i) {
    channel.push(i);
    if (i % 7 == 0) co_await loop.sleep(milliseconds(1));
  }
  channel.close();
}

Task<int> consume(Channel<int>& channel) {
  int sum = 0;
  for (;;) {
    std::optional<int> n = co_await channel.pop();
    if (!n) co_return sum;
    sum += *n;
  }
}

TEST(SyncTest, ChannelHandsOverAllAndEnds) {
  ManualClock clock;
  Loop loop(clock);
  loop.simulate(clock);
  Channel<int> channel(loop);
  loop.spawn(produce(loop, channel));
  EXPECT_EQ(run_blocking(loop, consume(channel)), 5050);
  EXPECT_FALSE(channel.push(1));
}

Task<int> take_in_turn(Semaphore& permits, MonoTime deadline) {
  bool first = co_await permits.acquire(deadline);
  bool second = co_await permits.acquire(deadline);
  co_return int(first) + 2 * int(second);
}

TEST(SyncTest, SemaphoreGivesUpAtTheDeadline) {
  ManualClock clock;
  Loop loop(clock);
  loop.simulate(clock);
  Semaphore permits(loop, 1);
  EXPECT_EQ(run_blocking(loop, take_in_turn(permits, clock.mono() + seconds(1))), 1);
}

}  // namespace
}  // namespace hky::net
