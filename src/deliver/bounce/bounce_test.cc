// What a report says.
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

// sendmail: RealHostName: what PTR says, also where the name's own address says otherwise
TEST_F(DelivererTest, AReportNamesTheHostItCameFromAsPtrDoes) {
  queue::Envelope e = envelope({"nobody@nowhere.test"});
  std::erase_if(e.macros, [](const auto& m) { return m.first.starts_with("client_"); });
  e.macros.insert(e.macros.end(), {{"client_addr", "192.0.2.9"}, {"client_name", "[192.0.2.9]"}, {"client_ptr", "forged.test"}});
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("; forged.test\nArrival-Date:"));
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

// sendmail: returntosender(): a report has the size of the message that it brings back, and counts as nothing without its body.
TEST_F(DelivererTest, AReportWithoutTheBodyHasTheFirstTurn) {
  for (const auto ret : {queue::Envelope::Ret::kHdrs, queue::Envelope::Ret::kFull}) {
    queue::Envelope e = envelope({"nobody"}, "ann@down.test");
    e.ret = ret;
    submit(std::move(e));
    settle();
  }
  const long of_one = config_->options.recipient_factor;
  EXPECT_THAT(queue_->list(), ::testing::UnorderedElementsAre(::testing::Field(&queue::Envelope::priority, of_one),
                                                            ::testing::Field(&queue::Envelope::priority, ::testing::Gt(of_one + 1024))));
}

// sendmail: readqf(): a queue run counts each field without the newline at its end, the flags that it is under, and what waits for its mailer.
TEST_F(DelivererTest, AReportThatWaitsHasTheSizeOfItsQueueFile) {
  config_->headers.clear();
  const auto field = [this](const char* name, const char* flags, const char16_t* value) {
    cf::HeaderRule& rule = config_->headers.emplace_back();
    rule.name = name;
    rule.value = value;
    for (; *flags != '\0'; ++flags) rule.mailer_flags.set(static_cast<size_t>(*flags));
  };
  field("From", "F", u"x");
  field("X-Waits", "xy", u"abc");
  submit(envelope({"nobody"}, "ann@down.test"));
  settle();
  ASSERT_EQ(queue_->count(), 1u);
  const queue::Envelope report = queue_->list()[0];
  const auto body_of = [](queue::Queue& q, net::Loop& l, queue::Envelope e) -> net::Task<std::string> {
    const Result<queue::Body> body = co_await q.body(l, e);
    co_return body.ok() ? **body : std::string();
  };
  const std::string text = net::run_blocking(loop_, body_of(*queue_, loop_, report));
  ASSERT_NE(text.find("\n\n"), std::string::npos);
  size_t fields = 0;
  for (size_t at = 0; text[at] != '\n'; at = text.find('\n', at) + 1) fields += text[at] != ' ' && text[at] != '\t';
  constexpr size_t kEmptyLine = 1, kFlags = 3;
  EXPECT_EQ(report.queued_size, text.size() - fields - kEmptyLine + kFlags + std::string("X-Waits: abc").size());
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

// sendmail: smtpmailfrom(): nothing more is asked, and no host has refused a recipient.
TEST_F(DelivererTest, ARefusedSenderIsNoRecipientsRefusal) {
  auto& mx = network_.servers["192.0.2.1"];
  mx.answers["MAIL From:<sender*"] = "550 5.2.1 disabled\r\n";
  mx.answers["RCPT *"] = "503 5.0.0 Need MAIL before RCPT\r\n";
  mx.answers["DATA"] = "503 5.0.0 Need MAIL command\r\n";
  submit(envelope({"a@dst.test"}));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("<<< 550 5.2.1 disabled\n554 5.0.0 Service unavailable\n\n"), HasSubstr("Status: 5.2.1\nDiagnostic-Code:")));
}

// RFC 2034. sendmail: what a host does not announce it does not say.
TEST_F(DelivererTest, EnhancedCodesCountWhereTheHostHasThem) {
  auto& mx = network_.servers["192.0.2.1"];
  mx.ehlo = {"mx.test", "PIPELINING"};
  mx.after_data = "554 5.6.0 no such words here\r\n";
  submit(envelope({"a@dst.test"}));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("Status: 5.0.0\n"));
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

