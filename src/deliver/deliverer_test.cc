#include "deliver/deliverer_world.h"
#include "deliver/pipe_script.h"

namespace hky::deliver {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

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

// sendmail: commaize(): a comma ends an address, also where its bracket is open; not within a route.
TEST_F(DelivererTest, AHeadersAddressesEndAtCommas) {
  submit(envelope({"ann"}), "To: <a@far.test, b@far.test\nCc: x@far.test <,\nReply-To: <@r.test,@s.test:c@far.test>, \\, d@far.test,\nSubject: x\n\ny\n");
  settle();
  EXPECT_THAT(mailbox("ann"), HasSubstr("\nTo: <a@far.test>, b@far.test\nCc: \"x@far.test\" <>\nReply-To: <@r.test,@s.test:c@far.test>, \\, d@far.test\nSubject"));
  EXPECT_THAT(delivered("joe", "To:  gone@gone.test, joe, gone@gone.test\nCc:  gone@gone.test\nSubject: x\n\ny\n"), HasSubstr("\nTo:  joe\nCc:  \nSubject"));   // what the rules leave nothing of
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

// sendmail: commaize()
TEST_F(DelivererTest, EveryBlankBeforeTheFirstAddressStaysABlank) {
  submit(envelope({"joe"}), "Received: by us.test id QID\nTo:\n\tjoe, eric\nCc: \talice, bob\n\nhello\n");
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(HasSubstr("\nTo:  joe"), HasSubstr("\nCc:  alice")));
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

TEST_F(DelivererTest, ReturnReceiptToIsNotSentOnToAListOrWhereItMeansDsn) {
  maps_->put("aliases", "list", "joe");
  maps_->put("aliases", "owner-list", "ann");
  const std::string text = "Return-Receipt-To: sender\nSubject: x\n\nhello\n";
  submit(envelope({"list"}), text);
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(HasSubstr("hello"), Not(HasSubstr("Return-Receipt-To"))));
  EXPECT_THAT(delivered("joe", text), HasSubstr("Return-Receipt-To: sender\n"));
  config_->options.rrt_implies_dsn = true;
  EXPECT_THAT(delivered("ann", text), AllOf(HasSubstr("hello"), Not(HasSubstr("Return-Receipt-To"))));
}

TEST_F(DelivererTest, FoldsWithinAnAddressStay) {
  const std::string text = "From: \"A User\"\n\t<ann@us.test>\nSender: Ann\n (A)\nTo: \"J\n\tJ\"\n\t <joe>,\n\tann\n (A\n B)\n\nhello\n";
  EXPECT_THAT(delivered("joe", text), HasSubstr("From: \"A User\"\n\t<ann>\nSender: Ann (A)\nTo: \"J\n\tJ\"\n\t <joe>, ann (A\n B)\n"));
  config_->options.single_line_from_header = true;
  EXPECT_THAT(delivered("ann", text), HasSubstr("From: \"A User\" \t<ann>\nSender: Ann (A)\nTo: \"J\n\tJ\"\n\t <joe>, ann (A\n B)\n"));
  // a phrase that is too long is cut, wherever its fold is, and stays one field
  for (const size_t length : {252u, 253u, 254u, 255u, 256u, 257u}) {
    const std::string phrase(length, 'x');
    agent_.mailboxes.clear();
    submit(envelope({"joe"}), "To: " + phrase + "\n\tand more\n\t<joe>\nX-Last: y\n\nhello\n");
    settle();
    const std::string kept = mailbox("joe");
    const size_t to = kept.find("\nTo: x"), last = kept.find("\nX-Last: y\n");
    ASSERT_LT(to, last);
    for (size_t i = kept.find('\n', to + 1); i < last; i = kept.find('\n', i + 1)) EXPECT_THAT(kept.substr(i, 2), ::testing::AnyOf("\n\t", "\n "));
  }
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

TEST_F(DelivererTest, ForwardToProgramRunsAsItsOwner) {
  config_->options.forward_path = cf::Text(u"/home/joe/.forward");
  agent_.files["/home/joe/.forward"] = "\"|/bin/cat > x\"\n";
  submit(envelope({"joe"}));
  settle();
  ASSERT_THAT(agent_.programs, SizeIs(1));
  const auto& run = agent_.programs[0];
  EXPECT_EQ(run.path, "/bin/sh");
  EXPECT_THAT(run.argv, ElementsAre("sh", "-c", "/bin/cat > x"));
  EXPECT_EQ(run.as.uid, 1001u);
  EXPECT_THAT(run.input, AllOf(StartsWith("From sender"), HasSubstr("hello")));
}

// The owner of a .forward that is gone meanwhile, or the name that a queue file of sendmail gives an alias: never root.
TEST_F(DelivererTest, AProgramOfNobodyWeKnowRunsAsTheDefaultUser) {
  for (const bool settled : {true, false}) {
    queue::Envelope e = envelope({"\"|/bin/cat\""});
    e.rcpts[0].alias_of = "gone";
    e.rcpts[0].controlling_user = "gone";
    if (settled) {
      e.rcpts[0].mailer = "prog";
      e.rcpts[0].user = "|/bin/cat";
    }
    submit(std::move(e));
    settle();
  }
  ASSERT_THAT(agent_.programs, SizeIs(2));
  for (const ipc::RunProgram& run : agent_.programs) EXPECT_EQ(run.as.user, config_->options.default_user.name);
}

TEST_F(DelivererTest, FieldsThatTheCommandAddedStandWhereTheirLinesDo) {
  cf::HeaderRule rule;
  rule.name = "X-Site";
  rule.value = cf::to_text("ours");
  config_->headers.insert(config_->headers.begin(), rule);
  submit(envelope({"joe"}), "X-Site: mine\nReceived: by us.test id QID\nDate: now\nFrom: a@us.test\n\nhello\n");
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("\nX-Site: mine\nReceived: by us.test id "));
}

// What a session knows is in no queue file.
TEST_F(DelivererTest, AnHLineKnowsTheSessionWhereItIsDeliveredAtOnce) {
  cf::HeaderRule rule;
  rule.name = "X-Rate";
  rule.value = cf::Text{cf::kMacroExpand, cf::kN_client_rate};
  config_->headers.push_back(rule);
  for (const bool at_once : {true, false}) {
    queue::Envelope e = envelope({at_once ? "joe" : "ann"});
    e.session_macros = {{"client_rate", "7"}};
    if (!at_once) e.next_try = queue::kOnlyByQueueRun;
    submit(std::move(e));
    queue_->flush(nullptr);
    settle();
  }
  EXPECT_THAT(mailbox("joe"), HasSubstr("\nX-Rate: 7\n"));
  EXPECT_THAT(mailbox("ann"), AllOf(HasSubstr("hello"), Not(HasSubstr("X-Rate"))));
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

// sendmail: deliver(): who controls an address goes before U=
TEST_F(DelivererTest, AMailersOwnUserRunsWhatNobodyElseControls) {
  for (cf::Mailer& m : config_->mailers) {
    if (m.name != "prog") continue;
    m.user = "mail";
    m.uid = 8;
    m.gid = 12;
  }
  config_->options.forward_path = cf::Text(u"/home/joe/.forward");
  agent_.files["/home/joe/.forward"] = "|/bin/two\n";
  queue::Envelope e = envelope({"box"});
  e.rcpts[0].mailer = "prog";
  e.rcpts[0].user = "box";
  submit(std::move(e));
  submit(envelope({"joe"}));
  settle();
  ASSERT_THAT(agent_.programs, SizeIs(2));
  EXPECT_EQ(agent_.programs[0].as.user, "mail");
  EXPECT_EQ(agent_.programs[0].as.uid, 8u);
  EXPECT_EQ(agent_.programs[0].as.gid, 12u);
  EXPECT_EQ(agent_.programs[1].as.uid, 1001u);
}

TEST_F(DelivererTest, ProgramsExitCodeDecides) {
  maps_->put("aliases", "prog", "|/bin/false");
  agent_.program = [](const ipc::RunProgram&) {
    ipc::Outcome o;
    o.exit_code = EX_TEMPFAIL;
    o.output = "try later\n";
    return o;
  };
  submit(envelope({"prog"}));
  settle();
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_TRUE(log_.contains("mailer=prog, pri=0, dsn=4.0.0, stat=Deferred: prog mailer (/bin/sh) exited with EX_TEMPFAIL"));
  agent_.program = [](const ipc::RunProgram& r) {
    EXPECT_TRUE(r.local);
    ipc::Outcome o;
    o.exit_code = EX_OSERR;   // it could not be run
    return o;
  };
  queue_->flush(nullptr);
  settle();
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_TRUE(log_.contains("dsn=4.0.0, stat=Operating system error"));
  agent_.program = [](const ipc::RunProgram&) {
    ipc::Outcome o;
    o.exit_code = 99;
    return o;
  };
  later(std::chrono::hours(1));
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_TRUE(log_.contains("dsn=5.3.0, stat=unknown mailer error 99"));
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("    (reason: 99)\n    (expanded from: prog)\n"), HasSubstr("Diagnostic-Code: X-Unix; 99\n"), HasSubstr("Status: 5.0.0\n")));
  agent_.program = [](const ipc::RunProgram&) {
    ipc::Outcome o;
    o.exit_code = EX_UNAVAILABLE;
    return o;
  };
  submit(envelope({"prog"}));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("Status: 5.5.0\n"));
}

