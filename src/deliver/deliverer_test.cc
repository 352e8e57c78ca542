#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

// sendmail: makeconnection()
TEST_F(DelivererTest, AHostInBracketsThatDoNotCloseIsRefused) {
  queue::Job job;
  job.envelope = envelope({"a@[10.0.0.1"});
  job.envelope.rcpts[0].mailer = "esmtp";
  job.envelope.rcpts[0].host = "[10.0.0.1";
  job.envelope.rcpts[0].user = "a@[10.0.0.1";
  job.body = std::make_shared<const std::string>("Subject: x\n\ny\n");
  std::vector<std::string> told;
  Foreground f;
  f.verbose = true;
  f.say = [&told](std::string line) { told.push_back(std::move(line)); };
  deliver(std::move(job), f);
  // and the report's way
  EXPECT_THAT(told, ElementsAre("a@[10.0.0.1... Connecting to [10.0.0.1 via esmtp...", "<sender@us.test>... Connecting to local...", "<sender@us.test>... Sent"));
  EXPECT_EQ(f.exit, EX_NOHOST);
  const std::string spec = "553 5.1.2 a@[10.0.0.1... Invalid numeric domain spec \"[10.0.0.1\"";
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("(reason: " + spec + ")\n"), HasSubstr("-----\n" + spec + "\n550 5.1.2 a@[10.0.0.1... Host unknown\n"),
                                       HasSubstr("; [10.0.0.1\nDiagnostic-Code: ; " + spec + "\n")));
}

TEST_F(DelivererTest, ACommandIsToldOfTheFailuresItsSenderWantsToHearOf) {
  queue::Job job;
  job.envelope = envelope({"nobody1", "nobody2", "nobody3"});
  job.envelope.rcpts[1].notify = queue::kNotifySuccess;
  job.envelope.rcpts[2].notify = queue::kNotifyNever;
  job.body = std::make_shared<const std::string>("Subject: x\n\ny\n");
  Foreground f;
  f.keep_failures = true;
  deliver(std::move(job), f);
  ASSERT_EQ(f.failed.size(), 1u);
  EXPECT_EQ(f.failed[0].address, "nobody1");
}

// Where the connection would go is told before its address is asked for.
TEST_F(DelivererTest, AHostThatHasNoAddressIsToldOf) {
  const auto told = [this](const std::string& to) {
    std::vector<std::string> lines;
    queue::Job job;
    job.envelope = envelope({to});
    job.body = std::make_shared<const std::string>("Subject: x\n\ny\n");
    Foreground f;
    f.verbose = true;
    f.say = [&lines](std::string line) { lines.push_back(std::move(line)); };
    deliver(std::move(job), f);
    return lines.front();
  };
  EXPECT_EQ(told("a@lost.test"), "a@lost.test... Connecting to gone.test. via esmtp...");
  EXPECT_EQ(told("a@mute.test"), "a@mute.test... Connecting to mute.test via esmtp...");
  EXPECT_EQ(told("a@nosuch.test"), "<sender@us.test>... Connecting to local...");
}

TEST_F(DelivererTest, LocalMailboxGetsFromLineReturnPathAndEscapedBody) {
  const std::string id = submit(envelope({"joe"}));
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(StartsWith("From sender"), HasSubstr("Return-Path: <sender"), HasSubstr("\n\nhello\n>From here\n\n")));
  EXPECT_THAT(mailbox("joe"), Not(HasSubstr("id QID")));
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_TRUE(log_.contains("to=joe, delay=00:00:00, xdelay=00:00:00, mailer=local, pri=0, dsn=2.0.0, stat=Sent"));
}

