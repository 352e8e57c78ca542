// Parting a message by queue groups, and what a queue run takes of each: as a real sendmail 8.17.1 did with the same Q lines.
#include "queue/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/memory_store.h"

namespace hky::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

cf::QueueGroup group(std::string name, size_t most_rcpts, int runners) {
  cf::QueueGroup g;
  g.name = std::move(name);
  g.path = "/var/spool/mqueue/" + g.name;
  g.most_rcpts = most_rcpts;
  g.runners = runners;
  return g;
}

class Groups : public ::testing::Test {
 protected:
  Groups() {
    config_.options.queue_directory = "/var/spool/mqueue";
    config_.options.max_runners_per_queue = 3;
    config_.queue_groups[0].most_rcpts = 6;
    config_.queue_groups[0].runners = 2;
    config_.queue_groups.push_back(group("local", 0, 1));
    config_.queue_groups.push_back(group("slow", 2, 2));
    config_.queue_groups.push_back(group("hubs", 3, 0));
    auto opened = open_queue(*store_, clock_, random_, [](const Envelope&, int64_t now) { return now; }, {});
    queue_ = std::move(*opened);
  }
  // "joe local", "c@x": the address, and where it asks to wait.
  Envelope message(const std::vector<std::string>& rcpts) {
    Envelope e;
    e.id = queue_->new_id();
    for (const std::string& line : rcpts) {
      Rcpt r;
      r.address = line.substr(0, line.find(' '));
      if (line != r.address) r.queue_group = line.substr(r.address.size() + 1);
      e.rcpts.push_back(std::move(r));
    }
    return e;
  }
  static std::string shown(const Envelope& e) {
    std::string out = e.queue_group + ":";
    for (const Rcpt& r : e.rcpts) out += " " + r.address;
    return out;
  }
  std::vector<std::string> parted(Envelope whole) {
    const QueueId id = whole.id;
    const bool several = to_be_parted(whole, config_);
    parts_ = part(std::move(whole), config_, *queue_, log_);
    EXPECT_EQ(several, parts_.size() > 1);
    EXPECT_EQ(parts_[0].id, id);
    std::vector<std::string> out;
    for (const Envelope& e : parts_) out.push_back(shown(e));
    return out;
  }

  cf::Config config_;
  ManualClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<storage::Store> store_ = storage::open_memory_store();
  std::unique_ptr<Queue> queue_;
  MemoryLog log_;
  std::vector<Envelope> parts_;
};

TEST_F(Groups, WhoAsksForNothingWaitsWithTheFirst) {
  EXPECT_THAT(parted(message({"joe local", "c@remote"})), ElementsAre("local: joe c@remote"));
  EXPECT_THAT(parted(message({"c@remote", "a@slow slow"})), ElementsAre(": c@remote", "slow: a@slow"));
  EXPECT_THAT(parted(message({"b@hub hubs", "c@remote", "a@slow slow"})), ElementsAre("hubs: b@hub c@remote", "slow: a@slow"));
  EXPECT_THAT(parted(message({"c@remote"})), ElementsAre(": c@remote"));
  EXPECT_THAT(parted(message({"c@remote mqueue"})), ElementsAre(": c@remote"));
}

TEST_F(Groups, TheOrderOfTheQLinesBackwardsIsThatOfTheParts) {
  EXPECT_THAT(parted(message({"joe local", "b@hub hubs", "c@remote", "a@slow slow"})), ElementsAre("local: joe c@remote", "hubs: b@hub", "slow: a@slow"));
  EXPECT_THAT(log_.lines(), ElementsAre(parts_[0].id + ": split: count=2, ids=" + parts_[1].id + "; " + parts_[2].id));
}

