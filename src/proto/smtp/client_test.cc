// The client core against scripted replies and against our own server core.
#include "proto/smtp/client.h"

#include <gtest/gtest.h>

#include "proto/smtp/server.h"

namespace hky::smtp {
namespace {

Transaction message(uint64_t token, std::vector<std::string> rcpts, std::string_view body) {
  Transaction t;
  t.token = token;
  t.sender = "s@x";
  t.head = "Subject: t\n\n";
  t.body = body;
  for (std::string& r : rcpts) t.rcpts.push_back({std::move(r), "", ""});
  return t;
}

struct Driver {
  explicit Driver(ClientOptions o = {}) : core(named(std::move(o))) {}
  static ClientOptions named(ClientOptions o) {
    o.helo_name = "me.test";
    return o;
  }
  ClientCore core;
  std::vector<TransactionResult> done;
  bool ready = false, refused = false, closed = false;

  std::string feed(std::string_view bytes, size_t cut = std::string_view::npos) {
    for (size_t i = 0; i < bytes.size(); i += std::min(cut, bytes.size())) core.feed(bytes.substr(i, cut));
    return drain();
  }
  std::string drain() {
    while (auto e = core.next()) {
      if (std::get_if<client_event::Ready>(&*e)) ready = true;
      if (std::get_if<client_event::Refused>(&*e)) refused = true;
      if (std::get_if<client_event::Closed>(&*e)) closed = true;
      if (auto* d = std::get_if<client_event::Done>(&*e)) done.push_back(std::move(d->result));
    }
    std::string out;
    while (core.has_output()) out += core.take_output();
    return out;
  }
};

constexpr const char* kEhloAll = "250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 1000\r\n250 DSN\r\n";

TEST(SmtpClient, ResetGoesOutWithTheNextEnvelope) {
  Driver d;
  d.feed("220 mx ESMTP\r\n");
  d.feed(kEhloAll);
  d.core.reset_first();
  d.core.start(message(1, {"a@y"}, "one\n"));
  EXPECT_EQ(d.drain(), "RSET\r\nMAIL From:<s@x> SIZE=16\r\nRCPT To:<a@y>\r\nDATA\r\n");
  d.feed("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  d.feed("250 taken\r\n");
  ASSERT_EQ(d.done.size(), 1u);
  EXPECT_EQ(d.done[0].verdict(0).code, 250);
}

TEST(SmtpClient, ATransactionThatAsksForItHasItsReset) {
  Driver d;
  d.feed("220 mx ESMTP\r\n");
  d.feed(kEhloAll);
  d.core.start(message(1, {"a@y"}, "one\n"));
  Transaction next = message(2, {"b@y"}, "two\n");
  next.reset_first = true;
  d.core.start(std::move(next));
  EXPECT_EQ(d.drain(), "MAIL From:<s@x> SIZE=16\r\nRCPT To:<a@y>\r\nDATA\r\n");
  d.feed("250 ok\r\n250 ok\r\n354 go\r\n");
  EXPECT_EQ(d.feed("250 taken\r\n"), "RSET\r\nMAIL From:<s@x> SIZE=16\r\nRCPT To:<b@y>\r\nDATA\r\n");
}

TEST(SmtpClient, ResetIsAnsweredBeforeTheNextEnvelopeWithoutPipelining) {
  Driver d;
  d.feed("220 mx ESMTP\r\n");
  d.feed("250 mx\r\n");
  d.core.reset_first();
  d.core.start(message(1, {"a@y"}, "one\n"));
  EXPECT_EQ(d.drain(), "RSET\r\n");
  EXPECT_EQ(d.feed("250 reset\r\n"), "MAIL From:<s@x>\r\n");
}

TEST(SmtpClient, RefusalsKnowTheCommandTheyAnswer) {
  Driver d;
  d.feed("220 mx ESMTP\r\n");
  d.feed(kEhloAll);
  d.core.start(message(1, {"a@y"}, "one\n"));
  d.feed("250 ok\r\n550 5.1.1 no\r\n503 no\r\n");
  ASSERT_EQ(d.done.size(), 1u);
  EXPECT_EQ(d.done[0].verdict(0).command, "DATA");
  Transaction unsized = message(2, {"b@y"}, "two\n");
  unsized.mail.size = kNoSize;
  d.core.start(std::move(unsized));
  d.feed("250 reset\r\n");
  d.feed("553 5.1.8 who\r\n503 no\r\n503 no\r\n");
  ASSERT_EQ(d.done.size(), 2u);
  EXPECT_EQ(d.done[1].verdict(0).command, "MAIL From:<s@x>");
}

TEST(SmtpClient, PipelinesTheNextEnvelopeBehindTheBody) {
  Driver d;
  EXPECT_EQ(d.feed("220 mx ESMTP\r\n", 1), "EHLO me.test\r\n");
  d.feed(kEhloAll, 1);
  ASSERT_TRUE(d.ready);
  d.core.start(message(1, {"a@y", "b@y"}, ".one\n"));
  d.core.start(message(2, {"c@y"}, "two\n"));
  EXPECT_EQ(d.drain(), "MAIL From:<s@x> SIZE=17\r\nRCPT To:<a@y>\r\nRCPT To:<b@y>\r\nDATA\r\n");
  EXPECT_EQ(d.core.waiting_for(), Waiting::kMail);
  EXPECT_EQ(d.feed("250 ok\r\n250 ok\r\n550 5.1.1 no b\r\n354 go\r\n"),
            "Subject: t\r\n\r\n..one\r\n.\r\nMAIL From:<s@x> SIZE=16\r\nRCPT To:<c@y>\r\nDATA\r\n");
  EXPECT_EQ(d.core.waiting_for(), Waiting::kDataFinal);
  EXPECT_EQ(d.feed("250 2.0.0 queued\r\n250 ok\r\n450 4.2.1 later\r\n503 need rcpt\r\n"), "");
  ASSERT_EQ(d.done.size(), 2u);
  EXPECT_EQ(d.done[0].token, 1u);
  EXPECT_EQ(d.done[0].verdict(0).text, "250 2.0.0 queued");
  EXPECT_EQ(d.done[0].verdict(1).enhanced(), "5.1.1");
  EXPECT_EQ(d.done[1].verdict(0).code, 450);
  d.core.start(message(3, {"e@y"}, "three\n"));
  EXPECT_EQ(d.drain(), "RSET\r\nMAIL From:<s@x> SIZE=18\r\nRCPT To:<e@y>\r\nDATA\r\n");  // the refused one stands open there
  d.feed("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  d.feed("250 done\r\n");
  d.core.quit();
  EXPECT_EQ(d.drain(), "QUIT\r\n");
  d.feed("221 bye\r\n");
  EXPECT_TRUE(d.closed);
}

TEST(SmtpClient, FallsBackToHeloAndGoesStepByStep) {
  Driver d;
  d.feed("220 old\r\n");
  EXPECT_EQ(d.feed("502 what\r\n"), "HELO me.test\r\n");
  d.feed("250 hi\r\n");
  d.core.start(message(1, {"a@y", "b@y"}, "unfinished"));
  EXPECT_EQ(d.drain(), "MAIL From:<s@x>\r\n");
  EXPECT_EQ(d.feed("250 ok\r\n"), "RCPT To:<a@y>\r\n");
  EXPECT_EQ(d.feed("550 no\r\n"), "RCPT To:<b@y>\r\n");
  EXPECT_EQ(d.feed("250 ok\r\n"), "DATA\r\n");
  EXPECT_EQ(d.feed("354 go\r\n"), "Subject: t\r\n\r\nunfinished\r\n.\r\n");
  d.feed("554 content\r\n");
  ASSERT_EQ(d.done.size(), 1u);
  EXPECT_EQ(d.done[0].verdict(0).code, 550);
  EXPECT_EQ(d.done[0].verdict(1).code, 554);
}

TEST(SmtpClient, SendsNoDataWhereEveryRecipientIsRefused) {
  Driver d;
  d.feed("220 x\r\n");
  d.feed("250 plain\r\n");
  d.core.start(message(1, {"a@y"}, "x\n"));
  d.drain();
  d.feed("250 ok\r\n");
  EXPECT_EQ(d.feed("550 5.7.1 no\r\n"), "");
  ASSERT_EQ(d.done.size(), 1u);
  EXPECT_EQ(d.done[0].verdict(0).code, 550);
  EXPECT_FALSE(d.done[0].body_sent);
}

TEST(SmtpClient, AnEmptyMessageGoesWherePipelinedDataWasTakenForNobody) {
  Driver d;
  d.feed("220 x\r\n");
  d.feed(kEhloAll);
  d.core.start(message(1, {"a@y"}, "secret\n"));
  d.drain();
  EXPECT_EQ(d.feed("250 ok\r\n550 no\r\n354 go\r\n"), ".\r\n");
  d.feed("554 no recipients\r\n");
  ASSERT_EQ(d.done.size(), 1u);
  EXPECT_EQ(d.done[0].verdict(0).code, 550);
}

TEST(SmtpClient, KnowsSizeDsnAndGreetings) {
  Driver d;
  d.feed("220 x\r\n");
  d.feed(kEhloAll);
  std::string big(2000, 'x');
  d.core.start(message(1, {"a@y"}, big));
  // sendmail leaves it to the host to refuse more than it said it takes
  EXPECT_NE(d.drain().find(" SIZE=20"), std::string::npos);
  d.feed("552 5.3.4 too large\r\n503 no\r\n503 no\r\n");
  ASSERT_EQ(d.done.size(), 1u);
  EXPECT_EQ(d.done[0].verdict(0).code, 552);
  Transaction t = message(2, {}, "");
  t.rcpts.push_back({"a@y", "SUCCESS,DELAY", "rfc822;o@p"});
  t.mail.envid = "id";
  t.mail.ret = "HDRS";
  t.body_is_8bit = true;
  d.core.start(std::move(t));
  EXPECT_EQ(d.drain(), "RSET\r\nMAIL From:<s@x> SIZE=12 BODY=8BITMIME ENVID=id RET=HDRS\r\nRCPT To:<a@y> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;o@p\r\nDATA\r\n");
  Driver more;
  more.feed("220 x\r\n");
  more.feed("250-x\r\n250-AUTH PLAIN\r\n250-DSN\r\n250 DELIVERBY\r\n");
  Transaction asked = message(3, {"a@y"}, "");
  asked.mail.auth_sender = "joe+2Bx@y";
  asked.mail.deliver_by = "120;R";
  asked.mail.envid = "";
  more.core.start(std::move(asked));
  EXPECT_EQ(more.drain(), "MAIL From:<s@x> ENVID= AUTH=joe+2Bx@y BY=120;R\r\n");
  Driver busy;
  busy.feed("421 4.3.2 busy\r\n");
  EXPECT_TRUE(busy.refused && busy.closed);
  Driver no;
  EXPECT_EQ(no.feed("554 go away\r\n"), "QUIT\r\n");
  EXPECT_TRUE(no.refused);
}

TEST(SmtpClient, ALostConnectionEndsEveryTransaction) {
  Driver d;
  d.feed("220 x\r\n");
  d.feed(kEhloAll);
  d.core.start(message(1, {"a@y"}, "x\n"));
  d.core.start(message(2, {"b@y"}, "x\n"));
  d.drain();
  d.feed("250 ok\r\n250 ok\r\n354 go\r\n");
  d.core.connection_lost("reset by peer");
  d.drain();
  ASSERT_EQ(d.done.size(), 2u);
  EXPECT_TRUE(d.done[0].body_sent);
  EXPECT_EQ(d.done[0].verdict(0).code, 0);
  EXPECT_TRUE(d.done[1].verdict(0).temporary());
  EXPECT_EQ(d.done[1].lost, "reset by peer");
  EXPECT_TRUE(d.closed);
}

TEST(SmtpClient, A421EndsTheConnection) {
  Driver d;
  d.feed("220 x\r\n");
  d.feed(kEhloAll);
  d.core.start(message(1, {"a@y"}, "x\n"));
  d.drain();
  d.feed("250 ok\r\n421 4.3.2 closing\r\n");
  ASSERT_EQ(d.done.size(), 1u);
  EXPECT_EQ(d.done[0].verdict(0).code, 421);
  EXPECT_FALSE(d.core.usable());
}

TEST(LmtpClient, EachRecipientHasItsOwnVerdict) {
  ClientOptions o;
  o.lmtp = true;
  Driver d(o);
  EXPECT_EQ(d.feed("220 lmtp\r\n"), "LHLO me.test\r\n");
  d.feed("250-x\r\n250 PIPELINING\r\n");
  d.core.start(message(1, {"a", "b", "c"}, "x\n"));
  d.drain();
  d.feed("250 ok\r\n250 ok\r\n550 no b\r\n250 ok\r\n354 go\r\n");
  d.feed("250 a fine\r\n");
  EXPECT_TRUE(d.done.empty());
  d.feed("452 c full\r\n");
  ASSERT_EQ(d.done.size(), 1u);
  EXPECT_EQ(d.done[0].verdict(0).text, "250 a fine");
  EXPECT_EQ(d.done[0].verdict(1).text, "550 no b");
  EXPECT_EQ(d.done[0].verdict(2).code, 452);
}

TEST(SmtpClient, SpeaksWithOurOwnServer) {
  Driver d;
  ServerCore server{ServerLimits()};
  server.greet(Reply(220, "", "me ESMTP"));
  std::string body, collected;
  for (int i = 0; i < 20'000; ++i) body += i % 7 ? "line of text\n" : ".dots\n";
  d.core.start(message(1, {"a@y"}, body));
  for (int turn = 0; turn < 100 && d.done.empty(); ++turn) {
    std::string out = d.feed(server.take_output());
    server.feed(out);
    while (auto e = server.next()) {
      if (auto* b = std::get_if<event::Body>(&*e)) {
        collected += b->text;
        if (b->end) server.answer(Reply(250, "2.0.0", "taken"));
      } else if (std::get_if<event::Data>(&*e)) {
        server.answer(Reply(354, "", "go"));
      } else {
        server.answer(Reply(250, "", "PIPELINING"));
      }
    }
  }
  ASSERT_EQ(d.done.size(), 1u);
  EXPECT_EQ(collected, "Subject: t\n\n" + body);
}

}  // namespace
}  // namespace hky::smtp
