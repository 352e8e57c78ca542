#include "queue/codec.h"

#include <gtest/gtest.h>

#include "base/sim_file_system.h"
#include "queue/drop.h"
#include "storage/memory_store.h"

namespace hky::queue {
namespace {

Envelope full_envelope() {
  Envelope e;
  e.id = "7BPNkSHB012345";
  e.sender = "root@example.org";
  e.macros = {{"r", "ESMTP"}, {"{x}", ""}};
  e.envid = "env";
  e.ret = Envelope::Ret::kHdrs;
  e.body_type = "8BITMIME";
  e.created = 1'790'000'000;
  e.next_try = -1;
  e.tries = 3;
  e.priority = -30'000;
  e.msg_class = -60;
  e.hops = 2;
  e.urgency = Envelope::Urgency::kNonUrgent;
  e.quarantine_reason = "why";
  e.message = "User unknown";
  e.held = e.warning_sent = e.is_report = e.sender_unsaid = e.list_copy = true;
  e.queue_group = "mqueue";
  e.auth_sender = "<>";
  e.deliver_by = 1'790'000'100;
  e.deliver_by_mode = 'R';
  e.body = {std::string("\0blob", 5), 7, 99};
  e.size = 1u << 31;
  e.queued_size = 12345;
  Rcpt r;
  r.address = "joe@example.com";
  r.mailer = "esmtp";
  r.host = "example.com.";
  r.user = "joe@example.com";
  r.controlling_user = "joe";
  r.orcpt = "rfc822;joe";
  r.alias_of = "members";
  r.final_rcpt = "list@example.com";
  r.answered = true;
  r.notify = kNotifyFailure | kNotifyDelay;
  r.state = RcptState::kFailed;
  r.tries = 4;
  r.last_try = 5;
  note_attempt(r, Attempt{4, "mx.example. [192.0.2.1]", "4.4.1", "450 later"});
  note_attempt(r, Attempt{5, "", "4.4.3", std::string(300, 'x')});
  r.status = "4.4.1";
  r.last_reply = "no\tanswer \xff";
  r.remote_mta = "mx.example.com";
  e.rcpts = {r, Rcpt()};
  return e;
}

TEST(CodecTest, WhatWasRefusedHasNoTripleAndIsAskedAboutAgain) {
  Envelope e = full_envelope();
  e.rcpts[0].refused_exit = 67;
  auto encoded = encode(e, 9);
  ASSERT_TRUE(encoded.ok());
  auto decoded = decode(encoded->header);
  ASSERT_TRUE(decoded.ok());
  const Rcpt& r = decoded->envelope.rcpts[0];
  EXPECT_EQ(r.mailer + r.host + r.user, "");
  EXPECT_EQ(r.address, "joe@example.com");
}

TEST(CodecTest, EveryFieldComesBack) {
  const Envelope e = full_envelope();
  auto encoded = encode(e, 9);
  ASSERT_TRUE(encoded.ok());
  EXPECT_TRUE(encoded->chunks.empty());
  auto decoded = decode(encoded->header);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->generation, 9u);
  const Envelope& d = decoded->envelope;
  EXPECT_EQ(std::tie(d.id, d.sender, d.macros, d.envid, d.ret, d.body_type, d.created, d.next_try, d.tries, d.priority),
            std::tie(e.id, e.sender, e.macros, e.envid, e.ret, e.body_type, e.created, e.next_try, e.tries, e.priority));
  EXPECT_EQ(std::tie(d.msg_class, d.hops, d.urgency, d.quarantine_reason, d.held, d.warning_sent, d.is_report, d.sender_unsaid, d.list_copy, d.queued_size),
            std::tie(e.msg_class, e.hops, e.urgency, e.quarantine_reason, e.held, e.warning_sent, e.is_report, e.sender_unsaid, e.list_copy, e.queued_size));
  EXPECT_EQ(std::tie(d.queue_group, d.auth_sender, d.deliver_by, d.deliver_by_mode, d.body.blob, d.body.off, d.body.len,
                     d.size),
            std::tie(e.queue_group, e.auth_sender, e.deliver_by, e.deliver_by_mode, e.body.blob, e.body.off, e.body.len,
                     e.size));
  ASSERT_EQ(d.rcpts.size(), 2u);
  const Rcpt &a = d.rcpts[0], &b = e.rcpts[0];
  EXPECT_EQ(std::tie(a.address, a.mailer, a.host, a.user, a.controlling_user, a.orcpt, a.alias_of, a.notify, a.state),
            std::tie(b.address, b.mailer, b.host, b.user, b.controlling_user, b.orcpt, b.alias_of, b.notify, b.state));
  EXPECT_EQ(std::tie(a.tries, a.last_try, a.status, a.last_reply, a.remote_mta, a.final_rcpt, a.answered, d.message),
            std::tie(b.tries, b.last_try, b.status, b.last_reply, b.remote_mta, b.final_rcpt, b.answered, e.message));
  ASSERT_EQ(a.attempts.size(), 2u);
  for (size_t i = 0; i < 2; ++i)
    EXPECT_EQ(std::tie(a.attempts[i].when, a.attempts[i].relay, a.attempts[i].status, a.attempts[i].reply),
              std::tie(b.attempts[i].when, b.attempts[i].relay, b.attempts[i].status, b.attempts[i].reply));
}

// Version 2 had neither the line of mailq, nor whom the sender wrote to, nor what RCPT was answered.
TEST(CodecTest, VersionTwoIsStillRead) {
  const std::string rcpt = std::string("\3joe\0\0\0\0\0\4list\0\4busy\0\0\0\0\0\0", 26);
  const std::string head = std::string("\2\0\0\0\1\1A\3s@x\0\0\3why\0\0\0\0\0\5\0\0\0\0\2\0\0\0\0\0\0\0", 35);
  auto decoded = decode(head + rcpt);
  ASSERT_TRUE(decoded.ok());
  const Envelope& e = decoded->envelope;
  EXPECT_EQ(e.id + " " + e.sender + " " + e.quarantine_reason + " " + e.message, "A s@x why ");
  ASSERT_EQ(e.rcpts.size(), 1u);
  const auto same = [](const Rcpt& r) { return r.address == "joe" && r.alias_of == "list" && r.final_rcpt.empty() && r.last_reply == "busy" && !r.answered; };
  EXPECT_TRUE(same(e.rcpts[0]));
  std::vector<Rcpt> more;
  ASSERT_TRUE(decode_chunk("\2\1" + rcpt, more).ok());
  ASSERT_EQ(more.size(), 1u);
  EXPECT_TRUE(same(more[0]));
}

TEST(Notify, WordsToBits) {
  EXPECT_EQ(notify_bits("SUCCESS, delay"), kNotifySuccess | kNotifyDelay);
  EXPECT_EQ(notify_bits("never"), kNotifyNever);
  EXPECT_EQ(notify_bits("failure,bogus,"), kNotifyFailure);
  EXPECT_EQ(notify_bits(""), 0);
}

TEST(CodecTest, LatestAttemptsAreKept) {
  Rcpt r;
  for (int64_t i = 1; i <= 20; ++i) note_attempt(r, Attempt{i, "mx", "4.0.0", std::string(1000, 'y')});
  ASSERT_EQ(r.attempts.size(), kMaxAttempts);
  EXPECT_EQ(r.attempts.front().when, 13);
  EXPECT_EQ(r.attempts.back().when, 20);
  EXPECT_EQ(r.attempts.back().reply.size(), kMaxAttemptReply);
}

TEST(CodecTest, DamageIsAnErrorAtEveryByte) {
  const std::string good = encode(full_envelope(), 1)->header;
  for (size_t cut = 0; cut < good.size(); ++cut) EXPECT_FALSE(decode(std::string_view(good).substr(0, cut)).ok()) << cut;
  EXPECT_FALSE(decode(good + "x").ok());
  std::string newer = good;
  newer[0] = static_cast<char>(kEnvelopeVersion + 1);
  auto refused = decode(newer);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().text.find("version " + std::to_string(kEnvelopeVersion + 1)), std::string::npos);
}