TEST_F(DelivererTest, RelayRewritesHeadersAndGoesToTheBestMx) {
  network_.servers["192.0.2.1"];
  network_.servers["192.0.2.2"];
  submit(envelope({"a@dst.test", "b@dst.test"}));
  settle();
  auto& mx = network_.servers["192.0.2.1"];
  ASSERT_THAT(mx.messages, SizeIs(1));
  EXPECT_THAT(mx.messages[0], HasSubstr("From: Sender <sender@shown.test>\r\n"));
  EXPECT_THAT(mx.messages[0], HasSubstr("Message-Id: <"));
  EXPECT_THAT(mx.messages[0], Not(HasSubstr("Return-Path")));
  EXPECT_THAT(mx.commands, AllOf(Contains(HasSubstr("<a@dst.test>")), Contains(HasSubstr("<b@dst.test>"))));
  EXPECT_EQ(network_.servers["192.0.2.2"].connections, 0);
  // sendmail counts what goes to one host at once as one
  const Traffic::Figures counted = traffic_.take();
  EXPECT_EQ(counted.connections[Traffic::kMade], 1);
  EXPECT_EQ(counted.by_mailer[Traffic::kTo][static_cast<size_t>(config_->find_mailer("esmtp")->index)], 1);
  EXPECT_TRUE(log_.contains("to=a@dst.test,b@dst.test, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=0, relay=mx1.test. [192.0.2.1], dsn=2.0.0, stat=Sent (Ok: queued)"));
}

TEST_F(DelivererTest, AMailerThatNamesNoMailboxKeepsTheMail) {
  submit(envelope({"odd"}));
  settle();
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_TRUE(log_.contains("stat=Deferred: mailer odd: P=[mbox] needs the mailbox's path as the first argument of A=, not \"-d\""));
}

TEST_F(DelivererTest, WhatDnsSaysDecides) {
  submit(envelope({"a@loop.test"}));
  submit(envelope({"a@null.test"}));
  submit(envelope({"a@nowhere.test"}));
  submit(envelope({"a@down.test"}));
  settle();
  EXPECT_TRUE(log_.contains("dsn=5.3.5, stat=Local configuration error"));
  EXPECT_TRUE(log_.contains("dsn=5.1.10"));
  EXPECT_TRUE(log_.contains("dsn=5.1.2, stat=Host unknown (Name server: nowhere.test: host not found)"));
  EXPECT_TRUE(log_.contains("stat=Deferred: Name server: down.test: host name lookup failure"));
  EXPECT_THAT(mailbox("sender"), HasSubstr("mail loops back to me (MX problem?)"));
  EXPECT_EQ(queue_->count(), 1u);
}

// sendmail: parseaddr(): QS_QUEUEUP: where it goes is not known, though the rules give a triple.
TEST_F(DelivererTest, WhatRulesCannotTellYetWaits) {
  network_.servers["192.0.2.1"];
  maps_->add_map("host", "host");
  maps_->fail("host", "dst.test");
  submit(envelope({"a@unsaid.test"}));
  settle();
  EXPECT_TRUE(log_.contains("pri=0, dsn=4.4.3, stat=queued"));
  ASSERT_THAT(queue_->list(), SizeIs(1));
  EXPECT_EQ(queue_->list()[0].message, "host map: lookup (dst.test): deferred");   // as mailq says it
  queue_->flush(nullptr);
  settle();
  EXPECT_TRUE(log_.contains("pri=90000, dsn=4.4.3, stat=queued"));   // RetryFactor
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, ::testing::IsEmpty());
  EXPECT_EQ(queue_->count(), 1u);
  maps_->put("host", "dst.test", "dst.test");
  queue_->flush(nullptr);
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, Contains(HasSubstr("<a@dst.test>")));
  EXPECT_EQ(queue_->count(), 0u);
}

// sendmail: savemail(): ESM_USRTMP.
TEST_F(DelivererTest, AReportThatReachesNobodyGoesToDeadLetterDrop) {
  config_->options.dead_letter_drop = "/drop";
  maps_->put("aliases", "postmaster", "no-postmaster");
  queue::Envelope e = envelope({"nobody-here"});
  e.sender = "no-sender";
  submit(e);
  settle();
  EXPECT_THAT(agent_.mailboxes["/drop"], AllOf(StartsWith("From MAILER-DAEMON"), HasSubstr("\nReturn-Path: <MAILER-DAEMON>\n"), HasSubstr("To: postmaster"), HasSubstr("nobody-here... User unknown"), HasSubstr("\nhello\n")));
  EXPECT_TRUE(log_.contains("saved in /drop"));
  EXPECT_EQ(queue_->count(), 0u);
  // who wants no double bounces has none there either
  agent_.mailboxes.clear();
  settings_->policy.double_bounce.clear();
  submit(e);
  settle();
  EXPECT_TRUE(agent_.mailboxes.empty());
  // and a file that cannot be written is no reason to keep it
  settings_->policy.double_bounce = "postmaster";
  agent_.file_outcome.exit_code = EX_CANTCREAT;
  submit(e);
  settle();
  EXPECT_TRUE(log_.contains("cannot save a report in /drop"));
  EXPECT_EQ(queue_->count(), 0u);
}

