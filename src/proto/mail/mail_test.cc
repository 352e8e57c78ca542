// Message text: header parser, address lists, dates, the body on its way out, 8 to 7 bit, reports.
#include <gtest/gtest.h>

#include "proto/mail/address_list.h"
#include "proto/mail/body_writer.h"
#include "proto/mail/date.h"
#include "proto/mail/header_writer.h"
#include "proto/mail/message.h"
#include "proto/mail/mime.h"
#include "proto/mail/report.h"

namespace hky::mail {
namespace {

TEST(MailHeader, FindsFieldsFoldsAndBody) {
  std::string text = "From joe Mon\nReceived: a\n\tb\nSubject : hi\nreceived: c\n\nbody\n";
  Header h = parse_header(text);
  EXPECT_EQ(h.unix_from, "From joe Mon");
  ASSERT_EQ(h.fields.size(), 3u);
  EXPECT_EQ(h.fields[0].value, "a\n\tb");
  EXPECT_EQ(unfold(h.fields[0].value), "a\tb");
  EXPECT_EQ(h.fields[1].name, "Subject");
  EXPECT_EQ(h.fields[1].raw, "Subject : hi\n");
  EXPECT_EQ(count_hops(h), 2u);
  EXPECT_EQ(text.substr(h.body_offset), "body\n");
  Header none = parse_header("no header here\nX: y\n");
  EXPECT_EQ(none.body_offset, 0u);
  EXPECT_FALSE(none.had_separator);
  Header cut = parse_header("A: b");
  EXPECT_EQ(cut.fields[0].value, "b");
  EXPECT_EQ(cut.body_offset, 4u);
}

TEST(MailHeader, FoldsLongAddressListsAtCommas) {
  std::string out;
  put_address_field(out, "To", {std::string(30, 'a'), std::string(30, 'b'), std::string(30, 'c')});
  EXPECT_EQ(out, "To: " + std::string(30, 'a') + ", " + std::string(30, 'b') + ",\n        " + std::string(30, 'c') + "\n");
  out.clear();
  put_address_field(out, "From", {"a@b"}, "");
  EXPECT_EQ(out, "From:a@b\n");
  out.clear();
  put_field(out, "X", "  y\n");
  EXPECT_EQ(out, "X: y\n");
}

TEST(MailAddresses, TheEndOfAGroupMayStayWithItsLastMember) {
  const auto apart = split_addresses("g: a, b;");
  ASSERT_EQ(apart.size(), 2u);
  EXPECT_EQ(apart[1], "b");
  const auto kept = split_addresses("undisclosed-recipients:;", false);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0], "undisclosed-recipients:;");
}

TEST(MailAddresses, SplitsOnlyAtTopLevelCommas) {
  auto got = split_addresses("Joe <a@b>, \"x, y\" <c@d>, (z, (n)) e@f,, <@h,@i:j@k> , \\,q");
  ASSERT_EQ(got.size(), 5u);
  EXPECT_EQ(got[1], "\"x, y\" <c@d>");
  EXPECT_EQ(got[2], "(z, (n)) e@f");
  EXPECT_EQ(got[3], "<@h,@i:j@k>");
  EXPECT_EQ(parse_mailbox("\"J. D.\" <j@d>").full_name, "J. D.");
  EXPECT_EQ(parse_mailbox("j@d (Joe)").full_name, "Joe");
  EXPECT_EQ(parse_mailbox("j@d (Joe)").address, "j@d");
}

TEST(MailXtext, GoesBothWays) {
  std::string out;
  EXPECT_EQ(to_xtext("a+b=c d"), "a+2Bb+3Dc+20d");
  ASSERT_TRUE(from_xtext("a+2Bb+3D", out));
  EXPECT_EQ(out, "a+b=");
  EXPECT_FALSE(from_xtext("a+2", out));
  EXPECT_FALSE(from_xtext("a=b", out));
}

