// Engine's end and auth process's end against each other, with a library that answers as told: one question for all connections,
// a process that goes, that is silent, that is replaced; and limits.
#include "auth/remote_sasl.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "auth/serve_sasl.h"

namespace hky::auth {
namespace {

using Kind = SaslStep::Kind;

SaslStep step_of(Kind kind, std::string challenge = "", std::string user = "") {
  SaslStep s;
  s.kind = kind;
  s.challenge = std::move(challenge);
  s.user = std::move(user);
  return s;
}

// "ECHO": challenges with what it was sent, until "done".
struct EchoLibrary : SaslLibrary {
  std::atomic<int> asked{0}, living{0};
  bool ready = true;
  struct Dialogue : SaslDialogue {
    explicit Dialogue(EchoLibrary& l) : library(l) { ++library.living; }
    ~Dialogue() override { --library.living; }
    SaslStep start(const std::string& mechanism, const std::optional<std::string>& initial) override {
      if (mechanism != "ECHO") return step_of(Kind::kNoMechanism);
      return step(initial ? "+" + *initial : "none");
    }
    SaslStep step(std::string_view response) override {
      if (response == "done") return step_of(Kind::kDone, "", "joe");
      return step_of(Kind::kChallenge, std::string(response));
    }
    EchoLibrary& library;
  };
  ipc::SaslMechanisms mechanisms(const SaslRequest& r) override {
    ++asked;
    ipc::SaslMechanisms m;
    m.ready = ready;
    m.list = r.options == "p" ? "ECHO" : "PLAIN ECHO LOGIN";
    return m;
  }
  std::unique_ptr<SaslDialogue> begin(const SaslRequest&) override {
    if (!ready) return nullptr;
    return std::make_unique<Dialogue>(*this);
  }
};

struct RemoteSaslTest : testing::Test {
  net::Loop loop{system_clock()};
  net::WorkerPool workers{4};
  EchoLibrary library;
  RemoteSasl sasl{loop};
  std::unique_ptr<net::Stream> far;    // of a process that does not answer

  void attach(SaslLimits limits = SaslLimits()) {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    sasl.attach(net::adopt_stream(loop, pair[0]));
    loop.spawn(serve_sasl(loop, net::adopt_stream(loop, pair[1]), library, workers, limits));
  }
  void attach_silent() {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    sasl.attach(net::adopt_stream(loop, pair[0]));
    far = net::adopt_stream(loop, pair[1]);
  }
  SaslOffer offered(const char* mechanisms, const char* options = "") {
    SaslRequest r;
    r.host = "mx.test";
    r.mechanisms = mechanisms;
    r.options = options;
    return net::run_blocking(loop, sasl.offered(loop, std::move(r)));
  }
  SaslStep start(SaslExchange& x, std::optional<std::string> initial = std::nullopt, const char* mechanism = "ECHO") {
    return net::run_blocking(loop, x.start(loop, mechanism, std::move(initial)));
  }
  SaslStep step(SaslExchange& x, const char* response) { return net::run_blocking(loop, x.step(loop, response)); }
  void let_others_work() { net::run_blocking(loop, loop.sleep(std::chrono::milliseconds(20))); }
  // What the other side does on its own, without sleeping blindly: until it is so, 10 s at most.
  template <class F>
  bool comes_true(F f) {
    for (int i = 0; i < 500 && !f(); ++i) let_others_work();
    return f();
  }
};

TEST_F(RemoteSaslTest, OffersInTheConfiguredOrderAndAsksOnce) {
  attach();
  EXPECT_EQ(offered("LOGIN NOSUCH echo PLAIN").mechanisms, "LOGIN ECHO PLAIN");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(offered("ECHO").mechanisms, "ECHO");
  EXPECT_EQ(library.asked, 1);
  EXPECT_EQ(offered("PLAIN ECHO", "p").mechanisms, "ECHO");
  EXPECT_EQ(library.asked, 2);
}

TEST_F(RemoteSaslTest, NothingIsKnownBeforeSomebodyAnswered) {
  EXPECT_FALSE(offered("ECHO").known);
  library.ready = false;
  attach();
  EXPECT_FALSE(offered("ECHO").known);
  auto x = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*x).kind, Kind::kTempFail);
  library.ready = true;
  EXPECT_TRUE(offered("ECHO").known);
}

