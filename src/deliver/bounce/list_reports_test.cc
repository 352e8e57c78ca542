// Reports about lists and aliases: to their owners, and to who wrote to them.
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

// sendmail: alias(): QDELIVERED
TEST_F(DelivererTest, WhomOthersFailForIsToldOfTheListsBesides) {
  maps_->put("aliases", "list", "joe");
  maps_->put("aliases", "owner-list", "ann");
  submit(envelope({"list", "nobody"}));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Message delivered to mailing list list\n"), HasSubstr("Final-Recipient: RFC822; list@"),
                                       HasSubstr("Action: delivered (to mailing list)\n"), Not(HasSubstr("successful delivery"))));
}

TEST_F(DelivererTest, WhoWasRefusedBesideOthersIsToldOfNoLists) {
  queue::Envelope e = envelope({"joe", "nobody"});
  e.rcpts[1].refused_exit = EX_NOUSER;
  e.rcpts[1].last_reply = "550 5.1.1 nobody... User unknown";
  queue::add_list(e, "list");
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Action: failed\n"), HasSubstr("Message delivered to mailing list list\n"), Not(HasSubstr("Action: delivered"))));
}

TEST_F(DelivererTest, ListsReportOnceThatTheyWereExpanded) {
  maps_->put("aliases", "team", "joe, ann");
  queue::Envelope e = envelope({"team"});
  e.rcpts[0].notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Action: expanded"), Not(HasSubstr("Action: delivered"))));
}

// sendmail: dropenvelope(): PrivacyOptions=noreceipts: none of its own
TEST_F(DelivererTest, WithoutReceiptsSuccessIsToldInAFailuresReportAlone) {
  settings_->policy.no_receipts = true;
  maps_->put("aliases", "team", "joe, ann");
  queue::Envelope e = envelope({"team"});
  e.rcpts[0].notify = queue::kNotifySuccess;
  submit(e);
  settle();
  EXPECT_EQ(mailbox("sender"), "");
  e = envelope({"team", "gone"});
  e.rcpts[0].notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Action: expanded"), HasSubstr("Action: failed")));
}

// sendmail: errbody(): the alias it came out of, and whom the sender wrote to.
TEST_F(DelivererTest, AnAliasOfAnAliasIsNamedInReports) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  maps_->put("aliases", "outer", "Inner");
  maps_->put("aliases", "Inner", "a@dst.test");
  submit(envelope({"outer"}));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("a@dst.test\n    (reason: 550 5.1.1 nobody here)\n    (expanded from: Inner)\n"),
                                       HasSubstr("Final-Recipient: RFC822; outer@ us.test\nX-Actual-Recipient: rfc822; a@dst.test\n")));
  agent_.mailboxes.clear();
  maps_->put("aliases", "Outer", "Inner");
  submit(envelope({"<Outer@us.test>"}));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("(expanded from: Inner)\n"), HasSubstr("Final-Recipient: RFC822; Outer@us.test\n")));
}

// sendmail: deliver(): M_STRIPQ
TEST_F(DelivererTest, QuotesOfAnAliasStayInReportsWhereItsMailerKeepsThem) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  maps_->put("aliases", "outer", "\"a b\"@dst.test");
  submit(envelope({"outer"}));
  settle();
  EXPECT_THAT(mailbox("sender"), HasSubstr("X-Actual-Recipient: rfc822; \"a b\"@dst.test\n"));
}

// sendmail: alias(): the list is the one that has the owner, and was met before anything was delivered.
TEST_F(DelivererTest, AnOwnersReportNamesHisListBeforeTheDialogue) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "550 5.1.1 nobody here\r\n";
  maps_->put("aliases", "all", "list");
  maps_->put("aliases", "list", "more");
  maps_->put("aliases", "owner-list", "ann");
  maps_->put("aliases", "more", "gone, a@dst.test");
  queue::Envelope e = envelope({"all"});
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("ann"), AllOf(HasSubstr("gone... User unknown\nMessage delivered to mailing list list\n... while talking to mx1.test.:\n"), HasSubstr("(expanded from: more)\n"),
                                    HasSubstr("Final-Recipient: RFC822; all@ us.test\n")));
}

// RFC 3461 5.2.7.2: that a list took it is all that is reported of success.
TEST_F(DelivererTest, AListOfOneReportsThatItWasDeliveredTo) {
  maps_->put("aliases", "list", "joe");
  maps_->put("aliases", "owner-list", "ann");
  queue::Envelope e = envelope({"list"});
  e.rcpts[0].notify = queue::kNotifySuccess;
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Action: delivered (to mailing list)"), Not(HasSubstr("to mailbox"))));
  EXPECT_EQ(mailbox("ann"), "");
}

// As a command leaves them, whose members may be in other envelopes.
TEST_F(DelivererTest, WhoHasBecomeSeveralIsToldOfOnceWithTheRest) {
  network_.servers["192.0.2.1"].answers["RCPT *"] = "450 4.2.1 busy\r\n";
  queue::Envelope e = envelope({"joe", "a@dst.test"});
  e.rcpts[0].notify = queue::kNotifySuccess;
  queue::Rcpt team, list;
  team.address = "team";
  list.address = "list";
  team.notify = list.notify = queue::kNotifySuccess;
  queue::add_multiple(e, team, false);
  queue::add_multiple(e, list, true);
  submit(std::move(e));
  settle();
  EXPECT_THAT(mailbox("sender"), AllOf(HasSubstr("Action: expanded (to multi-recipient alias)"), HasSubstr("Action: delivered (to mailing list)"), HasSubstr("Action: delivered (to mailbox)"),
                                       HasSubstr("team... expanded to multiple addresses\nMessage delivered to mailing list list\njoe... Successfully delivered\n")));
  EXPECT_THAT(queue_->list().at(0).rcpts, SizeIs(1));
}

// RFC 3461 5.2.7.4: what a list sends on is a message of its owner's.
TEST_F(DelivererTest, AListsCopyIsSentOnWithoutTheSendersNotify) {
  network_.servers["192.0.2.1"];
  maps_->put("aliases", "list", "joe, a@dst.test");
  maps_->put("aliases", "owner-list", "ann");
  queue::Envelope e = envelope({"list"});
  e.rcpts[0].notify = queue::kNotifySuccess | queue::kNotifyFailure;
  submit(std::move(e));
  settle();
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, Contains("RCPT To:<a@dst.test>"));
}

// A refused member is the list owner's affair.
TEST_F(DelivererTest, BadMemberOfAListIsReportedToItsOwner) {
  maps_->put("aliases", "list", "joe, gone");
  maps_->put("aliases", "owner-list", "ann");
  submit(envelope({"list"}));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_THAT(mailbox("ann"), HasSubstr("User unknown"));
  EXPECT_EQ(mailbox("sender"), "");
}

// Also of a report, whose way is shown as any other's, to its end.
TEST_F(DelivererTest, AReportThatGoesToAListIsShownOnItsWay) {
  maps_->put("aliases", "list", "joe, gone");
  maps_->put("aliases", "owner-list", "ann");
  EXPECT_THAT(shown(envelope({"nobody"}, "list@us.test")),
              ElementsAre("nobody... User unknown", "<list@us.test>... aliased to joe, gone", "joe... Connecting to local...", "joe... Sent",
                          "postmaster... Connecting to local...", "postmaster... Sent"));
  EXPECT_THAT(mailbox("postmaster"), HasSubstr("errors -----\ngone\n"));
  EXPECT_EQ(queue_->count(), 0u);
}

}  // namespace
}  // namespace hky::deliver
