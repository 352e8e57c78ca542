// A submission by command: what is refused at once, where its report goes, what waits, and what the command ends with.
#include "receive/submit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/sysexits.h"
#include "receive/scenario_world.h"

namespace hky::receive {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// The agent of the scenarios, whose users have homes.
class Submit : public testing::Test {
 protected:
  Submit() { build(); }
  void build(const std::string& option = "") {
    const std::filesystem::path folder = HKY_SCENARIOS;
    world_ = std::make_unique<ScenarioWorld>(read_text(folder / "host.cf") + option, read_text(folder / "zone.txt"), cf::ReadRequest());
    for (const char* name : {"joe", "eric", "alice"}) world_->agent.users[name] = std::string(name) + " user";
    world_->maps->put("aliases", "team", "eric,alice");
    world_->maps->put("aliases", "broken", "eric,nobody-here");
  }

  // A list whose owner is alice.
  void alices_crew(const char* members) {
    world_->maps->put("aliases", "crew", members);
    world_->maps->put("aliases", "owner-crew", "alice");
  }
  SubmitDoors doors() {
    SubmitDoors d;
    d.say = [this](std::string line) { said_.push_back(std::move(line)); };
    d.deliver = [this](queue::Job job, DeliverNow how) { return delivered(std::move(job), std::move(how)); };
    d.save = [this](queue::Job, std::string path, ipc::Who) { return saved(std::move(path)); };
    return d;
  }
  net::Task<DeliveredNow> delivered(queue::Job job, DeliverNow how) {
    now_.push_back(std::move(job));
    how_ = how;
    co_return outcome_;
  }
  net::Task<bool> saved(std::string path) {
    saved_ = path;
    co_return can_save_;
  }

  SubmitOutcome submit(SubmitRequest request, std::string message = "To: eric\nSubject: x\n\nbody\n") {
    if (request.user.empty()) request.user = "joe";
    auto out = net::run_blocking(world_->loop, submit_message(*world_->services, doors(), std::move(request), std::move(message)));
    EXPECT_TRUE(out.ok());
    return out.ok() ? *out : SubmitOutcome();
  }
  std::vector<std::string> queued(size_t i) const {
    std::vector<std::string> out;
    for (const queue::Rcpt& r : world_->queue.kept.at(i).envelope.rcpts) out.push_back(r.address);
    return out;
  }

  std::unique_ptr<ScenarioWorld> world_;
  std::vector<std::string> said_;
  std::vector<queue::Job> now_;
  DeliverNow how_;
  DeliveredNow outcome_;
  std::string saved_;
  bool can_save_ = true;
};

TEST_F(Submit, AliasesAreFollowedBeforeTheCommandEnds) {
  SubmitRequest r;
  r.rcpts = {"team"};
  const SubmitOutcome out = submit(r);
  EXPECT_EQ(out.exit_code, EX_OK);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(queued(0), (std::vector<std::string>{"alice", "eric"}));   // the send queue's order
  EXPECT_EQ(world_->queue.kept[0].envelope.rcpts[0].mailer, "local");
  EXPECT_EQ(world_->queue.kept[0].envelope.rcpts[0].alias_of, "team");
  EXPECT_TRUE(said_.empty());
}

TEST_F(Submit, WithoutMeTooTheSenderHasNoCopyThroughAnAlias) {
  build("O MeToo=False\n");
  SubmitRequest r;
  r.user = "eric";
  r.rcpts = {"team"};
  submit(r);
  EXPECT_EQ(queued(0), (std::vector<std::string>{"alice"}));
  r.sender = "alice";
  r.sender_given = true;
  submit(r);
  EXPECT_EQ(queued(1), (std::vector<std::string>{"eric"}));
  alices_crew("eric");   // nobody remains
  r.sender_given = false;
  r.rcpts = {"crew"};
  EXPECT_EQ(submit(r).exit_code, EX_OK);
  EXPECT_EQ(world_->queue.kept.size(), 2u);
  r.rcpts = {"team", "eric"};
  submit(r);
  EXPECT_EQ(queued(2).size(), 2u);
}

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

// sendmail: sendall(): QueueLA, QueueFactor
TEST_F(Submit, WhileTheLoadIsHighAMessageWaits) {
  build("O QueueLA=10\nO QueueFactor=100000\n");
  SubmitRequest r;
  r.rcpts = {"eric", "alice"};
  r.verbose = true;
  world_->load_text = "10.2";
  world_->load.refresh();
  submit(r);
  EXPECT_TRUE(said_.empty());
  EXPECT_EQ(now_.size(), 1u);
  world_->load_text = "12.0";   // 100000 / 3 is less than two recipients make
  world_->load.refresh();
  submit(r);
  EXPECT_EQ(said_, (std::vector<std::string>{"eric... queued", "alice... queued"}));
  EXPECT_EQ(now_.size(), 1u);
  EXPECT_EQ(world_->queue.kept.back().envelope.next_try, queue::kOnlyByQueueRun);
}

TEST_F(Submit, AnUnknownUserIsSaidAndTheOthersGetTheirMail) {
  SubmitRequest r;
  r.rcpts = {"broken"};
  const SubmitOutcome out = submit(r);
  EXPECT_EQ(out.exit_code, EX_NOUSER);
  EXPECT_EQ(said_.front(), "nobody-here... User unknown");
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(queued(0), (std::vector<std::string>{"nobody-here", "eric"}));   // one report tells of all that fail
}

TEST_F(Submit, WithErrorModeMailNothingIsSaidAndTheReportIsDeliverysAffair) {
  SubmitRequest r;
  r.rcpts = {"nobody-here"};
  r.error_mode = 'm';
  const SubmitOutcome out = submit(r);
  EXPECT_EQ(out.exit_code, EX_NOUSER);
  EXPECT_TRUE(said_.empty());
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(queued(0), (std::vector<std::string>{"nobody-here"}));
  EXPECT_EQ(world_->queue.kept[0].envelope.rcpts[0].refused_exit, EX_NOUSER);
}

TEST_F(Submit, BerknetErrorsEndWithZero) {
  SubmitRequest r;
  r.rcpts = {"nobody-here"};
  r.error_mode = 'e';
  EXPECT_EQ(submit(r).exit_code, EX_OK);
}

TEST_F(Submit, QuietErrorsAreToldNobody) {
  SubmitRequest r;
  r.rcpts = {"nobody-here"};
  r.error_mode = 'q';
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  ASSERT_EQ(now_.size(), 1u);   // for PostmasterCopy
  EXPECT_TRUE(how_.keep_failures);
  EXPECT_TRUE(said_.empty());
}

TEST_F(Submit, QueueModeWaitsForAQueueRun) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.delivery_mode = 'q';
  submit(r);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(world_->queue.kept[0].envelope.next_try, queue::kOnlyByQueueRun);
  EXPECT_TRUE(now_.empty());
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
}

