#include "cmd/status_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hky::cmd {
namespace {

constexpr int64_t kNow = 1795614820;

class StatusFileTest : public ::testing::Test {
 protected:
  StatusFileTest() : out_(kernel_file_system(), traffic_) {
    char dir[] = "/tmp/status_file_XXXXXX";
    EXPECT_NE(::mkdtemp(dir), nullptr);
    folder_ = dir;
    path_ = folder_ + "/st";
  }
  ~StatusFileTest() override {
    (void)::unlink(path_.c_str());
    (void)::rmdir(folder_.c_str());
  }
  void make(std::string_view text) {
    auto file = kernel_file_system().open(path_, open_to_write());
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->write(text).ok());
  }
  Statistics there() {
    auto text = kernel_file_system().read_file(path_);
    EXPECT_TRUE(text.ok());
    auto s = read_statistics(text.ok() ? *text : "", 0);
    EXPECT_TRUE(s.ok());
    return s.ok() ? *s : Statistics();
  }
  std::string folder_, path_;
  Traffic traffic_;
  StatusFile out_;
};

TEST_F(StatusFileTest, NeverMakesTheFile) {
  traffic_.connection_taken();
  out_.write_out(path_, kNow);
  EXPECT_FALSE(kernel_file_system().exists(path_));
  make("");   // and what nobody wanted is not counted later
  out_.write_out(path_, kNow);
  EXPECT_EQ(there().taken, 0);
}

TEST_F(StatusFileTest, AddsToWhatIsThere) {
  Statistics before;
  before.since = 77;
  before.to[3] = 5;
  make(write_statistics(before));
  traffic_.collected(4, 1025);
  traffic_.delivered(3, 1024);
  traffic_.rejected(4);
  traffic_.discarded(4);
  traffic_.quarantined(4);
  traffic_.connection_made();
  out_.write_out(path_, kNow);
  traffic_.delivered(3, 1);
  out_.write_out(path_, kNow);
  const Statistics s = there();
  EXPECT_EQ(s.since, 77);
  EXPECT_EQ(s.from[4], 1);
  EXPECT_EQ(s.kbytes_from[4], 2);
  EXPECT_EQ(s.to[3], 7);
  EXPECT_EQ(s.kbytes_to[3], 2);
  EXPECT_EQ(s.rejected[4], 1);
  EXPECT_EQ(s.discarded[4], 1);
  EXPECT_EQ(s.quarantined[4], 1);
  EXPECT_EQ(s.made, 1);
  EXPECT_EQ(s.refused, 2);
}

TEST_F(StatusFileTest, APredecessorsFileBecomesTheEngines) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may give a file away";
  make("");
  ASSERT_EQ(::chmod(path_.c_str(), 0040), 0);
  admin::StatusFileUsers users;
  users.uid = 65534;
  EXPECT_TRUE(take_over_status_file(kernel_file_system(), path_, users));
  const auto st = kernel_file_system().stat(path_);
  EXPECT_EQ(st->uid, 65534u);
  EXPECT_EQ(st->gid, ::getegid());
  EXPECT_EQ(st->mode, 0640u);
  EXPECT_FALSE(take_over_status_file(kernel_file_system(), path_, users));   // it is already
  ASSERT_EQ(::chown(path_.c_str(), 1, 1), 0);
  EXPECT_FALSE(take_over_status_file(kernel_file_system(), path_, users));   // somebody else's
}

TEST_F(StatusFileTest, BeginsAnewWhereTheFileWasEmptied) {
  make("");
  traffic_.connection_taken();
  out_.write_out(path_, kNow);
  make("");
  traffic_.connection_taken();
  out_.write_out(path_, kNow + 9);
  EXPECT_EQ(there().taken, 1);
  EXPECT_EQ(there().since, kNow + 9);
}

TEST_F(StatusFileTest, KeepsItsFiguresWhileAnotherHoldsTheLock) {
  make("");
  auto other = kernel_file_system().open(path_, open_to_read());
  ASSERT_TRUE(other.ok());
  ASSERT_EQ(::flock((*other)->descriptor(), LOCK_EX), 0);
  traffic_.connection_taken();
  out_.write_out(path_, kNow);
  ASSERT_EQ(::flock((*other)->descriptor(), LOCK_UN), 0);
  EXPECT_EQ(there().taken, 0);
  out_.write_out(path_, kNow);
  EXPECT_EQ(there().taken, 1);
}

TEST_F(StatusFileTest, SendersWithoutAMailerRefuseAConnectionOnly) {
  make("");
  traffic_.rejected(Traffic::kNoMailer);
  traffic_.collected(static_cast<int>(Traffic::kMailers), 1);   // no such place in the file
  out_.write_out(path_, kNow);
  EXPECT_EQ(there().refused, 1);
  EXPECT_EQ(there().rejected, Statistics::Table{});
  EXPECT_EQ(there().from, Statistics::Table{});
}

}  // namespace
}  // namespace hky::cmd
