#include "deliver/smtp_pool_world.h"
#include "dns/scripted_resolver.h"

namespace hky::deliver {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(SmtpPoolTest, DeliversAndKeepsTheConnection) {
  server();
  auto s = shipment({"joe@dst.test"}, ".dot\nlast\n");
  deliver({s});
  EXPECT_TRUE(s->fates[0].sent()) << s->fates[0].text;
  EXPECT_EQ(s->fates[0].text, "Sent (Ok: queued)");
  EXPECT_EQ(s->fates[0].dsn, "2.0.0");
  EXPECT_EQ(s->fates[0].relay, "mx1.test. [192.0.2.1]");
  EXPECT_THAT(server().messages, ElementsAre("Subject: t\r\n\r\n..dot\r\nlast\r\n"));
  auto t = shipment({"ann@dst.test"});
  deliver({t});
  EXPECT_TRUE(t->fates[0].sent());
  EXPECT_EQ(server().connections, 1) << "the connection was kept";
  EXPECT_EQ(pool_->connections(), 1u);
}

TEST_F(SmtpPoolTest, NextEnvelopeTravelsWithTheBodyBeforeIt) {
  server();
  deliver({shipment({"a@dst.test"}), shipment({"b@dst.test"}), shipment({"c@dst.test"})});
  EXPECT_EQ(server().connections, 1);
  EXPECT_THAT(server().messages, SizeIs(3));
  EXPECT_THAT(server().reads, Contains(::testing::AllOf(HasSubstr("hello\r\n.\r\n"), HasSubstr("RCPT"), HasSubstr("b@dst.test"))));
}

TEST_F(SmtpPoolTest, OneRecipientRefusedTheOtherDelivered) {
  server().answers["RCPT *"] = "250 2.1.5 ok\r\n";
  server().answers["RCPT TO:<bad@dst.test>"] = server().answers["RCPT To:<bad@dst.test>"] = "550 5.1.1 no such user\r\n";
  auto s = shipment({"bad@dst.test", "good@dst.test"});
  deliver({s});
  EXPECT_EQ(s->fates[0].exit, EX_NOUSER);
  EXPECT_EQ(s->fates[0].text, "User unknown");
  EXPECT_EQ(s->fates[0].dsn, "5.1.1");
  EXPECT_EQ(s->fates[0].reply, "550 5.1.1 no such user");
  EXPECT_TRUE(s->fates[1].sent());
  EXPECT_THAT(server().messages, SizeIs(1));
}

TEST_F(SmtpPoolTest, NextHostWhenRefusedOrGreetedWith4xx) {
  finder_.names = {"mx1.test", "mx2.test"};
  server().greeting = "421 4.3.2 busy\r\n";
  server("192.0.2.2");
  auto s = shipment({"joe@dst.test"});
  deliver({s});
  EXPECT_TRUE(s->fates[0].sent());
  EXPECT_EQ(s->fates[0].relay, "mx2.test. [192.0.2.2]");
  pool_->close_idle(false);
  server().refuse_connection = true;
  auto t = shipment({"joe@dst.test"});
  deliver({t});
  EXPECT_EQ(t->fates[0].relay, "mx2.test. [192.0.2.2]");
}

TEST_F(SmtpPoolTest, RefusedForGoodAtTheGreetingTheNextHostIsTriedAndTheLastDecides) {
  finder_.names = {"mx1.test", "mx2.test"};
  server().greeting = "554 5.7.1 go away\r\n";
  server("192.0.2.2");
  auto s = shipment({"joe@dst.test"});
  deliver({s});
  EXPECT_TRUE(s->fates[0].sent()) << s->fates[0].text;
  EXPECT_EQ(s->fates[0].relay, "mx2.test. [192.0.2.2]");
  pool_->close_idle(false);
  server("192.0.2.2").greeting = "421 4.3.2 busy\r\n";
  auto t = shipment({"joe@dst.test"});
  deliver({t});
  EXPECT_EQ(t->fates[0].text, "Deferred: 421 4.3.2 busy");
  EXPECT_EQ(t->fates[0].dsn, "4.5.0") << "sendmail: the status of a host that did not greet is its own";
  finder_.names = {"mx2.test", "mx1.test"};
  auto u = shipment({"joe@dst.test"});
  deliver({u});
  EXPECT_EQ(u->fates[0].exit, EX_UNAVAILABLE);
  EXPECT_EQ(u->fates[0].dsn, "5.5.0");
  EXPECT_EQ(u->fates[0].reply, "554 5.7.1 go away");
}

// sendmail: smtpinit(), smtpquit(); mci_scan(): a closed one is cleared away as the next host is connected to
TEST_F(SmtpPoolTest, OfAHostThatRefusesAtItsGreetingQuitIsShownAtOnceAndItsEndLater) {
  finder_.names = {"mx1.test", "mx2.test"};
  server().greeting = "421 4.3.2 busy\r\n";
  server("192.0.2.2").greeting = "554 5.7.1 go away\r\n";
  std::vector<std::string> told;
  pool_->show([&told](std::string line) { told.push_back(std::move(line)); });
  auto s = shipment({"joe@dst.test"});
  s->shown_rcpts = "joe";
  deliver({s});
  pool_->tell_unwelcome();
  EXPECT_THAT(told, ElementsAre("joe... Connecting to mx1.test. via esmtp...", "421 4.3.2 busy", ">>> QUIT", "joe... Connecting to mx2.test. via esmtp...",
                                "joe... Closing connection to mx1.test.", "554 5.7.1 go away", ">>> QUIT", "221 2.0.0 bye", "Closing connection to mx2.test."));
}

// sendmail: mci_get(): MciInfoTimeout. Also where another group of the queue names the host.
TEST_F(SmtpPoolTest, AHostThatWasNotReachedIsNotTriedAgainWhereItIsShown) {
  server().refuse_connection = true;
  std::vector<std::string> told;
  pool_->show([&told](std::string line) { told.push_back(std::move(line)); });
  for (const char* name : {"joe", "ann"}) {
    auto s = shipment({name});
    s->shown_rcpts = name;
    deliver({s});
    EXPECT_EQ(s->fates[0].text, "Deferred: Connection refused by mx1.test.");
  }
  EXPECT_THAT(told, ElementsAre("joe... Connecting to mx1.test. via esmtp..."));
  clock_.advance(std::chrono::minutes(30));
  auto s = shipment({"bob"});
  s->shown_rcpts = "bob";
  deliver({s});
  EXPECT_THAT(told, ::testing::Contains("bob... Connecting to mx1.test. via esmtp..."));
}

// RFC 2033 4.2. sendmail: giveresponse(): M_LMTP
TEST_F(SmtpPoolTest, WhatLmtpAnswersOfEachRecipientIsToldAsSendmailDoes) {
  mailer_.flags.set(static_cast<unsigned char>('z'));
  server("/run/lmtp").after_data = "250 2.0.0 <joe> stored\r\n452 4.2.2 nearly full\r\n554 5.2.2 over quota\r\n";
  std::vector<std::string> told;
  pool_->show([&told](std::string line) { told.push_back(std::move(line)); });
  auto s = shipment({"joe", "bob", "ann"});
  s->unix_socket = true;
  s->host = "/run/lmtp";
  s->shown_rcpts = "joe,bob,ann";
  s->rcpt_names = {"joe", "bob", "ann"};
  deliver({s});
  EXPECT_EQ(s->fates[0].text, "Sent");
  EXPECT_EQ(s->fates[1].text, "Deferred: 452 4.2.2 nearly full");
  EXPECT_EQ(s->fates[2].text, "Service unavailable (over quota)");
  EXPECT_TRUE(s->fates[1].lmtp && s->fates[1].of_message);
  EXPECT_THAT(told, ::testing::AllOf(Contains("joe,bob,ann... Connecting to /run/lmtp via esmtp..."), Contains("bob... Deferred: 452 4.2.2 nearly full")));
  EXPECT_EQ(s->talked_to, "localhost");
  pool_->close_idle(true);   // while `told` is there
  loop_.run();
}

TEST_F(SmtpPoolTest, WhoGotATemporaryAnswerIsTriedAtTheNextHostAtOnce) {
  const struct { const char* command; const char* reply; const char* sent_by_second; } cases[] = {
      {"MAIL *", "451 4.7.1 later\r\n", "RCPT To:<one@dst.test>"}, {"RCPT To:<one@dst.test>", "450 4.2.1 later\r\n", "RCPT To:<one@dst.test>"},
      {"RCPT To:<one@dst.test>", "421 4.2.1 off\r\n", "RCPT To:<one@dst.test>"}, {"DATA", "451 4.3.0 later\r\n", "RCPT To:<two@dst.test>"},
      {".", "452 4.3.1 full\r\n", "RCPT To:<two@dst.test>"}, {".", "", "RCPT To:<two@dst.test>"}};
  finder_.names = {"mx1.test", "mx2.test"};
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.command) + " " + c.reply);
    server() = ScriptedServer();
    server("192.0.2.2") = ScriptedServer();
    if (*c.command == '.') server().after_data = c.reply;
    else server().answers[c.command] = c.reply;
    if (*c.command == '.' && *c.reply == '\0') server().close_after_messages = 1;
    auto s = shipment({"one@dst.test", "two@dst.test"});
    deliver({s});
    EXPECT_TRUE(s->fates[0].sent()) << s->fates[0].text;
    EXPECT_TRUE(s->fates[1].sent()) << s->fates[1].text;
    EXPECT_EQ(s->fates[0].relay, "mx2.test. [192.0.2.2]");
    EXPECT_THAT(server("192.0.2.2").commands, Contains(c.sent_by_second));
    pool_->close_idle(false);
  }
}