TEST_F(Submit, BlanksPartAddressesUntilACommaIsMet) {
  SubmitRequest r;
  r.rcpts = {"eric alice"};
  EXPECT_EQ(submit(r).exit_code, EX_OK);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(queued(0), (std::vector<std::string>{"alice", "eric"}));
  EXPECT_EQ(world_->queue.kept[0].body->find("for eric"), std::string::npos);   // not for one alone
}

TEST_F(Submit, WithGoodOnesInTheBackgroundTheBadOnesComeBackByMail) {
  SubmitRequest r;
  r.rcpts = {"eric", "nobody-here"};
  r.delivery_mode = 'b';
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  EXPECT_EQ(said_, std::vector<std::string>{"nobody-here... User unknown"});
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(queued(0), (std::vector<std::string>{"eric", "nobody-here"}));
  EXPECT_EQ(world_->queue.kept[0].envelope.rcpts[1].refused_exit, EX_NOUSER);   // reported with what else fails
  EXPECT_TRUE(saved_.empty());
}

TEST_F(Submit, InQueueModeTheBadOnesComeBackAtOnceAndTheGoodOnesWait) {
  SubmitRequest r;
  r.rcpts = {"eric", "nobody-here"};
  r.delivery_mode = 'q';
  r.error_mode = 'm';
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  ASSERT_EQ(world_->queue.kept.size(), 2u);
  EXPECT_EQ(queued(0), std::vector<std::string>{"eric"});
  EXPECT_EQ(world_->queue.kept[0].envelope.next_try, queue::kOnlyByQueueRun);
  EXPECT_EQ(world_->queue.kept[0].envelope.message, "User unknown");   // mailq's line
  EXPECT_EQ(queued(1), std::vector<std::string>{"nobody-here"});
  EXPECT_NE(world_->queue.kept[1].envelope.next_try, queue::kOnlyByQueueRun);
}

TEST_F(Submit, AListsOwnerIsToldByMailAndTheSenderIsNot) {
  alices_crew("eric,nobody-here");
  SubmitRequest r;
  r.rcpts = {"crew"};
  r.delivery_mode = 'i';
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  ASSERT_EQ(now_.size(), 1u);
  EXPECT_EQ(now_[0].envelope.sender, "alice");
  EXPECT_TRUE(now_[0].envelope.list_copy);   // its Received: names another id
  EXPECT_FALSE(how_.keep_failures);
  EXPECT_TRUE(saved_.empty());
}