// DaemonPortOptions M=b, h
TEST_F(DelivererTest, ADaemonsFlagsSayHowMailGoesOn) {
  network_.servers["192.0.2.1"];
  for (const char* flags : {"b h", "BB"}) {
    queue::Envelope e = envelope({"a@dst.test"});
    e.macros.emplace_back("daemon_flags", flags);
    e.macros.emplace_back("if_addr", "192.0.2.8");
    submit(std::move(e));
    settle();
  }
  ASSERT_THAT(network_.came_from, SizeIs(2));
  EXPECT_EQ(network_.came_from[0].address, "192.0.2.8");
  EXPECT_EQ(network_.came_from[1].address, "");
}

TEST(PolicyTest, ClientPortOptionsAreOfAFamily) {
  const auto read = cf::read_config_text(std::string(kConfig) + "O ClientPortOptions=Addr=192.0.2.7, Port=7777, SndBufSize=5000, RcvBufSize=6000, M=h\n"
                                         "O ClientPortOptions=Family=inet6, Addr=IPv6:2001:db8::7\n", cf::ReadRequest());
  const Policy p = policy_from(*read.config);
  EXPECT_EQ(p.client.from.address, "192.0.2.7");
  EXPECT_EQ(p.client.from.port, 7777);
  EXPECT_EQ(p.client.from.send_buffer, 5000);
  EXPECT_EQ(p.client.from.receive_buffer, 6000);
  EXPECT_TRUE(p.client.helo_by_interface);
  EXPECT_EQ(p.client6.from.address, "2001:db8::7");
  EXPECT_EQ(p.client6.from.port, 0);
  EXPECT_FALSE(p.client6.helo_by_interface);
}

TEST_F(DelivererTest, WaitingMailboxDeliveriesShareOneRequest) {
  agent_.mbox_delay_ms = 50;
  for (int i = 0; i < 10; ++i) submit(envelope({"joe"}));
  settle();
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_LE(agent_.batches.size(), 3u);
  size_t all = 0;
  for (size_t n : agent_.batches) all += n;
  EXPECT_EQ(all, 10u);
}

// mailq's line. sendmail: giveresponse(): what failed for good outweighs what waits, whichever came first; a queue run begins anew.
TEST_F(DelivererTest, WhatWasRefusedLastIsWhatMailqSays) {
  auto& mx = network_.servers["192.0.2.1"];
  mx.answers["RCPT To:<later@*"] = "450 4.2.1 busy\r\n";
  mx.answers["RCPT To:<no@*"] = "550 5.1.1 nobody here\r\n";
  submit(envelope({"later@dst.test", "no@dst.test"}));
  submit(envelope({"x@down.test", "gone"}));
  settle();
  const auto said = [this] {
    std::string out;
    for (const queue::Envelope& e : queue_->list()) out += e.message + (e.rcpts[0].answered ? " answered" : "") + "\n";
    return out;
  };
  EXPECT_EQ(said(), "User unknown\nUser unknown\n");   // mx2 is not there: nothing was answered last
  queue_->flush(nullptr);
  settle();
  EXPECT_THAT(said(), AllOf(HasSubstr("Deferred: Connection refused by mx2.test.\n"), HasSubstr("Deferred: Name server: down.test: host name lookup failure\n")));
  network_.servers["192.0.2.2"].answers["RCPT *"] = "450 4.2.1 busy too\r\n";
  queue_->flush(nullptr);
  settle();
  EXPECT_THAT(said(), HasSubstr("Deferred: 450 4.2.1 busy too answered\n"));
}

// sendmail: RCPT commands go out from the end of the send queue.
TEST_F(DelivererTest, LastRecipientIsNamedFirst) {
  network_.servers["192.0.2.1"];
  submit(envelope({"a@dst.test", "b@dst.test"}));
  settle();
  std::vector<std::string> named;
  for (const std::string& c : network_.servers["192.0.2.1"].commands)
    if (c.starts_with("RCPT")) named.push_back(c.substr(0, 21));
  EXPECT_THAT(named, ElementsAre("RCPT To:<b@dst.test>", "RCPT To:<a@dst.test>"));
}

