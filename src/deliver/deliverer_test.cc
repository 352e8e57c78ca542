#include "deliver/deliverer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cf/reader.h"
#include "deliver/fake_agent.h"
#include "deliver/lmtp_script.h"
#include "deliver/scripted_network.h"
#include "dns/scripted_resolver.h"
#include "maps/map_set_memory.h"
#include "storage/memory_store.h"

namespace hky::deliver {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kConfig = R"(V10/Berkeley
Cw us.test
Dj us.test
DnMAILER-DAEMON
O OperatorChars=.:%@!^/[]+
O DefaultUser=daemon
O Timeout.queuewarn.normal=4h
O Timeout.queuereturn.normal=5d
O ConnectionCacheSize=2
HReceived: by $j id $i
HFrom: $g
H?P?Return-Path: <$g>
H?D?Date: $a
H?M?Message-Id: <$t.$i@$j>
Scanonify=3
R$@			$@ <@>
R$* < $* > $*		$2
R$+ @ $+		$: $1 <@ $2>
R$* <@ $=w>		$@ $1
Sparse=0
R$+ <@ [ $+ ]>		$#esmtp $@ [$2] $: $1 @ [$2]
R$+ <@ $+>		$#esmtp $@ $2 $: $1 @ $2
Rodd			$#odd $: odd
R$+			$#local $: $1
S1
S2
S4
R$* <@>			$@
R$* <@ $+>		$@ $1 @ $2
Scheck_compat
R$* $| refused @ $*	$#error $@ 5.7.1 $: "550 no such pair"
R$* $| dropped @ $*	$#discard $: discard
SHdrFrom=40
R$+ <@ hidden.test>	$@ $1 <@ shown.test>
Mlocal, P=[mbox], F=lsDFMAw5:/|@qPSXmn9, A=mbox /var/mail/$u
Modd, P=[mbox], F=lsDFM5:/|@qPSXmn9, A=mail -d $u
Mprog, P=/bin/sh, F=lsDFMoqeu9, D=$z:/, T=X-Unix/X-Unix/X-Unix, A=sh -c $u
Mesmtp, P=[IPC], F=mDFMuXa, S=0/40, E=\r\n, L=990, A=TCP $h
)";

constexpr const char* kZone = R"(dst.test MX 10 mx1.test
dst.test MX 20 mx2.test
mx1.test A 192.0.2.1
mx2.test A 192.0.2.2
loop.test MX 10 us.test
null.test MX 0 .
down.test SERVFAIL
)";

class DelivererTest : public ::testing::Test {
 protected:
  DelivererTest() : loop_(clock_), resolver_(kZone), store_(storage::open_memory_store(storage::MemoryOptions{true})) {
    loop_.simulate(clock_);
    auto read = cf::read_config_text(kConfig, cf::ReadRequest());
    config_ = read.config;
    maps_ = std::make_shared<maps::MemoryMapSet>();
    maps_->add_map("aliases", "hash", "-o /a");
    auto names = std::make_shared<dns::NameEnvironment>();
    names->resolver = &resolver_;
    settings_ = std::make_shared<Settings>();
    settings_->config = config_;
    std::vector<cf::Diagnostic> errors;
    settings_->program = rewrite::compile(config_, errors);
    settings_->maps = maps_;
    settings_->names = names;
    settings_->policy = policy_from(*config_);
    agent_.users = {{"joe", 1001}, {"ann", 1002}, {"postmaster", 1003}, {"sender", 1004}};
    const queue::RetryOptions retry = settings_->policy.retry;
    auto schedule = [retry](const queue::Envelope& e, int64_t now) { return queue::next_try(retry, e, now); };
    queue_ = std::move(*queue::open_queue(*store_, clock_, random_, schedule, {}));
    log_.set_level(20);
    deliverer_ = std::make_unique<Deliverer>(Services{loop_, clock_, random_, network_, *queue_, agent_, log_, &traffic_}, settings_);
    loop_.spawn(deliverer_->run());
  }
  ~DelivererTest() override {
    queue_->stop();
    auto end = [](Deliverer& d) -> net::Task<int> {
      co_await d.stop(std::chrono::seconds(5));
      co_return 0;
    };
    net::run_blocking(loop_, end(*deliverer_));
  }