TEST_F(SmtpPoolTest, TheNextHostIsToldAllThatTheFirstWas) {
  finder_.names = {"mx1.test", "mx2.test"};
  for (const char* at : {"192.0.2.1", "192.0.2.2"}) server(at).ehlo = {"mx.test", "8BITMIME", "DSN", "AUTH PLAIN", "DELIVERBY"};
  server().after_data = "452 4.3.1 full\r\n";
  auto s = shipment({"one@dst.test"}, "caf\xc3\xa9\n");
  s->has_8bit = s->label_8bit = true;
  s->mail.envid = "e1";
  s->mail.ret = "HDRS";
  s->mail.auth_sender = "a@src.test";
  s->mail.deliver_by = "60;N";
  deliver({s});
  const std::string said = "MAIL From:<a@src.test> BODY=8BITMIME ENVID=e1 RET=HDRS AUTH=a@src.test BY=60;N";
  EXPECT_THAT(server().commands, Contains(said));
  EXPECT_THAT(server("192.0.2.2").commands, Contains(said));
}

TEST_F(SmtpPoolTest, ARefusalForGoodIsTheAnswerAndTheLastHostsWordCounts) {
  finder_.names = {"mx1.test", "mx2.test"};
  server().answers["RCPT To:<bad@dst.test>"] = "550 5.1.1 no such user\r\n";
  server().answers["RCPT To:<late@dst.test>"] = "450 4.2.1 later\r\n";
  server("192.0.2.2").greeting = "421 4.3.2 busy\r\n";
  auto s = shipment({"bad@dst.test", "late@dst.test", "good@dst.test"});
  deliver({s});
  EXPECT_EQ(s->fates[0].exit, EX_NOUSER);
  EXPECT_EQ(s->fates[1].text, "Deferred: 421 4.3.2 busy");
  EXPECT_TRUE(s->fates[2].sent());
  EXPECT_EQ(s->fates[2].relay, "mx1.test. [192.0.2.1]");
  EXPECT_EQ(server("192.0.2.2").connections, 1);
}

