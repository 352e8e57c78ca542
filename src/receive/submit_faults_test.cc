// A submission by command: what is wrong with the message or its header, what is said of it, and who is told.
#include "receive/submit_world.h"

namespace hky::receive {
namespace {

TEST_F(Submit, AnErrorInTheHeaderKeepsTheGoodOnesForAQueueRun) {
  SubmitRequest r;
  r.read_rcpts = true;
  const SubmitOutcome out = submit(r, "To: nobody-here, eric\nSubject: x\n\nbody\n");
  EXPECT_EQ(out.exit_code, EX_NOUSER);
  ASSERT_EQ(world_->queue.kept.size(), 2u);
  EXPECT_EQ(world_->queue.kept[0].envelope.next_try, queue::kOnlyByQueueRun);
  EXPECT_EQ(queued(1), (std::vector<std::string>{"nobody-here"}));
}

// sendmail: e_message: what is met while the header is written
TEST_F(Submit, MailqTellsOfAHeaderWhoseAddressesAreNotClosed) {
  SubmitRequest r;
  r.rcpts = {"eric", "nobody-here"};
  r.delivery_mode = 'q';
  const auto told = [&](const char* header) {
    submit(r, std::string(header) + "\n\nbody\n");
    return world_->queue.kept.at(world_->queue.kept.size() - 2).envelope.message;
  };
  EXPECT_EQ(told("To: eric"), "User unknown");
  EXPECT_EQ(told("To: eric, <x\nSubject: y"), "<x... Unbalanced '<'");
}

// sendmail: rewrite(): MapTempFail
TEST_F(Submit, MailqTellsOfASenderWhoseHostCannotBeAskedFor) {
  build("Scanonify=3\nR$* <@ lost.test>\t\t$: $1 <@ $[lost.test$]>\n");
  world_->maps->add_map("host", "host");
  world_->maps->fail("host", "lost.test");
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.sender = "joe@lost.test";
  r.sender_given = 'f';
  r.delivery_mode = 'q';
  submit(r);
  EXPECT_EQ(world_->queue.kept.back().envelope.message, "host map: lookup (lost.test): deferred");
}

// sendmail: main(): what collect() finds wrong is kept, the last word of it, and printed in every error mode.
TEST_F(Submit, OfTheFaultsInTheHeaderTheLastIsSaid) {
  SubmitRequest r;
  r.read_rcpts = true;
  r.error_mode = 'm';
  submit(r, "To: nobody-here, nor-here\nCc: eric\n\nbody\n");
  EXPECT_EQ(said_, std::vector<std::string>{"nobody-here... User unknown"});   // a list is gone through from its end
  r.error_mode = 'p';
  r.verbose = true;
  r.sender = "no-sender";
  r.sender_given = 'f';
  said_.clear();
  submit(r, "To: nobody-here\n\nbody\n");
  EXPECT_EQ(said_, (std::vector<std::string>{"nobody-here... User unknown", "no-sender... User unknown"}));
  EXPECT_EQ(said_before_, said_.size());   // his report's way comes behind
}

// sendmail: main(): an error, and no recipient who is guilty of it: all come back. One that may pass keeps them.
TEST_F(Submit, AFaultInTheHeaderThatIsNoRecipientsIsEverybodys) {
  SubmitRequest r;
  r.read_rcpts = true;
  submit(r, "To: <eric, alice\n\nbody\n");
  ASSERT_EQ(now_.size(), 1u);
  ASSERT_TRUE(how_.refuse_all.has_value());
  EXPECT_TRUE(how_.tells_of_report);
  EXPECT_EQ(how_.refuse_all->lines, std::vector<std::string>{""});
  EXPECT_THAT(now_[0].envelope.said, testing::Contains(testing::HasSubstr("Unbalanced '<'")));
}

// sendmail: dropenvelope(): who had failed before the message did is told alone; with -oeq nobody is.
TEST_F(Submit, OfARefusedMessageWhoFailedBeforeIsTold) {
  build("O MaxMessageSize=10\n");
  SubmitRequest r;
  r.rcpts = {"eric", "nobody-here"};
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(queued(0), std::vector<std::string>{"nobody-here"});
  const queue::Envelope& e = world_->queue.kept[0].envelope;
  EXPECT_TRUE(how_.tells_of_report);
  EXPECT_EQ(e.said, (std::vector<std::string>{"550 5.1.1 nobody-here... User unknown", "552 5.2.3 Message exceeds maximum fixed size (10)"}));
  EXPECT_EQ(e.ret, queue::Envelope::Ret::kHdrs);
  EXPECT_EQ(said_, std::vector<std::string>({"nobody-here... User unknown", "Message exceeds maximum fixed size (10)"}));
  r.rcpts = {"eric", "alice"};
  submit(r);
  ASSERT_EQ(now_.size(), 2u);
  EXPECT_TRUE(how_.refuse_all.has_value());
  r.error_mode = 'q';
  submit(r);
  EXPECT_EQ(now_.size(), 2u);
}

// sendmail: savemail(), after HoldErrs: what the report's addressee meets is printed, in every error mode; -v shows the report's way.
TEST_F(Submit, WhereARefusedMessagesReportGoesIsSaid) {
  build("O MaxMessageSize=10\n");
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.sender = "nobody-here";
  r.sender_given = 'f';
  r.error_mode = 'm';
  r.verbose = true;
  submit(r);
  EXPECT_TRUE(how_.verbose);
  EXPECT_EQ(said_, (std::vector<std::string>{"Message exceeds maximum fixed size (10)", "nobody-here... User unknown"}));
  r.notify = "never";
  said_.clear();
  submit(r);
  EXPECT_EQ(said_, std::vector<std::string>{"Message exceeds maximum fixed size (10)"});
}

// sendmail: collect() is through with the message before -t reads its addresses.
TEST_F(Submit, TheMessageIsRefusedBeforeItsRecipients) {
  build("O MaxMessageSize=10\n");
  SubmitRequest r;
  r.read_rcpts = true;
  submit(r, "To: eric, nobody-here\n\nbody of more\n");
  EXPECT_EQ(said_, std::vector<std::string>{"nobody-here... User unknown"});
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(world_->queue.kept[0].envelope.said, std::vector<std::string>{"550 5.1.1 nobody-here... User unknown"});
}

TEST_F(Submit, WhoIsRefusedIsSaidForTheReportAndLookedAtAgainWithoutAliasesWhereNoneWereFollowed) {
  SubmitRequest r;
  r.rcpts = {"<nobody-here", "nor-here"};
  r.error_mode = 'm';
  r.no_alias = true;
  submit(r);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  const queue::Envelope& e = world_->queue.kept[0].envelope;
  EXPECT_TRUE(e.no_alias);
  EXPECT_EQ(e.said, (std::vector<std::string>{"553 <nobody-here... Unbalanced '<'", "550 5.1.1 <nobody-here... User unknown", "550 5.1.1 nor-here... User unknown"}));
}

TEST_F(Submit, QuietErrorsOfTheHeaderAreNotReported) {
  const auto kept_with = [this](const char* to, char delivery_mode) {
    now_.clear();
    SubmitRequest r;
    r.read_rcpts = true;
    r.error_mode = 'q';
    r.delivery_mode = delivery_mode;
    submit(r, std::string("To: ") + to + "\n\nbody\n");
    ASSERT_EQ(now_.size(), 1u) << to;   // for PostmasterCopy
    EXPECT_TRUE(how_.keep_failures) << to;
  };
  kept_with("nobody-here", 0);
  kept_with("eric, nobody-here", 'b');
  ASSERT_EQ(world_->queue.kept.size(), 3u);
  EXPECT_EQ(queued(1), std::vector<std::string>{"eric"});
}

TEST_F(Submit, TheOwnerOfAListHearsOfItsBadMembersAtOnceWhereTheRestWaits) {
  world_->maps->put("aliases", "owner-broken", "alice");
  SubmitRequest r;
  r.rcpts = {"broken"};
  r.delivery_mode = 'q';
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  ASSERT_EQ(world_->queue.kept.size(), 2u);
  EXPECT_EQ(queued(0), std::vector<std::string>{"eric"});
  EXPECT_EQ(world_->queue.kept[0].envelope.next_try, queue::kOnlyByQueueRun);
  EXPECT_EQ(queued(1), std::vector<std::string>{"nobody-here"});
  EXPECT_EQ(world_->queue.kept[1].envelope.sender, "alice");
  EXPECT_NE(world_->queue.kept[1].envelope.next_try, queue::kOnlyByQueueRun);
}

TEST_F(Submit, WithFaultsInTheHeaderAListIsNotItsOwnersYet) {
  world_->maps->put("aliases", "owner-team", "root");
  SubmitRequest r;
  r.read_rcpts = true;
  submit(r, "To: team, nobody-here\n\nbody\n");
  ASSERT_EQ(world_->queue.kept.size(), 2u);
  EXPECT_EQ(world_->queue.kept[0].envelope.sender, "joe");
}

TEST_F(Submit, NoRecipientsInTheHeaderIsSaidAndNothingIsKept) {
  SubmitRequest r;
  r.read_rcpts = true;
  const SubmitOutcome out = submit(r, "Subject: x\n\nbody\n");
  EXPECT_EQ(out.exit_code, EX_OK);
  EXPECT_EQ(said_, (std::vector<std::string>{"No recipient addresses found in header"}));
  build("O MaxMessageSize=1\n");
  said_.clear();
  submit(r, "Subject: x\n\nbody\n");
  EXPECT_EQ(said_, (std::vector<std::string>{"No recipient addresses found in header"}));   // its size is no matter then
  EXPECT_TRUE(world_->queue.kept.empty());
}

// sendmail: main(): nobody is named, which the command tells where no sender is to be told of before; collect() says all that is wrong
// with the message, too.
TEST_F(Submit, WhoNamesNobodyIsToldSoAndOfTheMessage) {
  build("O MaxHeadersLength=20\nO MaxMessageSize=10\nO EightBitMode=strict\nO RejectNUL=True\nO UseErrorsTo=True\n");
  SubmitRequest r;
  r.error_mode = 'm';
  EXPECT_EQ(submit(r, "To: eric\n\n").exit_code, EX_USAGE);
  EXPECT_TRUE(said_.empty());
  EXPECT_EQ(submit(r, "Subject: of many words\n\ncaf\xc3\xa9\n" + std::string(1, '\0')).exit_code, EX_USAGE);
  EXPECT_EQ(said_, (std::vector<std::string>{"Headers too large (20 max)", "Eight bit data not allowed", "NUL byte not allowed"}));
  said_.clear();
  r.sender = "joe";
  r.sender_given = 'f';
  submit(r, "Errors-To: zed\n\nbody of more than ten\n");
  EXPECT_EQ(said_, (std::vector<std::string>{"Recipient names must be specified", "zed... User unknown"}));
  r.sender = "joe<";   // a faulty one is told of first
  r.error_mode = 'p';
  said_.clear();
  submit(r, "To: eric\n\n");
  ASSERT_GT(said_.size(), 1u);
  EXPECT_EQ(said_.back(), "Recipient names must be specified");
  EXPECT_TRUE(world_->queue.kept.empty() && now_.empty());
}

// sendmail: collect(): a word that names nobody is no fault, the message may have some.
TEST_F(Submit, TheMessageIsLookedAtThoughNobodyIsNamed) {
  build("O MaxMessageSize=10\n");
  SubmitRequest r;
  r.rcpts = {""};
  EXPECT_EQ(submit(r).exit_code, EX_OK);
  EXPECT_EQ(said_, std::vector<std::string>{"Message exceeds maximum fixed size (10)"});
}

// sendmail: rscheck() leaves with what its rule said; the header's faults come before those of -t's addresses, and the body's after them.
TEST_F(Submit, FaultsOfTheMessageAreToldAsTheyAreMet) {
  build("O EightBitMode=strict\nO MaxMessageSize=10\nHX-One: $>No\nHX-Two: $>No\nSNo\nR$*\t\t$#error $@ 5.7.1 $: \"550 no \" $&{hdr_name}\n");
  SubmitRequest r;
  r.read_rcpts = true;
  EXPECT_EQ(submit(r, "X-One: a\nX-Two: b\nTo: nobody-here\n\ncaf\xc3\xa9\n").exit_code, EX_DATAERR);
  EXPECT_EQ(said_, std::vector<std::string>{"Eight bit data not allowed"});
  const queue::Envelope& e = world_->queue.kept.at(0).envelope;
  EXPECT_EQ(e.said, (std::vector<std::string>{"550 5.7.1 no X-One", "550 5.7.1 no X-Two", "550 5.1.1 nobody-here... User unknown", "554 5.6.1 Eight bit data not allowed"}));
  EXPECT_EQ(e.ret, queue::Envelope::Ret::kHdrs);
  r.read_rcpts = false;
  r.rcpts = {"eric"};
  EXPECT_EQ(submit(r, "X-One: a\nX-Two: b\n\nbody\n").exit_code, EX_DATAERR);
  ASSERT_TRUE(how_.refuse_all.has_value());
  EXPECT_EQ(how_.refuse_all->lines, std::vector<std::string>{"no X-Two"});
  EXPECT_EQ(now_.back().envelope.said, std::vector<std::string>{"550 5.7.1 no X-One"});
}

// sendmail: setnewqueue(): nothing is taken, and no report has a queue either.
TEST_F(Submit, WithoutSpaceNothingIsTaken) {
  build("O MinFreeBlocks=100\n");
  const std::string full = "Insufficient disk space; try again later";
  world_->free_bytes = 99 * 1024;
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.error_mode = 'm';
  EXPECT_EQ(submit(r).exit_code, EX_IOERR);
  EXPECT_EQ(said_, std::vector<std::string>{full});
  r.error_mode = 'q';
  EXPECT_EQ(submit(r).exit_code, EX_OK);
  r.rcpts = {"nobody-here", "eric"};
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  r.rcpts.clear();
  r.read_rcpts = true;
  said_.clear();
  EXPECT_EQ(submit(r, "To: nobody-here\n\nbody\n").exit_code, EX_NOUSER);
  EXPECT_EQ(said_, (std::vector<std::string>{"nobody-here... User unknown", full}));
  EXPECT_TRUE(world_->queue.kept.empty() && now_.empty());
  world_->free_bytes = 100 * 1024;
  submit(r);
  EXPECT_EQ(world_->queue.kept.size(), 1u);
}

// What lies in the drop folder stays there.
TEST_F(Submit, WithoutSpaceTheDropFolderWaits) {
  build("O MinFreeBlocks=100\n");
  world_->free_bytes = 0;
  SubmitRequest r;
  r.user = "joe";
  r.rcpts = {"eric"};
  r.drop = "a-file";
  auto out = net::run_blocking(world_->loop, submit_message(*world_->services, doors(), std::move(r), "To: eric\n\nbody\n"));
  ASSERT_FALSE(out.ok());
  EXPECT_TRUE(out.error().temporary());
}

}  // namespace
}  // namespace hky::receive