  queue::Envelope envelope(std::vector<std::string> rcpts, std::string sender = "sender@us.test") {
    queue::Envelope e;
    e.id = queue_->new_id();
    e.sender = std::move(sender);
    e.created = unix_seconds(clock_.wall());
    e.macros = {{"s", "client.test"}, {"_", "client.test [192.0.2.9]"}, {"client_name", "client.test"}, {"r", "ESMTP"}};
    for (auto& r : rcpts) {
      e.rcpts.emplace_back();
      e.rcpts.back().address = r;
    }
    return e;
  }
  std::string submit(queue::Envelope e, std::string text = "Received: by us.test id QID\nFrom: Sender <sender@hidden.test>\nTo: joe\nSubject: hi\n\nhello\nFrom here\n") {
    const std::string id = e.id;
    if (const size_t at = text.find("QID"); at != std::string::npos) text.replace(at, 3, id);
    auto body = std::make_shared<const std::string>(std::move(text));
    e.size = body->size();
    auto go = [](queue::Queue& q, net::Loop& l, queue::Envelope env, queue::Body b) -> net::Task<bool> {
      const Result<> r = co_await q.submit(l, std::move(env), std::move(b));
      co_return r.ok();
    };
    EXPECT_TRUE(net::run_blocking(loop_, go(*queue_, loop_, std::move(e), body)));
    return id;
  }
  void settle() {
    EXPECT_TRUE(net::run_blocking(loop_, queue_->idle(loop_, std::chrono::seconds(60))));
  }
  void later(Duration d) {
    clock_.advance(d);
    auto wait = [](net::Loop& l) -> net::Task<int> {
      co_await l.sleep(std::chrono::seconds(1));
      co_return 0;
    };
    net::run_blocking(loop_, wait(loop_));
    settle();
  }
  std::string mailbox(const std::string& user) { return agent_.mailboxes["/var/mail/" + user]; }

  ManualClock clock_;
  net::Loop loop_;
  SeededRandom random_{7};
  testing::ScriptedNetwork network_;
  testing::FakeAgent agent_;
  MemoryLog log_;
  Traffic traffic_;
  dns::ScriptedResolver resolver_;
  std::shared_ptr<cf::Config> config_;
  std::shared_ptr<maps::MemoryMapSet> maps_;
  std::shared_ptr<Settings> settings_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<queue::Queue> queue_;
  std::unique_ptr<Deliverer> deliverer_;
};

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
  EXPECT_TRUE(log_.contains("to=<a@dst.test>,<b@dst.test>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=0, relay=mx1.test. [192.0.2.1], dsn=2.0.0, stat=Sent (Ok: queued)"));
}

TEST_F(DelivererTest, RefusalBecomesAReportWithTheRemotesWords) {
  auto& mx = network_.servers["192.0.2.1"];
  mx.answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  submit(envelope({"a@dst.test"}));
  settle();
  EXPECT_EQ(queue_->count(), 0u);
  const std::string box = mailbox("sender");
  EXPECT_THAT(box, AllOf(StartsWith("From MAILER-DAEMON"), HasSubstr("Subject: Returned mail: see transcript for details")));
  EXPECT_THAT(box, AllOf(HasSubstr("550 5.1.1 nobody here"), HasSubstr("Action: failed"), HasSubstr("Final-Recipient: RFC822; a@dst.test"), HasSubstr("Status: 5.1.1")));
  EXPECT_THAT(box, HasSubstr("hello"));
  EXPECT_EQ(traffic_.take().by_mailer[Traffic::kTo][static_cast<size_t>(config_->find_mailer("esmtp")->index)], 0);
  EXPECT_THAT(box, HasSubstr("... while talking to mx1.test.:"));
}

// sendmail: what happened is told whole, in the order in which it did; DATA that went with RCPT is named once.
TEST_F(DelivererTest, AReportsTranscriptTellsAlsoOfThoseWhoWait) {
  auto& mx = network_.servers["192.0.2.1"];
  mx.answers["RCPT To:<no1@dst.test>"] = mx.answers["RCPT To:<no2@dst.test>"] = "550 5.1.1 nobody here\r\n";
  mx.answers["RCPT To:<later@dst.test>"] = "450 4.2.1 busy\r\n";   // mx2, asked then, is not there
  submit(envelope({"later@dst.test", "no1@dst.test", "no2@dst.test"}));
  settle();
  const std::string box = mailbox("sender");
  const std::vector<std::string> told = {"... while talking to mx1.test.:", "<<< 550 5.1.1 nobody here", "no2@dst.test... User unknown",
                                         "<<< 550 5.1.1 nobody here", "no1@dst.test... User unknown", "later@dst.test... Deferred"};
  size_t at = box.find("Transcript");
  for (const std::string& line : told) {
    at = box.find(line, at);
    EXPECT_NE(at, std::string::npos) << line;
  }
  EXPECT_EQ(box.find("Final-Recipient: RFC822; later@dst.test"), std::string::npos);
}

