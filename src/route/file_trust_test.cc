// Which files of the system's own are believed, as sendmail 8.17 answered with each flag of DontBlameSendmail.
#include "route/file_trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/sysexits.h"
#include "cf/reader.h"
#include "maps/map_set_memory.h"
#include "route/aliases.h"

namespace hky::route {
namespace {

using ::testing::ElementsAre;
using enum cf::Blame;

constexpr const char* kConfig = R"(V10/Berkeley
Djmail.example.com
O OperatorChars=.:%@!^/[]+
O AliasFile=/etc/mail/aliases
Sparse=0
R$+			$#local $: $1
Mlocal,	P=[FAKE], F=lsDFMAw5:/|@qPmn9, A=mail $u
)";

class FileTrust : public ::testing::Test {
 protected:
  FileTrust() : config_(cf::read_config_text(kConfig, cf::ReadRequest()).config) {
    std::string pattern = testing::TempDir() + "hkytrustXXXXXX";
    root_ = ::mkdtemp(pattern.data());
    EXPECT_TRUE(files_.make_directories(root_ + "/etc/mail").ok());
    put("/etc/mail/aliases", "postmaster: root\n");
  }
  ~FileTrust() override { std::filesystem::remove_all(root_); }

  void put(const std::string& path, const std::string& text, uint32_t mode = 0644) { EXPECT_TRUE(files_.replace_file(root_ + path, text, mode).ok()); }
  void mode(const std::string& path, uint32_t mode) { EXPECT_TRUE(files_.chmod(root_ + path, mode).ok()); }
  void excuse(cf::Blame flag) { config_->options.dont_blame_sendmail.set(static_cast<size_t>(flag)); }
  std::string why(SystemFile what, const std::string& path = "/etc/mail/aliases") { return why_not_believed(files_, config_->options, what, root_, path); }
  std::vector<std::string> newaliases() {
    std::vector<cf::Diagnostic> errors;
    const auto program = rewrite::compile(config_, errors);
    cf::MacroScope scope(*config_);
    rewrite::Context ctx{loop_, program, *config_, maps_, scope, nullptr, nullptr};
    const RebuildResult result = net::run_blocking(loop_, rebuild_aliases(ctx, files_, root_, "root"));
    exit_code_ = result.exit_code;
    return result.messages;
  }

  FileSystem& files_ = kernel_file_system();
  std::shared_ptr<cf::Config> config_;
  ManualClock clock_;
  net::Loop loop_{clock_};
  maps::MemoryMapSet maps_;
  std::string root_;
  int exit_code_ = -1;
};

TEST_F(FileTrust, FoldersOnTheWayAreNobodyElses) {
  mode("/etc", 0775);
  EXPECT_EQ(why(SystemFile::kClass), "Group writable directory");
  EXPECT_EQ(why(SystemFile::kMap), "Group writable directory");
  EXPECT_EQ(why(SystemFile::kHelp), "Group writable directory");
  EXPECT_EQ(why(SystemFile::kErrorHeader), "Group writable directory");
  EXPECT_EQ(why(SystemFile::kAliasText), "");
  mode("/etc/mail", 0777);
  EXPECT_EQ(why(SystemFile::kMap), "Group writable directory");
  excuse(GroupWritableDirPathSafe);
  EXPECT_EQ(why(SystemFile::kMap), "World writable directory");
  EXPECT_EQ(why(SystemFile::kMap, "/etc/mail/missing"), "World writable directory");
  excuse(MapInUnsafeDirPath);
  EXPECT_EQ(why(SystemFile::kMap), "");
  EXPECT_EQ(why(SystemFile::kClass), "World writable directory");
  mode("/etc/mail", 01777);
  excuse(TrustStickyBit);
  EXPECT_EQ(why(SystemFile::kClass), "");
}

TEST_F(FileTrust, FoldersAboveTheRootAreNotLookedAt) {
  mode("", 0777);
  EXPECT_EQ(why(SystemFile::kMap), "");
}

TEST_F(FileTrust, LinksCountInWritableFolders) {
  ASSERT_EQ(::symlink("aliases", (root_ + "/etc/mail/link").c_str()), 0);
  EXPECT_EQ(why(SystemFile::kAliasText, "/etc/mail/link"), "");
  mode("/etc/mail", 0777);
  EXPECT_EQ(why(SystemFile::kAliasText, "/etc/mail/link"), "Symbolic links not allowed");
  excuse(MapInUnsafeDirPath);
  EXPECT_EQ(why(SystemFile::kMap, "/etc/mail/link"), "Symbolic links not allowed");
  excuse(LinkedMapInWritableDir);
  EXPECT_EQ(why(SystemFile::kMap, "/etc/mail/link"), "");
  ASSERT_TRUE(files_.link(root_ + "/etc/mail/aliases", root_ + "/etc/mail/second").ok());
  EXPECT_EQ(why(SystemFile::kAliasText), "Hard links not allowed");
  excuse(LinkedAliasFileInWritableDir);
  EXPECT_EQ(why(SystemFile::kAliasText), "");
}

TEST_F(FileTrust, OthersMayWriteMapsAndClassesButNotTheTextOfAliases) {
  mode("/etc/mail/aliases", 0666);
  EXPECT_EQ(why(SystemFile::kMap), "");
  EXPECT_EQ(why(SystemFile::kClass), "");
  EXPECT_EQ(why(SystemFile::kAliasText), "Group writable file");
  excuse(GroupWritableAliasFile);
  EXPECT_EQ(why(SystemFile::kAliasText), "World writable file");
  excuse(WorldWritableAliasFile);
  EXPECT_EQ(why(SystemFile::kAliasText), "");
}

TEST_F(FileTrust, NewaliasesSaysWhatItDoesNotBelieve) {
  const std::string made = "/etc/mail/aliases: 1 aliases, longest 4 bytes, 14 bytes total";
  EXPECT_THAT(newaliases(), ElementsAre(made));
  mode("/etc/mail/aliases", 0664);
  EXPECT_THAT(newaliases(), ElementsAre("newaliases: cannot open /etc/mail/aliases: Group writable file"));
  EXPECT_EQ(exit_code_, EX_OK);
  mode("/etc/mail/aliases", 0644);
  mode("/etc/mail", 0775);
  EXPECT_THAT(newaliases(), ElementsAre("WARNING: Group writable directory /etc/mail", "WARNING: cannot open alias database /etc/mail/aliases",
                                        "Cannot create database for alias file /etc/mail/aliases"));
  EXPECT_EQ(exit_code_, EX_SOFTWARE);
  excuse(MapInUnsafeDirPath);
  EXPECT_THAT(newaliases(), ElementsAre("WARNING: Group writable directory /etc/mail", "WARNING: Group writable directory /etc/mail", made));
}

// sendmail: UnsafeGroupWrites=False is the old name of two flags.
TEST_F(FileTrust, GroupWritableListsMayNamePrograms) {
  EXPECT_FALSE(forward_trust(config_->options).group_file_is_safe || include_trust(config_->options).group_file_is_safe);
  config_->options.unsafe_group_writes = false;
  EXPECT_TRUE(forward_trust(config_->options).group_file_is_safe && include_trust(config_->options).group_file_is_safe);
}

}  // namespace
}  // namespace hky::route