TEST_F(Submit, WhatIsSplitNamesItsSender) {
  alices_crew("eric");
  SubmitRequest r;
  r.rcpts = {"joe"};
  r.delivery_mode = 'b';
  submit(r);
  EXPECT_TRUE(world_->queue.kept.back().envelope.sender_unsaid);
  r.rcpts = {"joe", "crew"};
  submit(r);
  ASSERT_EQ(world_->queue.kept.size(), 3u);
  for (size_t i : {1u, 2u}) EXPECT_FALSE(world_->queue.kept[i].envelope.sender_unsaid);
}

// sendmail: savemail(): what cannot be saved goes by mail.
TEST_F(Submit, WhereDeadLetterCannotBeWrittenTheReportGoesByMail) {
  can_save_ = false;
  queue::Rcpt failed;
  failed.address = "eric";
  outcome_.failed = {failed};
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.delivery_mode = 'i';
  submit(r);
  ASSERT_EQ(now_.size(), 1u);
  ASSERT_EQ(world_->queue.kept.size(), 2u);
  EXPECT_NE(world_->queue.kept[0].envelope.id, world_->queue.kept[1].envelope.id);
  EXPECT_EQ(queued(1), std::vector<std::string>{"eric"});
}

TEST_F(Submit, TooManyHopsAreReportedByTheNextQueueRun) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.hop_count = 30;
  submit(r);
  ASSERT_EQ(now_.size(), 1u);
  EXPECT_TRUE(how_.reports_wait);
  std::string received;
  for (int i = 0; i < 30; ++i) received += "Received: by x\n";
  r.hop_count = 0;
  submit(r, received + "Subject: x\n\nbody\n");
  ASSERT_EQ(now_.size(), 2u);
  EXPECT_FALSE(how_.reports_wait);   // the message's own hops are not the report's
  r.hop_count = 30;
  r.rcpts = {"broken"};
  world_->maps->put("aliases", "owner-broken", "alice");
  EXPECT_EQ(submit(r).exit_code, EX_UNAVAILABLE);   // not its unknown member's EX_NOUSER
  EXPECT_EQ(now_.back().envelope.sender, "joe");    // nor its owner's
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
  const std::filesystem::path folder = HKY_SCENARIOS;
  world_ = std::make_unique<ScenarioWorld>(read_text(folder / "host.cf") + "\nO UseErrorsTo=True\n", read_text(folder / "zone.txt"), cf::ReadRequest());
  world_->agent.users["eric"] = "eric user";
  EXPECT_TRUE(taken(" joe"));
  EXPECT_FALSE(taken(" "));
}

TEST_F(Submit, AFaultySenderIsSaidAndLeftWith) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.sender_given = true;
  r.sender = "<a@b.test";
  EXPECT_EQ(submit(r).exit_code, EX_USAGE);
  EXPECT_EQ(said_, (std::vector<std::string>{"<a@b.test... Unbalanced '<'", "<a@b.test... Unbalanced '<'"}));
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(world_->queue.kept[0].envelope.sender, "a@b.test");
}

// sendmail: setsender()
TEST_F(Submit, TheFullNameIsOfUsersHere) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.full_name = "A Name";
  submit(r);
  EXPECT_THAT(world_->queue.kept.at(0).envelope.macros, testing::Contains(testing::Pair("x", "A Name")));
  r.sender_given = true;
  r.sender = "somebody@remote.test";
  submit(r);
  EXPECT_THAT(world_->queue.kept.at(1).envelope.macros, testing::Not(testing::Contains(testing::Key("x"))));
  r.full_name.clear();
  r.sender = "joe+x";
  submit(r);
  EXPECT_THAT(world_->queue.kept.at(2).envelope.macros, testing::Contains(testing::Pair("x", "joe user")));
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

TEST_F(Submit, VerboseDeliversWhileTheCommandWaits) {
  SubmitRequest r;
  r.rcpts = {"team"};
  r.delivery_mode = 'q';
  r.verbose = true;
  submit(r);
  EXPECT_EQ(said_, (std::vector<std::string>{"team... aliased to eric,alice"}));
  ASSERT_EQ(now_.size(), 1u);
  EXPECT_TRUE(how_.verbose);
}

TEST_F(Submit, InteractiveDeliveryGivesItsExitCode) {
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.delivery_mode = 'i';
  outcome_.exit_code = EX_NOHOST;
  EXPECT_EQ(submit(r).exit_code, EX_NOHOST);
}

TEST_F(Submit, HeaderRecipientsAreTakenAndBccIsHidden) {
  SubmitRequest r;
  r.read_rcpts = true;
  submit(r, "To: eric\nBcc: alice\nSubject: x\n\nbody\n");
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_EQ(world_->queue.kept[0].envelope.rcpts.size(), 2u);
  EXPECT_EQ(world_->queue.kept[0].body->find("Bcc:"), std::string::npos);
}