// sendmail: reply(): every 4xx and 5xx is in the transcript.
TEST_F(DelivererTest, WhatDataMetWhereNobodyWasAcceptedIsTold) {
  auto& mx = network_.servers["192.0.2.1"];
  mx.answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  mx.answers["DATA"] = "503 5.0.0 Need RCPT (recipient)\r\n";
  submit(envelope({"a@dst.test", "b@dst.test"}));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("550 5.1.1 a@dst.test... User unknown\n<<< 503 5.0.0 Need RCPT (recipient)\n\n"));
}

// sendmail: savemail(): of what has a class below 0 the header alone goes back.
TEST_F(DelivererTest, BulkMailDoesNotGoBackWhole) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  queue::Envelope e = envelope({"a@dst.test"});
  e.msg_class = -60;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Content-Type: text/rfc822-headers"), HasSubstr("Subject: hi"), Not(HasSubstr("hello"))));
}

// sendmail: commaize()
TEST_F(DelivererTest, EveryBlankBeforeTheFirstAddressStaysABlank) {
  submit(envelope({"joe"}), "Received: by us.test id QID\nTo:\n\tjoe, eric\nCc: \talice, bob\n\nhello\n");
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(HasSubstr("\nTo:  joe"), HasSubstr("\nCc:  alice")));
}

TEST_F(DelivererTest, DoubleBounceGoesToPostmasterAndThenNowhere) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  submit(envelope({"a@dst.test"}, "gone@dst.test"));
  settle();
  EXPECT_THAT(mailbox("postmaster"), HasSubstr("Postmaster notify: see transcript for details"));
  EXPECT_EQ(queue_->count(), 0u);
  // the postmaster's mailbox fails too: it ends there
  agent_.mailboxes.clear();
  agent_.mbox_outcome.exit_code = EX_CANTCREAT;
  submit(envelope({"a@dst.test"}, "gone@dst.test"));
  settle();
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_TRUE(log_.contains("a report about a report"));
}

// sendmail: savemail(): with nobody to tell, the postmaster is told of the message itself.
TEST_F(DelivererTest, AFailureOfAnUnknownSenderIsThePostmasters) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  submit(envelope({"a@dst.test"}, "gone@us.test"));
  settle();
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("\nTo: postmaster\nMIME"), HasSubstr("Subject: Postmaster notify"), HasSubstr("errors -----\na@dst.test\n"),
                                           HasSubstr("a@dst.test... User unknown\n550 5.1.1 <gone@us.test>... User unknown\n"), Not(HasSubstr("Returned mail"))));
  EXPECT_EQ(queue_->count(), 0u);
}

// A report to the sender and to the postmaster: that the sender's copy failed is told as well.
TEST_F(DelivererTest, AReportThatReachedOnlyThePostmasterIsReported) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  submit(envelope({"a@loop.test"}, "gone@dst.test"));
  settle();
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("\nTo: <gone@dst.test>\nTo: postmaster\nMIME"), HasSubstr("Subject: Returned mail"), HasSubstr("Subject: Postmaster notify")));
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("errors -----\n<gone@dst.test>\n"), HasSubstr("Return-Path: <MAILER-DAEMON>\n")));
}

TEST_F(DelivererTest, OfAReportWithoutABodyOnlyTheHeaderGoesBack) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  queue::Envelope e = envelope({"joe"}, "gone@dst.test");
  e.rcpts[0].notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("Content-Type: text/rfc822-headers"), HasSubstr("Subject: Return receipt\n"), Not(HasSubstr("Successfully delivered"))));
  for (const std::string& c : network_.servers["192.0.2.1"].commands) EXPECT_THAT(c, Not(HasSubstr("RET=")));
}

