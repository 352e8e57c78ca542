// A submission by command: the message that it makes, and whose it is: sender, header fields, size, macros.
#include "receive/submit_world.h"

namespace hky::receive {
namespace {

constexpr const char* kDetailOff =
    "SPlain\nR$+ + $*\t\t$: < $&{addr_type} > $1 + $2\nR< e s > $+ + $*\t\t$: $1\nR< $* > $+\t\t$: $2\n"
    "Mlocal, P=/bin/mail, F=lsDFMAw5:/|@qPSXmn9, R=Plain, T=DNS/RFC822/X-Unix, A=mail -d $u\n";

TEST_F(Submit, ReturnReceiptToAsksForSuccessReportsWhereItImpliesDsn) {
  SubmitRequest r;
  r.rcpts = {"eric", "alice"};
  const std::string text = "To: eric\nReturn-Receipt-To: <somebody@else.example>\n\nbody\n";
  const auto asked = [this] {
    std::vector<int> out;
    for (const queue::Rcpt& q : world_->queue.kept.back().envelope.rcpts) out.push_back(q.notify);
    return out;
  };
  submit(r, text);
  EXPECT_EQ(asked(), (std::vector<int>{0, 0}));
  build("O RrtImpliesDsn=True\n");
  submit(r, text);
  const int all = queue::kNotifySuccess | queue::kNotifyFailure | queue::kNotifyDelay;
  EXPECT_EQ(asked(), (std::vector<int>{all, all}));
  submit(r);
  EXPECT_EQ(asked(), (std::vector<int>{0, 0}));
  r.notify = "never";   // -N is stronger
  submit(r, text);
  EXPECT_EQ(asked(), (std::vector<int>{queue::kNotifyNever, queue::kNotifyNever}));
}

// sendmail: putheader(): H?D?: where some mailer has no D, it is said to those that have it.
TEST_F(Submit, AFieldThatOneMailerDoesNotWantWaitsForTheMailer) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  const auto dated = [&] {
    submit(r, "Subject: x\n\nbody\n");
    return world_->queue.kept.back().body->find("\nDate: ") != std::string::npos;
  };
  build("H?D?Date: $a\n");
  EXPECT_TRUE(dated());
  build("H?D?Date: $a\nMmail11, P=/usr/etc/mail11, F=nsFx, A=mail11 $g $x $h $u\n");
  EXPECT_FALSE(dated());
  build("H?D?Date: $a\nH?F?From: $g\nMmail11, P=/usr/etc/mail11, F=nsFx, A=mail11 $g $x $h $u\n");   // before From:, as the H lines stand
  EXPECT_FALSE(dated());
  EXPECT_EQ(world_->queue.kept.back().body->find("\nFrom: "), std::string::npos);
}

// sendmail: collect(): SaveFrom: the line is not looked for, and as no field's it begins the body.
TEST_F(Submit, AFromLineBeforeTheHeaderIsLeftOutUnlessItIsSaved) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  const std::string text = "From joe Mon Jan  1 00:00:00 2024\nSubject: x\n\nbody\n";
  submit(r, text);
  EXPECT_THAT(*world_->queue.kept.back().body, testing::AllOf(testing::HasSubstr("\nSubject: x\n"), testing::EndsWith("\n\nbody\n"), testing::Not(testing::HasSubstr("From joe Mon"))));
  build("O SaveFromLine=True\n");
  submit(r, text);
  EXPECT_THAT(*world_->queue.kept.back().body, testing::EndsWith("\n\n" + text));
}

// sendmail: readqf(): each H line without its "H??", the flags of those that have some, and the body.
TEST_F(Submit, WhatAQueueRunSaysOfTheSizeIsCountedAsInAQueueFile) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.delivery_mode = 'q';
  submit(r);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  const queue::Envelope& e = world_->queue.kept[0].envelope;
  const std::string& text = *world_->queue.kept[0].body;
  constexpr size_t kFields = 5, kEmptyLine = 1;   // Received, Date, Message-Id, To, Subject
  const size_t waiting = std::string("Return-Path: <$g>").size() + std::string("P").size(), flags = std::string("DM").size();
  EXPECT_EQ(e.queued_size, text.size() - kFields - kEmptyLine + waiting + flags);
  EXPECT_EQ(e.collected_size, e.queued_size);
  const uint64_t plain = e.queued_size;
  submit(r, "To: eric\nBcc: alice\nSubject: x\n\nbody\n");
  EXPECT_EQ(world_->queue.kept[1].envelope.queued_size, plain + std::string("Bcc: alice").size());
  const auto more = [&](const std::string& addresses) {   // sendmail: commaize()
    submit(r, "To: eric" + addresses + "\nSubject: x\n\nbody\n");
    return world_->queue.kept.back().envelope.queued_size - plain;
  };
  EXPECT_EQ(more(",joe"), std::string(", joe").size());
  EXPECT_EQ(more(",\n joe, "), std::string(", joe").size());
  const std::string far(70, 'x');
  EXPECT_EQ(more(", " + far), ("," + std::string("\n        ") + far).size());
}

