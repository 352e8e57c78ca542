// The header as it leaves: fields, their order and folds, bytes above 127.
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

// sendmail: commaize(): a comma ends an address, also where its bracket is open; not within a route.
TEST_F(DelivererTest, AHeadersAddressesEndAtCommas) {
  submit(envelope({"ann"}), "To: <a@far.test, b@far.test\nCc: x@far.test <,\nReply-To: <@r.test,@s.test:c@far.test>, \\, d@far.test,\nSubject: x\n\ny\n");
  settle();
  EXPECT_THAT(mailbox("ann"), HasSubstr("\nTo: <a@far.test>, b@far.test\nCc: \"x@far.test\" <>\nReply-To: <@r.test,@s.test:c@far.test>, \\, d@far.test\nSubject"));
  EXPECT_THAT(delivered("joe", "To:  gone@gone.test, joe, gone@gone.test\nCc:  gone@gone.test\nSubject: x\n\ny\n"), HasSubstr("\nTo:  joe\nCc:  \nSubject"));   // what the rules leave nothing of
}

// sendmail: commaize()
TEST_F(DelivererTest, EveryBlankBeforeTheFirstAddressStaysABlank) {
  submit(envelope({"joe"}), "Received: by us.test id QID\nTo:\n\tjoe, eric\nCc: \talice, bob\n\nhello\n");
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(HasSubstr("\nTo:  joe"), HasSubstr("\nCc:  alice")));
}

TEST_F(DelivererTest, ReturnReceiptToIsNotSentOnToAListOrWhereItMeansDsn) {
  maps_->put("aliases", "list", "joe");
  maps_->put("aliases", "owner-list", "ann");
  const std::string text = "Return-Receipt-To: sender\nSubject: x\n\nhello\n";
  submit(envelope({"list"}), text);
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(HasSubstr("hello"), Not(HasSubstr("Return-Receipt-To"))));
  EXPECT_THAT(delivered("joe", text), HasSubstr("Return-Receipt-To: sender\n"));
  config_->options.rrt_implies_dsn = true;
  EXPECT_THAT(delivered("ann", text), AllOf(HasSubstr("hello"), Not(HasSubstr("Return-Receipt-To"))));
}

TEST_F(DelivererTest, FoldsWithinAnAddressStay) {
  const std::string text = "From: \"A User\"\n\t<ann@us.test>\nSender: Ann\n (A)\nTo: \"J\n\tJ\"\n\t <joe>,\n\tann\n (A\n B)\n\nhello\n";
  EXPECT_THAT(delivered("joe", text), HasSubstr("From: \"A User\"\n\t<ann>\nSender: Ann (A)\nTo: \"J\n\tJ\"\n\t <joe>, ann (A\n B)\n"));
  config_->options.single_line_from_header = true;
  EXPECT_THAT(delivered("ann", text), HasSubstr("From: \"A User\" \t<ann>\nSender: Ann (A)\nTo: \"J\n\tJ\"\n\t <joe>, ann (A\n B)\n"));
  // a phrase that is too long is cut, wherever its fold is, and stays one field
  for (const size_t length : {252u, 253u, 254u, 255u, 256u, 257u}) {
    const std::string phrase(length, 'x');
    agent_.mailboxes.clear();
    submit(envelope({"joe"}), "To: " + phrase + "\n\tand more\n\t<joe>\nX-Last: y\n\nhello\n");
    settle();
    const std::string kept = mailbox("joe");
    const size_t to = kept.find("\nTo: x"), last = kept.find("\nX-Last: y\n");
    ASSERT_LT(to, last);
    for (size_t i = kept.find('\n', to + 1); i < last; i = kept.find('\n', i + 1)) EXPECT_THAT(kept.substr(i, 2), ::testing::AnyOf("\n\t", "\n "));
  }
}

TEST_F(DelivererTest, FieldsThatTheCommandAddedStandWhereTheirLinesDo) {
  cf::HeaderRule rule;
  rule.name = "X-Site";
  rule.value = cf::to_text("ours");
  config_->headers.insert(config_->headers.begin(), rule);
  submit(envelope({"joe"}), "X-Site: mine\nReceived: by us.test id QID\nDate: now\nFrom: a@us.test\n\nhello\n");
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("\nX-Site: mine\nReceived: by us.test id "));
}