TEST(MailDate, PrintsAsSendmail) {
  EXPECT_EQ(arpa_date(1704067200), "Mon, 1 Jan 2024 00:00:00 GMT");
  EXPECT_EQ(arpa_date(1704067200, 540), "Mon, 1 Jan 2024 09:00:00 +0900");
  EXPECT_EQ(arpa_date(1704067200, -210), "Sun, 31 Dec 2023 20:30:00 -0330");
  EXPECT_EQ(ctime_date(1704067200), "Mon Jan  1 00:00:00 2024");
  EXPECT_EQ(minute_date(1709208000), "202402291200");
}

std::string written(BodyStyle style, std::string_view text) {
  std::string whole, cut;
  BodyWriter a(style), b(style);
  a.write(text, whole);
  a.finish(whole);
  for (char c : text) b.write(std::string_view(&c, 1), cut);
  b.finish(cut);
  EXPECT_EQ(whole, cut);
  return whole;
}

TEST(MailBody, LeavesInTheMailersForm) {
  BodyStyle smtp;
  smtp.eol = "\r\n";
  smtp.dot_stuff = true;
  EXPECT_EQ(written(smtp, ".\n..a\nb"), "..\r\n...a\r\nb\r\n");
  BodyStyle local;
  local.escape_from = true;
  EXPECT_EQ(written(local, "From x\nFro\nFrom\n From y\nFrom "), ">From x\nFro\nFrom\n From y\n>From \n");
  BodyStyle narrow;
  narrow.line_limit = 10;
  EXPECT_EQ(written(narrow, "0123456789\n0123456789a\n"), "0123456789\n012345678!\n 9a\n");
  narrow.blank_after_cut = false;
  narrow.dot_stuff = narrow.escape_from = true;
  EXPECT_EQ(written(narrow, "012345678.a2345678From x\n"), "012345678!\n..a2345678!\n>From x\n");
}

TEST(MailMime, TurnsEightBitsIntoSeven) {
  std::string body = "caf\xc3\xa9 and a long enough line of plain text to stay quoted\nFrom here\n.\n";
  SevenBit q = to_seven_bit("Subject: x\n\n", body, "unknown-8bit", "by mx.example id 1");
  EXPECT_EQ(q.head, "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=unknown-8bit\nContent-Transfer-Encoding: quoted-printable\n"
                    "X-MIME-Autoconverted: from 8bit to quoted-printable by mx.example id 1\n\n");
  EXPECT_EQ(q.body.substr(0, 10), "caf=C3=A9 ");
  EXPECT_EQ(quoted_printable_decode(q.body), body);
  SevenBit b = to_seven_bit("Content-Type: text/plain; charset=utf-8\nMIME-Version: 1.0\n\n", "\xc3\xa9\xc3\xa9\n", "u", "by x");
  EXPECT_NE(b.head.find("Content-Transfer-Encoding: base64\n"), std::string::npos);
  std::string decoded;
  ASSERT_TRUE(base64_decode(b.body, decoded));
  EXPECT_EQ(decoded, "\xc3\xa9\xc3\xa9\r\n");
  SevenBit m = to_seven_bit("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n",
                            "pre\n--b\n\nplain\n--b\nContent-Type: text/html\n\n\xe9\xe9\n--b--\nend\n", "u", "by x");
  EXPECT_FALSE(has_8bit(m.body));
  EXPECT_EQ(m.body, "pre\n--b\n\nplain\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n"
                    "X-MIME-Autoconverted: from 8bit to base64 by x\n\n6ek=\n--b--\nend\n");
  // the header alone has them
  EXPECT_EQ(to_seven_bit("A: b\n\n", "plain\n", "u", "by x").head, "A: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=u\n\n");
  EXPECT_EQ(to_seven_bit("Content-Transfer-Encoding: 8bit\nMIME-Version: 1.0\nA: b\n\n", "plain\n", "u", "by x").head,
            "MIME-Version: 1.0\nA: b\nContent-Type: text/plain; charset=u\nContent-Transfer-Encoding: 8bit\n\n");
  EXPECT_EQ(labelled_8bit("A: b\nContent-Type: text/html\n\n", "u"), "A: b\nContent-Type: text/html\nMIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n\n");
  EXPECT_EQ(labelled_8bit("MIME-Version: 1.0\n\n", "u"), "MIME-Version: 1.0\n\n");
}

