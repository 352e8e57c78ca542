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
}

TEST(QueueSelect, QuarantinedOnesOnlyWhereTheyAreAskedFor) {
  auto e = message("a", "b");
  e.quarantine_reason = "virus";
  EXPECT_FALSE(selected(e, json{{"kind", ""}}));
  EXPECT_TRUE(selected(e, json{{"kind", "Q"}}));
  EXPECT_FALSE(selected(e, json{{"kind", "L"}}));
  EXPECT_TRUE(selected(e, json{{"all", true}}));
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
  queue::sort_for_run(messages, asked);
  EXPECT_EQ(queue::cut_for_run(messages, configured), 3u);
  EXPECT_EQ(messages.size(), 3u);
  EXPECT_EQ(queue::cut_for_run(messages, asked), 3u);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].priority, 10000);
  EXPECT_EQ(messages[1].priority, 30000);
}

}  // namespace
}  // namespace hky::admin
