// The server core from transcripts: order, lenience, limits, framing; every transcript again cut at every byte.
#include "proto/smtp/server.h"

#include <gtest/gtest.h>

#include "proto/smtp/command_line.h"
#include "proto/smtp/params.h"

namespace hky::smtp {
namespace {

// Answers as a willing host would; writes down events and body.
struct Host {
  explicit Host(ServerLimits limits = {}) : core(limits) {}
  ServerCore core;
  std::string log, body, said;

  void see(const Event& e) {
    if (auto* h = std::get_if<event::Helo>(&e)) note(h->extended ? "EHLO " + h->name : "HELO " + h->name, Reply(250, "", "hi"));
    else if (auto* f = std::get_if<event::Rcpt>(&e); f != nullptr && f->fault) note("FAULT", *f->fault);
    else if (auto* m = std::get_if<event::Mail>(&e)) note("MAIL " + m->address + params(m->params), Reply(250, "2.1.0", "ok"));
    else if (auto* r = std::get_if<event::Rcpt>(&e)) note("RCPT " + r->address + params(r->params), r->address == "<no>" ? Reply(550, "5.1.1", "no") : r->address == "<later>" ? Reply(421, "4.0.0", "later") : Reply(250, "2.1.5", "ok"));
    else if (std::get_if<event::Data>(&e)) note("DATA", Reply(354, "", "go"));
    else if (auto* b = std::get_if<event::Body>(&e)) take_body(*b);
    else if (std::get_if<event::Rset>(&e)) note("RSET", Reply(250, "2.0.0", "Reset state"));
    else if (std::get_if<event::Quit>(&e)) note("QUIT", Reply(221, "2.0.0", "bye"));
    else if (auto* u = std::get_if<event::Unknown>(&e)) note(u->open_proxy ? "PROXY" : (u->named ? "NAMED " : "UNKNOWN ") + u->line, u->open_proxy ? Reply(421, "4.7.0", "proxy") : Reply(500, "5.5.1", "what"));
    else if (auto* i = std::get_if<event::Auth>(&e)) note("AUTH " + i->mechanism + (i->initial ? " " + std::to_string(i->initial->size()) : ""), Reply(334, "", ""));
    else if (auto* l = std::get_if<event::AuthResponse>(&e)) note("RESPONSE " + (l->line.size() < 20 ? l->line : std::to_string(l->line.size())), Reply(235, "", "in"));
    else if (std::get_if<event::TooMany>(&e)) note("TOOMANY", Reply(421, "4.7.0", "Too many bad commands"));
    else if (auto* a = std::get_if<event::Aborted>(&e)) log += "ABORT " + a->why + "\n";
    else note("OTHER", Reply(250, "2.0.0", "ok"));
  }
  void take_body(const event::Body& b) {
    body += b.text;
    if (b.end) note(b.too_big ? "TOOBIG" : "BODY " + std::to_string(b.size), Reply(250, "2.0.0", "id"));
  }
  static std::string params(const std::vector<Param>& list) {
    std::string s;
    for (const Param& p : list) s += " [" + p.key + (p.has_value ? "=" + p.value : "") + "]";
    return s;
  }
  void note(const std::string& text, const Reply& r) {
    log += text + "\n";
    core.answer(r);
  }
  void feed(std::string_view bytes) {
    core.feed(bytes);
    while (auto e = core.next()) see(*e);
    said += core.take_output();
  }
};

// Runs pieces (each fed at once), then byte by byte: both must agree.
Host run(const std::vector<std::string>& pieces, ServerLimits limits = {}) {
  Host whole(limits), bytes(limits);
  for (const std::string& p : pieces) whole.feed(p);
  for (const std::string& p : pieces)
    for (char c : p) bytes.feed(std::string_view(&c, 1));
  EXPECT_EQ(whole.log, bytes.log);
  if (whole.log.find("ABORT") == std::string::npos) {
    EXPECT_EQ(whole.body, bytes.body);
  }
  EXPECT_EQ(whole.said, bytes.said);
  return whole;
}

TEST(SmtpServer, TakesAMessageWithDotsUnstuffed) {
  Host h = run({"EHLO c.test\r\n", "MAIL FROM:<a@x> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<b@y>\r\nRCPT TO:<no>\r\nDATA\r\n",
                "Subject: x\r\n\r\n..dot\r\n.x\r\n..\r\n\r\n.\r\n", "QUIT\r\n"});
  EXPECT_EQ(h.log, "EHLO c.test\nMAIL <a@x> [SIZE=10] [BODY=8BITMIME]\nRCPT <b@y>\nRCPT <no>\nDATA\nBODY 22\nQUIT\n");
  EXPECT_EQ(h.body, "Subject: x\n\n.dot\nx\n.\n\n");
  EXPECT_EQ(h.said, "250 hi\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n550 5.1.1 no\r\n354 go\r\n250 2.0.0 id\r\n221 2.0.0 bye\r\n");
  EXPECT_TRUE(h.core.closed());
}

TEST(SmtpServer, RefusesCommandsOutOfOrder) {
  Host h = run({"RCPT TO:<x>\r\n", "DATA\r\n", "MAIL FROM:<a>\r\n", "MAIL FROM:<b>\r\n", "RCPT TO:<no>\r\n", "DATA\r\n", "RSET\r\n", "RCPT TO:<x>\r\n"});
  EXPECT_EQ(h.said, "503 5.0.0 Need MAIL before RCPT\r\n503 5.0.0 Need MAIL command\r\n250 2.1.0 ok\r\n503 5.5.0 Sender already specified\r\n"
                    "550 5.1.1 no\r\n503 5.0.0 Need RCPT (recipient)\r\n250 2.0.0 Reset state\r\n503 5.0.0 Need MAIL before RCPT\r\n");
}

TEST(SmtpServer, TellsOfANamelessHelo) {
  Host h = run({"EHLO\r\n"});
  EXPECT_EQ(h.log, "EHLO \n");
  EXPECT_EQ(h.said, "250 hi\r\n");
}

TEST(SmtpServer, ReadsLenientSyntax) {
  Host h = run({"mail from:x@y\r\n", "RSET\r\n", "  MAIL FROM : <x@y>   \r\n", "RCPT TO: <b c@d> notify=never\r\n", "RCPT TO:\r\n", "RCPT\r\n", "RCPT FROM:<x>\r\n",
                "RCPT TO:<joe@d>,<eric@d>\n", "RCPT TO:<a@b\r\n", "RCPT TO:\"a b\"@c X\r\n"});
  EXPECT_EQ(h.log, "MAIL x@y\nRSET\nMAIL <x@y>\nRCPT <b c@d> [notify=never]\nFAULT\nFAULT\nFAULT\nRCPT <joe@d>,<eric@d>\nRCPT <a@b\nRCPT \"a b\"@c [X]\n");
  EXPECT_NE(h.said.find("501 5.5.2 Syntax error in parameters scanning \"TO\"\r\n501 5.5.2 Syntax error in parameters scanning \"\"\r\n"
                        "501 5.5.2 Syntax error in parameters scanning \"FROM\"\r\n"), std::string::npos);
}

TEST(SmtpServer, EchoesUnknownCommandsInSevenBits) {
  EXPECT_EQ(echo("\xc3\xa9"), "C)");
  EXPECT_EQ(echo("\x01 x\x7f"), " x");
  EXPECT_LE(echo(std::string(5000, 'a')).size(), 203u);
  Host h = run({"FOO BAR\r\n", "\r\n", "TURN\r\n", "GET / HTTP/1.0\r\n"});
  EXPECT_EQ(h.log, "UNKNOWN FOO BAR\nUNKNOWN \nNAMED TURN\nUNKNOWN GET / HTTP/1.0\n");
  EXPECT_EQ(run({"POST / HTTP/1.0\r\nQUIT\r\n"}).log, "PROXY\n");
}

struct Smuggle { const char* data; const char* reply; };

TEST(SmtpServer, OnlyCrLfDotCrLfEndsData) {
  const Smuggle kCases[] = {
      {"a\n.\nMAIL FROM:<s>\r\n.\r\n", "421 4.5.0 Bare linefeed (LF) not allowed\r\n"},
      {"a\n.\r\nMAIL FROM:<s>\r\n.\r\n", "421 4.5.0 Bare linefeed (LF) not allowed\r\n"},
      {"a\r\n.\nMAIL FROM:<s>\r\n.\r\n", "421 4.5.0 Bare linefeed (LF) not allowed\r\n"},
      {"a\r.\rMAIL FROM:<s>\r\n.\r\n", "421 4.5.0 Bare carriage return (CR) not allowed\r\n"},
      {"a\r\r\n.\r\r\nMAIL FROM:<s>\r\n.\r\n", "421 4.5.0 Bare carriage return (CR) not allowed\r\n"},
      {"a\n\rb\r\n.\r\n", "421 4.5.0 Bare linefeed (LF) not allowed\r\n"},
      {"a\r\n. \r\n.x\r\n.\r\n", "250 2.0.0 id\r\n"},
  };
  for (const Smuggle& c : kCases) {
    Host h = run({"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n", c.data});
    size_t at = h.said.find("354 go\r\n");
    EXPECT_EQ(h.said.substr(at + 8), c.reply) << c.data;
    EXPECT_EQ(h.log.find("MAIL <s>"), std::string::npos);
    EXPECT_EQ(h.core.closed(), c.reply[0] == '4');
  }
}

TEST(SmtpServer, RefusesInputBehindEhloAndData) {
  Host h;
  h.feed("EHLO x\r\nMAIL FROM:<a>\r\n");
  EXPECT_EQ(h.said, "554 5.5.0 SMTP protocol error\r\n550 5.0.0 Command rejected\r\n");
  Host d;
  d.feed("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
  EXPECT_EQ(d.said, "250 2.1.0 ok\r\n250 2.1.5 ok\r\n554 5.5.0 SMTP protocol error\r\n");
  EXPECT_TRUE(d.core.closed());
}

TEST(SmtpServer, RefusedClientMayOnlyLeave) {
  Host h;
  h.core.refuse_commands(Reply(550, "5.7.1", "Access denied"));
  h.feed("EHLO x\r\n");
  h.feed("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRSET\r\nQUIT\r\n");
  EXPECT_EQ(h.said, "250 hi\r\n550 5.7.1 Access denied\r\n550 5.7.1 Access denied\r\n250 2.0.0 Reset state\r\n221 2.0.0 bye\r\n");
}

TEST(SmtpServer, KeepsItsLimits) {
  ServerLimits limits;
  limits.max_bad_commands = 3;
  EXPECT_EQ(run({"A\r\n", "B\r\n", "C\r\n", "D\r\n", "E\r\n"}, limits).log, "UNKNOWN A\nUNKNOWN B\nUNKNOWN C\nTOOMANY\n");
  limits.max_command_line = 20;
  EXPECT_EQ(run({std::string(500, 'x') + "\r\nQUIT\r\n"}, limits).said, "500 5.5.2 Line too long\r\n221 2.0.0 bye\r\n");
  limits.max_message_size = 10;
  Host h = run({"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n", "0123456789\r\nmore\r\n.\r\n"}, limits);
  EXPECT_NE(h.log.find("TOOBIG"), std::string::npos);
  EXPECT_LE(h.body.size(), 10u);
}

TEST(ServerCore, A421ForOneRecipientIsNotTheEnd) {
  EXPECT_EQ(run({"MAIL FROM:<a>\r\n", "RCPT TO:<later>\r\n", "RCPT TO:<b>\r\n", "QUIT\r\n"}).log, "MAIL <a>\nRCPT <later>\nRCPT <b>\nQUIT\n");
}

// RFC 4954 4
TEST(ServerCore, AuthHasLongerLines) {
  const std::string k12(12000, 'A'), k13(13000, 'A');
  EXPECT_EQ(run({"AUTH X\r\n", k12 + "\r\n"}).log, "AUTH X\nRESPONSE 12000\n");
  EXPECT_EQ(run({"auth X " + k12 + "\r\n", "am9l\r\n"}).log, "AUTH X 12000\nRESPONSE am9l\n");
  EXPECT_EQ(run({"AUTH X\r\n", k13 + "\r\n", "QUIT\r\n"}).log, "AUTH X\nRESPONSE (line too long)\nQUIT\n");
  EXPECT_EQ(run({"AUTH X " + k13 + "\r\n", "QUIT\r\n"}).log, "QUIT\n");
}

TEST(SmtpServer, HandsVeryLongLinesOnInPieces) {
  std::string line(200'000, 'x');
  Host h;
  h.feed("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n");
  for (size_t i = 0; i < line.size(); i += 1000) h.feed(std::string_view(line).substr(i, 1000));
  EXPECT_GT(h.body.size(), 100'000u);
  h.feed("\r\n.\r\n");
  EXPECT_EQ(h.body, line + "\n");
}

TEST(SmtpPath, AnUnbalancedAddressIsTheWholeLine) {
  auto address = [](const char* line) { return parse_path(split_command(line).rest, "from").address; };
  EXPECT_EQ(address("MAIL FROM:a@b>  SIZE=5 "), "a@b>  SIZE=5 ");
  EXPECT_EQ(address("MAIL FROM:<a)@b> SIZE=5"), "<a)@b> SIZE=5");
  EXPECT_EQ(address("MAIL FROM:<a@b  "), "<a@b  ");
  EXPECT_EQ(address("MAIL FROM:<a@b>  "), "<a@b>");
  EXPECT_EQ(address("MAIL FROM:a(b)@c SIZE=5"), "a(b)@c");
}

TEST(SmtpPath, ATabEndsAnAddressWithoutBracketsAsABlankDoes) {
  const PathArgument plain = parse_path("TO:joe@mu\tmble", "to"), bracketed = parse_path("TO:<jo\te>\tNOTIFY=never", "to");
  EXPECT_EQ(plain.address, "joe@mu");
  ASSERT_EQ(plain.params.size(), 1u);
  EXPECT_EQ(plain.params[0].key, "mble");
  EXPECT_EQ(bracketed.address, "<jo\te>");
  ASSERT_EQ(bracketed.params.size(), 1u);
}

TEST(SmtpParams, RefusesAsSendmail) {
  MailParams m;
  EXPECT_FALSE(parse_mail_params(parse_path("FROM:<a> SIZE=abc BODY=7bit RET=FULL ENVID=a+2Bb BY=5;RT", "from").params, {}, m));
  EXPECT_EQ(*m.size, 0u);
  EXPECT_EQ(m.body + m.ret + m.envid.value_or(""), "7BITFULLa+2Bb");
  EXPECT_EQ(m.deliver_by, 5);
  auto mail = [](const char* s) { MailParams p; return parse_mail_params(parse_path(s, "from").params, {}, p)->lines[0]; };
  EXPECT_EQ(mail("FROM:<a> BY=120"), "BY= missing ';'");
  EXPECT_EQ(mail("FROM:<a> BY=120;"), "illegal by-mode '?'");
  EXPECT_EQ(mail("FROM:<a> FOO=bar"), "FOO parameter unrecognized");
  EXPECT_EQ(mail("FROM:<a> ENVID=a b"), "b parameter unrecognized");
  EXPECT_EQ(mail("FROM:<a> ENVID=a+zz"), "Syntax error in ENVID parameter value");
  EXPECT_EQ(mail("FROM:<a> BODY=BINARYMIME"), "Unknown BODY type BINARYMIME");
  EXPECT_EQ(mail("FROM:<a> RET=HDRS RET=FULL"), "Duplicate RET parameter");
  auto rcpt = [](const char* s) { RcptParams p; return parse_rcpt_params(parse_path(s, "to").params, {}, p)->lines[0]; };
  EXPECT_EQ(rcpt("TO:<a> NOTIFY=NEVER,SUCCESS"), "Bad argument \"NEVER\"  to NOTIFY");
  EXPECT_EQ(rcpt("TO:<a> ORCPT=bogus"), "Syntax error in ORCPT parameter value");
  RcptParams r;
  EXPECT_FALSE(parse_rcpt_params(parse_path("TO:<a> NOTIFY=SUCCESS,delay ORCPT=rfc822;x@y", "to").params, {}, r));
  EXPECT_EQ(r.notify, 2 | 8);
}

}  // namespace
}  // namespace hky::smtp