// sendmail: giveresponse(): EX_TEMPFAIL alone is no failure of who waits, whatever is tried again; 451 and 554 name nobody.
TEST_F(DelivererTest, OfAProgramThatIsTriedAgainForASystemErrorTheCommandHears) {
  maps_->put("aliases", "prog", "|/bin/deliver");
  std::vector<std::string> told;
  const auto run = [&](int exit) {
    agent_.program = [exit](const ipc::RunProgram&) {
      ipc::Outcome o;
      o.exit_code = exit;
      return o;
    };
    queue::Job job;
    job.envelope = envelope({"prog", "nobody"});
    job.body = std::make_shared<const std::string>("Subject: x\n\ny\n");
    Foreground f;
    f.verbose = true;
    f.say = [&told](std::string line) { told.push_back(std::move(line)); };
    deliver(std::move(job), f);
    return f.exit;
  };
  EXPECT_EQ(run(EX_OSERR), EX_OSERR);
  EXPECT_THAT(told, Not(Contains("|/bin/deliver... Operating system error")));
  EXPECT_THAT(mailbox("sender"), HasSubstr("\n451 4.0.0 Operating system error\n"));
  EXPECT_EQ(run(EX_CONFIG), EX_CONFIG);
  run(EX_OSFILE);
  EXPECT_THAT(mailbox("sender"), HasSubstr("\n554 5.3.5 System file missing\n"));
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

// sendmail: smtpmailfrom(): M_8BITS
TEST_F(DelivererTest, WhatNobodyLabelledIsNotLabelledForAMailerThatSends8BitsToAnybody) {
  settings_->policy.eight_bit_pass = false;
  network_.servers["192.0.2.1"].ehlo = {"mx1.test", "8BITMIME"};
  const char* text = "Subject: a\n\ncaf\xc3\xa9\n";
  const auto announced = [this] {
    const auto& said = network_.servers["192.0.2.1"].commands;
    return std::any_of(said.begin(), said.end(), [](const std::string& c) { return c.find("BODY=8BITMIME") != std::string::npos; });
  };
  submit(envelope({"a@wide.test"}), text);
  settle();
  EXPECT_FALSE(announced());
  submit(envelope({"a@dst.test"}), text);
  settle();
  EXPECT_TRUE(announced());
  EXPECT_THAT(network_.servers["192.0.2.1"].messages.back(), HasSubstr("\r\nContent-Type: text/plain; charset=unknown-8bit\r\nContent-Transfer-Encoding: 8bit\r\n\r\ncaf"));   // putheader()
  EXPECT_THAT(delivered("joe", text), HasSubstr("\nMIME-Version: 1.0\n"));
}

// sendmail: EF_HAS8BIT
TEST_F(DelivererTest, BytesAbove127OfTheHeaderCountToo) {
  network_.servers["192.0.2.1"].ehlo = {"mx1.test", "8BITMIME"};
  queue::Envelope e = envelope({"a@dst.test"});
  e.body_type = "8BITMIME";
  submit(std::move(e), "Subject: caf\xc3\xa9\nMIME-Version: 1.0\n\nb\n");
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, Contains(HasSubstr("BODY=8BITMIME")));
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

TEST_F(DelivererTest, WhatNobodyWroteNamesOurDaemon) {
  network_.servers["192.0.2.1"];
  submit(envelope({"a@dst.test"}, ""), "Received: by us.test id QID\nSubject: hi\n\nhello\n");
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].messages[0], HasSubstr("\nFrom: MAILER-DAEMON"));
}

