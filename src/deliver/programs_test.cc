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

}  // namespace
}  // namespace hky::deliver