// What goes to a host without 8BITMIME, part by part.
TEST(MailSevenBit, WalksPartsAsSendmail) {
  const auto converted = [](const std::string& head, const std::string& body) {
    const SevenBit s = to_seven_bit("MIME-Version: 1.0\nContent-Type: " + head + "\n\n", body, "u", "by x");
    return s.head.substr(std::string("MIME-Version: 1.0\nContent-Type: ").size()) + s.body;
  };
  const std::string field = "Content-Transfer-Encoding: base64\nX-MIME-Autoconverted: from 8bit to base64 by x\n\n";
  // walked: no encoding of its own; before and behind the parts 7 bits; closed where it was not
  EXPECT_EQ(converted("multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit", "pr\xe9\n--b\n\n\xe9\xe9\n--b--\n\xe9nd\n"),
            "multipart/mixed; boundary=b\n\npri\n--b\n" + field + "6ek=\n--b--\nind\n");
  EXPECT_EQ(converted("multipart/mixed; boundary=b", "n\xe9ver\n"), "multipart/mixed; boundary=b\n\nniver\n--b--\n");
  EXPECT_EQ(converted("multipart/mixed", "--x\n\n\xe9\n"), "multipart/mixed\n\n--x\n\ni\n--------\n");
  EXPECT_EQ(converted("multipart/mixed; boundary=b", "--b\n\n\xe9 and much more\n\n--b--\n"),
            "multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: quoted-printable\nX-MIME-Autoconverted: from 8bit to quoted-printable by x\n\n=E9 and much more\n\n--b--\n");
  // left alone: no 8 bits, encoded already, signed, messages that are no mail
  const std::string alone = "--b\nContent-Transfer-Encoding: 8bit\n\na\n--b\nContent-Transfer-Encoding: x-odd\n\n\xe9\n--b\nContent-Type: message/delivery-status\n\n\xe9: a\n"
                            "--b\nContent-Type: multipart/signed; boundary=c\n\n--c\n\n\xe9\n--c--\n--b--\n";
  EXPECT_EQ(converted("multipart/mixed; boundary=b", alone), "multipart/mixed; boundary=b\n\n" + alone);
  EXPECT_EQ(converted("text/plain\nContent-Transfer-Encoding: x-odd", "\xe9\n"), "text/plain\nContent-Transfer-Encoding: x-odd\n\n\xe9\n");
  // mail within mail
  EXPECT_EQ(converted("multipart/mixed; boundary=b", "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: a\n\n\xe9\n--b--\n"),
            "multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: a\nMIME-Version: 1.0\n" + field + "6Q==\n--b--\n");
  EXPECT_EQ(converted("multipart/digest; boundary=b", "--b\n\nSubject: a\n\n\xe9\n--b\n\nSubject: c\n\nd\n--b--\n"),
            "multipart/digest; boundary=b\n\n--b\n\nSubject: a\nMIME-Version: 1.0\n" + field + "6Q==\n--b\n\nSubject: c\nMIME-Version: 1.0\n\nd\n--b--\n");
}

TEST(MailSevenBit, BreaksLinesAsSendmail) {
  const auto x = [](size_t n) { return std::string(n, 'x'); };
  EXPECT_EQ(quoted_printable_encode("From \xe9\n.\n.a\n\x01\x7f=\t\n \n.. "), "From =E9\n=2E\n.a\n=01=7F=3D=09\n=20\n..=20");
  EXPECT_EQ(quoted_printable_encode(x(73) + "\n" + x(80)), x(73) + "\n" + x(73) + "=\n" + x(7));
  EXPECT_EQ(quoted_printable_encode(x(72) + "\xe9y\n"), x(72) + "=E9=\ny\n");
  EXPECT_EQ(quoted_printable_encode(x(73) + ".\n"), x(73) + ".\n");   // no line is a dot alone
  EXPECT_EQ(quoted_printable_encode(x(73) + ".y"), x(73) + "=\n.y");
  EXPECT_EQ(quoted_printable_encode(x(73) + " y"), x(73) + "=\n y");
  const std::string coded = base64_encode(x(55));
  EXPECT_EQ(coded.find('\n'), 72u);
}

