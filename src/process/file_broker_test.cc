#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "process/file_broker.h"

namespace hky::process {
namespace {

struct FileBrokerTest : testing::Test {
  std::string dir;
  int pair[2] = {-1, -1};
  std::thread server;

  void SetUp() override {
    char name[] = "/tmp/hky-broker.XXXXXX";
    dir = ::mkdtemp(name);
    ASSERT_EQ(::mkdir((dir + "/mail").c_str(), 0700), 0);
    ASSERT_EQ(::mkdir((dir + "/other").c_str(), 0700), 0);
    std::ofstream(dir + "/mail/access.db") << "map";
    std::ofstream(dir + "/other/secret") << "secret";
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    server = std::thread([this] { serve_files(pair[1], {dir + "/mail"}); });
  }
  void TearDown() override {
    ::close(pair[0]);
    server.join();
    ::close(pair[1]);
    [[maybe_unused]] int rc = std::system(("rm -rf " + dir).c_str());
  }
};

TEST_F(FileBrokerTest, HandsOverWhatTheConfigurationNames) {
  FileBroker broker(pair[0]);
  auto fd = broker.ask(dir + "/mail/access.db");
  ASSERT_TRUE(fd.ok());
  char text[8] = {};
  EXPECT_EQ(::read(*fd, text, sizeof text), 3);
  EXPECT_STREQ(text, "map");
  EXPECT_NE(::write(*fd, "x", 1), 1);
  ::close(*fd);
}

TEST_F(FileBrokerTest, RefusesOtherFolders) {
  FileBroker broker(pair[0]);
  EXPECT_FALSE(broker.ask(dir + "/other/secret").ok());
  EXPECT_FALSE(broker.ask(dir + "/mail/../other/secret").ok());
  EXPECT_FALSE(broker.ask(dir + "/mail").ok());
  EXPECT_FALSE(broker.ask(dir + "/mail/missing").ok());
  EXPECT_TRUE(broker.ask(dir + "/mail/access.db").ok()) << "a refusal must not end the service";
}

}  // namespace
}  // namespace hky::process