// sendmail: makeconnection(): ClientPortOptions; DaemonPortOptions M=b: a message that came in elsewhere has another connection.
TEST_F(SmtpPoolTest, ConnectionsComeFromWhereTheyShall) {
  server();
  settings_->policy.client.from.address = "192.0.2.7";
  settings_->policy.client.from.send_buffer = 5000;
  settings_->policy.client6.from.address = "2001:db8::7";
  auto s = shipment({"joe@dst.test"}), t = shipment({"joe@dst.test"});
  t->came_in = "192.0.2.8";
  deliver({s});
  deliver({t});
  EXPECT_EQ(server().connections, 2);
  ASSERT_THAT(network_.came_from, SizeIs(2));
  EXPECT_EQ(network_.came_from[0].address, "192.0.2.7");
  EXPECT_EQ(network_.came_from[0].send_buffer, 5000);
  EXPECT_EQ(network_.came_from[1].address, "192.0.2.8");
}

// sendmail: M=h of either option, unless HeloName says another or the address has no name.
TEST_F(SmtpPoolTest, HeloSaysWhatOurEndIsCalled) {
  server();
  auto names = std::make_shared<dns::NameEnvironment>();
  dns::ScriptedResolver resolver("1.0.0.127.in-addr.arpa PTR outside.test\n");
  names->resolver = &resolver;
  settings_->names = names;
  auto config = std::make_shared<cf::Config>();
  settings_->config = config;
  const auto greeted = [this](bool by_daemon) {
    auto s = shipment({"joe@dst.test"});
    s->helo_by_interface = by_daemon;
    deliver({s});
    pool_->close_idle(false);
    std::string said;
    for (const std::string& c : server().commands)
      if (c.starts_with("EHLO")) said = c;
    return said;
  };
  EXPECT_EQ(greeted(false), "EHLO us.test");
  EXPECT_EQ(greeted(true), "EHLO outside.test");
  settings_->policy.client.helo_by_interface = true;
  EXPECT_EQ(greeted(false), "EHLO outside.test");
  config->options.helo_name = "us.test";
  EXPECT_EQ(greeted(false), "EHLO us.test");
}

