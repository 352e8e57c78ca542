// Cyrus SASL against its own client side, with a sasldb made for the test: what is offered, who gets in with every mechanism, and
// what a failure says. One process has one configuration, so the environment below makes it before the first test.
#include "auth/sasl_library.h"

#include <gtest/gtest.h>
#include <sasl/sasl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/strings.h"

namespace hky::auth {
namespace {

using ipc::SaslRequest;
using ipc::SaslStep;
using Kind = SaslStep::Kind;

bool has_users = false;

bool run(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

struct World : testing::Environment {
  std::string dir;
  void SetUp() override {
    char name[] = "/tmp/hky-sasl.XXXXXX";
    dir = ::mkdtemp(name);
    std::ofstream(dir + "/Sendmail.conf") << "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: " << dir << "/sasldb2\n";
    const std::string tool = ::access("/usr/sbin/saslpasswd2", X_OK) == 0 ? "/usr/sbin/saslpasswd2" : "saslpasswd2";
    has_users = run("printf secret | " + tool + " -p -c -f " + dir + "/sasldb2 -u mx.test joe") &&
                run("printf other | " + tool + " -p -c -f " + dir + "/sasldb2 -u realm.test joe");
    cyrus_sasl(dir + ":/nonexistent");
  }
  void TearDown() override { run("rm -rf " + dir); }
};
const auto* const world = testing::AddGlobalTestEnvironment(new World);  // NOLINT: gtest owns it

SaslRequest request() {
  SaslRequest r;
  r.host = "mx.test";
  return r;
}

bool offers(const SaslRequest& r, std::string_view mechanism) {
  const ipc::SaslMechanisms m = cyrus_sasl().mechanisms(r);
  EXPECT_TRUE(m.ready);
  for (std::string_view word : split_words(m.list))
    if (iequals(word, mechanism)) return true;
  return false;
}

// libsasl2's client, who says what the test tells it to.
struct Client {
  std::string user, password, act_as;
  sasl_conn_t* c = nullptr;
  std::string secret_room;

  static int simple(void* context, int id, const char** result, unsigned* size) {
    auto* self = static_cast<Client*>(context);
    const std::string& text = id == SASL_CB_USER ? self->act_as : self->user;
    *result = text.c_str();
    if (size != nullptr) *size = static_cast<unsigned>(text.size());
    return SASL_OK;
  }
  static int secret(sasl_conn_t*, void* context, int, sasl_secret_t** out) {
    auto* self = static_cast<Client*>(context);
    self->secret_room.assign(sizeof(sasl_secret_t) + self->password.size() + 1, '\0');
    auto* s = reinterpret_cast<sasl_secret_t*>(self->secret_room.data());
    s->len = self->password.size();
    self->password.copy(reinterpret_cast<char*>(s->data), self->password.size());
    *out = s;
    return SASL_OK;
  }
  ~Client() { sasl_dispose(&c); }

  // The whole dialogue with `server`; the last step.
  SaslStep talk(SaslDialogue& server, const char* mechanism) {
    using Proc = int (*)(void);
    auto proc = [](auto* f) { return reinterpret_cast<Proc>(reinterpret_cast<void*>(f)); };
    const sasl_callback_t callbacks[] = {{SASL_CB_USER, proc(&simple), this}, {SASL_CB_AUTHNAME, proc(&simple), this},
                                         {SASL_CB_PASS, proc(&secret), this}, {SASL_CB_LIST_END, nullptr, nullptr}};
    static const int started = sasl_client_init(nullptr);
    EXPECT_EQ(started, SASL_OK);
    EXPECT_EQ(sasl_client_new("smtp", "mx.test", nullptr, nullptr, callbacks, 0, &c), SASL_OK);
    const char *out = nullptr, *chosen = nullptr;
    unsigned size = 0;
    int rc = sasl_client_start(c, mechanism, nullptr, &out, &size, &chosen);
    EXPECT_TRUE(rc == SASL_OK || rc == SASL_CONTINUE) << mechanism << ": " << sasl_errdetail(c);
    std::optional<std::string> initial;
    if (out != nullptr) initial.emplace(out, size);
    SaslStep step = server.start(mechanism, initial);
    for (int i = 0; step.kind == Kind::kChallenge && i < 10; ++i) {
      rc = sasl_client_step(c, step.challenge.data(), static_cast<unsigned>(step.challenge.size()), nullptr, &out, &size);
      if (rc != SASL_OK && rc != SASL_CONTINUE) break;   // a server we do not believe
      step = server.step(std::string_view(out == nullptr ? "" : out, size));
    }
    return step;
  }
};

SaslStep authenticate(const char* mechanism, const char* user, const char* password, const char* act_as = "", const char* realm = "") {
  SaslRequest r = request();
  r.realm = realm;
  std::unique_ptr<SaslDialogue> server = cyrus_sasl().begin(r);
  Client client;
  client.user = user;
  client.password = password;
  client.act_as = act_as;
  return client.talk(*server, mechanism);
}

#define NEED_USERS() \
  if (!has_users) GTEST_SKIP() << "SKIPPED: no saslpasswd2 (package sasl2-bin): nobody to authenticate"
#define NEED(mechanism) \
  if (!offers(request(), mechanism)) GTEST_SKIP() << "SKIPPED: no " << (mechanism) << " (package libsasl2-modules)"

TEST(Sasl, OffersNoPlainTextAndNoAnonymousWhereOptionsForbid) {
  NEED("PLAIN");
  EXPECT_TRUE(offers(request(), "LOGIN"));
  SaslRequest strict = request();
  strict.options = "p";
  EXPECT_FALSE(offers(strict, "PLAIN"));
  EXPECT_FALSE(offers(strict, "LOGIN"));
  EXPECT_TRUE(offers(strict, "CRAM-MD5"));
  strict.external_ssf = 256;  // inside TLS
  EXPECT_TRUE(offers(strict, "PLAIN"));
  SaslRequest known = request();
  known.options = "y";
  EXPECT_FALSE(offers(known, "ANONYMOUS"));
}

class EveryMechanism : public testing::TestWithParam<const char*> {};

TEST_P(EveryMechanism, LetsTheRightPasswordIn) {
  NEED_USERS();
  NEED(GetParam());
  const SaslStep step = authenticate(GetParam(), "joe", "secret");
  EXPECT_EQ(step.kind, Kind::kDone) << step.problem;
  EXPECT_EQ(step.user.substr(0, 3), "joe");
  EXPECT_EQ(step.ssf, 0u);  // no security layer
}

TEST_P(EveryMechanism, RefusesTheWrongPassword) {
  NEED_USERS();
  NEED(GetParam());
  const SaslStep step = authenticate(GetParam(), "joe", "other");
  EXPECT_EQ(step.kind, Kind::kFailed);
  EXPECT_NE(step.problem.find("SASL(-13)"), std::string::npos) << step.problem;
}

INSTANTIATE_TEST_SUITE_P(Sasl, EveryMechanism, testing::Values("PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"));

TEST(Sasl, RealmSaysWhichJoe) {
  NEED_USERS();
  NEED("PLAIN");
  const SaslStep step = authenticate("PLAIN", "joe", "other", "", "realm.test");
  EXPECT_EQ(step.kind, Kind::kDone) << step.problem;
  EXPECT_EQ(step.user, "joe");
  EXPECT_EQ(authenticate("PLAIN", "joe", "secret", "", "realm.test").kind, Kind::kFailed);
}

// sendmail: proxy_policy(): whoever is named as the one to act for, {auth_authen} is who proved to be.
TEST(Sasl, UserIsWhoProvedIt) {
  NEED_USERS();
  NEED("PLAIN");
  const SaslStep step = authenticate("PLAIN", "joe", "secret", "alice");
  EXPECT_EQ(step.kind, Kind::kDone) << step.problem;
  EXPECT_EQ(step.user, "joe");
}

TEST(Sasl, UnknownUserAndMechanism) {
  NEED("CRAM-MD5");
  const SaslStep step = authenticate("CRAM-MD5", "nobody", "secret");
  EXPECT_EQ(step.kind, Kind::kFailed);
  EXPECT_EQ(step.user, "nobody");   // for the log
  EXPECT_EQ(cyrus_sasl().begin(request())->start("NOSUCH", std::nullopt).kind, Kind::kNoMechanism);
}

}  // namespace
}  // namespace hky::auth
