// Engine's end and agent's end against each other: every request, many at once, one of them gone.
#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/clock.h"
#include "base/sysexits.h"
#include "ipc/messages.h"
#include "ipc/remote_agent.h"
#include "net/sync.h"

namespace hky::ipc {
namespace {

// Answers with what it was asked.
class EchoAgent : public Agent {
 public:
  net::Task<std::vector<Outcome>> deliver_mbox(net::Loop& loop, std::vector<DeliverMbox> batch) override {
    co_await loop.sleep(std::chrono::milliseconds(batch.size() % 3));  // answers overtake each other
    std::vector<Outcome> out;
    for (const DeliverMbox& d : batch) out.push_back(say(d.as, d.path + d.queue_id + std::to_string(d.message.size())));
    co_return out;
  }
  net::Task<Outcome> deliver_maildir(net::Loop&, DeliverMaildir r) override { co_return say(r.as, r.path + r.message); }
  net::Task<Outcome> append_file(net::Loop&, AppendFile r) override { co_return say(r.as, r.path + r.message + r.below); }
  net::Task<Outcome> run_program(net::Loop& loop, RunProgram r) override {
    if (r.path == "hang") co_await loop.sleep(std::chrono::milliseconds(50));
    std::string all = r.path;
    for (const auto& a : r.argv) all += "," + a;
    for (const auto& a : r.env) all += "," + a;
    all += r.directory + r.input + std::to_string(r.nice) + std::to_string(r.timeout_seconds) + r.root;
    ++finished;
    co_return say(r.as, all);
  }
  // Says its path into `output`, and what it reads from `input` in its answer.
  net::Task<Outcome> speak_to(net::Loop&, RunProgram r, Descriptor input, Descriptor output) override {
    const bool said = ::write(output.get(), r.path.data(), r.path.size()) == ssize_t(r.path.size());
    char buf[100];
    const ssize_t n = said ? ::read(input.get(), buf, sizeof buf) : 0;
    co_return say(r.as, std::string(buf, n > 0 ? size_t(n) : 0));
  }
  net::Task<FileText> read_forward(net::Loop&, ReadForward r) override {
    FileText t;
    t.found = true;
    t.path = r.paths.at(1);
    t.text = r.as.home;
    t.problem = r.as.user;
    t.others = {{r.paths.at(0), "Group writable file"}};
    t.unsafe = r.trust.links;
    t.safe_folders = r.trust.silent_where_missing;
    t.owner.uid = r.as.uid;
    t.passes = !r.trust.group_file;
    co_return t;
  }
  net::Task<FileText> read_include(net::Loop&, ReadInclude r) override {
    FileText t;
    t.path = r.path;
    co_return t;
  }
  net::Task<User> lookup_user(net::Loop&, LookupUser r) override {
    User u;
    u.found = r.match_gecos;
    u.name = r.name;
    u.home = "/h";
    u.full_name = "Full Name";
    u.any_shell = true;
    u.uid = 4'000'000'000u;
    u.gid = 7;
    co_return u;
  }
  int finished = 0;