// sendmail: hostsignature()
TEST_F(DelivererTest, HostsOfTheSameMxShareATransaction) {
  network_.servers["192.0.2.1"];
  network_.servers["192.0.2.2"];
  submit(envelope({"a@dst.test", "b@same.test", "c@other.test"}));
  settle();
  const auto named = [this](const std::string& address) {
    std::vector<std::string> out;
    for (const std::string& c : network_.servers[address].commands)
      if (c.starts_with("MAIL") || c.starts_with("RCPT")) out.push_back(c.substr(0, c.find('>') + 1));
    return out;
  };
  EXPECT_THAT(named("192.0.2.1"), ElementsAre("MAIL From:<sender>", "RCPT To:<b@same.test>", "RCPT To:<a@dst.test>"));
  EXPECT_THAT(named("192.0.2.2"), ElementsAre("MAIL From:<sender>", "RCPT To:<c@other.test>"));
}

// sendmail: sortbysignature(): from its second try on a message's recipients stand by the hosts that take their mail, of the same hosts backwards.
TEST_F(DelivererTest, WhatIsTriedAgainIsSortedByTheHostsThatTakeIt) {
  const auto waiting = [this] {
    std::vector<std::string> out;
    for (const queue::Envelope& e : queue_->list())
      for (const queue::Rcpt& r : e.rcpts) out.push_back(r.address);
    return out;
  };
  network_.servers["192.0.2.1"].answers["RCPT *"] = "450 4.2.1 busy\r\n";
  network_.servers["192.0.2.2"].answers["RCPT *"] = "450 4.2.1 busy\r\n";
  submit(envelope({"c@other.test", "a@same.test", "b@dst.test"}));
  settle();
  EXPECT_THAT(waiting(), ElementsAre("c@other.test", "a@same.test", "b@dst.test"));
  queue_->flush(nullptr);
  settle();
  EXPECT_THAT(waiting(), ElementsAre("b@dst.test", "a@same.test", "c@other.test"));   // mx1.test:mx2.test, then mx2.test:mx1.test
}

// With FastSplit=0 at once. What is refused keeps its reason.
TEST_F(DelivererTest, FastSplitOfZeroSortsByTheHostsThatTakeTheMail) {
  config_->options.fast_split = 0;
  network_.servers["192.0.2.1"].answers["RCPT To:<a@dst.test>"] = "550 5.1.1 nobody here\r\n";
  network_.servers["192.0.2.2"];
  const std::vector<std::string> lines = shown(envelope({"z@null.test", "a@dst.test", "joe", "ann", "b@same.test"}));
  std::vector<std::string> connecting;
  for (const std::string& l : lines)
    if (l.find("Connecting") != std::string::npos) connecting.push_back(l.substr(0, l.find("...")));
  EXPECT_THAT(connecting, ElementsAre("ann,joe", "a@dst.test,b@same.test", "<sender@us.test>"));   // who is first in the queue is named last
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("\na@dst.test\n    (reason: 550 5.1.1 nobody here)"), HasSubstr("\nz@null.test\n    (reason: ")));
}

// sendmail: HoldExpensive, DeliveryMode=d: where a line is dialled nobody asks DNS before the queue run
TEST_F(DelivererTest, WhoWaitsForAQueueRunIsNotAskedFor) {
  config_->options.hold_expensive = true;
  for (cf::Mailer& m : config_->mailers)
    if (m.name == "esmtp") m.flags.set('e');
  submit(envelope({"a@dst.test", "b@same.test"}));
  settle();
  EXPECT_EQ(resolver_.questions(), 0u);
  EXPECT_TRUE(network_.servers["192.0.2.1"].commands.empty());
}

// sendmail: M_HOLD: whatever queue run, until somebody asks for it by name; nothing is said of why it waits
TEST_F(DelivererTest, AMailerThatHoldsIsUsedForWhatIsDemanded) {
  for (cf::Mailer& m : config_->mailers)
    if (m.name == "esmtp") m.flags.set('%');
  network_.servers["192.0.2.1"];
  submit(envelope({"a@dst.test", "joe"}));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  queue_->flush(nullptr);
  settle();
  EXPECT_TRUE(network_.servers["192.0.2.1"].commands.empty());
  ASSERT_THAT(queue_->list(), SizeIs(1));
  EXPECT_EQ(queue_->list()[0].message, "");
  queue_->flush(nullptr, true);
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].messages, SizeIs(1));
  EXPECT_EQ(queue_->count(), 0u);
  queue::Job job;
  job.envelope = envelope({"a@dst.test"});
  job.body = std::make_shared<const std::string>("Subject: x\n\ny\n");
  std::vector<std::string> told;
  Foreground f;
  f.verbose = true;
  f.say = [&told](std::string line) { told.push_back(std::move(line)); };
  deliver(std::move(job), f);
  EXPECT_THAT(told, ElementsAre("a@dst.test... queued"));
}

