// The golden DNS world through ScriptedResolver: what sendmail 8.17's /canon and /mx said of it.
#include "dns/names.h"

#include <gtest/gtest.h>

#include "dns/scripted_resolver.h"

namespace hky::dns {
namespace {

constexpr const char* kZone = R"(
mail.example.com A 192.0.2.1
foo.example.com A 192.0.2.31
example.com A 192.0.2.1
example.com MX 10 mail.example.com
www.example.com CNAME foo.example.com
two.example MX 20 b.two.example
two.example MX 10 a.two.example
alias.example CNAME two.example
chain.example CNAME alias.example
dangling.example CNAME nowhere.example
cloop1.example CNAME cloop2.example
cloop2.example CNAME cloop1.example
nullmx.example MX 0 .
nullmx.example A 192.0.2.25
deadmx.example MX 10 gone.deadmx.example
v6.example AAAA ::1
*.wild.example A 192.0.2.25
*.wildmx.example MX 10 remote.example
remote.example A 192.0.2.25
txtonly.example TXT only text
servfail.example SERVFAIL
25.2.0.192.in-addr.arpa PTR remote.example
)";

template <class T>
T now(net::Task<T> task) {
  task.await_suspend(std::noop_coroutine());
  EXPECT_TRUE(task.done()) << "a scripted answer never suspends";
  return task.await_resume();
}

// The scripted resolver never touches its loop.
net::Loop& no_loop() {
  static std::aligned_storage_t<64> place;
  return *reinterpret_cast<net::Loop*>(&place);
}

class Names : public testing::Test {
 protected:
  Names() {
    env_.resolver = &resolver_;
    env_.hosts = &hosts_;
    env_.local_domain = "inside.example.com";
  }
  std::string canon(const std::string& host) {
    auto c = now(canonical_name(no_loop(), env_, host));
    message_ = c.message;
    status_ = c.status;
    return c.name;
  }
  std::string mx(const std::string& host) {
    auto m = now(mx_of(no_loop(), env_, host, nullptr));
    std::string out = m.null_mx ? "null" : "";
    for (const auto& h : m.hosts) out += h.host + " ";
    status_ = m.status;
    return out;
  }
  ScriptedResolver resolver_{kZone, {"example.com"}};
  HostsTable hosts_ = HostsTable::parse("127.0.0.1 localhost\n192.0.2.1 mail.example.com mail # us\n::1 six.example six\n");
  NameEnvironment env_;
  std::string message_;
  Status status_{};
};

TEST_F(Names, CanonicalNamesAsSendmailPrintsThem) {
  EXPECT_EQ(canon("example.com"), "example.com");
  EXPECT_EQ(canon("WWW.Example.COM"), "foo.example.com");
  EXPECT_EQ(canon("chain.example"), "two.example");
  EXPECT_EQ(canon("foo"), "foo.example.com");
  EXPECT_EQ(canon("mail"), "mail.example.com");
  EXPECT_EQ(canon("mail."), "mail.example.com");
  EXPECT_EQ(canon("localhost"), "localhost.inside.example.com");
  EXPECT_EQ(canon("a..b"), "a..b");
  EXPECT_EQ(canon("."), "");
  EXPECT_EQ(canon("example.com."), "example.com");
  EXPECT_EQ(status_, Status::kOk);
  EXPECT_EQ(canon("deadmx.example"), "deadmx.example");
  EXPECT_EQ(status_, Status::kOk);
  EXPECT_EQ(canon("v6.example"), "v6.example");
  EXPECT_EQ(status_, Status::kOk);
  EXPECT_EQ(canon("q.wildmx.example"), "q.wildmx.example");
  EXPECT_EQ(status_, Status::kOk);
  EXPECT_EQ(canon("nosuch.example"), "nosuch.example");
  EXPECT_EQ(status_, Status::kNxDomain);
  EXPECT_EQ(canon("txtonly.example"), "txtonly.example");
  EXPECT_EQ(status_, Status::kNxDomain);
  EXPECT_EQ(canon("dangling.example"), "dangling.example");
  EXPECT_EQ(status_, Status::kNxDomain);
  EXPECT_EQ(canon("servfail.example"), "servfail.example");
  EXPECT_EQ(status_, Status::kTempFail);
}

TEST_F(Names, AliasLoopIsNamedWhereSendmailStops) {
  EXPECT_EQ(canon("cloop1.example"), "cloop2.example");
  EXPECT_EQ(message_, "DNS failure: CNAME loop for cloop2.example");
}

TEST_F(Names, AliasIsKeptWithDontExpandCnames) {
  env_.dont_expand_cnames = true;
  EXPECT_EQ(canon("www.example.com"), "www.example.com");
  EXPECT_EQ(status_, Status::kOk);
  EXPECT_EQ(canon("cloop1.example"), "cloop1.example");
  EXPECT_EQ(status_, Status::kOk);
  EXPECT_EQ(message_, "");
}

TEST_F(Names, MailExchangersAsGetmxrr) {
  EXPECT_EQ(mx("example.com"), "mail.example.com ");
  EXPECT_EQ(mx("two.example"), "a.two.example b.two.example ");
  EXPECT_EQ(mx("chain.example"), "a.two.example b.two.example ");
  EXPECT_EQ(mx("foo"), "foo.example.com ");
  EXPECT_EQ(mx("v6.example"), "v6.example ");
  EXPECT_EQ(mx("localhost"), "localhost.inside.example.com ");
  EXPECT_EQ(mx("[192.0.2.25]"), "[192.0.2.25] ");
  EXPECT_EQ(mx("example.com."), "mail.example.com ");
  EXPECT_EQ(mx("nullmx.example"), "null");
  // An alias answered with its CNAME alone: sendmail finds no host.
  EXPECT_EQ(mx("www.example.com"), "");
  EXPECT_EQ(mx("cloop1.example"), "");
  EXPECT_EQ(mx("txtonly.example"), "");
  EXPECT_EQ(status_, Status::kNoData);
  EXPECT_EQ(mx("[foo.example.com]"), "foo.example.com ");
  EXPECT_EQ(mx("[nosuch.example]"), "");
  EXPECT_EQ(mx("v6.example."), "v6.example ");
  EXPECT_EQ(mx("192.0.2.25"), "");
  EXPECT_EQ(mx("servfail.example"), "");
  EXPECT_EQ(status_, Status::kTempFail);
}

TEST_F(Names, EqualPreferencesAreShuffledWithinTheirGroup) {
  ScriptedResolver r("e.example MX 10 a\ne.example MX 10 b\ne.example MX 10 c\ne.example MX 20 z\n");
  env_.resolver = &r;
  SeededRandom random(7);
  bool a_moved = false;
  for (int i = 0; i < 20; ++i) {
    auto m = now(mx_of(no_loop(), env_, "e.example", &random));
    ASSERT_EQ(m.hosts.size(), 4U);
    EXPECT_EQ(m.hosts[3].host, "z");
    a_moved = a_moved || m.hosts[0].host != "a";
  }
  EXPECT_TRUE(a_moved);
}

TEST_F(Names, AddressesAndNames) {
  auto a = now(addresses_of(no_loop(), env_, "mail"));
  EXPECT_EQ(a.addresses, std::vector<std::string>{"192.0.2.1"});
  a = now(addresses_of(no_loop(), env_, "[IPv6:0:0::1]"));
  EXPECT_EQ(a.addresses, std::vector<std::string>{"::1"});
  a = now(addresses_of(no_loop(), env_, "www.example.com"));
  EXPECT_EQ(a.addresses, std::vector<std::string>{"192.0.2.31"});
  EXPECT_EQ(a.canonical, "foo.example.com");
  a = now(addresses_of(no_loop(), env_, "servfail.example"));
  EXPECT_EQ(a.status, Status::kTempFail);
  EXPECT_EQ(now(name_of(no_loop(), env_, "192.0.2.25")).name, "remote.example");
  EXPECT_EQ(now(name_of(no_loop(), env_, "::1")).name, "six.example");
  EXPECT_EQ(now(name_of(no_loop(), env_, "192.0.2.99")).status, Status::kNxDomain);
}

TEST_F(Names, DeferredModeAsksNothing) {
  env_.deferred = true;
  const size_t before = resolver_.questions();
  EXPECT_EQ(now(mx_of(no_loop(), env_, "example.com", nullptr)).status, Status::kDeferred);
  canon("foo");
  EXPECT_EQ(status_, Status::kDeferred);
  EXPECT_EQ(resolver_.questions(), before);
}

TEST(ResolvConf, ReadsWhatResolverReads) {
  auto c = parse_resolv_conf("; c\ndomain Example.COM.\nnameserver 127.0.0.1@5353\nnameserver ::1\noptions ndots:2 timeout:3 attempts:1\n");
  EXPECT_EQ(c.search, std::vector<std::string>{"example.com"});
  EXPECT_EQ(c.nameservers, (std::vector<std::string>{"127.0.0.1@5353", "::1"}));
  EXPECT_EQ(c.ndots, 2);
  EXPECT_EQ(c.timeout_seconds, 3);
  EXPECT_EQ(c.attempts, 1);
  EXPECT_EQ(parse_resolv_conf("search a b\n").nameservers, std::vector<std::string>{"127.0.0.1"});
}

TEST(ShownAddress, AsRulesetsKnowIt) {
  EXPECT_EQ(shown_address("192.0.2.1", true), "192.0.2.1");
  EXPECT_EQ(shown_address("2001:db8::5", false), "IPv6:2001:db8:0:0:0:0:0:5");
  EXPECT_EQ(shown_address("::1", true), "IPv6:::1");
}

TEST(ReverseName, BothFamilies) {
  EXPECT_EQ(reverse_name("192.0.2.25"), "25.2.0.192.in-addr.arpa");
  EXPECT_EQ(reverse_name("::1"), "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa");
  EXPECT_EQ(reverse_name("x"), "");
}

}  // namespace
}  // namespace hky::dns
