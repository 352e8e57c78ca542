// The adapter to Cyrus SASL without any user: what is offered follows AuthMechanisms, and nobody gets in.
#include "auth/sasl.h"

#include <gtest/gtest.h>

namespace hky::auth {
namespace {

SaslRequest request(const char* mechanisms) {
  SaslRequest r;
  r.host = "mx.test";
  r.mechanisms = mechanisms;
  return r;
}

TEST(Sasl, OffersWhatIsAllowedAndThere) {
  std::string offer = cyrus_sasl().offered(request("NOSUCH DIGEST-MD5 CRAM-MD5"));
  if (offer.empty()) GTEST_SKIP() << "libsasl2-modules is not installed";
  EXPECT_EQ(offer, "DIGEST-MD5 CRAM-MD5");
  EXPECT_EQ(cyrus_sasl().offered(request("NOSUCH")), "");
}

TEST(Sasl, RefusesStrangers) {
  auto x = cyrus_sasl().begin(request("CRAM-MD5"));
  ASSERT_NE(x, nullptr);
  SaslStep s = x->start("CRAM-MD5", std::nullopt);
  if (s.kind == SaslStep::Kind::kNoMechanism) GTEST_SKIP() << "libsasl2-modules is not installed";
  ASSERT_EQ(s.kind, SaslStep::Kind::kChallenge);
  EXPECT_NE(s.challenge.find("@mx.test>"), std::string::npos);
  EXPECT_EQ(x->step("nobody 0123456789abcdef0123456789abcdef").kind, SaslStep::Kind::kFailed);
  auto none = cyrus_sasl().begin(request("CRAM-MD5"));
  EXPECT_EQ(none->start("NOSUCH", std::nullopt).kind, SaslStep::Kind::kNoMechanism);
}

}  // namespace
}  // namespace hky::auth