// What is refused comes back at once, whatever it leaves with.
TEST_F(DelivererTest, ARefusalByRulesetsIsForGood) {
  maps_->put("aliases", "hurt", "a@hurt.test");
  submit(envelope({"hurt"}));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("553 5.3.5 a@hurt.test... not here"), HasSubstr("Status: 5.3.5\n")));
  EXPECT_EQ(mailbox("postmaster"), "");
  EXPECT_EQ(queue_->count(), 0u);
  agent_.mailboxes.clear();
  maps_->put("aliases", "faulty", "a@faulty.test");
  submit(envelope({"faulty"}));
  settle();
  EXPECT_THAT(mailbox("postmaster"), HasSubstr("a@faulty.test... nor here"));
  EXPECT_EQ(queue_->count(), 0u);
}

TEST_F(DelivererTest, WhatHasNoEnhancedCodeIsSaidOnceToo) {
  queue::Envelope e = envelope({"a@virt.test"});
  e.rcpts[0].refused_exit = EX_UNAVAILABLE;
  e.rcpts[0].last_reply = "550 a@virt.test... no such user here";
  e.said = {e.rcpts[0].last_reply};
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("-----\n550 5.0.0 a@virt.test... no such user here\n\n"));
}

// sendmail: EF_HAS8BIT
TEST_F(DelivererTest, AReportsFieldsAreThoseOfTheConfiguration) {
  cf::NameTable names = config_->names;
  for (cf::HeaderRule& rule : config_->headers)
    if (rule.name == "Message-Id") rule.value = cf::translate_dollars("<$i@$s.$f>", names);
  queue::Envelope e = envelope({"nobody@nowhere.test"});
  e.macros.emplace_back("auth_type", "PLAIN");
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("\nReceived: by us.test id "), HasSubstr("@localhost.MAILER-DAEMON>\n")));
}

// sendmail: q_finalrcpt
TEST_F(DelivererTest, ASenderOfAnotherKindHearsOfTheKindOfEachRecipient) {
  auto& mx = network_.servers["192.0.2.1"];
  mx.ehlo = {"mx.test", "8BITMIME"};
  for (cf::Mailer& m : config_->mailers)
    if (m.name == "wide") m.addr_type = "X-UUCP";
  queue::Envelope e = envelope({"b@wide.test", "joe"}, "a@wide.test");
  for (queue::Rcpt& r : e.rcpts) r.notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  ASSERT_THAT(mx.messages, SizeIs(2));
  EXPECT_THAT(mx.messages[1], AllOf(HasSubstr("Final-Recipient: X-UUCP; b@wide.test"), HasSubstr("Final-Recipient: RFC822; joe")));
}

TEST_F(DelivererTest, AReportIsLabelledEightBitWhereTheMessageWas) {
  submit(envelope({"nobody"}, "joe@us.test"), "Subject: caf\xe9\n\nhello\n");
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(HasSubstr("\nContent-Transfer-Encoding: 8bit\nSubject: Returned"), HasSubstr("message/rfc822\nContent-Transfer-Encoding: 8bit\n\n")));
  agent_.mailboxes.clear();
  submit(envelope({"nobody"}, "joe@us.test"), "Received: by us.test id QID\n\tfor caf\xe9\nSubject: x\n\nhello\n");   // that is ours
  settle();
  EXPECT_THAT(mailbox("joe"), Not(HasSubstr("8bit")));
  settings_->policy.eight_bit_mode = 'm';   // sendmail: putheader()
  submit(envelope({"gone"}, "ann@us.test"), "From: ann@us.test\nSubject: x\n\ncaf\xe9\n");
  settle();
  EXPECT_THAT(mailbox("ann"), HasSubstr("Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=unknown-8bit\nContent-Transfer-Encoding: 8bit\n\ncaf\xe9\n"));
  settings_->policy.no_return_body = true;
  network_.servers["192.0.2.1"];
  submit(envelope({"nobody"}, "a@dst.test"), "Subject: x\n\ncaf\xe9\n");
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, ::testing::Contains(::testing::StartsWith("MAIL From:<> BODY=8BITMIME")));
}

