// The doors of base: errors, strings, log lines, files on the kernel and on the disk that forgets.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/random.h"
#include "base/reasons.h"
#include "base/sim_file_system.h"
#include "base/strings.h"
#include "base/traffic_log.h"
#include "base/sysexits.h"

namespace hky {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return permanent_error("odd", 553, "5.1.3");
  return n / 2;
}
Result<int> quarter(int n) {
  HKY_TRY_ASSIGN(int h, half(n));
  return half(h);
}

TEST(ErrorTest, IsPassedUpWithItsCodes) {
  EXPECT_EQ(*quarter(8), 2);
  auto r = quarter(6);
  ASSERT_FALSE(r.ok());
  EXPECT_FALSE(r.error().temporary());
  EXPECT_EQ(r.error().smtp_code, 553);
  EXPECT_EQ(errno_error(ENOSPC, "write x").smtp_code, 452);
  EXPECT_EQ(errno_error(ENOSPC, "write x").enhanced, "4.3.1");
  EXPECT_EQ(errno_error(EACCES, "open y").sys, EACCES);
  EXPECT_TRUE(errno_error(EACCES, "open y").temporary());
  EXPECT_EQ(errno_error(ENOENT, "open /x").text, "open /x: No such file or directory");
}

TEST(StringsTest, AreAsciiOnly) {
  EXPECT_EQ(lower("ABC\xc4z"), "abc\xc4z");
  EXPECT_TRUE(iequals("Foo.BAR", "fOO.bar"));
  EXPECT_FALSE(iequals("foo", "fooo"));
  EXPECT_TRUE(starts_with_i("MAIL FROM:<>", "mail from:"));
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(split("a,,b", ',').size(), 3u);
  EXPECT_EQ(split("", ',').size(), 1u);
  EXPECT_EQ(join(split_words("  x  y z "), "|"), "x|y|z");
}

