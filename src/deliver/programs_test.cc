// Programs: as whom they run, what their exit code means, those that are spoken to.
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

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
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";   // a report is made
  std::vector<std::string> told;
  const auto run = [&](int exit) {
    agent_.program = [exit](const ipc::RunProgram&) {
      ipc::Outcome o;
      o.exit_code = exit;
      return o;
    };
    queue::Job job;
    job.envelope = envelope({"prog", "a@dst.test"});
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

class SpokenProgramTest : public DelivererTest {
 protected:
  // FEATURE(local_lmtp)
  SpokenProgramTest() {
    cf::Mailer& local = mailer("local");
    local.path = "/usr/libexec/mail.local";
    local.argv = {cf::to_text("mail.local"), cf::to_text("-l")};
    for (const char flag : {'z', 'm', 'S'}) local.flags.set(static_cast<unsigned char>(flag));
    program().greeting = "220 us.test LMTP ready\r\n";
    program().ehlo = {"us.test", "8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING"};
  }
  cf::Mailer& mailer(const char* name) { return config_->mailers[static_cast<size_t>(config_->find_mailer(name)->index)]; }
  testing::ScriptedServer& program() { return network_.servers["program"]; }
};

// As MAILER(ssh) has it. sendmail: deliver(): SMTP where no $u is among the words
TEST_F(SpokenProgramTest, OneThatIsNotToldItsUserIsSpokenToInSmtp) {
  cf::Mailer& m = mailer("esmtp");
  m.path = "/usr/bin/ssh";
  m.argv = {cf::to_text("ssh"), cf::to_text("--"), cf::Text{cf::kMacroExpand, u'h'}};
  program() = testing::ScriptedServer();
  for (int i = 0; i < 2; ++i) submit(envelope({"a@dst.test"}), "Subject: x\n\n.y\n");
  settle();
  ASSERT_THAT(agent_.programs, SizeIs(2));   // each has one message
  EXPECT_THAT(agent_.programs[0].argv, ElementsAre("ssh", "--", "dst.test"));
  EXPECT_EQ(agent_.programs[0].as.user, "sender");
  EXPECT_THAT(program().commands, ElementsAre(StartsWith("EHLO "), StartsWith("MAIL From:<sender> SIZE="), "RCPT To:<a@dst.test>", "DATA", "QUIT", _, _, _, _, _));
  ASSERT_THAT(program().messages, SizeIs(2));
  EXPECT_THAT(program().messages[0], HasSubstr("\r\n\r\n..y\r\n"));
  EXPECT_TRUE(log_.contains("mailer=esmtp, pri=0, relay=dst.test, dsn=2.0.0, stat=Sent (Ok: queued)"));
  EXPECT_EQ(queue_->count(), 0u);
  const std::vector<std::string> lines = shown(envelope({"a@dst.test"}));
  EXPECT_EQ(lines.front(), "a@dst.test... Connecting to dst.test via esmtp...");
  EXPECT_EQ(std::vector<std::string>(lines.end() - 4, lines.end()), (std::vector<std::string>{"250 2.0.0 Ok: queued", "a@dst.test... Sent (Ok: queued)", ">>> QUIT", "221 2.0.0 bye"}));
}

TEST_F(SpokenProgramTest, InLmtpEachRecipientHasItsAnswer) {
  program().answers["RCPT To:<postmaster>"] = "450 4.2.1 busy\r\n";
  program().after_data = "250 2.1.5 ann Ok\r\n552 5.2.2 over quota\r\n";
  submit(envelope({"joe", "postmaster", "ann"}));
  settle();
  EXPECT_THAT(program().commands, ElementsAre(StartsWith("LHLO "), "MAIL From:<sender>", "RCPT To:<ann>", "RCPT To:<postmaster>", "RCPT To:<joe>", "DATA", "RSET", "MAIL From:<>", _, _));
  EXPECT_TRUE(log_.contains("to=ann, delay=00:00:00, xdelay=00:00:00, mailer=local, pri=0, relay=local, dsn=2.1.5, stat=Sent"));
  EXPECT_TRUE(log_.contains("to=postmaster, delay=00:00:00, xdelay=00:00:00, mailer=local, pri=0, relay=local, dsn=4.2.1, reply=450 4.2.1 busy, stat=Deferred: 450 4.2.1 busy"));
  EXPECT_TRUE(log_.contains("relay=local, dsn=5.2.2, reply=552 5.2.2 over quota, stat=Service unavailable (over quota)"));
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_THAT(agent_.programs, SizeIs(1));   // the report goes the same way
  EXPECT_EQ(agent_.programs[0].as.user, "root");
  EXPECT_EQ(agent_.programs[0].timeout_seconds, 60);
}

// sendmail: smtpquit(): how it ends is for the log
TEST_F(SpokenProgramTest, ItsExitCodeIsNoAnswer) {
  agent_.program = [](const ipc::RunProgram&) {
    ipc::Outcome o;
    o.exit_code = EX_TEMPFAIL;
    o.signal = 9;
    return o;
  };
  submit(envelope({"joe"}));
  settle();
  later(std::chrono::seconds(2));
  EXPECT_EQ(queue_->count(), 0u);
  EXPECT_TRUE(log_.contains("SYSERR: mailer local died with signal 9"));
  EXPECT_TRUE(log_.contains("smtpquit: mailer local exited with exit value 75"));
}

TEST_F(SpokenProgramTest, OneThatSaysNothingDefersTheMail) {
  program().greeting = "421 4.3.2 busy\r\n";
  agent_.program = [](const ipc::RunProgram&) {
    ipc::Outcome o;
    o.exit_code = EX_OSERR;
    o.output = "Cannot exec /usr/libexec/mail.local\n";
    return o;
  };
  submit(envelope({"joe"}));
  settle();
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_TRUE(log_.contains("SYSERR: Cannot exec /usr/libexec/mail.local"));
  EXPECT_TRUE(log_.contains("relay=local, dsn=4.5.0, stat=Deferred: 421 4.3.2 busy"));
}

TEST_F(SpokenProgramTest, VerboseShowsItsDialogue) {
  program().after_data = "250 2.1.5 joe Ok\r\n";
  EXPECT_THAT(shown(envelope({"joe"})),
              ElementsAre("joe... Connecting to local...", "220 us.test LMTP ready", StartsWith(">>> LHLO "), "250-us.test", "250-8BITMIME", "250-ENHANCEDSTATUSCODES", "250 PIPELINING",
                          ">>> MAIL From:<sender>", "250 2.1.0 ok", ">>> RCPT To:<joe>", ">>> DATA", "250 2.1.5 ok", "354 go", ">>> .", "250 2.1.5 joe Ok", "joe... Sent",
                          "Closing connection to local", ">>> QUIT", "221 2.0.0 bye"));
}

// sendmail: mailer flag 9: MAIL says what the message was
TEST_F(SpokenProgramTest, TextThatWasEncodedIsDecoded) {
  submit(envelope({"joe"}), "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=C3=BC\n");
  settle();
  ASSERT_THAT(program().messages, SizeIs(1));
  EXPECT_THAT(program().messages[0], AllOf(HasSubstr("Content-Transfer-Encoding: 8bit\r\n"), HasSubstr("\r\n\r\n\xC3\xBC\r\n")));
  EXPECT_THAT(program().commands, Contains("MAIL From:<sender>"));
}

}  // namespace
}  // namespace hky::deliver