TEST_F(Submit, AnErrorInTheHeaderKeepsTheGoodOnesForAQueueRun) {
  SubmitRequest r;
  r.read_rcpts = true;
  const SubmitOutcome out = submit(r, "To: nobody-here, eric\nSubject: x\n\nbody\n");
  EXPECT_EQ(out.exit_code, EX_NOUSER);
  ASSERT_EQ(world_->queue.kept.size(), 2u);
  EXPECT_EQ(world_->queue.kept[0].envelope.next_try, queue::kOnlyByQueueRun);
  EXPECT_EQ(queued(1), (std::vector<std::string>{"nobody-here"}));
}

// sendmail: main(): what collect() finds wrong is kept, the last word of it, and printed in every error mode.
TEST_F(Submit, OfTheFaultsInTheHeaderTheLastIsSaid) {
  SubmitRequest r;
  r.read_rcpts = true;
  r.error_mode = 'm';
  submit(r, "To: nobody-here, nor-here\nCc: eric\n\nbody\n");
  EXPECT_EQ(said_, std::vector<std::string>{"nobody-here... User unknown"});   // a list is gone through from its end
}

// sendmail: main(): an error, and no recipient who is guilty of it: all come back. One that may pass keeps them.
TEST_F(Submit, AFaultInTheHeaderThatIsNoRecipientsIsEverybodys) {
  SubmitRequest r;
  r.read_rcpts = true;
  submit(r, "To: <eric, alice\n\nbody\n");
  ASSERT_EQ(now_.size(), 1u);
  ASSERT_TRUE(how_.refuse_all.has_value());
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
  EXPECT_EQ(e.said, (std::vector<std::string>{"550 5.1.1 nobody-here... User unknown", "552 5.2.3 Message exceeds maximum fixed size (10)"}));
  EXPECT_EQ(e.ret, queue::Envelope::Ret::kHdrs);
  EXPECT_EQ(said_, std::vector<std::string>({"nobody-here... User unknown", "Message exceeds maximum fixed size (10)"}));
  r.rcpts = {"eric", "alice"};
  submit(r);
  ASSERT_EQ(now_.size(), 1u);
  EXPECT_TRUE(how_.refuse_all.has_value());
  r.error_mode = 'q';
  submit(r);
  EXPECT_EQ(now_.size(), 1u);
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
  SubmitRequest r;
  r.read_rcpts = true;
  r.error_mode = 'q';
  submit(r, "To: nobody-here\n\nbody\n");
  ASSERT_EQ(now_.size(), 1u);   // for PostmasterCopy
  EXPECT_TRUE(how_.keep_failures);
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
  EXPECT_TRUE(world_->queue.kept.empty());
}

// sendmail: setsender(): whoever runs the command sends it then.
TEST_F(Submit, ASenderWhoIsNobodyIsSaidAndIsNot) {
  for (const char* sender : {"|x", ":include:/x", "/tmp/x"}) {
    said_.clear();
    world_->queue.kept.clear();
    SubmitRequest r;
    r.rcpts = {"eric"};
    r.sender = sender;
    r.sender_given = true;
    EXPECT_EQ(submit(r).exit_code, EX_USAGE) << sender;
    ASSERT_EQ(world_->queue.kept.size(), 1u) << sender;
    EXPECT_EQ(world_->queue.kept[0].envelope.sender, "joe") << sender;
  }
  EXPECT_EQ(said_, (std::vector<std::string>{"/tmp/x... Invalid sender address"}));
  SubmitRequest r;
  r.rcpts = {"nobody-here"};
  r.sender = "|x";
  r.sender_given = true;
  EXPECT_EQ(submit(r).exit_code, EX_NOUSER);
  r.sender = "a@bad.test";   // refused by the rulesets: that was first
  EXPECT_EQ(submit(r).exit_code, EX_DATAERR);
  r.read_rcpts = true;
  r.rcpts.clear();
  EXPECT_EQ(submit(r, "Subject: x\n\nbody\n").exit_code, EX_DATAERR);
}

TEST_F(Submit, WithErrorModeQAFaultInTheHeaderIsNotReported) {
  SubmitRequest r;
  r.read_rcpts = true;
  r.error_mode = 'q';
  r.delivery_mode = 'b';
  submit(r, "To: eric, nobody-here\n\nbody\n");
  ASSERT_EQ(world_->queue.kept.size(), 2u);
  EXPECT_EQ(queued(0), std::vector<std::string>{"eric"});
  ASSERT_EQ(now_.size(), 1u);
  EXPECT_TRUE(how_.keep_failures);
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
  r.sender_given = true;
  submit(r);
  ASSERT_EQ(world_->queue.kept.size(), 1u);
  EXPECT_NE(world_->queue.kept[0].body->find("X-Authentication-Warning: mx.test: joe set sender to alice using -f\n"), std::string::npos);
  EXPECT_EQ(world_->queue.kept[0].envelope.sender, "alice");
}

}  // namespace
}  // namespace hky::receive
