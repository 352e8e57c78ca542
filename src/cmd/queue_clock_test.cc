// -q30m and the groups' I=: which run is due when.
#include "cmd/queue_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hky::cmd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(QueueClock, EachGroupHasItsOwnIntervalElseThatOfTheDaemon) {
  cf::Config config;
  for (const char* name : {"slow", "plain"}) {
    config.queue_groups.emplace_back();
    config.queue_groups.back().name = name;
  }
  queue::RetryOptions retry;
  retry.run_interval = 600;
  retry.group_intervals["slow"] = 3600;
  QueueClock clock(1000);
  EXPECT_EQ(clock.wait(config, retry, 1000), 600);
  EXPECT_THAT(clock.due(config, retry, 1599), IsEmpty());
  EXPECT_THAT(clock.due(config, retry, 1600), ElementsAre("", "plain"));
  EXPECT_EQ(clock.wait(config, retry, 1700), 500);
  EXPECT_THAT(clock.due(config, retry, 4600), ElementsAre("", "slow", "plain"));
  retry.group_intervals["slow"] = 2;   // of a configuration that was read anew
  EXPECT_EQ(clock.wait(config, retry, 4600), 2);
  EXPECT_EQ(clock.wait(config, retry, 9000), 1);
  EXPECT_THAT(clock.due(config, retry, 4602), ElementsAre("slow"));
}

}  // namespace
}  // namespace hky::cmd
