// To whom a report goes, and when: the sender, the postmaster, Errors-To:, the command that waits.
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

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
  EXPECT_TRUE(log_.contains(": postmaster notify: User unknown"));
  EXPECT_EQ(queue_->count(), 0u);
}

// sendmail: dropenvelope() looks at him with what failed, and behind a warning.
TEST_F(DelivererTest, ThePostmasterIsToldWhatIsLateForAnUnknownSender) {
  network_.servers["192.0.2.1"].refuse_connection = true;
  network_.servers["192.0.2.2"].refuse_connection = true;
  submit(envelope({"a@dst.test"}, "gone@us.test"));
  settle();
  later(std::chrono::hours(5));
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("Subject: Postmaster notify"), HasSubstr("Action: delayed"), Not(HasSubstr("THIS IS A WARNING")),
                                           HasSubstr("Warning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old\n550 5.1.1 <gone@us.test>... User unknown\n")));
  agent_.mailboxes.clear();
  later(std::chrono::hours(5 * 24));
  EXPECT_THAT(mailbox("postmaster"), HasSubstr("550 5.1.1 <gone@us.test>... User unknown\nMessage could not be delivered for 5 days\nMessage will be deleted from queue\n"));
}

// sendmail: setstat(): the first fault of a message says whether the postmaster is told too.
TEST_F(DelivererTest, OnlyAFirstFaultOfOursIsThePostmastersToo) {
  submit(envelope({"a@gone.test", "a@loop.test"}));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("mail loops back"), HasSubstr("\nTo: <sender>\nMIME")));
  EXPECT_EQ(mailbox("postmaster"), "");
  queue::Envelope e = envelope({"a@nowhere.test"});
  e.rcpts[0].refused_exit = EX_SOFTWARE;
  e.rcpts[0].last_reply = "554 5.3.5 buildaddr: unknown mailer x";
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("unknown mailer x"), Not(HasSubstr("X-Actual-Recipient:"))));
  agent_.mailboxes.clear();
  e = envelope({"b@nowhere.test", "a@gone.test"});   // as a command said it, whatever order they are in
  for (queue::Rcpt& r : e.rcpts) r.refused_exit = EX_NOUSER, r.last_reply = "550 5.1.1 " + r.address + "... User unknown";
  e.rcpts[0].refused_exit = EX_SOFTWARE;
  e.rcpts[0].last_reply = "554 5.3.5 buildaddr: unknown mailer x";
  for (const bool before : {true, false}) {
    agent_.mailboxes.clear();
    e.said = {e.rcpts[before ? 0 : 1].last_reply, e.rcpts[before ? 1 : 0].last_reply};
    submit(e);
    settle();
    EXPECT_EQ(mailbox("postmaster").empty(), !before);
  }
  agent_.mailboxes.clear();
  maps_->put("aliases", "loop1", "loop2");
  maps_->put("aliases", "loop2", "loop1");
  submit(envelope({"loop1"}));   // an alias's circle is no fault of ours
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("loop broken"));
  EXPECT_EQ(mailbox("postmaster"), "");
}

// A report to the sender and to the postmaster: that the sender's copy failed is told as well.
TEST_F(DelivererTest, AReportThatReachedOnlyThePostmasterIsReported) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  submit(envelope({"a@loop.test"}, "gone@dst.test"));
  settle();
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("\nTo: <gone@dst.test>\nTo: postmaster\nMIME"), HasSubstr("Subject: Returned mail"), HasSubstr("Subject: Postmaster notify")));
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("errors -----\n<gone@dst.test>\n"), HasSubstr("Return-Path: <MAILER-DAEMON>\n")));
}

// sendmail: returntosender(): To: names who was written to, whatever became of what he stands for.
TEST_F(DelivererTest, AReportToThePostmasterNamesASenderWhoLeadsNowhere) {
  maps_->put("aliases", "hollow", "nobody");
  submit(envelope({"a@loop.test"}, "hollow"));
  settle();
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("Subject: Returned mail"), HasSubstr("\nTo: hollow\nTo: postmaster\nMIME")));
  agent_.mailboxes.clear();
  submit(envelope({"a@loop.test"}, "nobody"));
  settle();
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("\nTo: postmaster\nMIME"), Not(HasSubstr("To: nobody"))));
}

