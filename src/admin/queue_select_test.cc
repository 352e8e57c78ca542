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

}  // namespace
}  // namespace hky::admin