// As MAILER(ssh) has it. sendmail: deliver(): SMTP where no $u is among the words
TEST_F(DelivererTest, AProgramThatIsNotToldItsUserIsSpokenToInSmtp) {
  cf::Mailer& m = config_->mailers[static_cast<size_t>(config_->find_mailer("esmtp")->index)];
  m.path = "/usr/bin/ssh";
  m.argv = {cf::to_text("ssh"), cf::to_text("--"), cf::Text{cf::kMacroExpand, u'h'}};
  agent_.program = [](const ipc::RunProgram& run) {
    ipc::Outcome out;
    out.output = "220 hi\n250 there\n250 ok\n250 ok\n";
    out.output += run.input.find("\r\nDATA\r\n") == std::string::npos ? "221 bye\n" : "354 go\n250 taken\n221 bye\n";
    return out;
  };
  submit(envelope({"a@dst.test"}), "Subject: x\n\n.y\n");
  settle();
  ASSERT_EQ(agent_.programs.size(), 2u);
  EXPECT_THAT(agent_.programs[1].input, AllOf(StartsWith("EHLO "), HasSubstr("\r\nMAIL From:<sender>\r\nRCPT To:<a@dst.test>\r\nDATA\r\n"), HasSubstr("\r\n\r\n..y\r\n.\r\nQUIT\r\n")));
  EXPECT_EQ(queue_->count(), 0u);
}

