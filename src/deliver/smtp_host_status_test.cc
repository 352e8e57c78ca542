// Hosts that failed are left alone: HostStatusDirectory, Timeout.hoststatus, SingleThreadDelivery.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include "deliver/host_states.h"
#include "deliver/smtp_pool_world.h"

namespace hky::deliver {
namespace {


class HostStatusTest : public SmtpPoolTest {
 protected:
  HostStatusTest() {
    char dir[] = "/tmp/smtp_hosts_XXXXXX";
    EXPECT_NE(::mkdtemp(dir), nullptr);
    folder_ = settings_->policy.host_status_directory = dir;
    restart();
  }
  ~HostStatusTest() override { std::filesystem::remove_all(folder_); }
  void restart() {
    if (states_) {
      EXPECT_TRUE(states_->write_out().ok());
    }
    pool_->close_idle(true);
    loop_.run();
    states_ = std::make_unique<HostStates>(kernel_file_system(), clock_);
    services_.hosts = states_.get();
    pool_ = std::make_unique<SmtpPool>(services_, finder_);
  }
  Fate fate_of_one() {
    auto s = shipment({"joe@dst.test"});
    deliver({s});
    return s->fates[0];
  }
  // What the file says of mx1.test, without its time.
  std::string kept() {
    EXPECT_TRUE(states_->write_out().ok());
    auto text = kernel_file_system().read_file(folder_ + "/test./mx1");
    return text.ok() ? text->substr(0, text->find("U1")) : "none";
  }
  std::string folder_;
  std::unique_ptr<HostStates> states_;
};

TEST_F(HostStatusTest, AHostThatFailedIsNotAskedAgainUntilItsTimeAlsoAfterARestart) {
  server().greeting = "421 4.3.2 busy\r\n";
  EXPECT_EQ(fate_of_one().text, "Deferred: 421 4.3.2 busy");
  EXPECT_EQ(kept(), "V0\nE0\nH0\nS75\nD4.5.0\nR421 4.3.2 busy\n");
  server().greeting = "220 mx.test\r\n";
  restart();
  const Fate f = fate_of_one();
  EXPECT_EQ(f.text, "Deferred");
  EXPECT_EQ(f.dsn, "4.5.0");
  EXPECT_EQ(f.relay, "mx1.test.");
  EXPECT_EQ(f.reply, "");
  EXPECT_EQ(server().connections, 1);
  clock_.advance(std::chrono::minutes(30));
  EXPECT_TRUE(fate_of_one().sent());
  EXPECT_EQ(kept(), "V0\nE0\nH0\nS0\nD2.0.0\nR250 2.0.0 Ok: queued\n");
}

TEST_F(HostStatusTest, AMailerWithFWDoesNotLookAtIt) {
  server().greeting = "421 4.3.2 busy\r\n";
  EXPECT_TRUE(fate_of_one().temporary());
  server().greeting = "220 mx.test\r\n";
  mailer_.flags.set('W');
  EXPECT_TRUE(fate_of_one().sent());
}

TEST_F(HostStatusTest, TheErrorOfTheConnectionIsSaidAgain) {
  server().refuse_connection = true;
  EXPECT_EQ(fate_of_one().relay, "mx1.test. [192.0.2.1]");
  EXPECT_EQ(kept(), "V0\nE111\nH0\nS75\nD4.4.1\n");
  const Fate f = fate_of_one();
  EXPECT_EQ(f.text, "Deferred: Connection refused by mx1.test.");
  EXPECT_EQ(f.dsn, "4.4.1");
  EXPECT_EQ(f.relay, "mx1.test.");
}

TEST_F(HostStatusTest, TheNextHostIsTriedAtOnceAndTheLastDecides) {
  finder_.names = {"mx1.test", "mx2.test"};
  server().greeting = "554 5.3.2 no\r\n";
  server("192.0.2.2");
  EXPECT_TRUE(fate_of_one().sent());
  restart();
  EXPECT_TRUE(fate_of_one().sent());
  EXPECT_EQ(server().connections, 1);
  finder_.names = {"mx1.test"};
  restart();
  const Fate f = fate_of_one();
  EXPECT_EQ(f.exit, EX_UNAVAILABLE);
  EXPECT_EQ(f.text, "Service unavailable");
  EXPECT_EQ(f.dsn, "5.5.0");
}

TEST_F(HostStatusTest, WhatARefusalSaysOfTheHost) {
  const struct { const char* command; const char* reply; const char* kept; bool asked_again; } cases[] = {
      {"MAIL *", "451 4.7.1 later\r\n", "V0\nE0\nH0\nS0\nD4.7.1\nR451 4.7.1 later\n", true},
      {"MAIL *", "550 5.7.1 no\r\n", "V0\nE0\nH0\nS0\nD5.7.1\nR550 5.7.1 no\n", true},
      {"MAIL *", "421 4.7.1 off\r\n", "V0\nE0\nH0\nS0\n", true},
      {"RCPT *", "550 5.1.1 who\r\n", "V0\nE0\nH0\nS0\n", true},
      {"RCPT *", "421 4.7.1 off\r\n", "V0\nE0\nH0\nS0\n", true},
      {"DATA", "451 4.3.0 later\r\n", "V0\nE0\nH0\nS0\n", true},
      {".", "452 4.3.1 full\r\n", "V0\nE0\nH0\nS0\nD4.3.1\nR452 4.3.1 full\n", true},
      {".", "554 no\r\n", "V0\nE0\nH0\nS0\nD5.0.0\nR554 no\n", true},
      {".", "421 4.3.1 off\r\n", "V0\nE0\nH0\nS75\nD4.3.1\nR421 4.3.1 off\n", false},
      {".", "", "V0\nE104\nH0\nS75\nD4.4.2\n", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.command) + " " + c.reply);
    std::filesystem::remove_all(folder_ + "/test.");
    restart();
    server() = ScriptedServer();
    if (*c.command == '.') server().after_data = c.reply;
    else server().answers[c.command] = c.reply;
    if (*c.command == '.') server().close_after_messages = 1;
    EXPECT_FALSE(fate_of_one().sent());
    EXPECT_EQ(kept(), c.kept);
    pool_->close_idle(false);
    (void)fate_of_one();
    EXPECT_EQ(server().connections, c.asked_again ? 2 : 1);
  }
}

TEST_F(HostStatusTest, NothingIsKeptWithoutTheOption) {
  settings_->policy.host_status_directory.clear();
  server().refuse_connection = true;
  (void)fate_of_one();
  server().refuse_connection = false;
  EXPECT_TRUE(fate_of_one().sent());
  EXPECT_EQ(kept(), "none");
}

TEST_F(HostStatusTest, SingleThreadDeliveryIsOneConnectionToAHostWhateverTheDomain) {
  settings_->policy.single_thread = true;
  settings_->policy.destination_connections = 1;
  server();
  auto other = std::make_unique<SmtpPool>(services_, finder_);   // of another loop
  std::vector<std::shared_ptr<Shipment>> all;
  for (int i = 0; i < 6; ++i) all.push_back(shipment({fmt::format("u{}@dst.test", i)}));
  all[3]->host = all[4]->host = "other.test";
  auto wait = [](SmtpPool& pool, SmtpPool& second, std::vector<std::shared_ptr<Shipment>> list) -> net::Task<int> {
    for (size_t i = 0; i < list.size(); ++i) (i == 5 ? second : pool).send(list[i]);
    for (auto& s : list) {
      const bool ok = co_await s->done.wait();
      if (!ok) co_return 1;
    }
    co_return 0;
  };
  EXPECT_EQ(net::run_blocking(loop_, wait(*pool_, *other, all)), 0);
  for (auto& s : all) EXPECT_TRUE(s->fates[0].sent()) << s->fates[0].text;
  EXPECT_EQ(server().most_at_once, 1);
  loop_.run();
}

TEST_F(HostStatusTest, AHostThatAnotherProcessHasIsBusyAndTheNextOneIsAsked) {
  settings_->policy.single_thread = true;
  server();
  server("192.0.2.2");
  std::filesystem::create_directory(folder_ + "/test.");
  const int held = ::open((folder_ + "/test./mx1").c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  const Fate f = fate_of_one();
  EXPECT_EQ(f.text, "Deferred");
  EXPECT_TRUE(f.temporary());
  EXPECT_EQ(server().connections, 0);
  finder_.names = {"mx1.test", "mx2.test"};
  EXPECT_EQ(fate_of_one().relay, "mx2.test. [192.0.2.2]");
  ::close(held);
}

}  // namespace
}  // namespace hky::deliver
