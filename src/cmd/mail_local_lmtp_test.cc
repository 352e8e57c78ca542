#include "cmd/mail_local_lmtp.h"

#include <gtest/gtest.h>

#include <memory>

namespace hky::cmd {
namespace {

class MailLocalLmtpTest : public ::testing::Test {
 protected:
  MailLocalLmtpTest() {
    MailLocalLmtp::Doors doors;
    doors.find = [](std::string_view name) { return name == "joe" || name == "ann" ? std::string(name) : std::string(); };
    doors.deliver = [this](const std::string& user, const std::string& sender, const std::string& message) {
      got_ += user + "|" + sender + "|" + message + ";";
      return MailLocalLmtp::Verdict{user == "joe", true, "4.2.0", "ann: mailbox is locked"};
    };
    session_ = std::make_unique<MailLocalLmtp>("mail.example.com", true, doors);
  }
  std::string say(std::initializer_list<const char*> lines) {
    std::string last;
    for (const char* line : lines) last = session_->line(line);
    return last;
  }
  std::string got_;
  std::unique_ptr<MailLocalLmtp> session_;
};

// What a sendmail 8.17's mail.local -l answered.
TEST_F(MailLocalLmtpTest, AnswersAsSendmails) {
  EXPECT_EQ(session_->greeting(), "220 mail.example.com LMTP ready\r\n");
  const struct { std::initializer_list<const char*> lines; const char* answer; } cases[] = {
      {{"HELO x"}, "500 5.5.2 Syntax error\r\n"},
      {{"EHLO x"}, "500 5.5.2 Syntax error\r\n"},
      {{"LHLO"}, "500 5.5.2 Syntax error\r\n"},
      {{"LHLO x\r"}, "250-mail.example.com\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 PIPELINING\r\n"},
      {{"lhlo y"}, "503 mail.example.com Duplicate LHLO\r\n"},
      {{"RCPT TO:<joe>"}, "503 5.5.1 Need MAIL command\r\n"},
      {{"DATA"}, "503 5.5.1 No recipients\r\n"},
      {{"MAIL a"}, "501 5.5.4 Syntax error in parameters\r\n"},
      {{"MAIL FROM:a@b"}, "501 5.5.4 Syntax error in parameters\r\n"},
      {{"MAIL FROM: <a@b>"}, "501 5.5.4 Syntax error in parameters\r\n"},
      {{"MAIL FROM:<a@b> BODY=8BITMIME"}, "250 2.5.0 Ok\r\n"},
      {{"MAIL FROM:<c>"}, "503 5.5.1 Nested MAIL command\r\n"},
      {{"RCPT TO:joe"}, "501 5.5.4 Syntax error in parameters\r\n"},
      {{"RCPT joe"}, "501 5.5.4 Syntax error in parameters\r\n"},
      {{"RCPT TO:<nobody-here>"}, "550 5.1.1 User unknown\r\n"},
      {{"RCPT TO:<\"joe\">"}, "550 5.1.1 User unknown\r\n"},
      {{"DATA"}, "503 5.5.1 No recipients\r\n"},
      {{"rcpt to:<joe+x@y>"}, "250 2.1.5 Ok\r\n"},
      {{"RCPT TO:<@c:joe@b>"}, "250 2.1.5 Ok\r\n"},
      {{"VRFY joe"}, "252 2.3.3 Try RCPT to attempt delivery\r\n"},
      {{"HELP"}, "500 5.5.2 Syntax error\r\n"},
      {{""}, "500 5.5.2 Syntax error\r\n"},
      {{"NOOP"}, "250 2.0.0 Ok\r\n"},
      {{"RSET"}, "250 2.0.0 Ok\r\n"},
      {{"RCPT TO:<joe>"}, "503 5.5.1 Need MAIL command\r\n"},
      {{"QUIT now"}, "500 5.5.2 Syntax error\r\n"},
      {{"QUIT"}, "221 2.0.0 Bye\r\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(say(c.lines), c.answer) << *c.lines.begin();
  EXPECT_TRUE(session_->over());
  EXPECT_EQ(session_->line(std::string(3000, 'X')), "500 5.5.2 Syntax error\r\n");
}

TEST_F(MailLocalLmtpTest, AnAnswerForEachRecipientAndThenANewMessage) {
  say({"LHLO x", "MAIL FROM:<a@b>", "RCPT TO:<joe>", "RCPT TO:<ann>"});
  EXPECT_EQ(say({"DATA"}), "354 Go ahead\r\n");
  EXPECT_EQ(say({"Subject: x", "", "..dot", "QUIT"}), "");
  EXPECT_EQ(say({"."}), "250 2.1.5 joe Ok\r\n450 4.2.0 ann: mailbox is locked\r\n");
  EXPECT_EQ(got_, "joe|a@b|Subject: x\n\n.dot\nQUIT\n;ann|a@b|Subject: x\n\n.dot\nQUIT\n;");
  EXPECT_EQ(say({"MAIL FROM:<>"}), "250 2.5.0 Ok\r\n");
}

}  // namespace
}  // namespace hky::cmd