// sendmail: q_user of what rulesets refuse is their text; the send queue is sorted by what they gave as its host.
TEST_F(DelivererTest, WhatRulesetsRefusedStandsInReportsAsTheyGaveIt) {
  queue::Envelope e = envelope({"\"x\"@err.test", "@route.test", "far@dst.test"}, "joe@us.test");
  const char* const users[] = {"550 not here", "\"553 User address required\"", "far@dst.test"};
  for (size_t i = 0; i < 3; ++i) {
    e.rcpts[i].refused_exit = EX_UNAVAILABLE;
    e.rcpts[i].host = i == 1 ? "5.1.3" : i == 0 ? "zz" : "";
    e.rcpts[i].user = users[i];
    e.rcpts[i].last_reply = "553 5.1.3 no";
  }
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(HasSubstr("errors -----\nfar@dst.test\n@route.test\n\"x\"@err.test\n"), HasSubstr("X-Actual-Recipient: rfc822; 550 not here@")));
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

TEST_F(DelivererTest, DeferredTriedAgainWarnedAndGivenUp) {
  const std::string id = submit(envelope({"a@dst.test"}));
  settle();
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_TRUE(log_.contains("stat=Deferred: Connection refused by mx2.test."));
  EXPECT_EQ(mailbox("sender"), "");
  later(std::chrono::hours(5));
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Subject: Warning: could not send message for past 4 hours"), HasSubstr("THIS IS A WARNING MESSAGE ONLY"), HasSubstr("Will-Retry-Until: "),
                                       Not(HasSubstr("addresses had")), HasSubstr("\n\nhello\n")));   // its body, too
  ASSERT_THAT(queue_->list(), SizeIs(1));
  EXPECT_EQ(queue_->list()[0].message, "Warning: could not send message for past 4 hours");   // mailq's line, until the next try
  EXPECT_TRUE(log_.contains(": sender notify: Warning: could not send message for past 4 hours"));
  agent_.mailboxes.clear();
  later(std::chrono::hours(5 * 24));
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Returned mail"), HasSubstr("Status: 4.4.7"), HasSubstr("Message could not be delivered for 5 days\nMessage will be deleted from queue\n")));
  EXPECT_TRUE(log_.contains(": sender notify: Cannot send message for 5 days"));
  EXPECT_EQ(queue_->count(), 0u);
}

// sendmail: dropenvelope(): one report: QS_RETRY has no Will-Retry-Until
TEST_F(DelivererTest, AWarningTellsOfFailuresToo) {
  auto& mx = network_.servers["192.0.2.2"];
  mx.ehlo = {"mx2.test"};   // no ENHANCEDSTATUSCODES. sendmail: smtptodsn()
  mx.answers["RCPT To:<late@*"] = "450 4.2.9 busy\r\n";
  mx.answers["RCPT To:<bad@*"] = "450 4.2.9 busy\r\n";
  submit(envelope({"late@dst.test", "bad@dst.test"}));
  settle();
  mx.answers["RCPT To:<bad@*"] = "550 5.1.1 nobody here\r\n";
  later(std::chrono::hours(5));
  const std::string box = mailbox("sender");
  EXPECT_THAT(box, AllOf(HasSubstr("Subject: Warning: could not send message"), HasSubstr("permanent fatal errors -----\nbad@dst.test\n"), HasSubstr("Action: failed\nStatus: 5.1.1\n"),
                         HasSubstr("Action: delayed\nStatus: 4.2.0\n"), HasSubstr("Warning: message still undelivered after 4 hours\n")));
  EXPECT_THAT(box, AllOf(Not(HasSubstr("Will-Retry-Until")), Not(HasSubstr("Returned mail")), Not(HasSubstr("THIS IS A WARNING"))));
}

// sendmail: dowork(): NOW
TEST_F(DelivererTest, AQueueRunReturnsWithoutATryWhereItShall) {
  network_.servers["192.0.2.1"].refuse_connection = true;
  submit(envelope({"a@dst.test"}));
  settle();
  network_.servers["192.0.2.1"].refuse_connection = false;
  settings_->policy.retry.queue_return = {-1, -1, -1, -1};
  queue_->flush(nullptr);
  settle();
  EXPECT_TRUE(network_.servers["192.0.2.1"].commands.empty());
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("\na@dst.test\n\n   ----- Transcript"), HasSubstr("Message could not be delivered for too long\nMessage will be deleted from queue\n"), HasSubstr("Status: 4.4.7\n")));
}

