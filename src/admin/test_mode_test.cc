// Address test mode, line by line, against what a real sendmail 8.17.1 prints (the bulk of it is test/golden).
#include "admin/test_mode.h"

#include <gtest/gtest.h>

#include "cf/reader.h"
#include "dns/scripted_resolver.h"
#include "maps/map_set_memory.h"

namespace hky::admin {
namespace {

constexpr const char* kConfig = R"(V10/Berkeley
O OperatorChars=.:%@!^/[]+
DQq
C{Animals}cat
CB$={Animals} Dog
Scanonify=3
R$* < $* > $*		$2
R$+ @ $+		$: $1 <@ $2>
Sparse=0
R$* <@ $+>		$#smtp $@ $2 $: $1 <@ $2>
R$+			$#local $: $> "Sub" $1
SSub
R$={Animals}		$&Q
Sfinal=4
R$* <@ $+>		$1 @ $2
Mlocal,	P=/bin/mail, F=lsDFMAw5:/|@qh, A=mail -d $u
Msmtp,	P=[IPC], F=mDFMu, E=\r\n, L=990, A=TCP $h
)";

class TestModeTest : public ::testing::Test {
 protected:
  TestModeTest() : loop_(system_clock()), zone_("two.example MX 10 a.two.example\nnull.example MX 0 .\na.two.example A 192.0.2.1\n") {
    cf::ReadRequest request;
    config_ = cf::read_config_text(kConfig, request).config;
    names_.resolver = &zone_;
    maps_.add_map("tbl", "hash", "/etc/mail/tbl");
    maps_.put("tbl", "k", "v");
    TestWorld world{loop_, config_, maps_, names_, nullptr, [this](std::string_view s) { out_ += s; }, "joe", {}};
    mode_ = std::make_unique<TestMode>(std::move(world));
  }
  std::string type(std::string line) {
    out_.clear();
    more_ = net::run_blocking(loop_, mode_->line(std::move(line)));
    return out_;
  }

  net::Loop loop_;
  dns::ScriptedResolver zone_;
  dns::NameEnvironment names_;
  maps::MemoryMapSet maps_;
  std::shared_ptr<cf::Config> config_;
  std::unique_ptr<TestMode> mode_;
  std::string out_;
  bool more_ = true;
};

TEST_F(TestModeTest, RulesetsRunOneAfterTheOther) {
  EXPECT_EQ(type("3,4 joe@x"),
            "canonify           input: joe @ x\ncanonify         returns: joe < @ x >\n"
            "final              input: joe < @ x >\nfinal            returns: joe @ x\n");
  EXPECT_EQ(type("3"), "No address!\n");
  EXPECT_EQ(type("nosuch x"), "Undefined ruleset nosuch\n");
  EXPECT_EQ(type("999 x"), "bad ruleset 999 (100 max)\nUndefined ruleset 999\n");
  EXPECT_EQ(type("# 3 joe"), "");
  EXPECT_EQ(type("final <unbal").substr(0, 28), "<unbal... Unbalanced '<'\nfin");
}

TEST_F(TestModeTest, SettingsChangeWhatRulesSee) {
  EXPECT_EQ(type("Sub cat"), "Sub                input: cat\nSub              returns: q\n");
  type(".DQnew");
  EXPECT_EQ(type("$Q"), "new\n");
  EXPECT_EQ(type("Sub cow"), "Sub                input: cow\nSub              returns: cow\n");
  type(".C{Animals}cow");
  EXPECT_EQ(type("Sub cow"), "Sub                input: cow\nSub              returns: new\n");
  EXPECT_EQ(type("$=B"), "Dog\ncat\n");  // a C line copies the class as it was
  EXPECT_EQ(type("$"), "Name required for macro/class\n");
  EXPECT_EQ(type("$x"), "Undefined\n");
  EXPECT_EQ(type(".X"), "Unknown \".\" command .X\n");
}

TEST_F(TestModeTest, ListingsOfRulesetsAndMailers) {
  EXPECT_EQ(type("=S0"), "R$* < @ $+ > \t\t$# smtp $@ $2 $: $1 < @ $2 > \nR$+ \t\t$# local $: $> \"Sub\" $1 \n");
  type("0 cat");  // sendmail takes the quotes off the rule when it fires
  EXPECT_EQ(type("=S0"), "R$* < @ $+ > \t\t$# smtp $@ $2 $: $1 < @ $2 > \nR$+ \t\t$# local $: $> Sub $1 \n");
  EXPECT_NE(type("=M").find("(smtp): P=[IPC] S=parse/parse R=parse/parse M=0 U=-1:-1 F=DFMmu L=990 E=\\r\\n T="), std::string::npos);
  EXPECT_EQ(type("=Snone"), "Undefined ruleset none\n");
}

TEST_F(TestModeTest, ParseAndTry) {
  EXPECT_EQ(type("/parse A. User <joe@x>").substr(0, 71),
            "Cracked address = \"A. User\" <$g>\nParsing envelope recipient address\ncan");
  EXPECT_NE(out_.find("\nmailer smtp, host x, user joe@x\n"), std::string::npos);
  EXPECT_EQ(type("/parse caf\xc3\xa9 <joe@x>").substr(0, 32), "Cracked address = cafM-CM-) <$g>");
  type("/tryflags HS");
  EXPECT_EQ(type("/try smtp joe@x").substr(0, 56), "Trying header sender address joe@x for mailer smtp\ncanon");
  EXPECT_NE(out_.find("\nRcode = 0, addr = joe@x\n"), std::string::npos);
  EXPECT_EQ(type("/try none x"), "Unknown mailer none\n");
  EXPECT_EQ(type("/parse"), "Usage: /parse address\n");
  EXPECT_EQ(type("/"), "Usage: /[canon|map|mx|parse|try|tryflags]\n");
}

TEST_F(TestModeTest, NamesAndMaps) {
  EXPECT_EQ(type("/mx two.example"), "getmxrr(two.example) returns 1 value(s):\n\ta.two.example.\n");
  EXPECT_EQ(type("/mx null.example"), "getmxrr(null.example) returns null MX (See RFC7505)\n");
  EXPECT_EQ(type("/map tbl k"), "map_lookup: tbl (k) returns v (0)\n");
  EXPECT_EQ(type("/map none k"), "Map named \"none\" not found\n");
  EXPECT_EQ(type("/map tbl"), "No key specified\n");
}

TEST_F(TestModeTest, EndsWithQuit) {
  type("/nosuch");
  EXPECT_TRUE(more_);
  type("/quit");
  EXPECT_FALSE(more_);
}

}  // namespace
}  // namespace hky::admin