// sendmail: savemail() expands the sender: that his list has an owner is said then.
TEST_F(DelivererTest, AReportSaysOfASenderWhoIsAListThatItWentThere) {
  maps_->put("aliases", "team", "joe, nobody");
  maps_->put("aliases", "owner-team", "postmaster");
  submit(envelope({"a@loop.test"}, "team"));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("\nMessage delivered to mailing list team\n"));
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
  deliver(std::move(job), f);
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("550 5.1.1 gone... User unknown"), HasSubstr("Final-Recipient: RFC822; gone@"), HasSubstr("550 5.1.1 User unknown")));
  EXPECT_THAT(mailbox("postmaster"), HasSubstr("\n553 5.1.3 lost... Invalid\n550 5.1.1 gone"));   // as it was said
  EXPECT_EQ(mailbox("sender"), "");
  EXPECT_EQ(f.exit, EX_NOUSER);
  ASSERT_THAT(f.failed, SizeIs(2));
  EXPECT_EQ(f.failed[0].refused_exit, EX_NOUSER);
  EXPECT_EQ(queue_->count(), 0u);
  agent_.mailboxes.clear();
  queue::Envelope bulk = envelope({"nobody"});
  bulk.msg_class = -60;
  submit(std::move(bulk));
  settle();
  EXPECT_NE(mailbox("sender"), "");
  EXPECT_EQ(mailbox("postmaster"), "");
}

TEST_F(DelivererTest, OurOwnFaultIsToldToThePostmasterToo) {
  submit(envelope({"a@loop.test"}));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("mail loops back"));
  EXPECT_THAT(mailbox("postmaster"), HasSubstr("mail loops back"));
  agent_.mailboxes.clear();
  submit(envelope({"a@loop.test"}, ""));   // also where there is no sender: it is no report about a report
  settle();
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("\nTo: postmaster\nMIME"), HasSubstr("Subject: Returned mail"), Not(HasSubstr("Postmaster notify"))));
  agent_.mailboxes.clear();
  submit(envelope({"nobody"}));
  settle();
  EXPECT_EQ(mailbox("postmaster"), "");
}

// sendmail: returntosender(): each address of its error queue once, the last one first.
TEST_F(DelivererTest, ASenderWhoIsThePostmasterIsNamedOnce) {
  maps_->put("aliases", "postmaster", "root");
  maps_->put("aliases", "root", "ann");
  maps_->put("aliases", "daemon", "postmaster");
  const auto to = [this](const std::string& sender) {
    agent_.mailboxes.clear();
    submit(envelope({"a@loop.test"}, sender + "@us.test"));
    settle();
    const std::string text = mailbox("ann");
    const size_t at = text.find("\nTo: "), end = text.find("\nMIME");
    return text.substr(std::min(at, text.size()), end - at);
  };
  EXPECT_EQ(to("postmaster"), "\nTo: <postmaster>");
  EXPECT_EQ(to("daemon"), "\nTo: <daemon>");
  EXPECT_EQ(to("root"), "\nTo: postmaster\nTo: <root>");
  EXPECT_EQ(to("ann"), "\nTo: <ann>\nTo: postmaster");
  EXPECT_EQ(to("sender"), "\nTo: postmaster\nTo: <sender>");   // as the alphabet has it
}

// A report that a list with an owner sends on is a report still.
TEST_F(DelivererTest, WhatFailsOfAListsReportIsThePostmasters) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  maps_->put("aliases", "list", "joe, gone");
  maps_->put("aliases", "owner-list", "ann");
  submit(envelope({"a@dst.test"}, "list@us.test"));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("Subject: Returned mail"));
  EXPECT_EQ(mailbox("ann"), "");
  network_.servers["192.0.2.2"];
  maps_->put("aliases", "list", "x@[192.0.2.2], gone");
  submit(envelope({"a@dst.test"}, "list@us.test"));
  settle();
  EXPECT_THAT(network_.servers["192.0.2.2"].commands, ::testing::Contains(::testing::StartsWith("MAIL From:<> ")));
  EXPECT_THAT(mailbox("postmaster"), AllOf(HasSubstr("\nTo: postmaster\n"), HasSubstr("Subject: Postmaster notify"), HasSubstr("User unknown")));
}