TEST_F(SmtpPoolTest, NobodyAnswers) {
  server().refuse_connection = true;
  auto s = shipment({"joe@dst.test"}), t = shipment({"ann@dst.test"});
  deliver({s, t});
  for (const auto& f : {s->fates[0], t->fates[0]}) {
    EXPECT_TRUE(f.temporary());
    EXPECT_EQ(f.text, "Deferred: Connection refused by mx1.test.");
    EXPECT_EQ(f.dsn, "4.4.1");
  }
  EXPECT_EQ(pool_->connections(), 0u);
  server().refusal = ENETUNREACH;
  auto u = shipment({"joe@dst.test"});
  deliver({u});
  EXPECT_EQ(u->fates[0].text, "Deferred: mx1.test.: Network is unreachable");
}

TEST_F(SmtpPoolTest, AHostThatHangsUpInsteadOfGreetingResetsTheConnection) {
  server().hang_up = true;
  auto s = shipment({"joe@dst.test"});
  deliver({s});
  EXPECT_EQ(s->fates[0].text, "Deferred: Connection reset by mx1.test.");
}

TEST_F(SmtpPoolTest, OurOwnNameInTheGreetingIsALoop) {
  server().ehlo = {"us.test", "PIPELINING"};
  auto s = shipment({"joe@dst.test"});
  deliver({s});
  EXPECT_EQ(s->fates[0].exit, EX_CONFIG);
  EXPECT_EQ(s->fates[0].dsn, "5.3.5");
  EXPECT_EQ(s->fates[0].said, "553 5.3.5 mx1.test. config error: mail loops back to me (MX problem?)");
  EXPECT_EQ(s->fates[0].reply, "553 5.3.5 system config error");
  EXPECT_TRUE(server().messages.empty());
  std::vector<std::string> told;
  pool_->show([&told](std::string line) { told.push_back(std::move(line)); });
  auto t = shipment({"joe@dst.test"});
  t->refusals_shown = true;
  deliver({t});
  pool_->tell_unwelcome();
  EXPECT_THAT(std::vector<std::string>(told.end() - 4, told.end()), ElementsAre("mx1.test. config error: mail loops back to me (MX problem?)", ">>> QUIT",
                                                                                "221 2.0.0 bye", "Closing connection to mx1.test."));
}