TEST(MailSevenBit, ChoosesBase64WhereMoreThanAnEighthIsForeign) {
  const auto encoding = [](const std::string& body, const std::string& fields = "") {
    const SevenBit s = to_seven_bit("MIME-Version: 1.0\nContent-Type: text/plain\n" + fields + "\n", body, "u", "by x");
    return s.head.find("Encoding: base64\n") != std::string::npos ? "base64" : "quoted-printable";
  };
  EXPECT_STREQ(encoding("\xe9\xe9" + std::string(13, 'x') + "\n"), "quoted-printable");
  EXPECT_STREQ(encoding("\xe9\xe9" + std::string(12, 'x') + "\n"), "base64");
  EXPECT_STREQ(encoding("\xe9" + std::string(90, 'x') + "\n", "Content-Transfer-Encoding: binary\n"), "base64");
  std::string picture;
  for (int i = 0; i < 90; ++i) picture += std::string(20, '\xe9') + std::string(30, 'x') + "\n";
  EXPECT_STREQ(encoding(picture + std::string(50000, 'x')), "base64");
}

// Mailer flag 9. sendmail: mime7to8()
TEST(MailEightBit, DecodesPlainText) {
  const auto decoded = [](const std::string& type, const std::string& encoding, const std::string& body) {
    const auto out = to_eight_bit("Subject: x\n" + type + "Content-Transfer-Encoding: " + encoding + "\nX-Y: z\n\n", body, "by mx.example id 1");
    return out ? out->head + out->body : "";
  };
  const auto head = [](const std::string& type, const std::string& encoding) {
    return "Subject: x\n" + type + "X-Y: z\nContent-Transfer-Encoding: 8bit\nX-MIME-Autoconverted: from " + encoding + " to 8bit by mx.example id 1\n\n";
  };
  const std::string plain = "Content-Type: TEXT/PLAIN; charset=iso-8859-1\n";
  EXPECT_EQ(decoded(plain, "Quoted-Printable", "b=E4r=\n x=3d1 \nc=  \nd\n"), head(plain, "Quoted-Printable") + "b\xe4r x=1 \ncd\n\n");
  EXPECT_EQ(decoded(plain, "quoted-printable", ""), head(plain, "quoted-printable") + "\n");
  EXPECT_EQ(decoded(plain, "base64", "YQ0KYg0KDQo=\n"), head(plain, "base64") + "a\nb\n\n\n");
  EXPECT_EQ(decoded(plain, "base64", "YWJj\n\nZGVm\n"), head(plain, "base64") + "abcdef\n\n");
  EXPECT_EQ(decoded("", "quoted-printable", "b=E4r\n"), "");
  EXPECT_EQ(decoded("Content-Type: text/html\n", "quoted-printable", "b=E4r\n"), "");
  EXPECT_EQ(decoded("Content-Type: text/plainx\n", "quoted-printable", "b=E4r\n"), "");
  for (const char* other : {"8bit", "quoted-printable (x)", "quoted-printable "}) EXPECT_EQ(decoded(plain, other, "b=E4r\n"), "") << other;
  EXPECT_EQ(decoded(plain, "base64", "YWJj!\n"), "");
}

TEST(MailPhrase, IsQuotedWhereItMustBe) {
  constexpr std::string_view kMust = "@,;:\\()[].'";
  EXPECT_EQ(as_phrase("Joe User", kMust), "Joe User");
  EXPECT_EQ(as_phrase("\"J. User\"", kMust), "\"J. User\"");
  EXPECT_EQ(as_phrase("User, J. (x)", kMust), "\"User, J. (x)\"");
  EXPECT_EQ(as_phrase("open \"quote", kMust), "\"open \\\"quote\"");
}