// Option UseErrorsTo. sendmail: savemail(): whom the header names is told of failures, as is the sender; the postmaster where there is neither.
TEST_F(DelivererTest, FailuresAreToldToThoseWhomErrorsToNames) {
  auto& mx = network_.servers["192.0.2.1"];
  mx.ehlo = {"mx.test", "PIPELINING"};
  mx.answers["RCPT To:<a@*"] = "550 5.1.1 nobody here\r\n";
  const std::string text = "Received: by us.test id QID\nErrors-To: joe, gone\nErrors-To: Ann <ann>\nSubject: hi\n\nhello\n";
  const auto told = [&](const std::string& sender, const std::string& rcpt) {
    agent_.mailboxes.clear();
    queue::Envelope e = envelope({rcpt}, sender);
    e.rcpts[0].notify = queue::kNotifySuccess | queue::kNotifyFailure;
    submit(std::move(e), text);
    settle();
    std::string out;
    for (const auto& [path, box] : agent_.mailboxes) {
      const size_t at = box.find("\nTo: ");
      out += path.substr(10) + ":" + (at == std::string::npos ? "" : box.substr(at, box.find("\nMIME") - at)) + ";";
    }
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out;
  };
  EXPECT_EQ(told("sender@us.test", "a@dst.test"), "sender: To: <sender>;");
  config_->options.use_errors_to = true;
  const std::string to = " To: Ann <ann> To: joe To: <sender>;";
  EXPECT_EQ(told("sender@us.test", "a@dst.test"), "ann:" + to + "joe:" + to + "sender:" + to);
  EXPECT_EQ(told("", "a@dst.test"), "ann: To: Ann <ann> To: joe;joe: To: Ann <ann> To: joe;");
  EXPECT_EQ(told("gone@us.test", "a@dst.test").find("joe: To: Ann <ann> To: joe;postmaster: To: postmaster;"), std::string("ann: To: Ann <ann> To: joe;").size());
  EXPECT_EQ(told("sender@us.test", "b@dst.test"), "sender: To: <sender>;");   // a success is the sender's
  // sendmail's queue files do not keep them
  queue::Envelope later = envelope({"a@dst.test"});
  later.next_try = queue::kOnlyByQueueRun;
  agent_.mailboxes.clear();
  submit(std::move(later), text);
  queue_->flush(nullptr);
  settle();
  EXPECT_EQ(agent_.mailboxes.size(), 1u);
}

// sendmail: sortbysignature(): where both are told, who comes later in the alphabet is first in the queue, and last in To:.
TEST_F(DelivererTest, ThePostmasterAndTheSenderStandByTheirNames) {
  agent_.users["zoe"] = 1005;
  submit(envelope({"a@loop.test"}));
  submit(envelope({"a@loop.test"}, "zoe@us.test"));
  submit(envelope({"a@loop.test"}, "joe@us.test"));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("\nTo: postmaster\nTo: <sender>\n"));
  EXPECT_THAT(mailbox("zoe"), HasSubstr("\nTo: postmaster\nTo: <zoe>\n"));
  EXPECT_THAT(mailbox("joe"), HasSubstr("\nTo: <joe>\nTo: postmaster\n"));
}