TEST_F(Groups, NoMoreRecipientsThanAGroupAllows) {
  EXPECT_THAT(parted(message({"1 slow", "2 slow", "3 slow", "4 slow", "5 slow"})), ElementsAre("slow: 1 2", "slow: 5", "slow: 3 4"));
  EXPECT_THAT(log_.lines(), ElementsAre(parts_[0].id + ": split: maxrcpts=2, rcpts=5, count=2, ids=" + parts_[2].id + "; " + parts_[1].id));
  EXPECT_THAT(parted(message({"1", "2", "3", "4", "5", "6", "7", "8", "a slow"})), ElementsAre(": 1 2 3 4 5 6", ": 7 8", "slow: a"));
  EXPECT_THAT(parted(message({"x hubs", "b hubs", "b2 hubs", "b3 hubs", "b4 hubs", "1 slow", "2 slow", "3 slow"})),
              ElementsAre("hubs: x b b2", "hubs: b3 b4", "slow: 1 2", "slow: 3"));
}

TEST_F(Groups, WhoIsDoneStaysWithTheWhole) {
  Envelope whole = message({"done slow", "joe local", "a slow"});
  whole.rcpts[0].state = RcptState::kExpanded;
  whole.drop = "a file";
  EXPECT_THAT(parted(std::move(whole)), ElementsAre("local: done joe", "slow: a"));
  EXPECT_EQ(parts_[0].drop, "a file");
  EXPECT_EQ(parts_[1].drop, "");
  EXPECT_EQ(traced_id(parts_[1]), parts_[0].id);   // its Received: is that of the whole
  EXPECT_EQ(traced_id(parts_[0]), parts_[0].id);
}

TEST_F(Groups, WhoIsRefusedWaitsNowhere) {
  Envelope whole = message({"nosuch local", "1 slow", "2 slow"});
  whole.rcpts[0].refused_exit = 67;
  EXPECT_THAT(parted(whole), ElementsAre("slow: nosuch 1 2"));
}

TEST_F(Groups, WhatWaitsSomewhereStaysThere) {
  Envelope whole = message({"c@remote", "d@remote"});
  whole.queue_group = "local";
  EXPECT_THAT(parted(whole), ElementsAre("local: c@remote d@remote"));
  whole.queue_group = "taken out of the file";
  EXPECT_THAT(parted(whole), ElementsAre(": c@remote d@remote"));
}

TEST_F(Groups, FastSplitSaysHowManyGoAtOnce) {
  for (const auto& [option, at_once] : std::vector<std::pair<long, size_t>>{{0, 1}, {1, 1}, {2, 2}, {9, 3}}) {
    parted(message({"joe local", "b hubs", "a slow"}));
    config_.options.fast_split = option;
    hold_back(parts_, config_);
    for (size_t i = 0; i < parts_.size(); ++i) EXPECT_EQ(parts_[i].next_try == kOnlyByQueueRun, i >= at_once) << option;
  }
}

TEST_F(Groups, AQueueRunTakesThoseWithMoreRunnersFirst) {
  std::vector<Envelope> waiting;
  for (const char* where : {"", "local", "slow", "hubs", "slow"}) {
    waiting.push_back(message({"x"}));
    waiting.back().queue_group = where;
    waiting.back().priority = static_cast<long>(waiting.size());
  }
  config_.queue_groups[2].most_messages = 1;
  std::vector<GroupQueue> groups = by_group(waiting, config_, RunRules(), random_);
  const auto told = [&groups] {
    std::vector<std::string> out;
    for (const GroupQueue& q : groups) out.push_back(q.directory + " " + std::to_string(q.messages.size()) + "/" + std::to_string(q.requests));
    return out;
  };
  EXPECT_THAT(told(), ElementsAre("/var/spool/mqueue 1/1", "/var/spool/mqueue/local 1/1", "/var/spool/mqueue/slow 1/2", "/var/spool/mqueue/hubs 1/1"));
  EXPECT_EQ(groups[2].messages[0].priority, 3);
  sort_as_run(groups);
  EXPECT_THAT(told(), ElementsAre("/var/spool/mqueue/hubs 1/1", "/var/spool/mqueue 1/1", "/var/spool/mqueue/slow 1/2", "/var/spool/mqueue/local 1/1"));
  groups = by_group(waiting, config_, RunRules(), random_, "SLOW");
  EXPECT_THAT(told(), ElementsAre("/var/spool/mqueue/slow 1/2"));
  EXPECT_THAT(by_group(waiting, config_, RunRules(), random_, "none"), IsEmpty());
}

}  // namespace
}  // namespace hky::queue
