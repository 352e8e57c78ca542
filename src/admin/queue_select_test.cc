// Which messages sendmail -q and mailq mean (requirement C2).
#include "admin/queue_select.h"

#include <gtest/gtest.h>

namespace hky::admin {
namespace {

using nlohmann::json;

queue::Envelope message(std::string sender, std::string rcpt) {
  queue::Envelope e;
  e.id = "7BPNkSHB012345";
  e.sender = std::move(sender);
  e.rcpts.emplace_back();
  e.rcpts.back().address = std::move(rcpt);
  return e;
}
json wish(const char* field, const char* value, bool negate = false) { return json{{"field", field}, {"value", value}, {"negate", negate}}; }

TEST(QueueSelect, PartsWhateverTheirCase) {
  const auto e = message("bob@good.example", "x@Two.Example");
  EXPECT_TRUE(selected(e, json{{"select", {wish("R", "two")}}}));
  EXPECT_TRUE(selected(e, json{{"select", {wish("S", "GOOD.EXAMPLE")}}}));
  EXPECT_FALSE(selected(e, json{{"select", {wish("R", "three")}}}));
}

TEST(QueueSelect, OneWishOfAFieldIsEnoughAndAllFieldsMustAgree) {
  const auto e = message("bob@good.example", "x@two.example");
  EXPECT_TRUE(selected(e, json{{"select", {wish("R", "one"), wish("R", "two")}}}));
  EXPECT_FALSE(selected(e, json{{"select", {wish("R", "two"), wish("S", "joe")}}}));
}

TEST(QueueSelect, ANegatedWishTakesTheOthers) {
  const auto e = message("bob@good.example", "x@two.example");
  EXPECT_FALSE(selected(e, json{{"select", {wish("S", "bob", true)}}}));
  EXPECT_TRUE(selected(e, json{{"select", {wish("S", "joe", true)}}}));
  EXPECT_FALSE(selected(e, json{{"select", {wish("R", "two", true)}}}));
  auto several = e;   // one other recipient is enough
  several.rcpts.push_back(several.rcpts[0]);
  several.rcpts[1].address = "y@far.example";
  EXPECT_TRUE(selected(several, json{{"select", {wish("R", "two", true)}}}));
  EXPECT_FALSE(selected(several, json{{"select", {wish("R", "example", true)}}}));
}

TEST(QueueSelect, QuarantinedOnesOnlyWhereTheyAreAskedFor) {
  auto e = message("a", "b");
  e.quarantine_reason = "virus";
  EXPECT_FALSE(selected(e, json{{"kind", ""}}));
  EXPECT_TRUE(selected(e, json{{"kind", "Q"}}));
  EXPECT_FALSE(selected(e, json{{"kind", "L"}}));
  EXPECT_TRUE(selected(e, json{{"all", true}}));
}

// sendmail: M_HOLD looks at QueueLimitId, ...Sender, ...Recipient
TEST(QueueSelect, WhatIsNamedIsDemanded) {
  for (const char* field : {"I", "R", "S"}) EXPECT_TRUE(demanded(json{{"select", {wish(field, "x", true)}}})) << field;
  EXPECT_FALSE(demanded(json{{"select", {wish("Q", "x")}}, {"kind", "Q"}}));
  EXPECT_TRUE(demanded(json{{"ids", {"7BPNkSHB012345"}}}));
  EXPECT_FALSE(demanded(json{{"all", true}}));
}

// MaxQueueRunSize: the first in the order, and it is said how many there were.
TEST(QueueSelect, ARunTakesNoMoreThanItMay) {
  std::vector<queue::Envelope> messages;
  for (const long priority : {30000, 60000, 10000}) {
    messages.push_back(message("a", "b"));
    messages.back().priority = priority;
  }
  queue::RunRules configured;
  EXPECT_EQ(rules_asked(json::object(), configured).most, 0u);
  const queue::RunRules asked = rules_asked(json{{"most", 2}}, configured);
  SeededRandom random(1);
  queue::sort_for_run(messages, asked, random);
  EXPECT_EQ(queue::cut_for_run(messages, configured), 3u);
  EXPECT_EQ(messages.size(), 3u);
  EXPECT_EQ(queue::cut_for_run(messages, asked), 3u);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].priority, 10000);
  EXPECT_EQ(messages[1].priority, 30000);
}

std::string order_of(std::vector<queue::Envelope> messages, const char* order) {
  SeededRandom random(7);
  queue::sort_for_run(messages, rules_asked(json{{"order", order}}, queue::RunRules()), random);
  std::string out;
  for (const queue::Envelope& e : messages) out += e.id;
  return out;
}

// QueueSortOrder: what the real one shows for each letter.
TEST(QueueSelect, TheOrderOfARunIsTheOneThatWasAsked) {
  std::vector<queue::Envelope> all;
  const auto add = [&all](const char* id, const char* rcpt, long priority, int64_t created, int64_t tried) {
    all.push_back(message("a", rcpt));
    queue::Envelope& e = all.back();
    e.id = id;
    e.priority = priority;
    e.created = created;
    e.rcpts[0].last_try = tried;
  };
  add("c", "joe@zz.them.test", 30000, 100, 400);
  add("d", "joe@aa.us.test", 40000, 90, 0);
  add("a", "joe", 50000, 110, 130);
  add("b", "joe@AA.us.test", 20000, 120, 0);
  EXPECT_EQ(order_of(all, "p"), "bcda");
  EXPECT_EQ(order_of(all, "h"), "acbd");   // no host, test.them, test.us by priority
  EXPECT_EQ(order_of(all, "t"), "dcab");
  EXPECT_EQ(order_of(all, "f"), "abcd");
  EXPECT_EQ(order_of(all, "m"), "dbac");
  EXPECT_EQ(order_of(all, "n"), "cdab");
  EXPECT_EQ(order_of(all, "x"), "bcda");   // no such order: the configuration's
  EXPECT_EQ(order_of(all, "r").size(), 4u);
  EXPECT_NE(order_of(all, "r"), "bcda");
}

}  // namespace
}  // namespace hky::admin
