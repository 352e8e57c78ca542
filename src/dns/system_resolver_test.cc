// The libunbound resolver against a small server on a port the kernel chose, which answers from zone text.
#include "dns/system_resolver.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "dns/names.h"
#include "dns/scripted_resolver.h"

namespace hky::dns {
namespace {

std::string u16(unsigned v) { return {static_cast<char>(v >> 8), static_cast<char>(v & 255)}; }
std::string u32(unsigned v) { return u16(v >> 16) + u16(v & 0xffff); }

std::string wire_name(const std::string& name) {
  std::string out;
  for (size_t at = 0; at < name.size() && name != ".";) {
    const size_t end = std::min(name.find('.', at), name.size());
    out += static_cast<char>(end - at);
    out += name.substr(at, end - at);
    at = end + 1;
  }
  return out + '\0';
}

std::string rdata(const Record& r) {
  std::array<char, 16> raw{};
  switch (r.type) {
    case Type::kA: inet_pton(AF_INET, r.data.c_str(), raw.data()); return {raw.data(), 4};
    case Type::kAaaa: inet_pton(AF_INET6, r.data.c_str(), raw.data()); return {raw.data(), 16};
    case Type::kMx: return u16(r.preference) + wire_name(r.data);
    case Type::kTxt: return static_cast<char>(r.data.size()) + r.data;
    default: return wire_name(r.data);
  }
}

class ZoneServer {
 public:
  explicit ZoneServer(const char* zone) : zone_(zone) {
    fd_ = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    socklen_t n = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &n);
    address_ = "127.0.0.1@" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { run(); });
  }
  ~ZoneServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  const std::string& address() const { return address_; }
  int asked() const { return asked_; }

 private:
  void run() {
    std::array<char, 2048> buf;
    for (;;) {
      sockaddr_in from{};
      socklen_t n = sizeof from;
      const ssize_t got = ::recvfrom(fd_, buf.data(), buf.size(), 0, reinterpret_cast<sockaddr*>(&from), &n);
      if (got < 17) return;
      ++asked_;
      const std::string reply = answer(std::string(buf.data(), static_cast<size_t>(got)));
      if (!reply.empty()) ::sendto(fd_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), n);
    }
  }
  std::string answer(const std::string& q) {
    std::string name;
    size_t at = 12;
    while (q[at] != 0) {
      const auto len = static_cast<size_t>(q[at]);
      if (!name.empty()) name += '.';
      name += q.substr(at + 1, len);
      at += len + 1;
    }
    const auto type = static_cast<Type>(static_cast<uint8_t>(q[at + 1]) * 256 + static_cast<uint8_t>(q[at + 2]));
    if (name == "silent.example") return {};
    Answer a = zone_.answer(name, Type::kCname);
    Type said = Type::kCname;
    if (a.records.empty() || type == Type::kCname) {
      a = zone_.answer(name, type);
      said = type;
    }
    const unsigned rcode = a.status == Status::kTempFail ? 2 : a.status == Status::kNxDomain ? 3 : 0;
    std::string records;
    for (const auto& r : a.records) {
      const std::string data = rdata(r);
      records += wire_name(name) + u16(static_cast<unsigned>(said)) + u16(1) + u32(3600) + u16(static_cast<unsigned>(data.size())) + data;
    }
    std::string authority;
    if (records.empty() && rcode != 2) {
      const std::string soa = wire_name("ns.test") + wire_name("root.test") + u32(1) + u32(3600) + u32(600) + u32(86400) + u32(60);
      authority = wire_name("test") + u16(6) + u16(1) + u32(60) + u16(static_cast<unsigned>(soa.size())) + soa;
    }
    return q.substr(0, 2) + u16(0x8580 | rcode) + u16(1) + u16(static_cast<unsigned>(a.records.size())) + u16(authority.empty() ? 0 : 1) + u16(0) +
           q.substr(12, at + 5 - 12) + records + authority;
  }

  ScriptedResolver zone_;
  int fd_ = -1;
  std::string address_;
  std::atomic<int> asked_{0};
  std::thread thread_;
};

constexpr const char* kZone = R"(
foo.example.com A 192.0.2.31
www.example.com CNAME foo.example.com
two.example MX 20 b.two.example
two.example MX 10 a.two.example
alias.example CNAME two.example
cloop1.example CNAME cloop2.example
cloop2.example CNAME cloop1.example
dangling.example CNAME nowhere.example
nullmx.example MX 0 .
v6.example AAAA ::1
txtonly.example TXT only text
servfail.example SERVFAIL
2.0.0.127.bl.test A 127.0.0.2
25.2.0.192.in-addr.arpa PTR remote.example
1.0.0.127.in-addr.arpa PTR localhost
)";

