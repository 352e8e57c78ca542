// Streams and listeners on real sockets of this host (ports chosen by the kernel), pipes and memory.
#include "net/stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/clock.h"
#include "net/sync.h"

namespace hky::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

MonoTime in(Duration d) { return system_clock().mono() + d; }

// Echoes what comes until the end, then closes.
Task<> echo(std::unique_ptr<Stream> stream) {
  std::array<char, 5000> buf;
  for (;;) {
    Result<size_t> n = co_await stream->read(buf, in(seconds(20)));
    if (!n.ok() || *n == 0) break;
    Result<> sent = co_await stream->write(std::string_view(buf.data(), *n), in(seconds(20)));
    if (!sent.ok()) break;
  }
  stream->close();
}

Task<> serve(Loop& loop, Listener& listener) {
  for (;;) {
    Result<std::unique_ptr<Stream>> stream = co_await listener.accept();
    if (!stream.ok()) break;
    loop.spawn(echo(std::move(*stream)));
  }
}

Task<> send_all(Stream& stream, std::string text) {
  Result<> sent = co_await stream.write2(std::string_view(text).substr(0, 3), std::string_view(text).substr(3), in(seconds(20)));
  EXPECT_TRUE(sent.ok());
  stream.shutdown_write();
}

Task<std::string> read_all(Stream& stream) {
  std::string all;
  std::array<char, 7000> buf;
  for (;;) {
    Result<size_t> n = co_await stream.read(buf, in(seconds(20)));
    if (!n.ok()) co_return "error: " + n.error().text;
    if (*n == 0) co_return all;
    all.append(buf.data(), *n);
  }
}

Task<> client(Loop& loop, Endpoint to, size_t size, int& right) {
  Result<std::unique_ptr<Stream>> stream = co_await system_network().connect(loop, to, LocalEnd(), in(seconds(20)));
  if (!stream.ok()) {
    ADD_FAILURE() << stream.error().text;
    co_return;
  }
  std::string text(size, 'x');
  for (size_t i = 0; i < size; ++i) text[i] = char('a' + i % 23);
  loop.spawn(send_all(**stream, text));
  std::string back = co_await read_all(**stream);
  EXPECT_EQ(back.size(), text.size());
  if (back == text) ++right;
}

Task<> clients(Loop& loop, Listener& listener, int how_many, size_t size, int& right) {
  TaskGroup group(loop);
  for (int i = 0; i < how_many; ++i) group.spawn(client(loop, listener.local(), size, right));
  co_await group.wait();
  listener.close();
}

int echo_round(Endpoint at, int how_many, size_t size) {
  Loop loop(system_clock());
  auto listener = system_network().listen(loop, at, 100);
  EXPECT_TRUE(listener.ok()) << (listener.ok() ? "" : listener.error().text);
  if (!listener.ok()) return -1;
  int right = 0;
  loop.spawn(serve(loop, **listener));
  loop.spawn(clients(loop, **listener, how_many, size, right));
  loop.run();
  EXPECT_EQ(loop.live_tasks(), 0u);
  return right;
}

TEST(StreamTest, EchoesOverTcp4) {
  Endpoint at;
  at.address = "127.0.0.1";
  EXPECT_EQ(echo_round(at, 50, 100), 50);
}

TEST(StreamTest, LargeTransfersWaitForTheOtherSide) {
  Endpoint at;
  at.address = "127.0.0.1";
  EXPECT_EQ(echo_round(at, 3, 8u << 20), 3);
}

TEST(StreamTest, EchoesOverTcp6AndUnixSocket) {
  Endpoint six;
  six.address = "::1";
  auto probe = open_listener(six, 1, false);
  if (probe.ok()) {
    ::close(*probe);
    EXPECT_EQ(echo_round(six, 5, 1000), 5);
  }
  char dir[] = "/tmp/hky_net_XXXXXX";
  ASSERT_NE(mkdtemp(dir), nullptr);
  Endpoint local;
  local.is_unix = true;
  local.address = std::string(dir) + "/s";
  EXPECT_EQ(echo_round(local, 5, 1000), 5);
  EXPECT_EQ(echo_round(local, 5, 1000), 5);  // the name left behind is taken over
  ::unlink(local.address.c_str());
  ::rmdir(dir);
}

TEST(StreamTest, UsedPortIsNamed) {
  Loop loop(system_clock());
  Endpoint at;
  at.address = "127.0.0.1";
  int first = *open_listener(at, 1, false);
  auto listener = adopt_listener(loop, first);
  auto second = system_network().listen(loop, listener->local(), 1);
  ASSERT_FALSE(second.ok());
  EXPECT_FALSE(second.error().temporary());
  EXPECT_EQ(second.error().sys, EADDRINUSE);
  EXPECT_NE(second.error().text.find(to_string(listener->local())), std::string::npos);
}