// DeliveryMode=d, G2: what is refused at once is reported at once, but not over the network.
TEST_F(DelivererTest, TheReportOfADeferredMessageWaitsForAQueueRun) {
  queue::Envelope e = envelope({"nobody"}, "far@dst.test");
  queue::set_mode(e, 'd');
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

// -v. sendmail: savemail() and the report's way are the command's, to the postmaster and his aliases.
TEST_F(DelivererTest, TheWayOfAReportIsShownToWhoWaits) {
    network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  maps_->put("aliases", "both", "ann, joe");
  maps_->put("aliases", "MAILER-DAEMON", "postmaster");
  EXPECT_THAT(shown(envelope({"gone"}, "both@us.test")), ElementsAre("gone... User unknown", "<both@us.test>... aliased to ann, joe", "ann,joe... Connecting to local...", "ann,joe... Sent"));
  EXPECT_EQ(shown_exit_, EX_NOUSER);
  EXPECT_EQ(queue_->count(), 0u);
  const std::vector<std::string> remote = shown(envelope({"gone"}, "x@dst.test"));
  const std::vector<std::string> end(remote.end() - 6, remote.end());
  EXPECT_EQ(remote.at(1), "<x@dst.test>... Connecting to mx1.test. via esmtp...");
  EXPECT_THAT(end, ElementsAre("MAILER-DAEMON... aliased to postmaster", "postmaster... Connecting to local...", "postmaster... Sent", "Closing connection to mx1.test.", ">>> QUIT", "221 2.0.0 bye"));
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_EQ(shown_exit_, EX_NOUSER);
}

TEST_F(DelivererTest, TheSenderIsShownBeforeWhatBecomesOfALateMessage) {
  maps_->put("aliases", "chain", "joe");
  network_.servers["192.0.2.1"].refuse_connection = true;
  network_.servers["192.0.2.2"].refuse_connection = true;
  queue::Envelope e = envelope({"a@dst.test"}, "chain@us.test");
  e.created -= 6 * 86400;
  const std::vector<std::string> lines = shown(std::move(e));
  const auto late = std::find(lines.begin(), lines.end(), "Cannot send message for 5 days");
  ASSERT_NE(late, lines.end());
  EXPECT_EQ(*(late - 1), "<chain@us.test>... aliased to joe");
  EXPECT_THAT(std::vector<std::string>(late + 1, lines.end()), ElementsAre("joe... Connecting to local...", "joe... Sent"));
  EXPECT_THAT(shown(envelope({"joe"}, "chain@us.test")), ElementsAre("joe... Connecting to local...", "joe... Sent"));   // of whom nothing is told
  settings_->policy.post_master_copy = "chain";   // whose own report it is
  EXPECT_THAT(shown(envelope({"gone"}, "chain")), ElementsAre("gone... User unknown", "chain... aliased to joe", "joe... Connecting to local...", "joe... Sent",
                                                              "chain... aliased to joe", "joe... Connecting to local...", "joe... Sent"));
}

// sendmail: setstat(): RCPT is answered before the message is.
TEST_F(DelivererTest, TheFirstFaultThatWasHeardIsHowItEnds) {
  testing::ScriptedServer& mx = network_.servers["192.0.2.1"];
  mx.answers["RCPT To:<b@*"] = "550 5.1.1 nobody here\r\n";
  mx.after_data = "554 5.6.0 no\r\n";
  shown(envelope({"a@dst.test", "b@dst.test"}));
  EXPECT_EQ(shown_exit_, EX_NOUSER);
}

// What nobody could ask for is not tried: it has no mailer that could have been spoken of.
TEST_F(DelivererTest, ALateRecipientWhoseWayIsUnknownIsNamed) {
  maps_->add_map("host", "host");
  maps_->fail("host", "dst.test");
  queue::Envelope e = envelope({"a@unsaid.test"});
  e.created -= 6 * 86400;
  EXPECT_THAT(shown(std::move(e)), Contains("a@unsaid.test... Cannot send message for 5 days"));
}

// A command whose message is refused. sendmail: savemail(): the report is sent while it waits.
TEST_F(DelivererTest, WhatItsReportMeetsIsSaidToWhoHandedOverWhatWasRefused) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  std::vector<std::string> lines;
  Foreground f;
  f.tells_of_report = true;
  f.say = [&lines](std::string line) { lines.push_back(std::move(line)); };
  f.refuse_all = local_fate(EX_UNAVAILABLE, "5.0.0", "too bad");
  queue::Job job;
  job.envelope = envelope({"ann"}, "a@dst.test");
  job.body = std::make_shared<const std::string>("Subject: x\n\ny\n");
  deliver(job, f);
  EXPECT_THAT(lines, ElementsAre("<a@dst.test>... User unknown"));
  EXPECT_THAT(mailbox("postmaster"), HasSubstr("nobody here"));
  lines.clear();
  job.envelope = envelope({"ann"}, "joe@us.test");
  deliver(std::move(job), f);
  EXPECT_THAT(lines, ElementsAre()) << "a report that arrives is not told of";
}

// A queue run: the sender's fault is said, and is how it ends; without aliases (-n) he is one more who is unknown.
TEST_F(DelivererTest, AQueueRunSaysWhyTheSenderCannotBeTold) {
  network_.servers["192.0.2.1"].refuse_connection = true;
  network_.servers["192.0.2.2"].refuse_connection = true;
  maps_->put("aliases", "chain", "joe");
  std::vector<std::string> lines;
  Foreground f;
  f.of_queue_run = f.tells_failures = true;
  f.say = [&lines](std::string line) { lines.push_back(std::move(line)); };
  queue::Job job;
  job.envelope = envelope({"a@dst.test"}, "gone@us.test");
  job.envelope.created -= 6 * 86400;
  job.body = std::make_shared<const std::string>("Subject: x\n\ny\n");
  deliver(job, f);
  EXPECT_THAT(lines, ElementsAre("<gone@us.test>... User unknown"));
  EXPECT_EQ(f.exit, EX_NOUSER);
  job.envelope = envelope({"a@dst.test"}, "chain@us.test");
  job.envelope.created -= 6 * 86400;
  job.envelope.no_alias = true;
  deliver(std::move(job), f);
  EXPECT_THAT(lines, Contains("<chain@us.test>... User unknown"));
}

}  // namespace
}  // namespace hky::deliver