TEST(CodecTest, WhatDoesNotFitGoesIntoChunksAndTooMuchIsRefused) {
  Envelope e = full_envelope();
  e.rcpts.clear();
  for (int i = 0; i < 5000; ++i) {
    Rcpt r;
    r.address = std::to_string(i) + "@example.com";
    e.rcpts.push_back(r);
  }
  auto encoded = encode(e, 1);
  ASSERT_TRUE(encoded.ok());
  EXPECT_GT(encoded->chunks.size(), 1u);
  auto decoded = decode(encoded->header);
  EXPECT_EQ(decoded->chunks, encoded->chunks.size());
  std::vector<Rcpt> all = decoded->envelope.rcpts;
  for (const std::string& chunk : encoded->chunks) {
    EXPECT_LE(chunk.size(), kChunkBytes);
    EXPECT_TRUE(decode_chunk(chunk, all).ok());
  }
  ASSERT_EQ(all.size(), 5000u);
  EXPECT_EQ(all[4999].address, "4999@example.com");
  e.rcpts[0].address.assign(kChunkBytes, 'x');
  EXPECT_FALSE(encode(e, 1).ok());
}

class DropTest : public testing::Test {
 protected:
  DropTest() {
    EXPECT_TRUE(files_.make_directories("/drop").ok());
    open();
  }
  void open() {
    queue_.reset();
    auto opened = open_queue(*store_, clock_, random_, [](const Envelope&, int64_t now) { return now; }, {});
    queue_ = std::move(*opened);
  }
  SubmitDropped submitter() {
    return [this](Dropped dropped) -> net::Task<Result<>> { return submit(*queue_, loop_, std::move(dropped)); };
  }
  static net::Task<Result<>> submit(Queue& queue, net::Loop& loop, Dropped dropped) {
    dropped.envelope.id = queue.new_id();
    auto body = std::make_shared<const std::string>(std::move(dropped.message));
    auto done = co_await queue.submit(loop, std::move(dropped.envelope), std::move(body));
    co_return done;
  }
  TakenIn take(SubmitDropped submit) {
    return net::run_blocking(loop_, take_in(*queue_, files_, "/drop", unix_seconds(clock_.wall()), std::move(submit)));
  }