// sendmail: dropenvelope(): one report, whose transcript is the whole attempt's.
TEST_F(DelivererTest, SuccessIsToldInTheReportOfAFailure) {
  auto& mx = network_.servers["192.0.2.1"];
  mx.ehlo = {"mx.test", "PIPELINING"};
  mx.answers["RCPT To:<bad1@*"] = mx.answers["RCPT To:<bad2@*"] = "550 5.1.1 nobody here\r\n";
  mx.answers["RCPT To:<late@*"] = "450 4.2.1 busy\r\n";
  queue::Envelope e = envelope({"ann", "joe", "bad1@dst.test", "late@dst.test", "bad2@dst.test"});
  e.rcpts[0].notify = e.rcpts[1].notify = queue::kNotifySuccess;
  e.rcpts[4].notify = queue::kNotifyNever;
  submit(std::move(e));
  settle();
  const std::string box = mailbox("sender");
  EXPECT_THAT(box, AllOf(HasSubstr("Subject: Returned mail"), HasSubstr("errors -----\nbad1@dst.test\n"), HasSubstr("notifications -----\nann  (successfully"), Not(HasSubstr("Return receipt"))));
  EXPECT_THAT(box, HasSubstr("follows -----\njoe... Successfully delivered\nann... Successfully delivered\n... while talking to mx1.test.:\n>>> DATA\n<<< 550 5.1.1 nobody here\n"
                             "550 5.1.1 bad2@dst.test... User unknown\n<<< 550 5.1.1 nobody here\n550 5.1.1 bad1@dst.test... User unknown\nlate@dst.test... Deferred: Connection refused by mx2.test.\n\n"));
}

TEST_F(DelivererTest, AMailerThatNamesNoMailboxKeepsTheMail) {
  submit(envelope({"odd"}));
  settle();
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_TRUE(log_.contains("stat=Deferred: mailer odd: P=[mbox] needs the mailbox's path as the first argument of A=, not \"-d\""));
}

TEST_F(DelivererTest, DeferredTriedAgainWarnedAndGivenUp) {
  const std::string id = submit(envelope({"a@dst.test"}));
  settle();
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_TRUE(log_.contains("stat=Deferred: Connection refused by mx2.test."));
  EXPECT_EQ(mailbox("sender"), "");
  later(std::chrono::hours(5));
  EXPECT_THAT(mailbox("sender"), HasSubstr("Subject: Warning: could not send message for past 4 hours"));
  agent_.mailboxes.clear();
  later(std::chrono::hours(5 * 24));
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Returned mail"), HasSubstr("Status: 4.4.7"), HasSubstr("Message could not be delivered for 5 days\nMessage will be deleted from queue\n")));
  EXPECT_EQ(queue_->count(), 0u);
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

TEST_F(DelivererTest, AliasesExpandListsWithOwnersAreSplit) {
  network_.servers["192.0.2.1"];
  maps_->put("aliases", "team", "joe, ann, x@dst.test");
  maps_->put("aliases", "list", "joe, y@dst.test");
  maps_->put("aliases", "owner-list", "ann");
  submit(envelope({"team"}));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_THAT(mailbox("ann"), HasSubstr("hello"));
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, Contains(HasSubstr("<x@dst.test>")));
  submit(envelope({"list"}));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("Return-Path: <ann"));
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

TEST_F(DelivererTest, ARecipientOfAListIsServedOnceWhateverHisNotify) {
  maps_->put("aliases", "both", "joe, ann");
  for (const bool list_first : {true, false}) {
    auto e = envelope({list_first ? "both" : "joe", list_first ? "joe" : "both"});
    e.rcpts[list_first ? 1 : 0].notify = queue::kNotifySuccess;
    submit(std::move(e));
    settle();
  }
  const std::string box = mailbox("joe");
  size_t copies = 0;
  for (size_t at = box.find("From sender"); at != std::string::npos; at = box.find("From sender", at + 1)) ++copies;
  EXPECT_EQ(copies, 2u);
  EXPECT_THAT(mailbox("sender"), HasSubstr("joe  (successfully delivered to mailbox)\n    (expanded from: both)"));
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

TEST_F(DelivererTest, SuccessReportsWhereAskedFor) {
  network_.servers["192.0.2.1"].ehlo = {"mx.test", "PIPELINING"};
  queue::Envelope e = envelope({"joe", "a@dst.test"});
  for (auto& r : e.rcpts) r.notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Subject: Return receipt"), HasSubstr("Action: delivered"), HasSubstr("Action: relayed")));
}

TEST_F(DelivererTest, ListsReportOnceThatTheyWereExpanded) {
  maps_->put("aliases", "team", "joe, ann");
  queue::Envelope e = envelope({"team"});
  e.rcpts[0].notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Action: expanded"), Not(HasSubstr("Action: delivered"))));
}

TEST_F(DelivererTest, NeverMeansNever) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  queue::Envelope e = envelope({"a@dst.test"});
  e.rcpts[0].notify = queue::kNotifyNever;
  submit(std::move(e));
  settle();
  EXPECT_EQ(mailbox("sender"), "");
  EXPECT_EQ(queue_->count(), 0u);
}