class SystemResolverTest : public testing::Test {
 protected:
  SystemResolverTest() : loop_(system_clock()) {
    SystemResolverOptions o;
    o.resolv.nameservers = {server_.address()};
    o.resolv.search = {"example.com"};
    o.deadline = std::chrono::milliseconds(700);
    auto r = make_system_resolver(std::move(o), system_clock());
    EXPECT_TRUE(r.ok());
    resolver_ = std::move(*r);
    env_.resolver = resolver_.get();
  }
  Answer ask(const std::string& name, Type type) { return net::run_blocking(loop_, resolver_->query(loop_, name, type)); }

  ZoneServer server_{kZone};
  net::Loop loop_;
  std::unique_ptr<Resolver> resolver_;
  NameEnvironment env_;
};

TEST_F(SystemResolverTest, EveryTypeAndOutcome) {
  Answer a = ask("www.example.com", Type::kA);
  ASSERT_EQ(a.status, Status::kOk);
  EXPECT_EQ(a.records[0].data, "192.0.2.31");
  EXPECT_EQ(a.canonical, "foo.example.com");
  EXPECT_TRUE(a.had_cname);
  EXPECT_FALSE(a.secure);
  a = ask("two.example", Type::kMx);
  ASSERT_EQ(a.records.size(), 2U);
  EXPECT_EQ(a.records[0].data, "b.two.example") << "the answer's order is kept";
  EXPECT_EQ(a.records[0].preference, 20);
  EXPECT_EQ(ask("nullmx.example", Type::kMx).records.at(0).data, ".");
  EXPECT_EQ(ask("v6.example", Type::kAaaa).records.at(0).data, "::1");
  EXPECT_EQ(ask("txtonly.example", Type::kTxt).records.at(0).data, "only text");
  EXPECT_EQ(ask("25.2.0.192.in-addr.arpa", Type::kPtr).records.at(0).data, "remote.example");
  EXPECT_EQ(ask("1.0.0.127.in-addr.arpa", Type::kPtr).records.at(0).data, "localhost") << "no zone is answered by the library itself";
  EXPECT_EQ(ask("2.0.0.127.bl.test", Type::kA).records.at(0).data, "127.0.0.2");
  EXPECT_EQ(ask("nosuch.example", Type::kA).status, Status::kNxDomain);
  EXPECT_EQ(ask("txtonly.example", Type::kA).status, Status::kNoData);
  EXPECT_EQ(ask("dangling.example", Type::kA).status, Status::kNxDomain);
  EXPECT_EQ(ask("servfail.example", Type::kA).status, Status::kTempFail);
  EXPECT_EQ(ask("a..b", Type::kA).status, Status::kNxDomain);
  EXPECT_EQ(ask("\\1", Type::kMx).status, Status::kNxDomain);
}

TEST_F(SystemResolverTest, NobodysSpellingIsInAnAnswer) {
  const Answer mx = ask("Two.EXAMPLE", Type::kMx);   // compression shares the question's letters
  ASSERT_EQ(mx.records.size(), 2u);
  for (const Record& r : mx.records) EXPECT_TRUE(r.data == "a.two.example" || r.data == "b.two.example") << r.data;
}

TEST_F(SystemResolverTest, SecondAnswerComesFromTheCache) {
  ask("foo.example.com", Type::kA);
  const int before = server_.asked();
  auto task = resolver_->query(loop_, "FOO.example.com", Type::kA);
  task.await_suspend(std::noop_coroutine());
  ASSERT_TRUE(task.done()) << "no hop";
  EXPECT_EQ(task.await_resume().records.at(0).data, "192.0.2.31");
  EXPECT_EQ(server_.asked(), before);
}

TEST_F(SystemResolverTest, SilentServerIsATemporaryFailure) {
  EXPECT_EQ(ask("silent.example", Type::kA).status, Status::kTempFail);
}

TEST_F(SystemResolverTest, AliasLoopIsToldFromADeadServer) {
  auto c = net::run_blocking(loop_, canonical_name(loop_, env_, "cloop1.example"));
  EXPECT_EQ(c.message, "DNS failure: CNAME loop for cloop2.example");
  auto mx = net::run_blocking(loop_, mx_of(loop_, env_, "cloop1.example", nullptr));
  EXPECT_EQ(mx.status, Status::kNoData);
}

TEST_F(SystemResolverTest, ManyQuestionsAtOnce) {
  std::atomic<int> right{0};
  int left = 200;
  auto one = [](net::Loop& loop, Resolver& r, std::string name, std::atomic<int>& ok, int& todo) -> net::Task<> {
    Answer a = co_await r.query(loop, name, Type::kA);
    if (a.status == Status::kNxDomain) ++ok;
    if (--todo == 0) loop.stop();
  };
  for (int i = 0; i < 200; ++i) loop_.spawn(one(loop_, *resolver_, "n" + std::to_string(i) + ".nosuch.example", right, left));
  loop_.run();
  EXPECT_EQ(right, 200);
}

TEST(AnswerCacheSize, ResolvConfOfARootIsRead) {
  SystemResolverOptions o = system_resolver_options("/nonexistent-root");
  EXPECT_EQ(o.resolv.nameservers.size(), 1U);
}

}  // namespace
}  // namespace hky::dns