TEST(StreamTest, RefusedConnectionIsTemporaryAndNamesThePeer) {
  Loop loop(system_clock());
  Endpoint at;
  at.address = "127.0.0.1";
  auto listener = system_network().listen(loop, at, 1);
  Endpoint gone = (*listener)->local();
  (*listener)->close();
  LocalEnd from;
  from.address = "127.0.0.1";
  auto stream = run_blocking(loop, system_network().connect(loop, gone, from, in(seconds(5))));
  ASSERT_FALSE(stream.ok());
  EXPECT_TRUE(stream.error().temporary());
  EXPECT_NE(stream.error().text.find(to_string(gone)), std::string::npos);
  EXPECT_NE(stream.error().text.find("refused"), std::string::npos);
}

Task<Error> read_error(Stream& stream, MonoTime deadline) {
  std::array<char, 10> buf;
  Result<size_t> n = co_await stream.read(buf, deadline);
  if (n.ok()) co_return bug_error("it read " + std::to_string(*n));
  co_return n.error();
}

TEST(StreamTest, DeadlineReachedIsTimedOut) {
  Loop loop(system_clock());
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  auto a = adopt_stream(loop, fds[0]);
  auto b = adopt_stream(loop, fds[1]);
  Error e = run_blocking(loop, read_error(*a, in(milliseconds(20))));
  EXPECT_EQ(e.text, "timed out");
  EXPECT_EQ(e.smtp_code, 421);
  EXPECT_EQ(e.enhanced, "4.4.2");
}

Task<> close_soon(Loop& loop, Stream& stream) {
  co_await loop.sleep(milliseconds(1));
  stream.close();
}

TEST(StreamTest, OwnCloseWakesTheReader) {
  Loop loop(system_clock());
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  auto a = adopt_stream(loop, fds[0]);
  auto b = adopt_stream(loop, fds[1]);
  loop.spawn(close_soon(loop, *a));
  Error e = run_blocking(loop, read_error(*a, MonoTime::max()));
  EXPECT_EQ(e.text, "closed");
}

// Data and the end arrive together, before anybody waits: the end must still be seen.
TEST(StreamTest, EndThatCameWithTheDataIsSeen) {
  for (bool look_first : {false, true}) {
    Loop loop(system_clock());
    int fds[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    auto a = adopt_stream(loop, fds[0]);
    if (look_first) run_blocking(loop, read_error(*a, in(milliseconds(1))));
    ASSERT_EQ(::write(fds[1], "hello", 5), 5);
    ::close(fds[1]);
    EXPECT_EQ(run_blocking(loop, read_all(*a)), "hello");
  }
}

TEST(StreamTest, TryReadTellsNothingFromEnd) {
  Loop loop(system_clock());
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  auto a = adopt_stream(loop, fds[0]);
  std::array<char, 10> buf;
  EXPECT_FALSE(a->try_read(buf).has_value());
  ASSERT_EQ(::write(fds[1], "hi", 2), 2);
  EXPECT_EQ(**a->try_read(buf), 2u);
  ::close(fds[1]);
  EXPECT_EQ(**a->try_read(buf), 0u);
}

TEST(StreamTest, WriteToAPeerThatLeftIsAnError) {
  Loop loop(system_clock());
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  auto a = adopt_stream(loop, fds[0]);
  ::close(fds[1]);
  Result<> sent = run_blocking(loop, a->write("x", in(seconds(5))));
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().sys, EPIPE);
}

TEST(StreamTest, PipesAndPlainFilesAreStreamsToo) {
  Loop loop(system_clock());
  int to_us[2], from_us[2];
  ASSERT_EQ(pipe2(to_us, O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(from_us, O_CLOEXEC), 0);
  auto ours = adopt_stream(loop, to_us[0], from_us[1]);
  auto theirs = adopt_stream(loop, from_us[0], to_us[1]);
  int right = 0;
  loop.spawn(echo(std::move(ours)));
  auto body = [](Stream& s, Loop& l, int& ok) -> Task<> {
    std::string text(300'000, 'p');
    l.spawn(send_all(s, text));
    std::string back = co_await read_all(s);
    if (back == text) ++ok;
  };
  run_blocking(loop, body(*theirs, loop, right));
  EXPECT_EQ(right, 1);

  int file = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  auto null = adopt_stream(loop, file);
  EXPECT_EQ(run_blocking(loop, read_all(*null)), "");
}

TEST(StreamTest, MemoryPipeCarriesBothWaysAndEnds) {
  ManualClock clock;
  Loop loop(clock);
  loop.simulate(clock);
  auto [a, b] = memory_pipe(loop);
  loop.spawn(echo(std::move(b)));
  loop.spawn(send_all(*a, "some words"));
  EXPECT_EQ(run_blocking(loop, read_all(*a)), "some words");
  auto [c, d] = memory_pipe(loop);
  Error e = run_blocking(loop, read_error(*c, clock.mono() + seconds(5)));
  EXPECT_EQ(e.text, "timed out");
}

}  // namespace
}  // namespace hky::net
