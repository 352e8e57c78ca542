// The master with an engine, an agent and an auth process that only report: clean end, kill -9 of each, failures told to the starter.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "process/listeners.h"
#include "process/master.h"
#include "process/pass_descriptor.h"

namespace hky::process {
namespace {

// Each engine and agent that starts writes "e PID\n" or "a PID\n" into this pipe, so the test waits for facts, not for time.
struct Said {
  int fds[2];
  Said() { EXPECT_EQ(::pipe(fds), 0); }
  void say(char who) const {
    const std::string line = std::string(1, who) + " " + std::to_string(::getpid()) + "\n";
    EXPECT_EQ(::write(fds[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }
  // The next of `who`; engine and agent start side by side, so what the other said is kept for its own turn.
  pid_t hear(char who) {
    while (true) {
      for (size_t at = 0, end = 0; (end = buffer.find('\n', at)) != std::string::npos; at = end + 1) {
        if (buffer[at] != who) continue;
        const pid_t pid = std::atoi(buffer.c_str() + at + 2);
        buffer.erase(at, end + 1 - at);
        return pid;
      }
      pollfd p{fds[0], POLLIN, 0};
      const int ready = ::poll(&p, 1, 20000);
      if (ready < 0 && errno == EINTR) continue;   // a child of a master that ran in this process
      if (ready != 1) return -1;
      char more[256];
      const ssize_t n = ::read(fds[0], more, sizeof more);
      if (n <= 0) return -1;
      buffer.append(more, static_cast<size_t>(n));
    }
  }
  std::string buffer;
};

void read_until_end(int fd) {
  char c;
  while (::read(fd, &c, 1) > 0) {}
}

struct MasterTest : testing::Test {
  std::string dir;
  Said said;
  MasterPlan plan;

  void SetUp() override {
    char name[] = "/tmp/hky-master.XXXXXX";
    dir = ::mkdtemp(name);
    plan.control_path = dir + "/run/control";
    plan.pid_file = dir + "/pid";
    plan.command_line = "sendmail -bD";
    plan.daemonize = false;
    plan.run_engine = [this](EngineChannels c) {
      c.ready();
      said.say('e');
      read_until_end(c.life);
      return 0;
    };
    plan.run_agent = [this](int fd, int) {
      said.say('a');
      read_until_end(fd);
      said.say('x');
      return 0;
    };
  }
  void TearDown() override {
    if (running > 0) ::kill(running, SIGKILL);  // a failed test left it
    [[maybe_unused]] int rc = std::system(("rm -rf " + dir).c_str());
  }

  pid_t running = 0;

  pid_t start() {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(run_master(plan));
    running = pid;
    return pid;
  }
  int exit_code(pid_t pid) {
    if (pid == running) running = 0;
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

TEST_F(MasterTest, EndsCleanlyOnTerm) {
  const pid_t master = start();
  ASSERT_GT(said.hear('e'), 0);
  ::kill(master, SIGTERM);
  EXPECT_EQ(exit_code(master), 0);
  EXPECT_NE(::access(plan.control_path.c_str(), F_OK), 0);
  EXPECT_NE(::access(plan.pid_file.c_str(), F_OK), 0);
}

// A service manager of the test's own; what is run for a user must not find its socket.
TEST_F(MasterTest, TellsTheServiceManager) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const std::string path = dir + "/notify";
  path.copy(at.sun_path, path.size());
  const int manager = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  ASSERT_EQ(::bind(manager, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  auto next = [manager] {
    char words[256];
    pollfd p{manager, POLLIN, 0};
    const ssize_t n = ::poll(&p, 1, 20000) == 1 ? ::recv(manager, words, sizeof words, 0) : 0;
    return std::string(words, n > 0 ? static_cast<size_t>(n) : 0);
  };
  plan.run_agent = [this](int fd, int) {
    said.say(std::getenv("NOTIFY_SOCKET") == nullptr ? 'a' : '!');
    read_until_end(fd);
    return 0;
  };
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  const pid_t master = start();
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_TRUE(next().starts_with("READY=1\n"));
  EXPECT_GT(said.hear('a'), 0);
  ::kill(master, SIGTERM);
  EXPECT_EQ(next(), "STOPPING=1");
  EXPECT_EQ(exit_code(master), 0);
  ::close(manager);
}

TEST_F(MasterTest, RestartsBothWhenEngineOrAgentIsKilled) {
  const std::string written = dir + "/log";
  plan.log = [written](const std::string& line) { std::ofstream(written, std::ios::app) << line << '\n'; };
  const pid_t master = start();
  const pid_t first_agent = said.hear('a');
  const pid_t first_engine = said.hear('e');
  ASSERT_GT(first_engine, 0);
  ::kill(first_engine, SIGKILL);
  const pid_t second_agent = said.hear('a');
  const pid_t second_engine = said.hear('e');
  EXPECT_NE(second_engine, first_engine);
  EXPECT_NE(second_agent, first_agent);
  ::kill(second_agent, SIGKILL);
  EXPECT_GT(said.hear('e'), 0);
  ::kill(master, SIGTERM);
  EXPECT_EQ(exit_code(master), 0);
  std::ifstream log(written);
  const std::string lines{std::istreambuf_iterator<char>(log), {}}, again = "a process died: engine, agent and auth start again\n";
  EXPECT_EQ(lines, fmt::format("engine (pid {}) died of signal 9 (Killed)\n{}agent (pid {}) died of signal 9 (Killed)\n{}", first_engine,
                               again, second_agent, again));
}

// The agent's own end (0) follows the engine's at once: both may be reaped together, and it is a crash all the same.
TEST_F(MasterTest, KilledEngineIsNeverTakenForOneToldToStop) {
  plan.run_engine = [this](EngineChannels c) {
    c.ready();
    said.say('e');
    read_until_end(c.life);
    return 0;
  };
  const pid_t master = start();
  for (int i = 0; i < 6; ++i) {
    const pid_t engine = said.hear('e');
    ASSERT_GT(engine, 0) << "after " << i << " kills";
    ::kill(engine, SIGKILL);
  }
  ASSERT_GT(said.hear('e'), 0);
  ::kill(master, SIGTERM);
  EXPECT_EQ(exit_code(master), 0);
}

// The agent sees the end of the engine's socket before the engine itself can be waited for.
TEST_F(MasterTest, EngineToldToStopIsNotStartedAgainBecauseItsAgentWasQuicker) {
  plan.run_engine = [this](EngineChannels c) {
    c.ready();
    said.say('e');
    pid_t agent = 0;
    EXPECT_EQ(::read(c.agent, &agent, sizeof agent), static_cast<ssize_t>(sizeof agent));
    ::close(c.agent);
    while (::kill(agent, 0) == 0) ::poll(nullptr, 0, 10);   // until the master has waited for it
    return 0;
  };
  plan.run_agent = [](int fd, int) {
    const pid_t own = ::getpid();
    EXPECT_EQ(::write(fd, &own, sizeof own), static_cast<ssize_t>(sizeof own));
    read_until_end(fd);
    return 0;
  };
  const pid_t master = start();
  EXPECT_GT(said.hear('e'), 0);
  EXPECT_EQ(exit_code(master), 0);
  pollfd more{said.fds[0], POLLIN, 0};
  EXPECT_EQ(::poll(&more, 1, 0), 0);   // one engine, and no other
}

TEST_F(MasterTest, AgentThatDoesNotLeaveIsMadeTo) {
  plan.run_agent = [this](int, int) {
    said.say('a');
    while (true) ::pause();
    return 0;
  };
  const pid_t master = start();
  const pid_t engine = said.hear('e');
  ::kill(engine, SIGKILL);
  EXPECT_GT(said.hear('e'), 0);
  ::kill(master, SIGTERM);
  EXPECT_EQ(exit_code(master), 0);
}

// An auth process says 'u', an engine 'c' for each connection to one that it was given and found alive.
struct MasterAuthTest : MasterTest {
  void SetUp() override {
    MasterTest::SetUp();
    plan.run_auth = [this](int fd) {
      said.say('u');
      EXPECT_EQ(::write(fd, "!", 1), 1);
      read_until_end(fd);
      said.say('v');
      return 0;
    };
    plan.run_engine = [this](EngineChannels c) {
      ::signal(SIGHUP, SIG_IGN);   // a real one reloads
      c.ready();
      said.say('e');
      std::thread([this, door = c.auth] {
        for (auto auth = receive_descriptor(door); auth.arrived; auth = receive_descriptor(door)) {
          char byte = 0;
          if (auth.fd >= 0 && ::read(auth.fd, &byte, 1) == 1 && byte == '!') said.say('c');
        }
      }).detach();
      read_until_end(c.life);
      return 0;
    };
  }
};

TEST_F(MasterAuthTest, KilledAuthIsReplacedAndTheEngineStays) {
  const pid_t master = start();
  const pid_t engine = said.hear('e');
  ASSERT_GT(engine, 0);
  pid_t auth = said.hear('u');
  EXPECT_EQ(said.hear('c'), engine);
  for (int i = 0; i < 4; ++i) {
    ASSERT_GT(auth, 0) << "after " << i << " kills";
    ::kill(auth, SIGKILL);
    const pid_t next = said.hear('u');
    EXPECT_NE(next, auth);
    auth = next;
    EXPECT_EQ(said.hear('c'), engine) << "the same engine has the new connection";
  }
  ::kill(master, SIGTERM);
  EXPECT_EQ(exit_code(master), 0);
  EXPECT_EQ(said.hear('v'), auth) << "the end of the engine is auth's";
}

TEST_F(MasterAuthTest, KilledEngineTakesItsAuthAlong) {
  const pid_t master = start();
  const pid_t auth = said.hear('u');
  ::kill(said.hear('e'), SIGKILL);
  EXPECT_NE(said.hear('u'), auth);
  EXPECT_GT(said.hear('e'), 0);
  ::kill(master, SIGTERM);
  EXPECT_EQ(exit_code(master), 0);
}

TEST_F(MasterAuthTest, HangUpBringsAnAuthThatReadsItsConfigurationAnew) {
  const pid_t master = start();
  const pid_t engine = said.hear('e');
  const pid_t first = said.hear('u');
  EXPECT_EQ(said.hear('c'), engine);
  ::kill(master, SIGHUP);
  EXPECT_NE(said.hear('u'), first);
  EXPECT_EQ(said.hear('c'), engine);
  ::kill(master, SIGTERM);
  EXPECT_EQ(exit_code(master), 0);
}

TEST_F(MasterAuthTest, AuthThatDoesNotLeaveIsMadeTo) {
  plan.run_auth = [this](int) {
    said.say('u');
    while (true) ::pause();
    return 0;
  };
  const pid_t master = start();
  ASSERT_GT(said.hear('u'), 0);
  ASSERT_GT(said.hear('e'), 0);
  ::kill(master, SIGTERM);
  EXPECT_EQ(exit_code(master), 0);
}

TEST_F(MasterTest, VanishedMasterTakesEngineAndAgentAlong) {
  const pid_t master = start();
  ASSERT_GT(said.hear('e'), 0);
  ::kill(master, SIGKILL);
  EXPECT_EQ(exit_code(master), -1);
  EXPECT_GT(said.hear('x'), 0);  // the agent, which saw the engine's end
}

TEST_F(MasterTest, StartingCommandGetsTheEnginesFailure) {
  plan.daemonize = true;
  plan.run_engine = [](EngineChannels c) {
    c.failed(EX_CONFIG, "sendmail.cf: line 3: what was wrong");
    return EX_CONFIG;
  };
  testing::internal::CaptureStderr();
  const int code = run_master(plan);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(code, EX_CONFIG);
  EXPECT_NE(text.find("line 3: what was wrong"), std::string::npos) << text;
}

TEST_F(MasterTest, UsedPortIsOneClearLine) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  socklen_t size = sizeof at;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  ListenAt wanted;
  wanted.address = "127.0.0.1";
  wanted.port = ntohs(at.sin_port);
  plan.listen.push_back(wanted);
  testing::internal::CaptureStderr();
  const int code = run_master(plan);
  const std::string text = testing::internal::GetCapturedStderr();
  ::close(fd);
  EXPECT_EQ(code, EX_OSERR);
  EXPECT_NE(text.find("port " + std::to_string(wanted.port)), std::string::npos) << text;
  EXPECT_NE(text.find("another mail system"), std::string::npos) << text;
}

// sendmail: Modifiers=O, as FreeBSD's own configuration has it for IPv6.
TEST(ListenersTest, AnOptionalPortThatCannotBeHadIsLeftOut) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  socklen_t size = sizeof at;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  ListenAt used, any;
  used.address = any.address = "127.0.0.1";
  used.port = ntohs(at.sin_port);
  any.port = 0;
  any.daemon = 1;
  EXPECT_FALSE(bind_all({used, any}, 1).ok());
  used.optional = true;
  const auto bound = bind_all({used, any}, 1);
  ::close(fd);
  ASSERT_TRUE(bound.ok()) << bound.error().text;
  ASSERT_EQ(bound->front().size(), 1u);
  EXPECT_EQ(bound->front().front().daemon, 1u);
  ::close(bound->front().front().fd);
}

// sendmail: a daemon of Family=inet6 takes IPv4 too, unless another one has that port.
TEST(ListenersTest, IPv6TakesIPv4WhereNobodyElseDoes) {
  const auto v6_alone = [](const std::vector<ListenAt>& wanted, size_t which) {
    auto bound = bind_all(wanted, 1);
    if (!bound.ok()) return -1;
    int on = -1;
    socklen_t size = sizeof on;
    ::getsockopt(bound->front()[which].fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, &size);
    for (const Listening& l : bound->front()) ::close(l.fd);
    return on;
  };
  ListenAt v6, v4;
  v6.address = "::";
  v6.port = v4.port = 0;
  if (v6_alone({v6}, 0) == -1) GTEST_SKIP() << "no IPv6 here";
  EXPECT_EQ(v6_alone({v6}, 0), 0);
  EXPECT_EQ(v6_alone({v4, v6}, 1), 1);
}

// What is accepted inherits it. Linux doubles what is asked for.
TEST(ListenersTest, BuffersAreOfTheSizeAskedFor) {
  ListenAt at;
  at.address = "127.0.0.1";
  at.port = 0;
  at.send_buffer = 50000;
  at.receive_buffer = 60000;
  const auto bound = bind_all({at}, 1);
  ASSERT_TRUE(bound.ok());
  const int fd = bound->front().front().fd;
  const auto size_of = [fd](int which) {
    int size = 0;
    socklen_t length = sizeof size;
    ::getsockopt(fd, SOL_SOCKET, which, &size, &length);
    return size;
  };
  const int send = size_of(SO_SNDBUF), receive = size_of(SO_RCVBUF);
  EXPECT_TRUE(send == 50000 || send == 100000) << send;
  EXPECT_TRUE(receive == 60000 || receive == 120000) << receive;
  ::close(fd);
}

TEST_F(MasterTest, SecondStartIsToldThatAnEngineRuns) {
  const pid_t master = start();
  ASSERT_GT(said.hear('e'), 0);
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_master(plan), EX_TEMPFAIL);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("running already"), std::string::npos);
  ::kill(master, SIGTERM);
  EXPECT_EQ(exit_code(master), 0);
}

}  // namespace
}  // namespace hky::process