TEST(ClockTest, ManualMovesBothTogether) {
  ManualClock clock(1000);
  MonoTime before = clock.mono();
  clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(unix_seconds(clock.wall()), 1005);
  EXPECT_EQ(clock.mono() - before, std::chrono::seconds(5));
  EXPECT_GT(unix_seconds(system_clock().wall()), 1'700'000'000);
}

TEST(RandomTest, SystemDoesNotRepeat) {
  EXPECT_NE(system_random().next(), system_random().next());
  EXPECT_EQ(SeededRandom(7).next(), SeededRandom(7).next());
}

TEST(ReasonsTest, LineNamesFileAndLine) {
  RuleFired fired;
  fired.file = "proto.m4";
  fired.line = 123;
  fired.before = "a";
  fired.after = "b";
  EXPECT_NE(to_line(fired).find("proto.m4:123"), std::string::npos);
}

TEST(SysexitsTest, MeansWhatSendmailMakesOfIt) {
  EXPECT_TRUE(exit_meaning(EX_TEMPFAIL).temporary);
  EXPECT_EQ(exit_meaning(EX_NOUSER).dsn, "5.1.1");
  EXPECT_FALSE(exit_meaning(1).temporary);
}

TEST(LogTest, FileHasMaillogLinesAndNoForgedOnes) {
  ManualClock clock(1'790'000'000);
  SimFileSystem files(clock);
  ASSERT_TRUE(files.make_directories("/var/log").ok());
  {
    auto log = file_log(files, clock, "/var/log/maillog", "mx", "sendmail", 1000);
    log->line(5, LogPriority::kInfo, "4AP12303000123", "from=<a@b>, evil\nNov 1 00:00:00 mx sendmail[1]: X");
    log->line(99, LogPriority::kInfo, "", "too deep");
  }
  std::string text = *files.read_file("/var/log/maillog");
  EXPECT_NE(text.find(" mx sendmail[" + std::to_string(getpid()) + "]: 4AP12303000123: from=<a@b>, evil\\012Nov"),
            std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

// A syslog daemon of the test's own.
class FakeSyslog {
 public:
  explicit FakeSyslog(std::string path) : path_(std::move(path)) { open(); }
  ~FakeSyslog() { ::close(fd_); }
  void restart() {
    ::close(fd_);
    ::unlink(path_.c_str());
    open();
  }
  std::string next() {
    char buf[1024];
    const ssize_t n = ::recv(fd_, buf, sizeof buf, MSG_DONTWAIT);
    return n < 0 ? "" : std::string(buf, static_cast<size_t>(n));
  }

 private:
  void open() {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path_.copy(at.sun_path, path_.size());
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    ASSERT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  }
  std::string path_;
  int fd_ = -1;
};

TEST(LogTest, SyslogLinesGatherWhereTheThreadSaysSo) {
  char dir[] = "/tmp/hky_syslog_XXXXXX";
  ASSERT_NE(mkdtemp(dir), nullptr);
  const std::string path = std::string(dir) + "/log";
  ManualClock clock(1'790'000'000);
  FakeSyslog daemon(path);
  auto log = syslog_log(clock, "sendmail", path);
  log->line(5, LogPriority::kInfo, "4AP12303000123", "from=<a@b>");
  const std::string line = daemon.next();
  EXPECT_TRUE(line.starts_with("<22>")) << line;   // facility mail, info
  EXPECT_TRUE(line.ends_with(" sendmail[" + std::to_string(getpid()) + "]: 4AP12303000123: from=<a@b>")) << line;
  std::thread([&] {
    gather_log_lines();
    log->line(5, LogPriority::kInfo, "", "one");
    log->line(5, LogPriority::kWarning, "", "two");
    EXPECT_EQ(daemon.next(), "");
    log->flush();
  }).join();
  EXPECT_TRUE(daemon.next().ends_with(": one"));
  EXPECT_TRUE(daemon.next().starts_with("<20>"));
  daemon.restart();
  log->line(5, LogPriority::kInfo, "", "after the restart");
  EXPECT_TRUE(daemon.next().ends_with(": after the restart"));
  ::unlink(path.c_str());
  log->line(5, LogPriority::kInfo, "", "nobody listens");   // no crash, no wait
  ::rmdir(dir);
}

TEST(TrafficLogTest, LinesAsSendmailWritesThem) {
  std::string all;
  TrafficLog log([&all](std::string_view lines) { all += lines; }, 79);
  {
    TrafficLines lines(log, log.number());
    lines.received("MAIL From:<a@");
    lines.sent("220 here\r\n");
    lines.received("b>\r\nRCPT To:<c>\r\nrest");
    lines.sent("no end");
    lines.end_of_input();
  }
  log.line(log.number(), TrafficLog::kNote, "CONNECT x.");
  EXPECT_EQ(all, "00079 >>> 220 here\n00079 <<< MAIL From:<a@b>\n00079 <<< RCPT To:<c>\n00079 <<< rest\n00079 <<< [EOF]\n00079 >>> no end\n00080 === CONNECT x.\n");
  TrafficLog one([](std::string_view) {}, 5, true);
  EXPECT_EQ(one.number(), 5);
  EXPECT_EQ(one.number(), 5);
}

TEST(KernelFilesTest, WriteReplaceListLock) {
  char dir[] = "/tmp/hky_base_XXXXXX";
  ASSERT_NE(mkdtemp(dir), nullptr);
  FileSystem& fs = kernel_file_system();
  std::string base = dir;
  ASSERT_TRUE(fs.make_directories(base + "/a/b").ok());
  ASSERT_TRUE(fs.replace_file(base + "/a/f", std::string(10000, 'x')).ok());
  EXPECT_EQ(fs.read_file(base + "/a/f")->size(), 10000u);
  EXPECT_EQ(fs.read_file(base + "/a/f", 100).error().sys, EFBIG);
  EXPECT_EQ(*fs.list(base + "/a"), (std::vector<std::string>{"b", "f"}));
  EXPECT_EQ(fs.open(base + "/a/f", open_new()).error().sys, EEXIST);
  auto one = fs.open(base + "/a/f", open_to_append());
  auto two = fs.open(base + "/a/f", open_to_append());
  EXPECT_TRUE(*(*one)->try_lock(LockKind::kExclusive));
  EXPECT_FALSE(*(*two)->try_lock(LockKind::kExclusive));
  one->reset();
  EXPECT_TRUE(*(*two)->try_lock(LockKind::kExclusive));
  ASSERT_TRUE((*two)->write("tail").ok());
  EXPECT_EQ((*two)->stat()->size, 10004u);
  EXPECT_TRUE(fs.unlink(base + "/a/f").ok());
  EXPECT_TRUE(fs.rmdir(base + "/a/b").ok());
  EXPECT_TRUE(fs.rmdir(base + "/a").ok());
  EXPECT_TRUE(fs.rmdir(base).ok());
}

TEST(SimFilesTest, ForgetsWhatWasNotSynced) {
  ManualClock clock;
  SimFileSystem fs(clock);
  ASSERT_TRUE(fs.mkdir("/d", 0755).ok());
  ASSERT_TRUE(fs.replace_file("/d/kept", "one").ok());
  ASSERT_TRUE(fs.sync_directory("/").ok());
  auto kept = std::move(*fs.open("/d/kept", open_to_append()));
  ASSERT_TRUE(kept->write("two").ok());
  auto unnamed = std::move(*fs.open("/d/unnamed", open_new()));
  ASSERT_TRUE(unnamed->write("x").ok());
  ASSERT_TRUE(unnamed->sync().ok());
  fs.crash();
  EXPECT_EQ(*fs.read_file("/d/kept"), "one");
  EXPECT_FALSE(fs.exists("/d/unnamed"));
  EXPECT_EQ(kept->write("late").error().sys, EIO);
}

TEST(SimFilesTest, CutAtEveryStepOfReplaceLeavesOldOrNew) {
  ManualClock clock;
  for (uint64_t cut = 1;; ++cut) {
    for (uint64_t seed = 0; seed < 8; ++seed) {
      SimFileSystem fs(clock);
      ASSERT_TRUE(fs.replace_file("/f", "old").ok());
      fs.cut_at(cut);
      bool done = fs.replace_file("/f", "new!").ok();
      if (done) {
        EXPECT_GT(cut, 4u);
        return;
      }
      SeededRandom lottery(seed);
      fs.crash(&lottery);
      std::string text = *fs.read_file("/f");
      EXPECT_TRUE(text == "old" || text == "new!") << cut << " " << text;
    }
  }
}

TEST(SimFilesTest, FailsOnceWithTheGivenErrno) {
  ManualClock clock;
  SimFileSystem fs(clock);
  auto file = std::move(*fs.open("/f", open_new()));
  fs.fail_at(1, ENOSPC);
  EXPECT_EQ(file->write("abcd").error().smtp_code, 452);
  EXPECT_EQ(*fs.read_file("/f"), "ab");
  EXPECT_TRUE(file->write("rest").ok());
}

}  // namespace
}  // namespace hky