TEST_F(SmtpPoolTest, TheFallbackSmartHostIsForHostsThatAreNotReachedNotForThisOne) {
  finder_.names = {"mx1.test", "mx2.test"};
  auto config = std::make_shared<cf::Config>();
  config->options.fallback_smart_host = "mx2.test";
  settings_->config = config;
  network_.servers["192.0.2.2"].ehlo = {"mx2.test"};
  server().ehlo = {"us.test"};
  auto s = shipment({"joe@dst.test"});
  deliver({s});
  EXPECT_EQ(s->fates[0].exit, EX_CONFIG);
  network_.servers.erase("192.0.2.1");
  auto t = shipment({"joe@dst.test"});
  deliver({t});
  EXPECT_TRUE(t->fates[0].sent());
  finder_.unknown = "mx2.test";   // named as it is, no MX record's
  auto u = shipment({"joe@dst.test"});
  pool_->close_idle(true);
  loop_.run();
  deliver({u});
  EXPECT_EQ(u->fates[0].text, "Host unknown (Name server: mx2.test: host not found)");
}

// sendmail: makeconnection()
TEST_F(SmtpPoolTest, ConnectOnlyToIsTheOnlyAddressThatIsConnectedTo) {
  auto config = std::make_shared<cf::Config>();
  config->options.connect_only_to = "192.0.2.99";
  settings_->config = config;
  network_.servers["192.0.2.99"].ehlo = {"test.test"};
  auto s = shipment({"joe@dst.test"});
  deliver({s});
  ASSERT_TRUE(s->fates[0].sent());
  EXPECT_TRUE(server().commands.empty());
  EXPECT_THAT(network_.servers["192.0.2.99"].commands, Contains("RCPT To:<joe@dst.test>"));
  EXPECT_THAT(s->fates[0].relay, HasSubstr("[192.0.2.1]"));   // the log names whom DNS names
}

TEST_F(SmtpPoolTest, EightBitTextBecomesSevenBitWhereTheHostWantsIt) {
  server().ehlo = {"mx.test", "PIPELINING"};
  auto s = shipment({"joe@dst.test"}, "caf\xc3\xa9 and a good deal of plain text after it\n");
  s->has_8bit = true;
  s->converted_by = "by us.test id A1";
  deliver({s});
  ASSERT_TRUE(s->fates[0].sent());
  EXPECT_THAT(server().messages.at(0), HasSubstr("X-MIME-Autoconverted: from 8bit to quoted-printable by us.test id A1"));
  EXPECT_THAT(server().messages.at(0), HasSubstr("caf=C3=A9 and"));
  EXPECT_THAT(server().commands, ::testing::Not(Contains(HasSubstr("8BITMIME"))));
}

TEST_F(SmtpPoolTest, OnlyLabelledEightBitTextIsAnnounced) {
  for (const bool label : {false, true}) {
    server().ehlo = {"mx.test", "PIPELINING", "8BITMIME"};
    auto s = shipment({"joe@dst.test"}, "caf\xc3\xa9\n");
    s->has_8bit = true;
    s->label_8bit = label;
    deliver({s});
    ASSERT_TRUE(s->fates[0].sent());
    EXPECT_EQ(server().commands.size() > 0 && ::testing::Value(server().commands, Contains(HasSubstr("BODY=8BITMIME"))), label);
  }
}

TEST_F(SmtpPoolTest, WhatAHostCannotPromiseIsRefusedWithoutAWait) {
  server().ehlo = {"mx.test", "PIPELINING"};
  auto alone = shipment({"a@dst.test"});
  alone->mail.deliver_by = "600;R";
  const MonoTime before = clock_.mono();
  deliver({alone});
  EXPECT_EQ(alone->fates[0].exit, EX_UNAVAILABLE);
  EXPECT_EQ(alone->fates[0].dsn, "5.4.7");
  EXPECT_LT(clock_.mono() - before, std::chrono::seconds(10));
}