  ManualClock clock_;
  SeededRandom random_{3};
  net::Loop loop_{system_clock()};
  SimFileSystem files_{clock_};
  std::unique_ptr<storage::Store> store_ = storage::open_memory_store();
  std::unique_ptr<Queue> queue_;
};

TEST_F(DropTest, AFileIsTakenInOnceAlsoWhenTheUnlinkWasLost) {
  Envelope e = full_envelope();
  e.held = false;
  e.quarantine_reason.clear();
  auto name = write_drop(files_, random_, "/drop", e, "Subject: x\n\ntext\n");
  ASSERT_TRUE(name.ok()) << name.error().text;
  auto bytes = files_.read_file("/drop/" + *name);
  ASSERT_TRUE(bytes.ok());
  TakenIn first = take(submitter());
  EXPECT_EQ(first.taken, 1u);
  EXPECT_FALSE(files_.exists("/drop/" + *name));
  EXPECT_EQ(queue_->count(), 1u);
  EXPECT_EQ(queue_->list().at(0).sender, "root@example.org");
  EXPECT_FALSE(queue_->dropped_before(*name));

  // Between the submission and the unlink the power goes: the file is there again, and so is the mark.
  Dropped again = std::move(*decode_drop(*bytes));
  again.envelope.drop = *name;
  EXPECT_TRUE(net::run_blocking(loop_, submit(*queue_, loop_, std::move(again))).ok());
  EXPECT_TRUE(files_.replace_file("/drop/" + *name, *bytes).ok());
  open();
  TakenIn second = take(submitter());
  EXPECT_EQ(second.taken, 0u);
  EXPECT_EQ(second.again, 1u);
  EXPECT_EQ(queue_->count(), 2u);
  EXPECT_FALSE(files_.exists("/drop/" + *name));
}

TEST_F(DropTest, WhatCannotBeTakenInStays) {
  auto name = write_drop(files_, random_, "/drop", full_envelope(), "text");
  ASSERT_TRUE(name.ok());
  auto refuse = [](Dropped) -> net::Task<Result<>> { co_return temporary_error("not now"); };
  EXPECT_EQ(take(refuse).failed, 1u);
  EXPECT_TRUE(files_.exists("/drop/" + *name));
  const std::string bad = "d0123456789abcdef01234567";
  EXPECT_TRUE(files_.replace_file("/drop/" + bad, "hikyaku drop 1\n5\nxx").ok());
  EXPECT_TRUE(files_.replace_file("/drop/other", "x").ok());
  EXPECT_EQ(take(submitter()).bad, 1u);
  EXPECT_TRUE(files_.exists("/drop/b0123456789abcdef01234567"));
  EXPECT_TRUE(files_.exists("/drop/other"));
  EXPECT_EQ(queue_->count(), 1u);
}

TEST_F(DropTest, ReadingTheFolderChangesNothing) {
  EXPECT_FALSE(read_drops(files_, "/nowhere").ok());
  EXPECT_TRUE(read_drops(files_, "/drop")->empty());
  auto name = write_drop(files_, random_, "/drop", full_envelope(), "Subject: x\n\ntext\n");
  ASSERT_TRUE(name.ok());
  EXPECT_TRUE(files_.replace_file("/drop/d0123456789abcdef01234567", "no message").ok());
  EXPECT_TRUE(files_.replace_file("/drop/other", "x").ok());
  const auto found = read_drops(files_, "/drop");
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->at(0).name, *name);
  EXPECT_EQ(found->at(0).envelope.sender, "root@example.org");
  EXPECT_EQ(found->at(0).message, "Subject: x\n\ntext\n");
  EXPECT_EQ(files_.list("/drop")->size(), 3u);
  EXPECT_EQ(take(submitter()).taken, 1u);
}

}  // namespace
}  // namespace hky::queue