TEST_F(DelivererTest, TooManyHopsAreReportedToTheSender) {
  queue::Envelope e = envelope({"joe"});
  e.hops = static_cast<int>(config_->options.max_hop_count);
  submit(std::move(e));
  settle();
  EXPECT_EQ(mailbox("joe"), "");
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Too many hops 26 (25 max): from <sender@us.test> via client.test, to joe"), HasSubstr("Status: 5.4.6")));
  queue::Envelope last = envelope({"joe"});
  last.hops = static_cast<int>(config_->options.max_hop_count) - 1;
  submit(std::move(last));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_EQ(queue_->count(), 0u);
}

// sendmail: dropenvelope(): PostmasterCopy whatever the error mode.
TEST_F(DelivererTest, ThePostmastersCopyIsMadeAlsoOfWhatACommandTellsItself) {
  settings_->policy.post_master_copy = "postmaster";
  queue::Job job;
  job.envelope = envelope({"joe", "gone", "lost"});
  job.envelope.rcpts[1].refused_exit = EX_NOUSER;
  job.envelope.rcpts[1].mailer = "local";
  job.envelope.rcpts[1].status = "5.1.1";
  job.envelope.rcpts[1].last_reply = "550 5.1.1 gone... User unknown";
  job.envelope.rcpts[2].refused_exit = EX_USAGE;
  job.envelope.rcpts[2].last_reply = "553 5.1.3 lost... Invalid";
  job.envelope.said = {job.envelope.rcpts[2].last_reply, job.envelope.rcpts[1].last_reply};
  job.body = std::make_shared<const std::string>("Subject: hi\n\nhello\n");
  Foreground f;
  f.keep_failures = true;
  auto go = [](queue::Queue& q, Deliverer& d, net::Loop& l, std::shared_ptr<const Settings> with, queue::Job j, Foreground& to) -> net::Task<bool> {
    const Result<> kept = co_await q.submit(l, j.envelope, j.body, true);
    co_await d.deliver(std::move(j), std::move(with), to);
    co_return kept.ok();
  };
  EXPECT_TRUE(net::run_blocking(loop_, go(*queue_, *deliverer_, loop_, settings_, std::move(job), f)));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("550 5.1.1 gone... User unknown"), HasSubstr("Final-Recipient: RFC822; gone@"), HasSubstr("550 5.1.1 User unknown")));
  EXPECT_THAT(mailbox("postmaster"), HasSubstr("\n553 5.1.3 lost... Invalid\n550 5.1.1 gone"));   // as it was said
  EXPECT_EQ(mailbox("sender"), "");
  EXPECT_EQ(f.exit, EX_NOUSER);
  ASSERT_THAT(f.failed, SizeIs(2));
  EXPECT_EQ(f.failed[0].refused_exit, EX_NOUSER);
  EXPECT_EQ(queue_->count(), 0u);
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

TEST_F(DelivererTest, OurOwnFaultIsToldToThePostmasterToo) {
  submit(envelope({"a@loop.test"}));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("mail loops back"));
  EXPECT_THAT(mailbox("postmaster"), HasSubstr("mail loops back"));
  agent_.mailboxes.clear();
  submit(envelope({"nobody"}));
  settle();
  EXPECT_EQ(mailbox("postmaster"), "");
}

// DeliveryMode=d, G2: what is refused at once is reported at once, but not over the network.
TEST_F(DelivererTest, TheReportOfADeferredMessageWaitsForAQueueRun) {
  queue::Envelope e = envelope({"nobody"}, "far@dst.test");
  e.macros.emplace_back("deliveryMode", "d");
  network_.servers["192.0.2.1"];
  submit(std::move(e));
  settle();
  EXPECT_EQ(network_.servers["192.0.2.1"].connections, 0);
  EXPECT_EQ(queue_->count(), 1u);
  queue_->flush([](const queue::Envelope&) { return true; });
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].messages, SizeIs(1));
  EXPECT_EQ(queue_->count(), 0u);
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

