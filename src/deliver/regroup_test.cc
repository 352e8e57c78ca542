// What aliases make of a message: members, lists with owners, queue groups.
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

TEST_F(DelivererTest, AliasesExpandListsWithOwnersAreSplit) {
  network_.servers["192.0.2.1"];
  maps_->put("aliases", "team", "joe, ann, x@dst.test");
  maps_->put("aliases", "list", "joe, y@dst.test");
  maps_->put("aliases", "owner-list", "ann");
  submit(envelope({"team"}));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_THAT(mailbox("ann"), HasSubstr("hello"));
  EXPECT_THAT(network_.servers["192.0.2.1"].commands, Contains(HasSubstr("<x@dst.test>")));
  submit(envelope({"list"}));
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("Return-Path: <ann"));
  EXPECT_EQ(queue_->count(), 0u);
}

TEST_F(DelivererTest, WithoutMeTooTheSenderHasNoCopyThroughAnAlias) {
  config_->options.me_too = false;
  maps_->put("aliases", "team", "joe, ann");
  maps_->put("aliases", "lonely", "ann");
  maps_->put("aliases", "owner-lonely", "joe");
  queue::Envelope e = envelope({"team"});
  e.sender = "ann";
  submit(e);
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("hello"));
  EXPECT_EQ(mailbox("ann"), "");
  e.rcpts = envelope({"lonely"}).rcpts;   // and where nobody remains that is the end of it
  submit(e);
  settle();
  EXPECT_EQ(mailbox("ann"), "");
  EXPECT_EQ(queue_->count(), 0u);
  e.rcpts = envelope({"team", "ann"}).rcpts;
  submit(e);
  settle();
  EXPECT_THAT(mailbox("ann"), HasSubstr("hello"));
}

TEST_F(DelivererTest, ARecipientOfAListIsServedOnceWhateverHisNotify) {
  maps_->put("aliases", "both", "joe, ann");
  for (const bool list_first : {true, false}) {
    auto e = envelope({list_first ? "both" : "joe", list_first ? "joe" : "both"});
    e.rcpts[list_first ? 1 : 0].notify = queue::kNotifySuccess;
    submit(std::move(e));
    settle();
  }
  const std::string box = mailbox("joe");
  size_t copies = 0;
  for (size_t at = box.find("From sender"); at != std::string::npos; at = box.find("From sender", at + 1)) ++copies;
  EXPECT_EQ(copies, 2u);
  EXPECT_THAT(mailbox("sender"), HasSubstr("joe  (successfully delivered to mailbox)\n    (expanded from: both)"));
}

// Who wrote to a list with an owner is named where the message has no From:.
TEST_F(DelivererTest, AListsCopyNamesWhoWroteToIt) {
  network_.servers["192.0.2.1"];
  maps_->put("aliases", "list", "joe, y@dst.test");
  maps_->put("aliases", "owner-list", "ann");
  submit(envelope({"list"}, "writer@dst.test"), "Received: by us.test id QID\nSubject: hi\n\nhello\n");
  settle();
  EXPECT_THAT(mailbox("joe"), AllOf(HasSubstr("Return-Path: <ann"), HasSubstr("\nFrom: writer@dst.test\n")));
  EXPECT_THAT(network_.servers["192.0.2.1"].messages, SizeIs(1));
  EXPECT_THAT(network_.servers["192.0.2.1"].messages[0], HasSubstr("\nFrom: writer@dst.test"));
}

// As a real sendmail 8.17.1 did: what an expansion parts beyond FastSplit waits for a queue run.
TEST_F(DelivererTest, MembersOfAnotherQueueGroupPartFromTheMessage) {
  cf::QueueGroup net;
  net.name = "net";
  net.most_rcpts = 2;
  config_->queue_groups.push_back(net);
  for (cf::Mailer& m : config_->mailers)
    if (m.name == "esmtp") m.queue_group = "net";
  maps_->put("aliases", "team", "joe, a@dst.test, b@dst.test, c@dst.test");
  queue::Envelope left = envelope({"team"});
  left.collected_size = left.queued_size = 100;   // by a session in the background
  submit(std::move(left));
  settle();
  EXPECT_NE(mailbox("joe"), "");
  std::vector<std::string> waiting;
  for (const queue::Envelope& e : queue_->list()) {
    std::string shown = e.queue_group + (e.next_try == queue::kOnlyByQueueRun ? ", by a queue run:" : ":");
    for (const queue::Rcpt& r : e.rcpts) shown += " " + r.address;
    waiting.push_back(std::move(shown));
  }
  EXPECT_THAT(waiting, ::testing::UnorderedElementsAre("net, by a queue run: c@dst.test b@dst.test", "net, by a queue run: a@dst.test"));
  EXPECT_TRUE(log_.contains("split: count=1, id="));
  EXPECT_TRUE(log_.contains("split: maxrcpts=2, rcpts=3, count=1, id="));
  auto& mx = network_.servers["192.0.2.1"];
  submit(envelope({"team"}));
  settle();
  EXPECT_EQ(queue_->count(), 2u);   // those of before
  ASSERT_EQ(mx.messages.size(), 2u);
  for (const auto& message : mx.messages) EXPECT_EQ(message.find("Received:"), message.rfind("Received:")) << message;
}

TEST_F(DelivererTest, WhatOneRecipientComesToSaysWhereItWaits) {
  cf::QueueGroup net;
  net.name = "net";
  config_->queue_groups.push_back(net);
  for (cf::Mailer& m : config_->mailers)
    if (m.name == "esmtp") m.queue_group = "net";
  maps_->put("aliases", "far", "a@down.test");
  submit(envelope({"far"}));
  settle();
  ASSERT_EQ(queue_->list().size(), 1u);
  EXPECT_EQ(queue_->list()[0].queue_group, "net");
}

}  // namespace
}  // namespace hky::deliver
