#include "dns/interfaces.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "dns/scripted_resolver.h"

namespace hky::dns {
namespace {

class InterfacesTest : public ::testing::Test {
 protected:
  InterfacesTest() { env_.resolver = &resolver_; }
  Interface find(std::string address, int64_t now = 0) { return net::run_blocking(loop_, interfaces_.find(loop_, env_, std::move(address), true, now)); }
  ManualClock clock_;
  net::Loop loop_{clock_};
  ScriptedResolver resolver_{"1.2.0.192.in-addr.arpa PTR mail.example.com\n9.2.0.192.in-addr.arpa SERVFAIL\n"};
  NameEnvironment env_;
  Interfaces interfaces_;
};

TEST_F(InterfacesTest, AreCalledByNameOrInBrackets) {
  EXPECT_EQ(find("192.0.2.1").name, "mail.example.com");
  EXPECT_EQ(find("192.0.2.1").addr, "192.0.2.1");
  EXPECT_EQ(find("::ffff:192.0.2.1").name, "mail.example.com");
  EXPECT_EQ(find("192.0.2.2").name, "[192.0.2.2]");
  EXPECT_EQ(find("2001:db8::1").addr, "IPv6:2001:db8::1");
  EXPECT_EQ(find("127.0.0.1").addr, "");
  EXPECT_EQ(find("").name, "");
}

// A session waits for no name server that another one has waited for.
TEST_F(InterfacesTest, AreAskedForOnceInAWhile) {
  find("192.0.2.9");
  const size_t asked = resolver_.questions();
  EXPECT_GT(asked, 0u);
  EXPECT_EQ(find("192.0.2.9", Interfaces::kRemember - 1).name, "[192.0.2.9]");
  EXPECT_EQ(resolver_.questions(), asked);
  find("192.0.2.9", Interfaces::kRemember);
  EXPECT_GT(resolver_.questions(), asked);
}

}  // namespace
}  // namespace hky::dns