TEST_F(SmtpPoolTest, AHostThatHangsHoldsOnlyWhatCameFirst) {
  server().hang = true;
  settings_->policy.timeouts.connect = 300;
  auto first = shipment({"a@dst.test"});
  const MonoTime began = clock_.mono();
  deliver({first});
  EXPECT_GE(clock_.mono() - began, std::chrono::seconds(299));
  EXPECT_EQ(first->fates[0].text, "Deferred: Connection timed out with mx1.test.");
  auto second = shipment({"b@dst.test"});
  const MonoTime then = clock_.mono();
  deliver({second});
  EXPECT_LT(clock_.mono() - then, std::chrono::seconds(1));
  EXPECT_TRUE(second->fates[0].temporary());
  EXPECT_EQ(server().connections, 1);
}

// Timeout.iconnect, connect and aconnect
TEST_F(SmtpPoolTest, HowLongAConnectionIsWaitedFor) {
  const auto waited = [this](bool first, const char* host) {
    auto s = shipment({"a@dst.test"});
    s->first_try = first;
    s->host = host;
    const MonoTime began = clock_.mono();
    deliver({s});
    return std::chrono::duration_cast<std::chrono::seconds>(clock_.mono() - began).count();
  };
  server().hang = server("192.0.2.2").hang = true;
  settings_->policy.timeouts.connect = 40;
  settings_->policy.timeouts.initial_connect = 10;
  EXPECT_EQ(waited(true, "one.test"), 10);
  EXPECT_EQ(waited(false, "two.test"), 40);
  finder_.names = {"mx1.test", "mx2.test"};
  EXPECT_EQ(waited(false, "three.test"), 80);
  settings_->policy.timeouts.all_connects = 60;
  EXPECT_EQ(waited(false, "four.test"), 60);
  settings_->policy.timeouts.all_connects = 30;
  const int before = server("192.0.2.2").connections;
  EXPECT_EQ(waited(false, "five.test"), 30);
  EXPECT_EQ(server("192.0.2.2").connections, before);
}

// Timeout.helo, lhlo
TEST_F(SmtpPoolTest, LhloHasATimeOfItsOwn) {
  server().answers["LHLO us.test"] = server().answers["EHLO us.test"] = "";
  settings_->policy.timeouts.helo = 20;
  settings_->policy.timeouts.lhlo = 50;
  const auto waited = [this] {
    const MonoTime began = clock_.mono();
    deliver({shipment({"a@dst.test"})});
    return std::chrono::duration_cast<std::chrono::seconds>(clock_.mono() - began).count();
  };
  EXPECT_EQ(waited(), 20);
  mailer_.flags.set('z');
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(waited(), 50);
}

TEST_F(SmtpPoolTest, LmtpAnswersForEachRecipient) {
  mailer_.flags.set('z');
  server().answers["DATA"] = "354 go\r\n";
  server().after_data = "250 2.1.5 one\r\n452 4.2.2 two is full\r\n";
  auto s = shipment({"one@dst.test", "two@dst.test"});
  deliver({s});
  EXPECT_TRUE(s->fates[0].sent()) << s->fates[0].text;
  EXPECT_EQ(s->fates[1].text, "Deferred: 452 4.2.2 two is full");
  EXPECT_EQ(s->fates[1].dsn, "4.2.2");
  EXPECT_THAT(server().commands, Contains(HasSubstr("LHLO us.test")));
}

TEST_F(SmtpPoolTest, ManyShareFewConnections) {
  server();
  settings_->policy.destination_connections = 3;
  std::vector<std::shared_ptr<Shipment>> all;
  for (int i = 0; i < 200; ++i) all.push_back(shipment({fmt::format("u{}@dst.test", i)}));
  deliver(all);
  for (auto& s : all) EXPECT_TRUE(s->fates[0].sent());
  EXPECT_LE(server().connections, 3);
  EXPECT_THAT(server().messages, SizeIs(200));
}

}  // namespace
}  // namespace hky::deliver