// sendmail: eatheader(): HasEightBits
TEST_F(Submit, AMimeMessageWhoseHeaderHas8BitsIsLabelled) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  const auto body_type = [&](const std::string& text) {
    submit(r, text);
    return world_->queue.kept.back().envelope.body_type;
  };
  EXPECT_EQ(body_type("Subject: caf\xc3\xa9\nMIME-Version: 1.0\n\nb\n"), "8BITMIME");
  EXPECT_EQ(body_type("Subject: caf\xc3\xa9\n\nb\n"), "");
  EXPECT_EQ(body_type("MIME-Version: 1.0\n\ncaf\xc3\xa9\n"), "");
}

TEST_F(Submit, BlanksPartAddressesUntilACommaIsMet) {
  SubmitRequest r;
  r.rcpts = {"eric alice"};
  EXPECT_EQ(submit(r).exit_code, EX_OK);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(queued(0), (std::vector<std::string>{"alice", "eric"}));
  EXPECT_EQ(world_->queue.kept[0].body->find("for eric"), std::string::npos);   // not for one alone
}

TEST_F(Submit, AWordThatNamesNobodyDoesNotHideForWhomItIs) {
  SubmitRequest r;
  r.rcpts = {"", "eric"};
  submit(r);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_NE(world_->queue.kept[0].body->find("for eric"), std::string::npos);
}

// sendmail: eatheader(): e_nrcpts
TEST_F(Submit, WhomErrorsToNamesIsARecipientMore) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  const auto taken = [&](const std::string& errors_to) {
    submit(r, "Errors-To:" + errors_to + "\nSubject: x\n\nbody\n");
    return world_->queue.kept.back().body->find("for eric") == std::string::npos;
  };
  EXPECT_FALSE(taken(" joe"));
  build("O UseErrorsTo=True\n");
  EXPECT_TRUE(taken(" joe"));
  EXPECT_FALSE(taken(" "));
}

// sendmail: main(): whatever detail his address has, where the rules take it off
TEST_F(Submit, WhoNamesHimselfIsNotWarnedOfAndIsVouchedFor) {
  build(kDetailOff);
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.sender_given = 'f';
  const auto sent = [&](const char* sender) {
    r.sender = sender;
    submit(r);
    const queue::Job& kept = world_->queue.kept.back();
    return std::pair(kept.body->find("X-Authentication-Warning") != std::string::npos, kept.envelope.auth_sender);
  };
  EXPECT_EQ(sent("<joe+x@mx.test>"), std::pair(false, std::string("joe+2Bx@mx.test")));
  EXPECT_EQ(sent("alice+joe"), std::pair(true, std::string()));
  EXPECT_EQ(sent("joe@else.test"), std::pair(true, std::string()));
  EXPECT_EQ(sent(""), std::pair(true, std::string()));
  r.trusted = true;
  EXPECT_EQ(sent("joe@else.test"), std::pair(false, std::string("joe@else.test")));
}

TEST_F(Submit, AFaultySenderIsSaidAndLeftWith) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.sender_given = 'f';
  r.sender = "<a@b.test";
  EXPECT_EQ(submit(r).exit_code, EX_USAGE);
  EXPECT_EQ(said_, (std::vector<std::string>{"<a@b.test... Unbalanced '<'", "<a@b.test... Unbalanced '<'"}));
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(world_->queue.kept[0].envelope.sender, "a@b.test");
  EXPECT_EQ(world_->queue.kept[0].envelope.message, "<a@b.test... Unbalanced '<'");   // should it have to wait
  outcome_.exit_code = EX_NOHOST;
  EXPECT_EQ(submit(r).exit_code, EX_USAGE);   // he was first
  r.delivery_mode = 'q';
  r.rcpts = {"eric", "nobody-here"};
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  const queue::Envelope &waits = world_->queue.kept[2].envelope, &report = world_->queue.kept[3].envelope;
  EXPECT_EQ(waits.message, "<a@b.test... Unbalanced '<'");
  EXPECT_EQ(waits.priority / 30000, 2);   // both of them
  EXPECT_THAT(report.said, testing::ElementsAre(testing::HasSubstr("553 <a@b.test... Unbalanced '<'"), testing::_, "550 5.1.1 nobody-here... User unknown"));
}