// What a session knows is in no queue file.
TEST_F(DelivererTest, AnHLineKnowsTheSessionWhereItIsDeliveredAtOnce) {
  cf::HeaderRule rule;
  rule.name = "X-Rate";
  rule.value = cf::Text{cf::kMacroExpand, cf::kN_client_rate};
  config_->headers.push_back(rule);
  for (const bool at_once : {true, false}) {
    queue::Envelope e = envelope({at_once ? "joe" : "ann"});
    e.session_macros = {{"client_rate", "7"}};
    if (!at_once) e.next_try = queue::kOnlyByQueueRun;
    submit(std::move(e));
    queue_->flush(nullptr);
    settle();
  }
  EXPECT_THAT(mailbox("joe"), HasSubstr("\nX-Rate: 7\n"));
  EXPECT_THAT(mailbox("ann"), AllOf(HasSubstr("hello"), Not(HasSubstr("X-Rate"))));
}

// sendmail: smtpmailfrom(): M_8BITS
TEST_F(DelivererTest, WhatNobodyLabelledIsNotLabelledForAMailerThatSends8BitsToAnybody) {
  settings_->policy.eight_bit_mode = 'm';
  network_.servers["192.0.2.1"].ehlo = {"mx1.test", "8BITMIME"};
  const char* text = "Subject: a\n\ncaf\xc3\xa9\n";
  const auto announced = [this] {
    const auto& said = network_.servers["192.0.2.1"].commands;
    return std::any_of(said.begin(), said.end(), [](const std::string& c) { return c.find("BODY=8BITMIME") != std::string::npos; });
  };
  submit(envelope({"a@wide.test"}), text);
  settle();
  EXPECT_FALSE(announced());
  submit(envelope({"a@dst.test"}), text);
  settle();
  EXPECT_TRUE(announced());
  EXPECT_THAT(network_.servers["192.0.2.1"].messages.back(), HasSubstr("\r\nContent-Type: text/plain; charset=unknown-8bit\r\nContent-Transfer-Encoding: 8bit\r\n\r\ncaf"));   // putheader()
  EXPECT_THAT(delivered("joe", text), HasSubstr("\nMIME-Version: 1.0\n"));
  // nor is a letter that is saved without its label: sendmail: savemail(): ESM_DEADLETTER
  queue::Job letter;
  letter.envelope = envelope({"joe"});
  letter.body = std::make_shared<const std::string>(text);
  const Fate saved = net::run_blocking(loop_, deliverer_->save(std::move(letter), settings_, "/dead.letter", ipc::Who{"joe", 1001, 1001, "/home/joe"}));
  EXPECT_TRUE(saved.sent());
  EXPECT_THAT(agent_.mailboxes["/dead.letter"], HasSubstr("\nMIME-Version: 1.0\n"));
  settings_->policy.eight_bit_mode = 's';   // sendmail: MM_MIME8BIT alone: what BODY=8BITMIME let in is nobody's to label
  EXPECT_THAT(delivered("ann", text), AllOf(HasSubstr("caf"), Not(HasSubstr("MIME-Version"))));
}

// sendmail: EF_HAS8BIT
TEST_F(DelivererTest, BytesAbove127OfTheHeaderCountToo) {
  network_.servers["192.0.2.1"].ehlo = {"mx1.test", "8BITMIME"};
  queue::Envelope e = envelope({"a@dst.test"});
  e.body_type = "8BITMIME";
  submit(std::move(e), "Subject: caf\xc3\xa9\nMIME-Version: 1.0\n\nb\n");
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, Contains(HasSubstr("BODY=8BITMIME")));
}

// sendmail: eatheader(): a From: that is made when the message comes
TEST_F(DelivererTest, AMissingFromIsRewrittenOnce) {
  network_.servers["192.0.2.1"];
  config_->mailers[static_cast<size_t>(config_->find_mailer("esmtp")->index)].sender_envelope_rwset = 40;
  submit(envelope({"a@dst.test"}, "x@bang.test"), "Received: by us.test id QID\nSubject: hi\n\nhello\n");
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, Contains(HasSubstr("MAIL From:<gate!x@bang.test>")));
  EXPECT_THAT(network_.servers["192.0.2.1"].messages[0], HasSubstr("\nFrom: gate!x@bang.test\r\n"));
}

TEST_F(DelivererTest, WhatNobodyWroteNamesOurDaemon) {
  network_.servers["192.0.2.1"];
  submit(envelope({"a@dst.test"}, ""), "Received: by us.test id QID\nSubject: hi\n\nhello\n");
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].messages[0], HasSubstr("\nFrom: MAILER-DAEMON"));
}

}  // namespace
}  // namespace hky::deliver
