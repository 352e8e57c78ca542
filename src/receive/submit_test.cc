// A submission by command: what is refused at once, where its report goes, what waits, and what the command ends with.
#include "receive/submit_world.h"

namespace hky::receive {
namespace {

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
  r.sender_given = 'f';
  submit(r);
  EXPECT_EQ(queued(1), (std::vector<std::string>{"eric"}));
  alices_crew("eric");   // nobody remains
  r.sender_given = '\0';
  r.rcpts = {"crew"};
  EXPECT_EQ(submit(r).exit_code, EX_OK);
  EXPECT_EQ(world_->queue.kept.size(), 2u);
  r.rcpts = {"team", "eric"};
  submit(r);
  EXPECT_EQ(queued(2).size(), 2u);
}

// RFC 3461 5.2.7: members are not told of; whose list has an owner, of that he has an envelope of his own.
TEST_F(Submit, SuccessOfAnAliasIsToldOnceByTheSendersOwnEnvelope) {
  SubmitRequest r;
  r.rcpts = {"team"};
  r.notify = "success,failure";
  r.delivery_mode = 'q';
  submit(r);
  EXPECT_EQ(queued(0), (std::vector<std::string>{"alice", "eric", "team"}));
  const std::vector<queue::Rcpt>& rcpts = world_->queue.kept[0].envelope.rcpts;
  EXPECT_EQ(rcpts[0].notify, queue::kNotifyFailure);
  EXPECT_EQ(rcpts[2].state, queue::RcptState::kExpanded);
  EXPECT_EQ(rcpts[2].notify, queue::kNotifySuccess | queue::kNotifyFailure);
  alices_crew("eric,joe");
  r.rcpts = {"crew"};
  submit(r);
  ASSERT_EQ(world_->queue.kept.size(), 3u);
  const queue::Envelope &own = world_->queue.kept[1].envelope, &owners = world_->queue.kept[2].envelope;
  EXPECT_EQ(queued(1), std::vector<std::string>{"crew"});
  EXPECT_TRUE(queue::is_list(own, own.rcpts[0]));
  EXPECT_EQ(own.next_try, 0);   // nobody waits
  EXPECT_EQ(own.sender, "joe");
  EXPECT_EQ(queued(2), (std::vector<std::string>{"joe", "eric"}));
  EXPECT_EQ(owners.sender, "alice");
  EXPECT_EQ(owners.next_try, queue::kOnlyByQueueRun);
  EXPECT_TRUE(world_->log.contains(": clone: owner="));
  EXPECT_TRUE(world_->log.contains(", delay=00:00:00, mailer=local, pri="));
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

// -n
TEST_F(Submit, WhoWantsNoAliasesSeesTheSendersNeither) {
  world_->maps->put("aliases", "joe", "eric");
  SubmitRequest r;
  r.rcpts = {"eric"};
  r.verbose = true;
  outcome_.failed.resize(1);
  submit(r);
  EXPECT_THAT(said_, testing::Contains("joe... aliased to eric"));
  said_.clear();
  r.no_alias = true;
  submit(r);
  EXPECT_THAT(said_, testing::Not(testing::Contains("joe... aliased to eric")));
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

// NOTIFY without FAILURE: nor does he find it in dead.letter.
TEST_F(Submit, WhoDoesNotWantToHearOfFailuresIsToldAtTheTerminalAlone) {
  for (const char* words : {"success", "delay", "never"}) {
    SubmitRequest r;
    r.rcpts = {"nobody-here"};
    r.delivery_mode = 'i';
    r.notify = words;
    EXPECT_EQ(submit(r).exit_code, EX_NOUSER) << words;
    EXPECT_EQ(said_, std::vector<std::string>{"nobody-here... User unknown"}) << words;
    said_.clear();
  }
  EXPECT_TRUE(saved_.empty() && now_.empty() && world_->queue.kept.empty());
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

// sendmail: {daemon_flags} with C: a report goes at once, though the message waits.
TEST_F(Submit, AGatewaysReportIsNotDeferred) {
  SubmitRequest r;
  r.rcpts = {"nobody"};
  r.delivery_mode = 'd';
  for (const bool gateway : {false, true}) {
    r.gateway = gateway;
    submit(r);
    ASSERT_FALSE(now_.empty());
    EXPECT_EQ(queue::deferred(now_.back().envelope), !gateway);
  }
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
  EXPECT_FALSE(queue::deferred(now_.back().envelope));
  r.delivery_mode = 'd';
  submit(r, received + "Subject: x\n\nbody\n");
  EXPECT_TRUE(queue::deferred(now_.back().envelope));   // which opens no connection
  r.delivery_mode = 'i';
  r.hop_count = 30;
  r.rcpts = {"broken"};
  world_->maps->put("aliases", "owner-broken", "alice");
  EXPECT_EQ(submit(r).exit_code, EX_UNAVAILABLE);   // not its unknown member's EX_NOUSER
  EXPECT_EQ(now_.back().envelope.sender, "joe");    // nor its owner's
}

// sendmail: sendall(): reported at once, by the mailers that the expansion came to.
TEST_F(Submit, TooManyHopsAreNotWaitedWithAndEachHasItsMailer) {
  SubmitRequest r;
  r.rcpts = {"moved"};
  r.hop_count = 30;
  r.delivery_mode = 'q';
  submit(r);
  ASSERT_EQ(now_.size(), 1u);
  EXPECT_EQ(now_[0].envelope.rcpts[0].mailer, "esmtp");
}

// sendmail: sendall(): it is not taken apart: whom others stand for is told of in his place.
TEST_F(Submit, WhatFailsAsAWholeNamesThoseForWhomOthersStand) {
  build("O MaxMessageSize=10\n");
  alices_crew("eric,joe");
  SubmitRequest r;
  r.rcpts = {"team", "crew"};
  r.error_mode = 'm';
  submit(r);
  ASSERT_EQ(now_.size(), 1u);
  const queue::Envelope& refused = now_[0].envelope;
  std::vector<std::string> who;
  for (const queue::Rcpt& q : refused.rcpts) who.push_back(q.address + (q.state != queue::RcptState::kExpanded ? "" : queue::is_list(refused, q) ? " (list)" : " (alias)"));
  EXPECT_EQ(who, (std::vector<std::string>{"team (alias)", "alice", "eric", "crew (list)", "joe"}));
  build();
  r.rcpts = {"team"};
  r.hop_count = 30;
  submit(r);
  EXPECT_EQ(now_.back().envelope.rcpts.size(), 2u);   // taken apart
  r.rcpts = {"team", "nobody-here"};
  submit(r);
  EXPECT_EQ(now_.back().envelope.rcpts[0].address, "team");
  r.rcpts = {"nobody-here", "crew"};   // a list stands in its place beside a fault, whatever fails
  alices_crew("joe");
  r.hop_count = 0;
  submit(r);
  EXPECT_EQ(queued(world_->queue.kept.size() - 1), (std::vector<std::string>{"nobody-here", "crew"}));
  r.rcpts = {};   // whatever it was called, and by the header
  r.read_rcpts = true;
  submit(r, "To: nobody-here, CREW\n\nbody\n");
  const queue::Envelope& told = world_->queue.kept.back().envelope;
  EXPECT_EQ(told.rcpts.front().user, "crew");
  EXPECT_TRUE(queue::is_list(told, told.rcpts.front()));
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

}  // namespace
}  // namespace hky::receive