// sendmail: setsender()
TEST_F(Submit, TheFullNameIsOfUsersHere) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.full_name = "A Name";
  submit(r);
  EXPECT_THAT(world_->queue.kept.at(0).envelope.macros, testing::Contains(testing::Pair("x", "A Name")));
  r.sender_given = 'f';
  r.sender = "somebody@remote.test";
  submit(r);
  EXPECT_THAT(world_->queue.kept.at(1).envelope.macros, testing::Not(testing::Contains(testing::Key("x"))));
  r.full_name.clear();
  r.sender = "joe+x";
  submit(r);
  EXPECT_THAT(world_->queue.kept.at(2).envelope.macros, testing::Not(testing::Contains(testing::Key("x"))));
}

// The rules of local mailers know it by {addr_type}.
TEST_F(Submit, ASendersDetailIsOffWhereTheRulesTakeItOff) {
  build(kDetailOff);
  SubmitRequest r;
  r.sender_given = 'f';
  r.sender = "joe+x";
  world_->maps->put("aliases", "eric+x", "alice");
  r.rcpts = {"eric+x"};
  submit(r);
  EXPECT_THAT(world_->queue.kept.at(0).envelope.macros, testing::Contains(testing::Pair("x", "joe user")));
  EXPECT_EQ(queued(0), std::vector<std::string>{"alice"});   // a recipient's stays
}

TEST_F(Submit, SevenBitsAreWhatWasPromised) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.body_type = "7BIT";
  submit(r, "Subject : caf\xe9\n\nx\xe9\n");
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  const std::string& text = *world_->queue.kept[0].body;
  EXPECT_NE(text.find("Subject: cafi\n"), std::string::npos) << text;   // and no blank before its colon
  EXPECT_NE(text.find("\n\nxi\n"), std::string::npos) << text;
}

TEST_F(Submit, WhatIsLabelledKeepsItsEightBits) {
  build("O SevenBitInput=True\n");
  SubmitRequest r;
  r.rcpts = {"eric"};
  submit(r, "Subject: x\n\nx\xe9\n");
  r.body_type = "8BITMIME";
  submit(r, "Subject: x\n\nx\xe9\n");
  ASSERT_EQ(world_->queue.kept.size(), 2u);
  EXPECT_TRUE(world_->queue.kept[0].body->ends_with("\n\nxi\n"));
  EXPECT_TRUE(world_->queue.kept[1].body->ends_with("\n\nx\xe9\n"));
}

TEST_F(Submit, HeaderRecipientsAreTakenAndBccIsHidden) {
  SubmitRequest r;
  r.read_rcpts = true;
  submit(r, "To: eric\nBcc: alice\nSubject: x\n\nbody\n");
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(world_->queue.kept[0].envelope.rcpts.size(), 2u);
  EXPECT_EQ(world_->queue.kept[0].body->find("Bcc:"), std::string::npos);
}

// sendmail: H_RESENT: a field of that prefix that RFC 5322 3.6.6 does not have makes nothing of the message
TEST_F(Submit, ResentIsWhatHasAResentFieldThatIsKnown) {
  SubmitRequest r;
  r.read_rcpts = true;
  submit(r, "Resent-X: y\nTo: eric\nSubject: x\n\nbody\n");
  EXPECT_EQ(queued(0), std::vector<std::string>{"eric"});
  submit(r, "Resent-Date: y\nTo: eric\nResent-To: alice\nSubject: x\n\nbody\n");
  EXPECT_EQ(queued(1), std::vector<std::string>{"alice"});
}

TEST_F(Submit, BlanksInTheHeaderPartAddressesUntilAFieldUsesCommas) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  submit(r, "To: eric alice @ mx.test\nCc:\n joe\n\nbody\n");
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_NE(world_->queue.kept[0].body->find("To: eric, alice @ mx.test\nCc:\n joe\n"), std::string::npos) << *world_->queue.kept[0].body;
  submit(r, "To: eric alice\nFrom: A Name <joe>\n\nbody\n");
  EXPECT_NE(world_->queue.kept.at(1).body->find("To: eric alice\n"), std::string::npos);
}

