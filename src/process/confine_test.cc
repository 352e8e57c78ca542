// A confined child tries what a stranger's code would try.
#include "process/confine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace hky::process {
namespace {

class ConfineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "confine.XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
    for (const char* name : {"read", "write", "closed"}) std::filesystem::create_directory(dir_ + "/" + name);
    for (const char* name : {"/read/map", "/closed/secret", "/write/old"}) std::ofstream(dir_ + name) << "text";
    may_.read = system_files();
    may_.read.push_back(dir_ + "/read");
    may_.write = {dir_ + "/write"};
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  // Runs `attempt` in a confined child; its return value, or 99 where confinement itself failed, 98 where there is none here.
  int in_child(const std::function<int()>& attempt) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto done = confine(may_);
      if (!done.ok()) ::_exit(99);
      if (!done->files || !done->calls) ::_exit(98);
      ::_exit(attempt());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  // 0 or the errno of opening.
  int opening(const std::string& path, int flags) {
    return in_child([&] { return ::open((dir_ + path).c_str(), flags | O_CLOEXEC, 0600) >= 0 ? 0 : errno; });
  }

  std::string dir_;
  Confinement may_;
};

#define SKIP_WHERE_THERE_IS_NONE \
  if (in_child([] { return 0; }) == 98) GTEST_SKIP() << "this kernel has no Landlock or no seccomp: confinement is NOT tested"

TEST_F(ConfineTest, FilesOfItsOwnStayOpen) {
  SKIP_WHERE_THERE_IS_NONE;
  EXPECT_EQ(opening("/read/map", O_RDONLY), 0);
  EXPECT_EQ(opening("/write/old", O_RDWR), 0);
  EXPECT_EQ(opening("/write/new", O_WRONLY | O_CREAT), 0);
  EXPECT_EQ(in_child([this] { return ::rename((dir_ + "/write/old").c_str(), (dir_ + "/write/older").c_str()) == 0 ? 0 : errno; }), 0);
}

TEST_F(ConfineTest, FilesOfOthersAreClosed) {
  SKIP_WHERE_THERE_IS_NONE;
  EXPECT_EQ(opening("/closed/secret", O_RDONLY), EACCES);
  EXPECT_EQ(opening("/read/map", O_WRONLY), EACCES);
  EXPECT_EQ(opening("/read/new", O_WRONLY | O_CREAT), EACCES);
  EXPECT_EQ(in_child([this] { return ::unlink((dir_ + "/closed/secret").c_str()) == 0 ? 0 : errno; }), EACCES);
  EXPECT_TRUE(std::filesystem::exists(dir_ + "/closed/secret"));
}

TEST_F(ConfineTest, NoProgramAndNoOtherProcess) {
  SKIP_WHERE_THERE_IS_NONE;
  EXPECT_EQ(in_child([] {
    ::execl("/bin/true", "true", static_cast<char*>(nullptr));
    return errno;
  }), EPERM);
  EXPECT_EQ(in_child([] { return ::fork() < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(in_child([] { return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(in_child([] { return ::kill(::getppid(), 0) < 0 ? errno : 0; }), EPERM);
}

TEST_F(ConfineTest, SocketsOfMailOnly) {
  SKIP_WHERE_THERE_IS_NONE;
  EXPECT_EQ(in_child([] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 0 : errno; }), 0);
  EXPECT_EQ(in_child([] { return ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0 ? 0 : errno; }), EPERM);
  EXPECT_EQ(in_child([] { return ::socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? 0 : errno; }), EPERM);
  EXPECT_EQ(in_child([] {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    return ::listen(fd, 1) == 0 ? 0 : errno;
  }), EPERM);
}

TEST_F(ConfineTest, ThreadsGoOn) {
  SKIP_WHERE_THERE_IS_NONE;
  EXPECT_EQ(in_child([] {
    int made = 1;
    std::thread([&] { made = 0; }).join();
    return made;
  }), 0);
}

}  // namespace
}  // namespace hky::process
