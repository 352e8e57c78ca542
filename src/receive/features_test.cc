// DaemonPortOptions M= and PrivacyOptions; ruleset srv_features: test/scenario/features*.scn.
#include "receive/features.h"

#include <gtest/gtest.h>

#include "receive/envelope_macros.h"

namespace hky::receive {
namespace {

Features features(std::string_view modifiers, uint32_t privacy = 0, std::string auth_options = "") {
  cf::Options o;
  o.privacy_options = privacy;
  o.auth_options = std::move(auth_options);
  Daemon d;
  d.flags = spelled_flags(modifiers);
  return features_of(o, d);
}

TEST(Features, ModifiersOfTheDaemon) {
  const Features plain = features("");
  EXPECT_TRUE(plain.expn && plain.verb && plain.etrn && plain.dsn && plain.pipelining && plain.auth);
  EXPECT_FALSE(plain.auth_needed || plain.layer_needed);
  const Features submission = features("Ea");   // as MSA has it
  EXPECT_TRUE(submission.auth_needed && submission.auth);
  EXPECT_FALSE(submission.etrn);
  EXPECT_FALSE(features("A").auth);
  EXPECT_FALSE(features("A").auth_needed);
  EXPECT_TRUE(features("Cf").auth);
}

TEST(Features, Options) {
  const Features shy = features("", cf::kPrivNoExpn | cf::kPrivNoEtrn | cf::kPrivNoReceipts, "A,p,y");
  EXPECT_FALSE(shy.expn || shy.shows() || shy.etrn || shy.dsn);
  EXPECT_TRUE(shy.layer_needed);
  EXPECT_TRUE(features("", cf::kPrivNoVerb).expn);
  EXPECT_FALSE(features("", cf::kPrivNoVerb).shows());
}

}  // namespace
}  // namespace hky::receive
