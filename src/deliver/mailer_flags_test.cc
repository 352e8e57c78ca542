// What the letters of F= do. sendmail: operations guide 5.4
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

class MailerFlags : public DelivererTest {
 protected:
  void flag(const char* mailer, char letter) { config_->mailers[static_cast<size_t>(config_->find_mailer(mailer)->index)].flags.set(static_cast<unsigned char>(letter)); }
  testing::ScriptedServer& mx() { return network_.servers["192.0.2.1"]; }
  // What a message to dst.test is sent as.
  std::string sent(queue::Envelope e, const std::string& text) {
    mx().ehlo = {"mx.test"};
    submit(std::move(e), text);
    settle();
    return mx().messages.empty() ? "" : mx().messages.back();
  }
};

TEST_F(MailerFlags, PNamesUsInThePathOfWhoIsNotLocal) {
  flag("esmtp", 'p');
  sent(envelope({"a@dst.test"}, "b@far.test"), "Subject: x\n\ny\n");
  sent(envelope({"a@dst.test"}, "joe"), "Subject: x\n\ny\n");
  EXPECT_THAT(mx().commands, AllOf(Contains("MAIL From:<@ us.test:b@far.test>"), Contains("MAIL From:<joe>")));
}

TEST_F(MailerFlags, GGivesReportsASender) {
  flag("esmtp", 'g');
  sent(envelope({"nobody@nowhere.test"}, "a@dst.test"), "Subject: x\n\ny\n");
  sent(envelope({"a@dst.test"}, ""), "Subject: x\n\ny\n");
  EXPECT_THAT(mx().commands, AllOf(Contains("MAIL From:<MAILER-DAEMON>"), Contains("MAIL From:<>")));
}

TEST_F(MailerFlags, BTakesBackslashesOff) {
  flag("esmtp", 'B');
  sent(envelope({"\\\\a@dst.test"}), "Subject: x\n\ny\n");
  EXPECT_THAT(mx().commands, Contains("RCPT To:<a@dst.test>"));
}

TEST_F(MailerFlags, SixCutsTheHeaderToSevenBits) {
  flag("esmtp", '6');
  flag("local", '6');
  EXPECT_THAT(sent(envelope({"a@dst.test"}), "X: \xe4\n\n\xe4\n"), HasSubstr("X: d\r\n\r\n\xe4\r\n"));
  EXPECT_THAT(delivered("joe", "X: \xe4\n\n\xe4\n"), HasSubstr("X: d\n\n\xe4\n"));
}

TEST_F(MailerFlags, ThreeEncodesWhatEbcdicHasNot) {
  flag("esmtp", '3');
  EXPECT_THAT(sent(envelope({"a@dst.test"}), "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\xc3\xa4, very often !\"#$@[\\]^`{|}~ <>;\n"),
              HasSubstr("=C3=A4, very often =21=22=23=24=40=5B=5C=5D=5E=60=7B=7C=7D=7E <>;\r\n"));
}

TEST_F(MailerFlags, IAndJOfTheSendersMailerAskTheUserDatabase) {
  config_->options.user_database_spec = "/etc/userdb";
  maps_->put("userdb.mailname", "joe", "Joe.User@our.test");
  maps_->put("userdb.mailname", "ann", "Ann.User@our.test");
  queue::Envelope e = envelope({"a@dst.test"}, "joe");
  queue::set_author(e, "Joe.User@our.test");
  const std::string text = "To: ann, Ann <ann>, c@else.test\n\ny\n";
  flag("esmtp", 'i');
  flag("esmtp", 'j');
  EXPECT_THAT(sent(e, text), HasSubstr("\nTo: ann, Ann <ann>, c@else.test\r\n"));
  EXPECT_THAT(mx().commands, Contains("MAIL From:<joe>"));
  flag("local", 'i');
  flag("local", 'j');
  EXPECT_THAT(sent(e, text), HasSubstr("\nTo: Ann.User@our.test, Ann <ann>, c@else.test\r\n"));
  EXPECT_THAT(mx().commands, Contains("MAIL From:<Joe.User@our.test>"));
}