// Who wrote to a list with an owner is named where the message has no From:.
TEST_F(DelivererTest, AListsCopyNamesWhoWroteToIt) {
  network_.servers["192.0.2.1"];
  maps_->put("aliases", "list", "joe, y@dst.test");
  maps_->put("aliases", "owner-list", "ann");
  submit(envelope({"list"}, "writer@dst.test"), "Received: by us.test id QID\nSubject: hi\n\nhello\n");
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(HasSubstr("Return-Path: <ann"), HasSubstr("\nFrom: writer@dst.test\n")));
  EXPECT_THAT(network_.servers["192.0.2.1"].messages, SizeIs(1));
  EXPECT_THAT(network_.servers["192.0.2.1"].messages[0], HasSubstr("\nFrom: writer@dst.test"));
}

TEST_F(DelivererTest, WhatNobodyWroteNamesOurDaemon) {
  network_.servers["192.0.2.1"];
  submit(envelope({"a@dst.test"}, ""), "Received: by us.test id QID\nSubject: hi\n\nhello\n");
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].messages[0], HasSubstr("\nFrom: MAILER-DAEMON"));
}

// RFC 2852: what cannot be promised is returned, or told.
TEST_F(DelivererTest, DeliverByIsKeptOrTold) {
  network_.servers["192.0.2.1"];
  queue::Envelope back = envelope({"a@dst.test"});
  back.deliver_by = back.created + 120;
  back.deliver_by_mode = 'R';
  submit(std::move(back));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Subject: Returned mail"), HasSubstr("\n554 5.4.7 Server does not support Deliver By\n554 5.0.0 Service unavailable\n"),
                                       HasSubstr("Status: 5.4.7\n"), HasSubstr("\nDeliver-By-Date: ")));
  for (const std::string& c : network_.servers["192.0.2.1"].commands) EXPECT_THAT(c, Not(StartsWith("MAIL")));
  agent_.mailboxes.clear();
  queue::Envelope told = envelope({"joe", "a@dst.test"});
  told.deliver_by = told.created + 120;
  told.deliver_by_mode = 'N';
  submit(std::move(told));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Return receipt"), HasSubstr("joe  (Deliver-By notify: relayed)\na@dst.test  (Deliver-By notify: relayed)\n"), HasSubstr("joe... Deliver-by notify: relayed\n"),
                                       HasSubstr("Action: relayed (Deliver-By notify mode)\nStatus: 2.0.0\n")));
  // who keeps the time itself is told of it
  later(std::chrono::seconds(5));
  agent_.mailboxes.clear();
  network_.servers["192.0.2.1"].ehlo.push_back("DELIVERBY");
  queue::Envelope passed = envelope({"a@dst.test"});
  passed.deliver_by = passed.created + 120;
  passed.deliver_by_mode = 'N';
  submit(std::move(passed));
  settle();
  EXPECT_EQ(mailbox("sender"), "");
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, Contains(HasSubstr(" BY=120;N")));
}

// A refused member is the list owner's affair.
TEST_F(DelivererTest, BadMemberOfAListIsReportedToItsOwner) {
  maps_->put("aliases", "list", "joe, gone");
  maps_->put("aliases", "owner-list", "ann");
  submit(envelope({"list"}));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_THAT(mailbox("ann"), HasSubstr("User unknown"));
  EXPECT_EQ(mailbox("sender"), "");
}

TEST(LmtpScript, ReadsOneReplyForEachAcceptedRecipient) {
  LmtpScript s;
  s.host = "us.test";
  s.sender = "a@x";
  s.rcpts = {"joe", "ann"};
  EXPECT_EQ(s.questions(), "LHLO us.test\r\nMAIL From:<a@x>\r\nRCPT To:<joe>\r\nRCPT To:<ann>\r\nQUIT\r\n");
  auto asked = s.after_questions("220 hi\r\n250-us\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n550 5.1.1 no ann\r\n221 bye\r\n", 0);
  EXPECT_TRUE(asked[0].sent());
  EXPECT_EQ(asked[1].exit, EX_NOUSER);
  EXPECT_THAT(s.dialogue("a\n.b\n"), HasSubstr("DATA\r\na\r\n..b\r\n.\r\nQUIT\r\n"));
  auto done = s.after_dialogue("220 hi\n250 us\n250 ok\n250 ok\n250 ok\n354 go\n250 2.1.5 joe ok\n452 4.2.2 full\n221 bye\n", 0);
  EXPECT_TRUE(done[0].sent());
  EXPECT_EQ(done[1].text, "Deferred: 452 4.2.2 full");
}

}  // namespace
}  // namespace hky::deliver
