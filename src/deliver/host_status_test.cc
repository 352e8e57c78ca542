#include "deliver/host_status.h"

#include <errno.h>
#include <gtest/gtest.h>

namespace hky::deliver {
namespace {

constexpr size_t kWide = 78, kNarrow = 25;

// The files are what sendmail 8.17 wrote, the words what its hoststat printed of them.
TEST(HostStatus, SaysWhatSendmailSays) {
  const struct { const char* file; const char* words; } cases[] = {
      {"V0\nE0\nH0\nS75\nD4.5.0\nR221 bye\nU1795631238\n.\n", "221 bye"},
      {"V0\nE0\nH0\nS0\nD2.0.0\nR250 2.0.0 ok\nU1795631230\n.\n", "250 2.0.0 ok"},
      {"V0\nE0\nH0\nS0\nU1795631238\n.\n", "OK"},
      {"V0\nE0\nH1\nS68\nD5.1.2\nU1795631247\n.\n", "5.1.2 Host unknown"},
      {"V0\nE111\nH0\nS75\nD4.4.1\nU1795631195\n.\n", "Deferred: Connection refused"},
  };
  for (const auto& c : cases) {
    const auto s = HostStatus::read(c.file);
    ASSERT_TRUE(s.ok()) << c.file;
    EXPECT_EQ(s->words(kWide), c.words);
  }
}

TEST(HostStatus, CutsToTheWidth) {
  const auto s = HostStatus::read("V0\nE111\nH0\nS75\nD4.4.1\nU1795631195\n.\n");
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->words(kNarrow), "Deferred: Connection refu");
  EXPECT_EQ(s->tried, 1795631195);
  EXPECT_EQ(s->system_error, ECONNREFUSED);
}

TEST(HostStatus, RefusesWhatIsNoStatus) {
  EXPECT_FALSE(HostStatus::read("").ok());
  EXPECT_FALSE(HostStatus::read("garbage\n").ok());
  EXPECT_FALSE(HostStatus::read("V0\nS0\nU1\n").ok());   // cut off
  EXPECT_FALSE(HostStatus::read("S0\nU1\n.\n").ok());    // no version
  EXPECT_FALSE(HostStatus::read("V9\nS0\nU1\n.\n").ok());
}

TEST(HostStatus, FoldersAreTheNameFromTheRight) {
  EXPECT_EQ(host_of_status_path("example./mail./one"), "one.mail.example");
  EXPECT_EQ(host_of_status_path("1./0./0./127"), "127.0.0.1");
  EXPECT_EQ(host_of_status_path("localhost"), "localhost");
  EXPECT_EQ(status_path_of_host("One.Mail.Example."), "example./mail./one");
  EXPECT_EQ(status_path_of_host("[127.0.0.1]"), "1./0./0./127");
  EXPECT_EQ(status_path_of_host("[IPv6:::1]"), "ipv6:::1");
  EXPECT_EQ(status_path_of_host("localhost"), "localhost");
}

TEST(HostStatus, NoFileForWhatIsNoName) {
  for (const char* name : {"", ".", "..", "a..b", ".a", "../../etc", "a/b", "/run/lmtp.sock", "a b", "[]", "a\n"})
    EXPECT_EQ(status_path_of_host(name), "") << name;
  EXPECT_EQ(status_path_of_host(std::string(300, 'a')), "");
}

TEST(HostStatus, WritesWhatItReads) {
  const char* files[] = {"V0\nE0\nH0\nS75\nD4.5.0\nR421 4.3.2 busy\nU1795631238\n.\n", "V0\nE0\nH0\nS0\nU1795631238\n.\n",
                         "V0\nE111\nH0\nS75\nD4.4.1\nU1795631195\n.\n"};
  for (const char* file : files) {
    const auto s = HostStatus::read(file);
    ASSERT_TRUE(s.ok());
    EXPECT_EQ(s->file(), file);
  }
  HostStatus two;
  two.reply = "250-one\n250 two";
  EXPECT_EQ(two.file(), "V0\nE0\nH0\nS0\nR250-one\nU0\n.\n") << "a line is a line";
}

TEST(HostStatus, RelativeDirectoriesAreTheQueues) {
  cf::Options o;
  o.queue_directory = "/var/spool/mqueue";
  EXPECT_EQ(host_status_directory(o), "");
  o.host_status_directory = ".hoststat";
  EXPECT_EQ(host_status_directory(o), "/var/spool/mqueue/.hoststat");
  o.host_status_directory = "/var/lib/hoststat";
  EXPECT_EQ(host_status_directory(o), "/var/lib/hoststat");
}

}  // namespace
}  // namespace hky::deliver