TEST(MailReport, SpeaksAsSendmail) {
  Report r;
  r.to = {"<s@remote.example>"};
  r.from = "Mail Delivery Subsystem <MAILER-DAEMON@mail.example.com>";
  r.host = "mail.example.com";
  r.boundary = "ID.1/mail.example.com";
  r.arrival_host = "localhost [127.0.0.1]";
  r.received_from_mta = "localhost";
  r.arrival = r.now = 1704067200;
  r.return_full = true;
  r.original_head = "Subject: t\n\n";
  r.original_body = "Hello\n";
  r.transcript = {"550 5.1.1 <x@y>... User unknown"};
  ReportRcpt c;
  c.address = "<x@y>";
  c.actual_recipient = "rfc822; x@y";
  c.status = "5.1.1";
  c.remote_mta = "y";
  c.diagnostic = "550 5.1.1 no";
  c.reason = "550 5.1.1 no";
  c.last_attempt = r.now;
  r.rcpts.push_back(c);
  EXPECT_EQ(build_report(r),
            "From: Mail Delivery Subsystem <MAILER-DAEMON@mail.example.com>\nTo: <s@remote.example>\nMIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"ID.1/mail.example.com\"\n"
            "Subject: Returned mail: see transcript for details\nAuto-Submitted: auto-generated (failure)\n\n"
            "This is a MIME-encapsulated message\n\n--ID.1/mail.example.com\n\n"
            "The original message was received at Mon, 1 Jan 2024 00:00:00 GMT\nfrom localhost [127.0.0.1]\n\n"
            "   ----- The following addresses had permanent fatal errors -----\n<x@y>\n    (reason: 550 5.1.1 no)\n\n"
            "   ----- Transcript of session follows -----\n550 5.1.1 <x@y>... User unknown\n\n"
            "--ID.1/mail.example.com\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example.com\n"
            "Received-From-MTA: DNS; localhost\nArrival-Date: Mon, 1 Jan 2024 00:00:00 GMT\n\n"
            "Final-Recipient: RFC822; x@y\nX-Actual-Recipient: rfc822; x@y\nAction: failed\nStatus: 5.1.1\nRemote-MTA: DNS; y\n"
            "Diagnostic-Code: SMTP; 550 5.1.1 no\nLast-Attempt-Date: Mon, 1 Jan 2024 00:00:00 GMT\n\n"
            "--ID.1/mail.example.com\nContent-Type: message/rfc822\n\nSubject: t\n\nHello\n\n--ID.1/mail.example.com--\n\n");
  r.original_body = "Hello";   // its line ends where the part does
  EXPECT_NE(build_report(r).find("Subject: t\n\nHello\n--ID.1/mail.example.com--\n\n"), std::string::npos);
  r.original_8bit = true;   // labelled twice, whether its body goes back or not
  EXPECT_NE(build_report(r).find("boundary=\"ID.1/mail.example.com\"\nContent-Transfer-Encoding: 8bit\nSubject:"), std::string::npos);
  EXPECT_NE(build_report(r).find("Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: t\n"), std::string::npos);
  r.original_body = "From there\nto From here\n";
  EXPECT_NE(build_report(r).find("\n\n>From there\nto From here\n"), std::string::npos);
  r.to = {"postmaster", "<s@remote.example>"};
  EXPECT_NE(build_report(r).find("\nTo: postmaster\nTo: <s@remote.example>\nMIME"), std::string::npos);
  r.return_full = false;
  EXPECT_NE(build_report(r).find("Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: 8bit\n\nSubject: t\n"), std::string::npos);
  r.kind = ReportKind::kDelay;
  EXPECT_NE(build_report(r).find("Subject: Warning: could not send message for past 4 hours\n"), std::string::npos);
}

}  // namespace
}  // namespace hky::mail