// sendmail: C=, of the sender's mailer
TEST_F(MailerFlags, ASendersMailerHasACharsetOfItsOwn) {
  settings_->policy.eight_bit_mode = 'm';
  for (cf::Mailer& m : config_->mailers)
    if (m.name == "local") m.charset = "koi8-r";
  EXPECT_THAT(sent(envelope({"a@dst.test"}, "joe"), "Subject: x\n\n\xe4\n"), HasSubstr("charset=koi8-r"));
  EXPECT_THAT(sent(envelope({"a@dst.test"}, "b@far.test"), "Subject: x\n\n\xe4\n"), HasSubstr("charset=unknown-8bit"));
}

TEST_F(MailerFlags, COfTheSendersMailerCompletesNames) {
  flag("esmtp", 'C');
  submit(envelope({"joe"}, "b@far.test"), "From: someone\nTo: ann, c@else.test\n\ny\n");
  submit(envelope({"ann"}, "joe"), "From: someone\n\ny\n");
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("\nFrom: someone@far.test\nTo: ann@far.test, c@else.test\n"));
  EXPECT_THAT(mailbox("ann"), HasSubstr("\nFrom: someone\n"));
}

TEST_F(MailerFlags, XDoublesDotsForPrograms) {
  flag("prog", 'X');
  queue::Envelope e = envelope({"\"|cat\""});
  e.rcpts[0].mailer = "prog";
  e.rcpts[0].user = "|cat";
  submit(std::move(e), "Subject: x\n\n.dot\n");
  settle();
  ASSERT_FALSE(agent_.programs.empty());
  EXPECT_THAT(agent_.programs.back().input, HasSubstr("\n\n..dot\n"));
}

// sendmail: M_RUNASRCPT; the mailer that a .forward leads to is no program of its owner's
TEST_F(MailerFlags, WithoutOAMailerRunsAsTheSenderWhoeversForwardLedToIt) {
  cf::Mailer& odd = config_->mailers[static_cast<size_t>(config_->find_mailer("odd")->index)];
  odd.path = "/bin/odd";
  odd.flags.reset('S');
  const auto run_as = [this](const char* sender) {
    queue::Envelope e = envelope({"odd"}, sender);
    e.rcpts[0].mailer = e.rcpts[0].user = "odd";
    e.rcpts[0].controlling_user = "ann";
    submit(std::move(e));
    settle();
    return agent_.programs.empty() ? "" : agent_.programs.back().as.user;
  };
  EXPECT_EQ(run_as("joe"), "joe");
  EXPECT_EQ(run_as("joe+detail"), "joe") << "sendmail: setsender()";
  EXPECT_EQ(run_as("x@far.test"), config_->options.default_user.name);
  odd.flags.set('o');
  EXPECT_EQ(run_as("joe"), "ann");
}

// DialDelay
TEST_F(MailerFlags, ZTriesOnceMoreAfterAWhile) {
  flag("esmtp", 'Z');
  settings_->policy.dial_delay = 10;
  queue::Envelope e = envelope({"a@[192.0.2.7]"});
  submit(std::move(e), "Subject: x\n\ny\n");
  const auto up = [](DelivererTest&, net::Loop& l, testing::ScriptedNetwork& n) -> net::Task<> {
    co_await l.sleep(std::chrono::seconds(5));
    n.servers["192.0.2.7"];
  };
  loop_.spawn(up(*this, loop_, network_));
  settle();
  EXPECT_THAT(network_.servers["192.0.2.7"].messages, ::testing::SizeIs(1));
}

TEST_F(DelivererTest, FlagNineDecodesPlainText) {
  const std::string text = "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n=46rom b=E4r\n";
  EXPECT_THAT(delivered("joe", text), AllOf(HasSubstr("Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\nX-MIME-Autoconverted: from quoted-printable to 8bit by  us.test id "),
                                            HasSubstr("\n\n>From b\xe4r\n\n")));
  config_->mailers[static_cast<size_t>(config_->find_mailer("local")->index)].flags.reset('9');
  EXPECT_THAT(delivered("ann", text), AllOf(HasSubstr("Content-Transfer-Encoding: quoted-printable\n\n=46rom b=E4r\n"), Not(HasSubstr("Autoconverted"))));
}

}  // namespace
}  // namespace hky::deliver