TEST(PipeScript, ReadsOneReplyForEachAcceptedRecipient) {
  PipeScript s;
  s.host = "us.test";
  s.sender = "a@x";
  s.rcpts = {"joe", "ann"};
  EXPECT_EQ(s.questions(), "LHLO us.test\r\nMAIL From:<a@x>\r\nRCPT To:<joe>\r\nRCPT To:<ann>\r\nQUIT\r\n");
  auto asked = s.after_questions("220 hi\r\n250-us\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n550 5.1.1 no ann\r\n221 bye\r\n", 0);
  EXPECT_TRUE(asked[0].sent());
  EXPECT_EQ(asked[1].exit, EX_NOUSER);
  EXPECT_THAT(s.dialogue("a\n.b\n"), HasSubstr("DATA\r\na\r\n..b\r\n.\r\nQUIT\r\n"));
  s.lmtp = false;   // SMTP has one answer for all
  auto together = s.after_dialogue("220 hi\n250 us\n250 ok\n250 ok\n250 ok\n354 go\n250 2.0.0 taken\n221 bye\n", 0);
  EXPECT_TRUE(together[0].text == "Sent (taken)" && together[1].text == "Sent (taken)");
  s.lmtp = true;
  auto refused = s.after_dialogue("220 hi\n250 us\n250 ok\n250 ok\n250 ok\n354 go\n250 2.1.5 joe ok\n554 5.2.2 over quota\n221 bye\n", 0);
  EXPECT_EQ(refused[0].text, "Sent");
  EXPECT_EQ(refused[1].text, "Service unavailable (over quota)");
  auto done = s.after_dialogue("220 hi\n250 us\n250 ok\n250 ok\n250 ok\n354 go\n250 2.1.5 joe ok\n452 4.2.2 full\n221 bye\n", 0);
  EXPECT_TRUE(done[0].sent());
  EXPECT_EQ(done[1].text, "Deferred: 452 4.2.2 full");
}

}  // namespace
}  // namespace hky::deliver