// sendmail: hostsignature(): whatever host the rules gave a local mailer
TEST_F(DelivererTest, LocalRecipientsGoTogetherWhateverTheirDetail) {
  std::vector<std::string> lines = shown(envelope({"joe+lists", "ann+work"}));
  EXPECT_THAT(lines[0], StartsWith("ann+work,joe+lists... Connecting to lists via local..."));
}

// -v. sendmail: sorthost(), deliver(): local ones first, then hosts by name; who goes the same way goes along, a mailer without F=m gets each alone.
TEST_F(DelivererTest, HostsAreServedInTheOrderOfTheSendQueue) {
  queue::Envelope e = envelope({"z@null.test", "ann", "a@dst.test", "\"|/bin/one\"", "joe", "x@[192.0.2.7]", "\"|/bin/two\"", "/tmp/file"});
  for (queue::Rcpt& r : e.rcpts) {
    if (r.address.front() != '"' && r.address.front() != '/') continue;
    r.mailer = r.address.front() == '"' ? "prog" : "*file*";
    r.user = r.address.front() == '"' ? r.address.substr(1, r.address.size() - 2) : r.address;
    r.alias_of = "list";
  }
  std::vector<std::string> lines = shown(std::move(e));
  std::erase_if(lines, [](const std::string& l) { return l.find("Connecting") == std::string::npos; });
  EXPECT_THAT(lines, ElementsAre("joe,ann... Connecting to local...", "\"|/bin/one\"... Connecting to prog...", "\"|/bin/two\"... Connecting to prog...", "x@[192.0.2.7]... Connecting to [192.0.2.7] via esmtp...",
                                 "a@dst.test... Connecting to mx1.test. via esmtp...", "a@dst.test... Connecting to mx2.test. via esmtp...", "<sender@us.test>... Connecting to local..."));
}

TEST_F(DelivererTest, APortThatTheMailerNamesIsTold) {
  config_->mailers[static_cast<size_t>(config_->find_mailer("esmtp")->index)].argv.push_back(cf::to_text("2525"));
  EXPECT_EQ(shown(envelope({"a@[192.0.2.7]"})).at(0), "a@[192.0.2.7]... Connecting to [192.0.2.7] port 2525 via esmtp...");
}

// sendmail: FallbackMXhost
TEST_F(DelivererTest, WhatDnsHasNoAnswerAboutGoesToTheFallbackHost) {
  auto& mx = network_.servers["192.0.2.1"];
  submit(envelope({"x@later.test"}));
  settle();
  EXPECT_EQ(queue_->count(), 1u);
  config_->options.fallback_mx_host = "mx1.test";
  submit(envelope({"y@later.test"}));
  settle();
  EXPECT_THAT(mx.commands, ::testing::Contains("RCPT To:<y@down.test>"));
  EXPECT_EQ(queue_->count(), 1u);
}

// FEATURE(compat_check)
TEST_F(DelivererTest, PairsThatCheckCompatDoesNotWantAreNotSent) {
  network_.servers["192.0.2.1"];
  queue::Envelope e = envelope({"refused@dst.test", "dropped@dst.test", "a@dst.test"});
  e.rcpts[1].notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  for (const std::string& c : network_.servers["192.0.2.1"].commands) EXPECT_THAT(c, AllOf(Not(HasSubstr("refused")), Not(HasSubstr("dropped"))));
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("errors -----\nrefused@dst.test\n"), HasSubstr("550 5.7.1 refused@dst.test... no such pair\n554 5.0.0 Service unavailable\n"),
                                       HasSubstr("Status: 5.5.0\n"), Not(HasSubstr("dropped"))));
  EXPECT_EQ(queue_->count(), 0u);
}

}  // namespace
}  // namespace hky::deliver
