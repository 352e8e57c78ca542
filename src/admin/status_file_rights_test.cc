// Whose StatusFile it is decides what becomes of it: one row a case.
#include "admin/status_file_rights.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/sim_file_system.h"

namespace hky::admin {
namespace {

constexpr unsigned kEngine = 990, kEngineGroup = 991, kSmmsp = 102, kJoe = 1000;

class StatusFileRightsTest : public ::testing::Test {
 protected:
  StatusFileRightsTest() : disk_(clock_) {
    users_.uid = kEngine;
    users_.groups = {kEngineGroup};
    users_.predecessors = {0, kSmmsp};
    EXPECT_TRUE(disk_.make_directories("/r/var/log/mail").ok());
  }
  StatusFileState of(unsigned uid, unsigned gid, uint32_t mode) {
    EXPECT_TRUE(disk_.replace_file("/r" + path_, "").ok());
    EXPECT_TRUE(disk_.chmod("/r" + path_, mode).ok());
    EXPECT_TRUE(disk_.chown("/r" + path_, uid, gid).ok());
    return state();
  }
  StatusFileState state() { return status_file_state(disk_, "/r", path_, users_); }

  ManualClock clock_;
  SimFileSystem disk_;
  StatusFileUsers users_;
  const std::string path_ = "/var/log/mail/statistics";
};

TEST_F(StatusFileRightsTest, TheOwnerAndTheModeDecide) {
  EXPECT_EQ(of(kEngine, 0, 0600), StatusFileState::kCounts);
  EXPECT_EQ(of(kJoe, kEngineGroup, 0660), StatusFileState::kCounts);
  EXPECT_EQ(of(kJoe, kJoe, 0666), StatusFileState::kCounts);
  EXPECT_EQ(of(0, 0, 0644), StatusFileState::kTakenOver);
  EXPECT_EQ(of(kSmmsp, kSmmsp, 0640), StatusFileState::kTakenOver);
  EXPECT_EQ(of(kJoe, kJoe, 0644), StatusFileState::kRefused);
  EXPECT_EQ(of(kEngine, 0, 0400), StatusFileState::kRefused);
  users_.uid = 0;
  EXPECT_EQ(of(kJoe, kJoe, 0600), StatusFileState::kCounts);
}

TEST_F(StatusFileRightsTest, WhatIsNoPlainFileIsLeftAlone) {
  EXPECT_EQ(state(), StatusFileState::kMissing);
  FileStat twice;
  twice.links = 2;
  EXPECT_EQ(judge_status_file(twice, users_), StatusFileState::kNoFile);
  FileStat link;
  link.type = FileStat::Type::kSymlink;
  EXPECT_EQ(judge_status_file(link, users_), StatusFileState::kNoFile);
}

TEST_F(StatusFileRightsTest, AFolderThatTheEngineMayNotEnter) {
  of(kEngine, 0, 0644);
  ASSERT_TRUE(disk_.chmod("/r/var/log/mail", 0750).ok());
  EXPECT_EQ(state(), StatusFileState::kUnreachable);
  ASSERT_TRUE(disk_.chown("/r/var/log/mail", 0, kEngineGroup).ok());
  EXPECT_EQ(state(), StatusFileState::kCounts);
}

TEST_F(StatusFileRightsTest, WhatIsWrongIsSaidWithACure) {
  using enum StatusFileState;
  for (const StatusFileState wrong : {kTakenOver, kRefused, kUnreachable, kNoFile}) {
    const StatusFileWords words = status_file_words(wrong, path_, users_);
    EXPECT_FALSE(words.text.empty());
    EXPECT_FALSE(words.cure.empty());
  }
  for (const StatusFileState fine : {kMissing, kCounts}) EXPECT_EQ(status_file_words(fine, path_, users_).text, "");
}

}  // namespace
}  // namespace hky::admin