// sendmail: setsender(): udbsender(), of -f alone
TEST_F(Submit, AGivenSendersAuthorIsAsTheUserDatabaseNamesHim) {
  world_->maps->add_map("userdb.mailname", "userdb", "mailname");
  world_->maps->put("userdb.mailname", "alice", "Alice.Other@shown.test");
  world_->maps->put("userdb.mailname", "joe", "nobody");
  SubmitRequest r;
  r.rcpts = {"eric"};
  submit(r, "Subject: x\n\nb\n");   // joe's
  EXPECT_EQ(queue::author(world_->queue.kept.at(0).envelope), "");
  r.sender = "alice";
  r.sender_given = 'f';
  submit(r, "Subject: x\n\nb\n");
  EXPECT_EQ(world_->queue.kept.at(1).envelope.sender, "alice");
  EXPECT_EQ(queue::author(world_->queue.kept[1].envelope), "Alice.Other@shown.test");
  world_->maps->put("userdb.mailname", ":default", "shown.test");
  r.sender.clear();
  submit(r, "Subject: x\n\nb\n");   // <>
  EXPECT_EQ(queue::author(world_->queue.kept.at(2).envelope), "");
}

// sendmail: setsender(): whoever runs the command sends it then.
TEST_F(Submit, ASenderWhoIsNobodyIsSaidAndIsNot) {
  for (const char* sender : {"|x", ":include:/x", "/tmp/x"}) {
    said_.clear();
    world_->queue.kept.clear();
    SubmitRequest r;
    r.rcpts = {"eric"};
    r.sender = sender;
    r.sender_given = 'f';
    EXPECT_EQ(submit(r).exit_code, EX_USAGE) << sender;
    ASSERT_EQ(world_->queue.kept.size(), 1u) << sender;
    EXPECT_EQ(world_->queue.kept[0].envelope.sender, "joe") << sender;
  }
  EXPECT_EQ(said_, (std::vector<std::string>{"/tmp/x... Invalid sender address"}));
  SubmitRequest r;
  r.rcpts = {"nobody-here"};
  r.sender = "|x";
  r.sender_given = 'f';
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  r.sender = "a@bad.test";   // refused by the rulesets: that was first
  EXPECT_EQ(submit(r).exit_code, EX_DATAERR);
  r.read_rcpts = true;
  r.rcpts.clear();
  EXPECT_EQ(submit(r, "Subject: x\n\nbody\n").exit_code, EX_DATAERR);
}

TEST_F(Submit, AnEmptyFieldGivesWayToTheOneAnHLineHas) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  submit(r, "Date: \nMessage-Id:\n\t\nSubject:\nX-Empty: \n\nbody\n");
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  const std::string& text = *world_->queue.kept[0].body;
  EXPECT_EQ(text.find("Date: \n"), std::string::npos);
  EXPECT_EQ(text.find("Message-Id:\n"), std::string::npos);
  EXPECT_NE(text.find("\nDate: Mon, "), std::string::npos);
  EXPECT_NE(text.find("\nMessage-Id: <"), std::string::npos);
  EXPECT_NE(text.find("Subject:\nX-Empty: \n"), std::string::npos);
}

// sendmail: {daemon_flags}: -G and CC leave names as they are
TEST_F(Submit, DaemonFlagsAreThoseOfASubmission) {
  const auto flags = [this](bool gateway) {
    SubmitRequest r;
    r.rcpts = {"eric"};
    r.gateway = gateway;
    submit(r);
    for (const auto& [name, value] : world_->queue.kept.back().envelope.macros)
      if (name == "daemon_flags") return value;
    return std::string();
  };
  EXPECT_EQ(flags(false), "c u");
  EXPECT_EQ(flags(true), "CC f");
  const_cast<cf::Options&>(world_->config->options).direct_submission_modifiers = "Cu";
  EXPECT_EQ(flags(true), "CC u");
}

TEST_F(Submit, EveryRecipientThatWasNamedIsToldWhereNobodyWas) {
  const_cast<cf::Options&>(world_->config->options).no_recipient_action = cf::NoRcptAction::kAddApparentlyTo;
  SubmitRequest r;
  r.rcpts = {"eric", "team", "x@far.test"};
  r.delivery_mode = 'q';
  submit(r, "Subject: x\n\nbody\n");
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_NE(world_->queue.kept[0].body->find("\nApparently-To: x@far.test\nApparently-To: team\nApparently-To: eric\n"), std::string::npos);
}

TEST_F(Submit, AnotherSenderOfAnOrdinaryUserIsMarked) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.sender = "alice";
  r.sender_given = 'r';
  submit(r);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_NE(world_->queue.kept[0].body->find("X-Authentication-Warning: mx.test: joe set sender to alice using -r\n"), std::string::npos);
  EXPECT_EQ(world_->queue.kept[0].envelope.sender, "alice");
}

}  // namespace
}  // namespace hky::receive
