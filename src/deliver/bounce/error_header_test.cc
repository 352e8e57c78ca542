// ErrorHeader and SendMimeErrors. sendmail: savemail.c errbody()
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

TEST_F(DelivererTest, ErrorHeaderStandsBeforeWhatFailed) {
  cf::NameTable names = config_->names;
  config_->options.error_header = cf::translate_dollars("$j: ask $g$?x ($x)$.$u", names);
  submit(envelope({"joe", "nobody@nowhere.test"}));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("\nfrom client.test [192.0.2.9]\n\n us.test: ask MAILER-DAEMON (Mail Delivery Subsystem)\n\n   ----- The following addresses had"));
}

// Also before what is late; a receipt goes without.
TEST_F(DelivererTest, ErrorHeaderOfAFileIsReadForEachReport) {
  ASSERT_TRUE(files_.make_directories("/etc/mail").ok());
  ASSERT_TRUE(files_.replace_file("/etc/mail/note", "# of $j\ncall # five\na\\#b $$1\t\n\nFrom $x\n").ok());
  config_->options.error_header = cf::to_text("/etc/mail/note");
  queue::Envelope e = envelope({"a@down.test", "joe"});
  e.rcpts[1].notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Return receipt"), Not(HasSubstr("# of"))));
  later(std::chrono::hours(5));
  EXPECT_THAT(mailbox("sender"), HasSubstr("\nfrom client.test [192.0.2.9]\n\n# of  us.test\ncall\na#b $1\n\n>From Mail Delivery Subsystem\n\n   ----- Transcript of session"));
  ASSERT_TRUE(files_.unlink("/etc/mail/note").ok());
  submit(envelope({"nobody@nowhere.test"}, "ann@us.test"));
  settle();
  EXPECT_THAT(mailbox("ann"), HasSubstr("\nfrom client.test [192.0.2.9]\n\n   ----- The following addresses had"));
}

TEST_F(DelivererTest, WithoutSendMimeErrorsAReportIsWordsAlone) {
  config_->options.send_mime_errors = false;
  submit(envelope({"nobody@nowhere.test"}), "Subject: hi\n\nhell\xf6\n");
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("\nTo: <sender>\nSubject: Returned mail: see transcript for details\nAuto-Submitted: auto-generated (failure)\n\nThe original message was"),
                                       HasSubstr("host not found)\n\n   ----- Original message follows -----\n\nReceived: by  us.test id "), HasSubstr("Subject: hi\n\nhell\xf6\n\n\n"),
                                       Not(HasSubstr("Reporting-MTA")), Not(HasSubstr("MIME")), Not(HasSubstr("8bit"))));
  queue::Envelope e = envelope({"nobody@nowhere.test"}, "ann@us.test");
  e.ret = queue::Envelope::Ret::kHdrs;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("ann"), AllOf(HasSubstr("\n   ----- Message header follows -----\n\nReceived: by us.test id "), HasSubstr("Subject: hi\n\n   ----- Message body suppressed -----\n\n\n"),
                                    Not(HasSubstr("hello"))));
}

// Who said BODY=8BITMIME has it said for him.
TEST_F(DelivererTest, AReportInWordsIsOfTheKindThatTheMessageWas) {
  config_->options.send_mime_errors = false;
  auto& mx = network_.servers["192.0.2.1"];
  mx.ehlo = {"mx.test", "8BITMIME"};
  for (const char* type : {"", "8BITMIME"}) {
    queue::Envelope e = envelope({"nobody@nowhere.test"}, "s@dst.test");
    e.body_type = type;
    submit(std::move(e), "Subject: hi\n\nhell\xf6\n");
    settle();
  }
  EXPECT_THAT(mx.commands, AllOf(::testing::Contains("MAIL From:<>"), ::testing::Contains("MAIL From:<> BODY=8BITMIME")));
}

}  // namespace
}  // namespace hky::deliver
