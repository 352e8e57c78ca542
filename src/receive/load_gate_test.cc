// Connections wait for a lower load, and the log tells of it.
#include "receive/load_gate.h"

#include <gtest/gtest.h>

#include "receive/scenario_world.h"

namespace hky::receive {
namespace {

class LoadGate : public testing::Test {
 protected:
  void build(const std::string& options) { world_ = std::make_unique<ScenarioWorld>("V10\n" + options, "", cf::ReadRequest()); }
  // Seconds that a connection waits; the load is that of `loads`, each for a minute.
  int64_t waited(std::vector<std::string> loads) {
    const auto turn = [](ScenarioWorld& w, std::vector<std::string> figures) -> net::Task<> {
      for (const std::string& figure : figures) {
        w.load_text = figure + " 1.00 1.00 1/99 1";
        w.load.refresh();
        co_await w.loop.sleep(std::chrono::seconds(60));
      }
    };
    const int64_t from = unix_seconds(world_->clock.wall());
    int64_t until = from;
    world_->loop.spawn(turn(*world_, std::move(loads)));
    const auto wait = [](ScenarioWorld& w, Daemon by, int64_t& over) -> net::Task<> {
      co_await wait_for_turn(*w.services, by);
      over = unix_seconds(w.clock.wall());
    };
    net::run_blocking(world_->loop, wait(*world_, daemon_, until));
    return until - from;
  }
  size_t told(const std::string& part) const {
    size_t n = 0;
    for (const std::string& line : world_->log.lines()) n += line.find(part) != std::string::npos;
    return n;
  }
  std::unique_ptr<ScenarioWorld> world_;
  Daemon daemon_;
};

TEST_F(LoadGate, ALowLoadLetsEverybodyIn) {
  build("O RefuseLA=12\nO DelayLA=20\n");
  EXPECT_EQ(waited({"11.49"}), 0);
  EXPECT_EQ(told("rejecting"), 0u);
}

TEST_F(LoadGate, AHighOneIsWaitedFor) {
  build("O RefuseLA=12\nO RejectLogInterval=1m\n");
  EXPECT_EQ(waited({"11.5", "30.0", "2.0"}), 120);
  EXPECT_EQ(told("NOQUEUE: rejecting connections on daemon MTA: load average: 12"), 1u);
  EXPECT_EQ(told("have been rejecting connections on daemon MTA for 00:01:00"), 1u);
}

TEST_F(LoadGate, NoBoundIsNone) {
  build("O RefuseLA=0\n");
  EXPECT_EQ(waited({"99.0"}), 0);
}

TEST_F(LoadGate, DelayLASlowsTheGreetingDown) {
  build("O RefuseLA=0\nO DelayLA=5\n");
  EXPECT_EQ(waited({"5.0"}), 1);
}

// sendmail: MaxDaemonChildren, ConnectionRateThrottle
TEST_F(LoadGate, WhoComesWhenEnoughAreInsideWaitsForOneToLeave) {
  build("O MaxDaemonChildren=2\n");
  EXPECT_EQ(waited({}), 0);
  EXPECT_EQ(waited({}), 0);
  const auto leave = [](ScenarioWorld& w) -> net::Task<> {
    co_await w.loop.sleep(std::chrono::seconds(7));
    w.services->rates.left("MTA");
  };
  world_->loop.spawn(leave(*world_));
  EXPECT_EQ(waited({}), 7);
  EXPECT_EQ(told("NOQUEUE: rejecting connections on daemon MTA: 2 children, max 2"), 1u);
}

TEST_F(LoadGate, OfManyWithinASecondTheRestIsLetInAfterIt) {
  build("O ConnectionRateThrottle=3\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(waited({}), 0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(waited({}), i == 0 ? 1 : 0);
  EXPECT_EQ(told("NOQUEUE: deferring connections on daemon MTA: 3 per second"), 1u);
}

// DaemonPortOptions' refuseLA=, delayLA=, children=
TEST_F(LoadGate, ADaemonsOwnLimitsAreItsOwn) {
  build("O RefuseLA=50\nO DelayLA=0\n");
  daemon_.refuse_la = 12;
  daemon_.delay_la = 3;
  daemon_.children = 1;
  EXPECT_EQ(waited({"11.5", "4.0"}), 61);
  daemon_.name = "MSA";
  EXPECT_EQ(waited({"2.0"}), 0);
  const auto leave = [](ScenarioWorld& w) -> net::Task<> {
    co_await w.loop.sleep(std::chrono::seconds(7));
    w.services->rates.left("MSA");
  };
  world_->loop.spawn(leave(*world_));
  EXPECT_EQ(waited({}), 7);
  EXPECT_EQ(told("NOQUEUE: rejecting connections on daemon MSA: 1 children, max 1"), 1u);
}

}  // namespace
}  // namespace hky::receive