TEST_F(RemoteSaslTest, CarriesADialogue) {
  attach();
  auto x = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*x).challenge, "none");
  EXPECT_EQ(step(*x, "two").challenge, "two");
  const SaslStep last = step(*x, "done");
  EXPECT_EQ(last.kind, Kind::kDone);
  EXPECT_EQ(last.user, "joe");
  EXPECT_TRUE(comes_true([this] { return library.living == 0; }));
  auto y = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*y, "").challenge, "+");
  auto z = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*z, std::nullopt, "NOSUCH").kind, Kind::kNoMechanism);
}

TEST_F(RemoteSaslTest, ForgetsWhatTheClientGaveUp) {
  attach();
  auto x = sasl.begin(SaslRequest());
  start(*x);
  EXPECT_EQ(library.living, 1);
  x.reset();
  EXPECT_TRUE(comes_true([this] { return library.living == 0; }));
}

TEST_F(RemoteSaslTest, ADeadProcessIsATemporaryFailureAtOnce) {
  attach_silent();
  auto x = sasl.begin(SaslRequest());
  far.reset();
  const SaslStep s = start(*x);
  EXPECT_EQ(s.kind, Kind::kTempFail);
  EXPECT_TRUE(comes_true([this] { return !sasl.connected(); }));
  auto y = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*y).kind, Kind::kTempFail);
}

TEST_F(RemoteSaslTest, ASilentProcessIsATemporaryFailureInTime) {
  attach_silent();
  sasl.set_patience(std::chrono::milliseconds(50));
  auto x = sasl.begin(SaslRequest());
  const SaslStep s = start(*x);
  EXPECT_EQ(s.kind, Kind::kTempFail);
  EXPECT_NE(s.problem.find("in time"), std::string::npos);
}

TEST_F(RemoteSaslTest, ASilentProcessHoldsUpOneGreeting) {
  attach_silent();
  sasl.set_patience(std::chrono::milliseconds(50));
  EXPECT_FALSE(offered("ECHO").known);
  sasl.set_patience(std::chrono::hours(1));
  EXPECT_FALSE(offered("ECHO").known);   // at once, or this test would take its time-out
  sasl.set_patience(std::chrono::seconds(10));
  attach();
  EXPECT_TRUE(offered("ECHO").known);
}

TEST_F(RemoteSaslTest, TheNextProcessTakesOver) {
  attach();
  EXPECT_TRUE(offered("ECHO").known);
  attach_silent();
  far.reset();
  EXPECT_EQ(offered("ECHO").mechanisms, "ECHO");  // what was known is still offered
  attach();
  auto x = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*x).kind, Kind::kChallenge);
  offered("ECHO");
  EXPECT_TRUE(comes_true([this] { return library.asked >= 2; }));  // and asked for anew, behind the answer
}

TEST_F(RemoteSaslTest, ReplacedProcessEndsWithItsLastExchange) {
  attach();
  auto x = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*x).kind, Kind::kChallenge);
  attach();
  EXPECT_EQ(step(*x, "still").challenge, "still");
  const size_t both = loop.live_tasks();
  x.reset();
  EXPECT_TRUE(comes_true([this, both] { return loop.live_tasks() < both; }));
}

TEST_F(RemoteSaslTest, TooManyAtOnceAreTurnedAway) {
  SaslLimits limits;
  limits.exchanges = 2;
  attach(limits);
  auto a = sasl.begin(SaslRequest()), b = sasl.begin(SaslRequest()), c = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*a).kind, Kind::kChallenge);
  EXPECT_EQ(start(*b).kind, Kind::kChallenge);
  EXPECT_EQ(start(*c).kind, Kind::kTempFail);
  a.reset();
  EXPECT_TRUE(comes_true([this] { return library.living == 1; }));
  auto d = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*d).kind, Kind::kChallenge);
}

TEST_F(RemoteSaslTest, SilentClientsAreForgotten) {
  SaslLimits limits;
  limits.exchanges = 1;
  limits.idle = Duration::zero();
  attach(limits);
  auto a = sasl.begin(SaslRequest()), b = sasl.begin(SaslRequest());
  EXPECT_EQ(start(*a).kind, Kind::kChallenge);
  EXPECT_EQ(start(*b).kind, Kind::kChallenge);
  EXPECT_EQ(step(*a, "x").kind, Kind::kTempFail);
}

}  // namespace
}  // namespace hky::auth
