// What sendmail -v shows of a connection (requirement C2).
#include <gtest/gtest.h>

#include "deliver/foreground.h"

namespace hky::deliver {
namespace {

using Lines = std::vector<std::string>;

struct Shown {
  Lines lines;
  Dialogue dialogue{[this](std::string line) { lines.push_back(std::move(line)); }};
};

TEST(Dialogue, CommandsAndAnswersInTheirOrder) {
  Shown s;
  s.dialogue.received("220 sink ESMTP\r\n");
  s.dialogue.sent("EHLO mx.test\r\n");
  s.dialogue.received("250-sink\r\n250 ");
  s.dialogue.received("SIZE\r\n");
  EXPECT_EQ(s.lines, (Lines{"220 sink ESMTP", ">>> EHLO mx.test", "250-sink", "250 SIZE"}));
}

TEST(Dialogue, WhatIsPipelinedBehindMailIsShownAfterItsAnswer) {
  Shown s;
  s.dialogue.sent("MAIL From:<a@x>\r\nRCPT To:<b@y>\r\nDATA\r\n");
  s.dialogue.received("250 sender\r\n250 rcpt\r\n354 go\r\n");
  EXPECT_EQ(s.lines, (Lines{">>> MAIL From:<a@x>", "250 sender", ">>> RCPT To:<b@y>", ">>> DATA", "250 rcpt", "354 go"}));
}

TEST(Dialogue, EachOfResetAndMailIsShownWithItsAnswer) {
  Shown s;
  s.dialogue.sent("RSET\r\nMAIL From:<a@x>\r\nRCPT To:<b@y>\r\n");
  s.dialogue.received("250 reset\r\n250 sender\r\n");
  EXPECT_EQ(s.lines, (Lines{">>> RSET", "250 reset", ">>> MAIL From:<a@x>", "250 sender", ">>> RCPT To:<b@y>"}));
}

TEST(Dialogue, ATemporaryAnswerIsSaidOfItsRecipientAtOnce) {
  Shown s;
  s.dialogue.expect_rcpts({"full@y", "ok@y", "gone@y"}, false);
  s.dialogue.sent("MAIL From:<a@x>\r\nRCPT To:<full@y>\r\nRCPT To:<ok@y>\r\nRCPT To:<gone@y>\r\nDATA\r\n");
  s.dialogue.received("250 sender\r\n450-4.2.1 mailbox\r\n450 4.2.1 busy\r\n250 ok\r\n550 no\r\n354 go\r\n");
  EXPECT_EQ(Lines(s.lines.begin() + 6, s.lines.end()),
            (Lines{"450-4.2.1 mailbox", "450 4.2.1 busy", "full@y... Deferred: 450 4.2.1 busy", "250 ok", "550 no", "354 go"}));
}

TEST(Dialogue, InAQueueRunARefusalIsSaidOfItsRecipientToo) {
  Shown s;
  s.dialogue.expect_rcpts({"gone@y"}, true);
  s.dialogue.sent("MAIL From:<a@x>\r\nRCPT To:<gone@y>\r\n");
  s.dialogue.received("250 sender\r\n550 5.1.1 no\r\n");
  EXPECT_EQ(s.lines.back(), "gone@y... User unknown");
}

// RFC 2033 4.2
TEST(Dialogue, LmtpAnswersTheMessageForEachRecipientThatItTook) {
  Lines lines;
  Dialogue dialogue([&lines](std::string line) { lines.push_back(std::move(line)); }, true);
  for (int message = 0; message < 2; ++message) {
    lines.clear();
    dialogue.expect_rcpts({"ok@y", "gone@y", "full@y"}, true);
    dialogue.sent("MAIL From:<a@x>\r\nRCPT To:<ok@y>\r\nRCPT To:<gone@y>\r\nRCPT To:<full@y>\r\nDATA\r\n");
    dialogue.received("250 sender\r\n250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n");
    dialogue.sent("Subject: x\r\n\r\n.\r\n");
    dialogue.received("250 stored\r\n452 4.2.2 full\r\n");
    EXPECT_EQ(Lines(lines.end() - 4, lines.end()), (Lines{">>> .", "250 stored", "452 4.2.2 full", "full@y... Deferred: 452 4.2.2 full"}));
  }
}

TEST(Dialogue, TheMessageIsOnlyItsDot) {
  Shown s;
  s.dialogue.sent("DATA\r\n");
  s.dialogue.received("354 go\r\n");
  s.dialogue.sent("Subject: x\r\n\r\nQUIT\r\n..\r\n.\r");
  s.dialogue.sent("\nQUIT\r\n");
  s.dialogue.received("250 taken\r\n221 bye\r\n");
  EXPECT_EQ(s.lines, (Lines{">>> DATA", "354 go", ">>> .", ">>> QUIT", "250 taken", "221 bye"}));
}

}  // namespace
}  // namespace hky::deliver