TEST_F(DelivererTest, SuccessReportsWhereAskedFor) {
  network_.servers["192.0.2.1"].ehlo = {"mx.test", "PIPELINING"};
  queue::Envelope e = envelope({"joe", "a@dst.test"});
  for (auto& r : e.rcpts) r.notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Subject: Return receipt"), HasSubstr("Action: delivered"), HasSubstr("Action: relayed")));
  EXPECT_TRUE(log_.contains(": DSN: Return receipt"));
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
  queue::Envelope beside = envelope({"nosuch", "joe"}, "ann");   // a command's, whose expansion has said it
  beside.hops = static_cast<int>(config_->options.max_hop_count);
  beside.rcpts[0].refused_exit = EX_NOUSER;
  beside.rcpts[0].status = "5.1.1";
  beside.rcpts[0].last_reply = "550 5.1.1 nosuch... User unknown";
  beside.said = {beside.rcpts[0].last_reply};
  submit(std::move(beside));
  settle();
  EXPECT_THAT(mailbox("ann"), HasSubstr("session follows -----\n550 5.1.1 nosuch... User unknown\n554 5.4.6 Too many hops"));
  queue::Envelope last = envelope({"joe"});
  last.hops = static_cast<int>(config_->options.max_hop_count) - 1;
  submit(std::move(last));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_EQ(queue_->count(), 0u);
}

// sendmail: sendall() looks at the hops before it takes the members of a list apart from the others.
TEST_F(DelivererTest, TooManyHopsOfAListAreItsSendersAffair) {
  maps_->put("aliases", "list", "joe, nobody");
  maps_->put("aliases", "owner-list", "ann");
  queue::Envelope e = envelope({"<list>"});
  e.hops = static_cast<int>(config_->options.max_hop_count);
  e.collected_size = e.queued_size = 5;   // a session left it to be expanded
  submit(std::move(e));
  settle();
  EXPECT_EQ(mailbox("ann"), "");
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("via client.test, to <list>\n"), HasSubstr("\njoe\n    (reason: 554 5.4.6 Too many hops)\n    (expanded from: <list>)\n"),
                                       HasSubstr("\n550 5.1.1 nobody... User unknown\n"), HasSubstr("Action: delivered (to mailing list)\n")));
}

// sendmail: e_sendqueue's first: an alias as long as nothing was taken apart (sendall()); a program's quotes go when it is run.
TEST_F(DelivererTest, TooManyHopsNameTheFirstOfTheSendQueue) {
  const auto report = [this](const std::string& sender, const std::string& said, size_t members, bool by_smtp = false) {
    queue::Envelope e = envelope({"\"|/bin/x\"", "joe"}, sender + "@us.test");
    if (!by_smtp) std::erase_if(e.macros, [](const auto& m) { return m.first == "r"; });
    e.hops = static_cast<int>(config_->options.max_hop_count);
    for (queue::Rcpt& r : e.rcpts) {
      r.alias_of = "inner";
      r.final_rcpt = "crew";
      r.mailer = "prog";
    }
    e.rcpts[0].user = e.rcpts[0].address;
    e.rcpts.resize(members);
    if (!said.empty()) e.said = {said};
    submit(std::move(e));
    settle();
    return mailbox(sender);
  };
  EXPECT_THAT(report("sender", "", 1), AllOf(HasSubstr("test, to crew\n"), HasSubstr("X-Actual-Recipient: X-Unix; \"|/bin/x\"\n")));
  EXPECT_THAT(report("ann", "Message delivered to mailing list crew", 2), HasSubstr("test, to \"|/bin/x\"\n"));
  EXPECT_THAT(report("joe", "550 5.1.1 nobody... User unknown", 2), HasSubstr("test, to crew\n"));
  EXPECT_THAT(report("sender", "", 1, true), HasSubstr("test, to <crew>\n"));   // as RCPT named him
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

}  // namespace
}  // namespace hky::deliver
