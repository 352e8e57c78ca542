// Connections that are kept for the next message.
#include "deliver/smtp_pool_world.h"

namespace hky::deliver {
namespace {

using ::testing::Contains;

// sendmail: mci_flush()
TEST_F(SmtpPoolTest, OfKeptConnectionsTheOneThatWasOpenedLastIsClosedFirst) {
  server();
  server("192.0.2.2");
  const auto told = std::make_shared<std::vector<std::string>>();   // the other connection goes after the test
  pool_->show([told](std::string line) { told->push_back(std::move(line)); });
  deliver({shipment({"a@dst.test"})});
  finder_.names = {"mx2.test"};
  auto other = shipment({"b@other.test"});
  other->host = "other.test";
  deliver({other});
  deliver({shipment({"c@dst.test"})});   // over the first once more
  told->clear();
  const auto closed = [](SmtpPool& pool, net::Loop& loop) -> net::Task<int> {
    pool.close_latest();
    while (pool.connections() > 1) co_await loop.sleep(std::chrono::milliseconds(1));
    co_return 0;
  };
  net::run_blocking(loop_, closed(*pool_, loop_));
  EXPECT_EQ(told->front(), "Closing connection to mx2.test.");
}

TEST_F(SmtpPoolTest, AKeptConnectionServesAnotherDestinationOfItsHost) {
  const auto told = std::make_shared<std::vector<std::string>>();   // the last connection goes after the test
  pool_->show([told](std::string line) { told->push_back(std::move(line)); });
  server();
  for (const char* host : {"one.test", "two.test", "one.test"}) {
    auto s = shipment({"joe@dst.test"});
    s->host = host;
    deliver({s});
    EXPECT_TRUE(s->fates[0].sent()) << s->fates[0].text;
    EXPECT_EQ(s->fates[0].relay, "mx1.test. [192.0.2.1]");
  }
  EXPECT_EQ(server().connections, 1);
  EXPECT_EQ(pool_->connections(), 1u);
  EXPECT_THAT(*told, Contains("... Using cached ESMTP connection to mx1.test. via esmtp..."));
  EXPECT_EQ(std::count(server().commands.begin(), server().commands.end(), "RSET"), 2);
  mailer_.max_messages = 3;
  auto s = shipment({"joe@dst.test"});
  s->host = "two.test";
  deliver({s});
  EXPECT_EQ(server().connections, 2) << "it was worn out";
}

TEST_F(SmtpPoolTest, AKeptConnectionThatDiedIsNotHandedOn) {
  server().close_after_messages = 1;
  for (const char* host : {"one.test", "two.test"}) {
    auto s = shipment({"joe@dst.test"});
    s->host = host;
    deliver({s});
    EXPECT_TRUE(s->fates[0].sent()) << s->fates[0].text;
  }
  EXPECT_EQ(server().connections, 2);
}

TEST_F(SmtpPoolTest, AKeptConnectionThatDiedIsReplaced) {
  server().close_after_messages = 1;
  auto s = shipment({"a@dst.test"}), t = shipment({"b@dst.test"}), u = shipment({"c@dst.test"});
  deliver({s, t, u});
  EXPECT_TRUE(s->fates[0].sent());
  EXPECT_TRUE(t->fates[0].sent()) << t->fates[0].text;
  EXPECT_TRUE(u->fates[0].sent()) << u->fates[0].text;
  EXPECT_EQ(server().connections, 3);
}

// sendmail: MCIF_ESMTP
TEST_F(SmtpPoolTest, AKeptConnectionIsShownAsWhatWasSpokenOnIt) {
  const auto lines = std::make_shared<std::vector<std::string>>();   // the pool says QUIT when the test is over
  pool_->show([lines](std::string line) { lines->push_back(std::move(line)); });
  server().answers["EHLO *"] = "502 5.5.1 what\r\n";
  for (const char* name : {"b@dst.test", "c@dst.test"}) {
    auto s = shipment({name});
    s->shown_rcpts = name;
    deliver({s});
  }
  EXPECT_THAT(*lines, Contains("c@dst.test... Using cached SMTP connection to mx1.test. via esmtp..."));
}

TEST_F(SmtpPoolTest, WithoutACacheEachMessageHasItsConnectionWhichIsLeftOnceItIsTold) {
  const auto lines = std::make_shared<std::vector<std::string>>();   // QUIT is said after the delivery
  pool_->show([lines](std::string line) { lines->push_back(std::move(line)); });
  settings_->policy.cache_connections = 0;
  server().ehlo = {"mx.test", "PIPELINING"};
  auto s = shipment({"a@dst.test"});
  deliver({s, shipment({"b@dst.test"})});
  EXPECT_TRUE(s->fates[0].sent());
  EXPECT_EQ(server().connections, 2);
  loop_.run();
  EXPECT_THAT(*lines, ::testing::AllOf(Contains(">>> QUIT"), ::testing::Not(Contains(::testing::HasSubstr("Closing connection")))));
}

TEST_F(SmtpPoolTest, MailerLimitsMessagesAConnection) {
  mailer_.max_messages = 2;
  server().ehlo = {"mx.test", "PIPELINING"};
  deliver({shipment({"a@dst.test"}), shipment({"b@dst.test"}), shipment({"c@dst.test"})});
  EXPECT_EQ(server().connections, 2);
}

}  // namespace
}  // namespace hky::deliver