 private:
  static Outcome say(const Who& as, const std::string& text) {
    Outcome o;
    o.exit_code = int(as.gid);
    o.output = as.user + ":" + text;
    o.dsn = "2.0.0";
    return o;
  }
};

Who joe() {
  Who w;
  w.user = "joe";
  w.uid = 1000;
  w.gid = 67;
  w.home = "/home/joe";
  return w;
}

struct Pair {
  Pair() {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    loop.spawn(serve_agent(loop, net::adopt_stream(loop, fds[1]), echo));
    remote = std::make_unique<RemoteAgent>(loop, net::adopt_stream(loop, fds[0]));
  }
  net::Loop loop{system_clock()};
  EchoAgent echo;
  std::unique_ptr<RemoteAgent> remote;
};

TEST(RemoteAgentTest, EveryRequestGoesThereAndBack) {
  Pair p;
  DeliverMaildir maildir;
  maildir.as = joe();
  maildir.path = "/m/";
  maildir.message = std::string("a\0b", 3);
  Outcome o = run_blocking(p.loop, p.remote->deliver_maildir(p.loop, maildir));
  EXPECT_EQ(o.exit_code, 67);
  EXPECT_EQ(o.output, "joe:/m/" + maildir.message);
  AppendFile file;
  file.path = "/f";
  file.below = "/safe";
  EXPECT_EQ(run_blocking(p.loop, p.remote->append_file(p.loop, file)).output, ":/f/safe");
  RunProgram run;
  run.as = joe();
  run.path = "/bin/x";
  run.argv = {"x", "", "y"};
  run.env = {"A=1"};
  run.nice = -5;
  run.timeout_seconds = 9;
  run.root = "/jail";
  EXPECT_EQ(run_blocking(p.loop, p.remote->run_program(p.loop, run)).output, "joe:/bin/x,x,,y,A=1-59/jail");
  ReadForward forward;
  forward.as = joe();
  forward.paths = {"/a", "/b"};
  forward.trust.links = true;
  FileText t = run_blocking(p.loop, p.remote->read_forward(p.loop, forward));
  EXPECT_TRUE(t.found);
  EXPECT_EQ(t.path + t.text + t.problem, "/b/home/joejoe");
  ASSERT_EQ(t.others.size(), 1u);
  EXPECT_EQ(t.others[0].path + t.others[0].why, "/aGroup writable file");
  EXPECT_TRUE(t.unsafe);
  EXPECT_FALSE(t.safe_folders);
  EXPECT_TRUE(t.passes);
  EXPECT_EQ(t.owner.uid, joe().uid);
  ReadInclude include;
  include.path = "/list";
  EXPECT_EQ(run_blocking(p.loop, p.remote->read_include(p.loop, include)).path, "/list");
  LookupUser user;
  user.name = "joe";
  user.match_gecos = true;
  User u = run_blocking(p.loop, p.remote->lookup_user(p.loop, user));
  EXPECT_TRUE(u.found);
  EXPECT_EQ(u.uid, 4'000'000'000u);
  EXPECT_EQ(u.name + u.home + u.full_name, "joe/hFull Name");
  EXPECT_TRUE(u.any_shell && u.shell_listed);
}

net::Task<> deliver_batch(RemoteAgent& agent, net::Loop& loop, size_t count, size_t size, int& right) {
  std::vector<DeliverMbox> batch(count);
  for (size_t i = 0; i < count; ++i) {
    batch[i].path = std::to_string(i);
    batch[i].message.assign(size, 'm');
  }
  std::vector<Outcome> out = co_await agent.deliver_mbox(loop, std::move(batch));
  bool same = out.size() == count;
  for (size_t i = 0; same && i < count; ++i) same = out[i].output == ":" + std::to_string(i) + std::to_string(size);
  if (same) ++right;
}

net::Task<> many(RemoteAgent& agent, net::Loop& loop, int& right) {
  net::TaskGroup group(loop);
  for (size_t i = 1; i <= 60; ++i) group.spawn(deliver_batch(agent, loop, i, i * 1000, right));
  co_await group.wait();
}

// Two pipes of each program find their way, whatever else goes on.
TEST(RemoteAgentTest, AProgramsEndsTravelWithTheRequest) {
  Pair p;
  int right = 0;
  p.loop.spawn(many(*p.remote, p.loop, right));
  auto speak = [](RemoteAgent& agent, net::Loop& loop, std::string path, int& heard) -> net::Task<> {
    int to[2], from[2];
    EXPECT_EQ(pipe2(to, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(from, O_CLOEXEC), 0);
    EXPECT_EQ(::write(to[1], path.data(), path.size()), ssize_t(path.size()));
    RunProgram run;
    run.path = path;
    Outcome o = co_await agent.speak_to(loop, std::move(run), Descriptor(to[0]), Descriptor(from[1]));
    char buf[100];
    const ssize_t n = ::read(from[0], buf, sizeof buf);
    if (o.output == ":" + path && std::string(buf, n > 0 ? size_t(n) : 0) == path) ++heard;
    ::close(to[1]);
    ::close(from[0]);
  };
  auto all = [](auto each, RemoteAgent& agent, net::Loop& loop, int& heard) -> net::Task<> {
    net::TaskGroup group(loop);
    for (int i = 0; i < 30; ++i) group.spawn(each(agent, loop, "/bin/" + std::to_string(i), heard));
    co_await group.wait();
  };
  int heard = 0;
  run_blocking(p.loop, all(speak, *p.remote, p.loop, heard));
  EXPECT_EQ(heard, 30);
}

TEST(RemoteAgentTest, ManyAndLargeRequestsAtOnce) {
  Pair p;
  int right = 0;
  run_blocking(p.loop, many(*p.remote, p.loop, right));
  EXPECT_EQ(right, 60);
}

TEST(RemoteAgentTest, SeveralLoopsShareOneAgent) {
  Pair p;
  p.loop.keep_running(true);
  std::thread home([&] { p.loop.run(); });
  int right[2] = {0, 0};
  std::thread others[2];
  for (int t = 0; t < 2; ++t) {
    others[t] = std::thread([&, t] {
      net::Loop loop(system_clock());
      run_blocking(loop, many(*p.remote, loop, right[t]));
    });
  }
  for (auto& t : others) t.join();
  p.loop.stop();
  home.join();
  EXPECT_EQ(right[0], 60);
  EXPECT_EQ(right[1], 60);
}

TEST(RemoteAgentTest, AgentThatGoesDefersWhatWaitsAndWhatComes) {
  net::Loop loop(system_clock());
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  RemoteAgent remote(loop, net::adopt_stream(loop, fds[0]));
  loop.post([&] { ::close(fds[1]); });
  RunProgram run;
  Outcome o = run_blocking(loop, remote.run_program(loop, run));
  EXPECT_EQ(o.exit_code, EX_TEMPFAIL);
  EXPECT_FALSE(remote.connected());
  LookupUser user;
  EXPECT_TRUE(run_blocking(loop, remote.lookup_user(loop, user)).temp_fail);
  std::vector<DeliverMbox> batch(3);
  std::vector<Outcome> out = run_blocking(loop, remote.deliver_mbox(loop, batch));
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[2].dsn, "4.3.0");
}

net::Task<> hang(RemoteAgent& agent, net::Loop& loop) {
  RunProgram run;
  run.path = "hang";
  Outcome o = co_await agent.run_program(loop, std::move(run));
  EXPECT_EQ(o.exit_code, EX_TEMPFAIL);
}

TEST(RemoteAgentTest, EngineThatGoesLetsTheWorkUnderWayEnd) {
  Pair p;
  p.loop.spawn(hang(*p.remote, p.loop));
  p.loop.post([&] { p.loop.after_ready([&] { p.loop.post([&] { p.remote->close(); }); }); });
  p.loop.run();  // ends: serve_agent has returned
  EXPECT_EQ(p.echo.finished, 1);
}

TEST(RemoteAgentTest, NonsenseClosesTheConnection) {
  for (std::string_view bytes : {std::string_view("\xff\xff\xff\xff garbage", 12), std::string_view("\5\0\0\0\1\0\0\0\x63", 9),
                                 std::string_view("\6\0\0\0\1\0\0\0\2x", 10)}) {
    net::Loop loop(system_clock());
    EchoAgent echo;
    int fds[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    loop.spawn(serve_agent(loop, net::adopt_stream(loop, fds[1]), echo));
    ASSERT_EQ(::write(fds[0], bytes.data(), bytes.size()), ssize_t(bytes.size()));
    loop.run();
    char c;
    EXPECT_EQ(::read(fds[0], &c, 1), 0);
    ::close(fds[0]);
  }
}

}  // namespace
}  // namespace hky::ipc
