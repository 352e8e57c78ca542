#include "deliver/fate.h"

#include <gtest/gtest.h>

namespace hky::deliver {
namespace {

smtp::RemoteReply reply(const std::string& text) {
  smtp::RemoteReply r;
  r.code = std::stoi(text.substr(0, 3));
  r.text = text;
  return r;
}

// Of a host that says nothing of ENHANCEDSTATUSCODES; as a sendmail 8.17 logged them. sendmail: smtptodsn()
TEST(Fate, WhereAHostGivesNoCodesOursGoByItsReply) {
  struct Case { const char *reply, *mail, *rcpt, *data, *final; };
  for (const Case& c : {Case{"450 4.7.1 x", "4.2.0", "4.2.0", "4.2.0", "4.2.0"}, Case{"451 4.7.1 x", "4.3.0", "4.3.0", "4.2.0", "4.3.0"},
                        Case{"452 4.7.1 x", "4.3.1", "4.3.1", "4.2.0", "4.3.1"}, Case{"455 4.7.1 x", "4.0.0", "4.0.0", "4.2.0", "4.0.0"},
                        Case{"501 5.7.1 x", "5.5.2", "5.5.4", "5.5.0", "5.5.4"}, Case{"550 5.7.1 x", "5.0.0", "5.1.1", "5.5.0", "5.2.0"},
                        Case{"551 5.7.1 x", "5.0.0", "5.1.6", "5.5.0", "5.1.6"}, Case{"552 5.7.1 x", "5.3.4", "5.2.2", "5.5.0", "5.2.2"},
                        Case{"553 5.7.1 x", "5.1.3", "5.1.3", "5.5.0", "5.1.0"}, Case{"554 5.7.1 x", "5.0.0", "5.0.0", "5.5.0", "5.0.0"}}) {
    smtp::TransactionResult r;
    const auto dsn = [&r](bool codes) { return fate_of(r, 0, smtp::TransactionRcpt(), "a@x", codes).dsn; };
    r.final = reply(c.reply);
    r.mail = reply("250 ok");
    r.rcpts = {reply("250 ok")};
    EXPECT_EQ(dsn(false), c.final) << c.reply;
    EXPECT_EQ(dsn(true), r.final.enhanced()) << c.reply;
    r.data = reply(c.reply);
    EXPECT_EQ(dsn(false), c.data) << c.reply;
    r.rcpts = {reply(c.reply)};
    EXPECT_EQ(dsn(false), c.rcpt) << c.reply;
    r.mail = reply(c.reply);
    EXPECT_EQ(dsn(false), c.mail) << c.reply;
  }
}

TEST(Fate, TheCodeOfASuccessIsNoneEither) {
  smtp::TransactionResult r;
  r.mail = reply("250 ok");
  r.rcpts = {reply("250 ok")};
  r.final = reply("250 2.1.5 joe has it");
  EXPECT_EQ(fate_of(r, 0, smtp::TransactionRcpt(), "a@x", false).dsn, "2.0.0");
  EXPECT_EQ(fate_of(r, 0, smtp::TransactionRcpt(), "a@x", true).dsn, "2.1.5");
}

TEST(Fate, WhereItIsNoCodeItIsAWord) {
  for (const bool codes : {true, false}) {
    Fate f = fate_of_reply(reply("552 5.2.2 over quota"), Stage::kFinal, "");
    answered_alone(f, codes);
    EXPECT_EQ(f.text, codes ? "Service unavailable (over quota)" : "Service unavailable (5.2.2 over quota)");
  }
}

TEST(Fate, WhatIsSaidOfAnAddressHasAnEnhancedCode) {
  EXPECT_EQ(with_enhanced_code("553 Unbalanced"), "553 5.0.0 Unbalanced");
  EXPECT_EQ(with_enhanced_code("450 joe@x.test... later"), "450 4.0.0 joe@x.test... later");
  EXPECT_EQ(with_enhanced_code("450 4.7.1 joe@x.test... later"), "450 4.7.1 joe@x.test... later");
  EXPECT_EQ(with_enhanced_code("451 x.test: Name server timeout"), "451 x.test: Name server timeout");
}

}  // namespace
}  // namespace hky::deliver
