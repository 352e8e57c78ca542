// check_* rulesets to verdicts, header checks, rates.
#include <gtest/gtest.h>

#include "cf/reader.h"
#include "maps/map_set_memory.h"
#include "policy/header_check.h"
#include "policy/load.h"
#include "policy/rates.h"
#include "policy/rs_check.h"

namespace hky::policy {
namespace {

constexpr const char* kCf = R"(V10/Berkeley
Djmail.example
Mlocal, P=[mbox], F=lsDFMAw5, T=DNS/RFC822/X-Unix, A=mbox $u
Mprog, P=/bin/sh, F=lsD, A=sh -c $u
Scheck_mail
R<$*bad$*>	$#error $@ 5.7.1 $: "550 Access denied"
R<$*dsn$*>	$#error $@ 5.7.1 $: "551 5.1.8 own code"
R<$*plain$*>	$#error $@ 5.7.1 $: HATER no code
R<$*usage$*>	$#error $@ nouser $: 550 no such user
R<$*temp$*>	$#error $@ 4.7.1 $: "451 later"
R<$*drop$*>	$#discard $: discard
R<$*quar$*>	$#error $@ quarantine $: "looks odd"
R<$*who$*>	$#error $: 550 client $&{client_addr}
Scheck_relay
R$* $| $*	$#error $: 550 $1 and $2
HSubject: $>CheckSubject
HX-Plain: $>+CheckPlain
H*: $>CheckAny
SCheckSubject
R$*bad$*	$#error $: 553 $&{hdr_name} $&{currHeader} $&{hdrlen}
SCheckPlain
R$* ( $* ) $*	$#error $: 553 comment kept
SCheckAny
R$*evil$*	$#error $: 554 any
)";

struct World {
  World() : loop(clock) {
    cf::ReadRequest request;
    cf::ReadOutcome read = cf::read_config_text(kCf, request);
    for (const cf::Diagnostic& d : read.config->diagnostics) ADD_FAILURE() << cf::to_line(d);
    EXPECT_EQ(read.errors, 0);
    config = read.config;
    std::vector<cf::Diagnostic> errors;
    program = rewrite::compile(config, errors);
    scope = std::make_unique<cf::MacroScope>(*config);
    scope->set(cf::kN_client_addr, "192.0.2.1");
  }
  Verdict check(const std::string& ruleset, cf::Text arg, CheckArgument kind = CheckArgument::kAddress) {
    rewrite::Context ctx{loop, program, *config, maps, *scope};
    return net::run_blocking(loop, rs_check(ctx, ruleset, std::move(arg), kind));
  }
  std::string reply(const std::string& address) {
    Verdict v = check("check_mail", one_argument(address));
    return v.accept ? "ok" : std::to_string(v.reply.code) + " " + v.reply.enhanced + " " + v.reply.lines[0];
  }
  ManualClock clock;
  net::Loop loop;
  std::shared_ptr<const cf::Config> config;
  std::shared_ptr<const rewrite::Program> program;
  maps::MemoryMapSet maps;
  std::unique_ptr<cf::MacroScope> scope;
};

TEST(Load, TheFirstFigureRoundedIsTheOneThatCounts) {
  EXPECT_EQ(load_of("19.50 3.00 1.00 2/107 20903\n"), 20);
  EXPECT_EQ(load_of("19.49 3.00 1.00 2/107 20903\n"), 19);
  EXPECT_EQ(load_of(""), -1);
  EXPECT_EQ(load_of("none"), -1);
  std::string text = "1.0";
  Load load([&text] { return text; });
  text = "7.9";
  EXPECT_EQ(load.now(), 1);
  load.refresh();
  EXPECT_EQ(load.now(), 8);
}

TEST(Load, APriorityWaitsWhereItIsAboveTheCurve) {
  const QueueAt at{10, 100000};
  EXPECT_FALSE(at.waits(9, 1000000));
  EXPECT_TRUE(at.waits(10, 100001));
  EXPECT_FALSE(at.waits(10, 100000));
  EXPECT_TRUE(at.waits(12, 33334));
  EXPECT_FALSE(at.waits(12, 33333));
}

TEST(RsCheck, TurnsErrorsIntoReplies) {
  World w;
  EXPECT_EQ(w.reply("<joe@x>"), "ok");
  EXPECT_EQ(w.reply("<bad@x>"), "550 5.7.1 Access denied");
  EXPECT_EQ(w.reply("<dsn@x>"), "551 5.1.8 own code");
  EXPECT_EQ(w.reply("<plain@x>"), "553 5.7.1 HATER no code");
  EXPECT_EQ(w.reply("<usage@x>"), "550 5.0.0 no such user");
  EXPECT_EQ(w.reply("<temp@x>"), "451 4.7.1 later");
  EXPECT_EQ(w.reply("<who@x>"), "550 5.0.0 client 192.0.2.1");
  EXPECT_TRUE(w.check("check_mail", one_argument("<drop@x>")).discard);
  EXPECT_EQ(w.check("check_mail", one_argument("<quar@x>")).quarantine, "looks odd");
  EXPECT_TRUE(w.check("check_rcpt", one_argument("<bad@x>")).accept);  // no such ruleset
  Verdict two = w.check("check_relay", two_arguments("host.example", "192.0.2.1"));
  EXPECT_EQ(two.reply.lines[0], "host.example and 192.0.2.1");
  EXPECT_EQ(with_address(two.reply, "<a>").lines[0], "<a>... host.example and 192.0.2.1");
  for (int code : {450, 550, 553}) EXPECT_EQ(with_address(smtp::Reply(code, "", "no"), "<a>").lines[0], "<a>... no");
  for (int code : {421, 451, 452, 454, 551, 552, 554}) EXPECT_EQ(with_address(smtp::Reply(code, "", "no"), "<a>").lines[0], "no");
}

TEST(HeaderCheck, KnowsFieldsAndTheDefault) {
  World w;
  HeaderChecks checks(*w.config);
  rewrite::Context ctx{w.loop, w.program, *w.config, w.maps, *w.scope};
  auto run = [&](const char* text) {
    mail::Header h = mail::parse_header(text);
    Verdict v = net::run_blocking(w.loop, check_field(ctx, *checks.find(h.fields[0].name), h.fields[0]));
    return v.accept ? std::string("ok") : v.reply.lines[0];
  };
  EXPECT_EQ(run("subject: a bad\n\tone\n"), "subject a bad  one11");  // the quoted value begins with the blank after the colon
  EXPECT_EQ(run("subject:a bad\n"), "subjecta bad5");
  EXPECT_EQ(run("subject:  a bad  \n"), "subject  a bad  9");
  EXPECT_EQ(run("Subject: fine\n"), "ok");
  EXPECT_EQ(run("X-Plain: a (b) c\n"), "comment kept");
  EXPECT_EQ(run("To: evil\n"), "any");
}

TEST(Rates, CountWithinTheirWindow) {
  Rates r(60);
  EXPECT_EQ(r.opened("a", 1000).client_rate, 1u);
  EXPECT_EQ(r.opened("a", 1000).client_rate, 2u);
  Rates::Counts c = r.opened("b", 1001);
  EXPECT_EQ(c.client_rate, 1u);
  EXPECT_EQ(c.total_rate, 3u);
  EXPECT_EQ(c.open, 3u);
  r.closed("a");
  r.closed("a");
  c = r.opened("a", 1030);
  EXPECT_EQ(c.client_connections, 1u);
  EXPECT_EQ(c.client_rate, 3u);
  EXPECT_EQ(r.opened("a", 1100).client_rate, 1u);
}

TEST(Rates, AnotherWindowBeginsEmpty) {
  Rates r(60);
  r.opened("a", 1000);
  r.set_window(60);
  EXPECT_EQ(r.opened("a", 1030).client_rate, 2u);
  r.set_window(20);
  EXPECT_EQ(r.opened("a", 1031).client_rate, 1u);
  EXPECT_EQ(r.opened("a", 1049).client_rate, 2u);
  EXPECT_EQ(r.opened("a", 1055).total_rate, 2u);
}

TEST(Rates, TurnsAreBoundedASecondAndAtOnce) {
  Rates r;
  const auto enter = [&r](const char* daemon, int64_t now, long at_once, long per_second) { return static_cast<int>(r.enter(daemon, now, Rates::Limits{at_once, 0, per_second})); };
  const int yours = static_cast<int>(Rates::Turn::kYours), many = static_cast<int>(Rates::Turn::kTooMany), fast = static_cast<int>(Rates::Turn::kTooFast);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(enter("MTA", 1000, 0, 0), yours);
  EXPECT_EQ(enter("MTA", 1000, 5, 0), many);
  r.left("MTA");
  EXPECT_EQ(enter("MTA", 1000, 5, 2), yours);
  EXPECT_EQ(enter("MTA", 1000, 0, 2), yours);
  EXPECT_EQ(enter("MTA", 1000, 0, 2), fast);
  EXPECT_EQ(enter("MSA", 1000, 0, 2), yours);
  EXPECT_EQ(enter("MTA", 1001, 0, 2), yours);
}

}  // namespace
}  // namespace hky::policy
