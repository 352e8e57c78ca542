#include "deliver/host_states.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/sysexits.h"

namespace hky::deliver {
namespace {

constexpr int64_t kHalfAnHour = 1800;

class HostStatesTest : public ::testing::Test {
 protected:
  HostStatesTest() {
    char dir[] = "/tmp/host_states_XXXXXX";
    EXPECT_NE(::mkdtemp(dir), nullptr);
    folder_ = dir;
  }
  ~HostStatesTest() override { std::filesystem::remove_all(folder_); }
  static HostStatus refused() {
    HostStatus s;
    s.system_error = ECONNREFUSED;
    s.exit = EX_TEMPFAIL;
    s.dsn = "4.4.1";
    return s;
  }
  std::string text(const char* below) {
    auto t = kernel_file_system().read_file(folder_ + "/" + below);
    return t.ok() ? *t : "";
  }
  std::optional<HostStatus> failed(HostStates& states, const char* host) { return states.failed_lately(folder_, host, kHalfAnHour); }

  ManualClock clock_;
  std::string folder_;
  HostStates states_{kernel_file_system(), clock_};
};

TEST_F(HostStatesTest, AFailureIsKnownUntilItIsOldAlsoToTheNextProcess) {
  EXPECT_FALSE(failed(states_, "mx.example"));
  states_.remember(folder_, "MX.Example.", refused());
  EXPECT_EQ(text("example./mx"), "") << "not before it is written out";
  EXPECT_TRUE(failed(states_, "mx.example"));
  ASSERT_TRUE(states_.write_out().ok());
  EXPECT_EQ(text("example./mx"), "V0\nE111\nH0\nS75\nD4.4.1\nU" + std::to_string(unix_seconds(clock_.wall())) + "\n.\n");
  HostStates next(kernel_file_system(), clock_);
  const auto known = failed(next, "mx.example");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->system_error, ECONNREFUSED);
  clock_.advance(std::chrono::seconds(kHalfAnHour));
  EXPECT_FALSE(failed(next, "mx.example"));
  EXPECT_FALSE(failed(states_, "mx.example"));
}

TEST_F(HostStatesTest, WellIsNoFailureAndAShorterTextLeavesNoRest) {
  HostStatus s = refused();
  s.reply = "421 4.3.2 busy, and a long story about it";
  states_.remember(folder_, "[192.0.2.1]", s);
  ASSERT_TRUE(states_.write_out().ok());
  states_.remember(folder_, "[192.0.2.1]", HostStatus());
  ASSERT_TRUE(states_.write_out().ok());
  EXPECT_FALSE(failed(states_, "[192.0.2.1]"));
  EXPECT_TRUE(text("1./2./0./192").starts_with("V0\nE0\nH0\nS0\nU"));
  EXPECT_TRUE(text("1./2./0./192").ends_with("\n.\n"));
}

TEST_F(HostStatesTest, PurgestatIsNoticedWithinASecond) {
  states_.remember(folder_, "mx.example", refused());
  ASSERT_TRUE(states_.write_out().ok());
  ASSERT_TRUE(failed(states_, "mx.example"));
  std::filesystem::remove(folder_ + "/example./mx");
  clock_.advance(std::chrono::seconds(1));
  EXPECT_FALSE(failed(states_, "mx.example"));
}

TEST_F(HostStatesTest, AFileThatAnotherProcessHasLockedIsABusyHost) {
  states_.remember(folder_, "mx.example", HostStatus());
  ASSERT_TRUE(states_.write_out().ok());
  const int other = ::open((folder_ + "/example./mx").c_str(), O_RDWR);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  const auto busy = failed(states_, "mx.example");
  ASSERT_TRUE(busy);
  EXPECT_EQ(busy->exit, EX_TEMPFAIL);
  EXPECT_EQ(busy->dsn, "");
  EXPECT_FALSE(states_.claim(folder_, "mx.example"));
  states_.remember(folder_, "mx.example", refused());
  ASSERT_TRUE(states_.write_out().ok());
  EXPECT_TRUE(text("example./mx").find("S0\n") != std::string::npos) << "left to who has it";
  ::close(other);
  ASSERT_TRUE(states_.write_out().ok());
  EXPECT_TRUE(text("example./mx").find("S75\n") != std::string::npos);
}

TEST_F(HostStatesTest, OneAtATimeHasAHostAndOthersSeeIt) {
  ASSERT_TRUE(states_.claim(folder_, "mx.example"));
  EXPECT_FALSE(states_.claim(folder_, "MX.example."));
  EXPECT_TRUE(states_.claim(folder_, "mx2.example"));
  const int other = ::open((folder_ + "/example./mx").c_str(), O_RDWR);
  EXPECT_NE(::flock(other, LOCK_EX | LOCK_NB), 0) << "hoststat marks it with a star";
  states_.remember(folder_, "mx.example", refused());
  states_.release(folder_, "mx.example");
  EXPECT_EQ(::flock(other, LOCK_EX | LOCK_NB), 0);
  ::close(other);
  EXPECT_TRUE(text("example./mx").find("S75\n") != std::string::npos) << "written with the lock";
  EXPECT_TRUE(states_.claim(folder_, "mx.example"));
}

TEST_F(HostStatesTest, WithoutAFolderTheStatusIsKeptInMemory) {
  const std::string none = folder_ + "/none";
  states_.remember(none, "mx.example", refused());
  EXPECT_EQ(states_.write_out().error().sys, ENOENT);
  EXPECT_FALSE(std::filesystem::exists(none)) << "it is the operator's to make";
  EXPECT_TRUE(states_.failed_lately(none, "mx.example", kHalfAnHour));
  EXPECT_TRUE(states_.write_out().ok()) << "said once";
  EXPECT_TRUE(states_.claim(none, "mx.example"));
  EXPECT_FALSE(states_.claim(none, "mx.example"));
}

TEST_F(HostStatesTest, WhatIsNoNameHasNoState) {
  states_.remember(folder_, "../../up", refused());
  EXPECT_FALSE(failed(states_, "../../up"));
  EXPECT_TRUE(states_.claim(folder_, "/run/lmtp.sock"));
  EXPECT_TRUE(states_.claim(folder_, "/run/lmtp.sock"));
  EXPECT_TRUE(states_.write_out().ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace hky::deliver
