// What the control socket owes to commands when the engine is told to stop.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include "admin/control.h"
#include "base/clock.h"
#include "net/loop.h"
#include "net/stream.h"

namespace hky::admin {
namespace {

class ControlServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string made = "/tmp/hkycontrolXXXXXX";
    ASSERT_NE(::mkdtemp(made.data()), nullptr);
    folder_ = made;
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path().copy(at.sun_path, sizeof at.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    ASSERT_EQ(::listen(fd, 4), 0);
    ControlHooks hooks;
    hooks.submit = [this](Caller, nlohmann::json, std::string message) { return submit(std::move(message)); };
    server_ = std::make_unique<ControlServer>(loop_, net::adopt_listener(loop_, fd), std::move(hooks), ::geteuid());
    server_->start();
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return folder_ + "/control"; }

  // The engine is told to stop while the message is on its way into the queue.
  net::Task<Result<SubmitAnswer>> submit(std::string message) {
    taken_ += message;
    server_->stop();
    owed_ = server_->answers_due();
    co_await loop_.sleep(std::chrono::milliseconds(1));
    SubmitAnswer answer;
    answer.id = "AAA00001";
    co_return answer;
  }

  std::string folder_, taken_;
  bool owed_ = false;
  net::Loop loop_{system_clock()};
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlServerTest, AMessageThatWasHandedOverIsAnsweredThoughTheEngineStops) {
  const Frame request(R"({"verb":"submit"})", "text");
  const auto answer = net::run_blocking(loop_, ask(loop_, net::system_network(), path(), request, std::chrono::seconds(10)));
  ASSERT_TRUE(answer.ok()) << answer.error().text;
  EXPECT_NE(answer->json.find("AAA00001"), std::string::npos);
  EXPECT_TRUE(owed_);
  EXPECT_FALSE(server_->answers_due());
  const auto late = net::run_blocking(loop_, ask(loop_, net::system_network(), path(), request, std::chrono::seconds(10)));
  EXPECT_FALSE(late.ok());
  EXPECT_EQ(taken_, "text");
}

}  // namespace
}  // namespace hky::admin
