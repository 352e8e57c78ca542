// Addresses against what a real sendmail 8.17.1 said about the same ones: cracking, checks, triples, outgoing forms.
#include "route/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sysexits.h"
#include "cf/reader.h"
#include "maps/map_set_memory.h"
#include "route/header_addresses.h"

namespace hky::route {
namespace {

constexpr const char* kConfig = R"(V10/Berkeley
O OperatorChars=.:%@!^/[]+
C{Local}here.example
Scanonify=3
R$* < $* > $*		$2
R$@			$@ <@>
R$* @ down.test	$@ $1 <@ $[down.test$]>
R$+ @ $+		$: $1 <@ $2>
Sparse=0
R<@ down.test>		$#error $@ nouser $: "553 User address required"
R<@>			$#error $@ nouser $: "553 User address required"
R$* <@ coded>		$#error $@ 5.1.2 $: "550 no " $1
R$* <@ bare>		$#error $: no code here
R$* <@ later>		$#error $@ 4.3.0 $: "450 wait"
R$* <@ nomailer>	$#nothere $@ x $: $1
R$* <@ nohost>		$#smtp $: $1
R$* <@ nothing>		$@ x
R$* <@ $={Local}>	$#local $: $1
R$* <@ $+>		$#smtp $@ $2 $: $1 <@ $2>
R$+			$#local $: $1
S1
R$*			$: from $1
S2
S10
R$* <@ $+>		$@ $1 % $2 <@ gate>
Sfinal=4
R$* <@ $+>		$1 @ $2
Squeuegroup
R$+ % slow $*		$# slow
R$+ % nowhere $*	$# nowhere
Qslow, P=/slow
Qusers, P=/users
Mlocal,	Q=users, P=/bin/mail, F=lsDFMAw5:/|@qh, S=0, R=0, A=mail $u
Mprog,	P=/bin/sh, F=lsDFMeuh, S=0, R=0, A=sh -c $u
Msmtp,	P=[IPC], F=mDFMu, S=0, R=10, E=\r\n, A=TCP $h
)";

class Addresses : public ::testing::Test {
 protected:
  Addresses() : loop_(system_clock()) {
    cf::ReadRequest request;
    cf::ReadOutcome outcome = cf::read_config_text(kConfig, request);
    config_ = outcome.config;
    std::vector<cf::Diagnostic> errors;
    program_ = rewrite::compile(config_, errors);
    scope_ = std::make_unique<cf::MacroScope>(*config_);
    ctx_ = std::make_unique<rewrite::Context>(rewrite::Context{loop_, program_, *config_, maps_, *scope_, nullptr, nullptr});
  }
  Address parse(std::string text, Role role = Role::kEnvelopeRcpt) {
    return net::run_blocking(loop_, parse_address(*ctx_, std::move(text), role));
  }
  RemoteName leave(std::string text, Role role, std::string_view mailer = "smtp") {
    rewrite::Tokens none;
    return net::run_blocking(loop_, remote_name_of(*ctx_, std::move(text), *config_->find_mailer(mailer), role, none));
  }

  net::Loop loop_;
  std::shared_ptr<cf::Config> config_;
  std::shared_ptr<const rewrite::Program> program_;
  maps::MemoryMapSet maps_;
  std::unique_ptr<cf::MacroScope> scope_;
  std::unique_ptr<rewrite::Context> ctx_;
};

TEST_F(Addresses, TripleIsRewrittenForItsMailer) {
  const Address a = parse("Joe@Two.Example");
  EXPECT_EQ(a.mailer_name(), "smtp");
  EXPECT_EQ(a.host, "two.example");          // no h flag
  EXPECT_EQ(a.user, "Joe%Two.Example@gate"); // u flag, R=10, ruleset 4
  EXPECT_EQ(a.error_exit, 0);
  EXPECT_EQ(parse("Joe@here.example").user, "joe");
}

TEST_F(Addresses, QueueGroupIsTheRulesetsElseTheMailers) {
  EXPECT_EQ(parse("joe@slow").queue_group, "slow");
  EXPECT_EQ(parse("joe@nowhere").queue_group, "");
  EXPECT_EQ(parse("joe@two.example").queue_group, "");
  EXPECT_EQ(parse("joe@here.example").queue_group, "users");
  EXPECT_EQ(parse("joe@slow", Role::kHeaderRcpt).queue_group, "");
}

TEST_F(Addresses, ErrorMailerGivesCodesExitAndWords) {
  const Address nouser = parse("<>");
  EXPECT_EQ(nouser.mailer_name(), "*error*");
  EXPECT_EQ(nouser.error_exit, EX_NOUSER);
  EXPECT_EQ(nouser.error_text, "553 User address required");
  const Address coded = parse("joe@coded");
  EXPECT_EQ(coded.error_exit, EX_NOHOST);
  EXPECT_EQ(coded.error_text, "550 5.1.2 no joe");
  EXPECT_EQ(coded.status, "5.1.2");
  const Address bare = parse("joe@bare");
  EXPECT_EQ(bare.error_exit, EX_UNAVAILABLE);
  EXPECT_EQ(bare.error_text, "553 5.3.0 no code here");
  const Address later = parse("joe@later");
  EXPECT_TRUE(later.temp_fail);
  EXPECT_EQ(later.error_exit, EX_TEMPFAIL);
}

// sendmail: parseaddr(): "Transient parse error" is said of an address that may be one
TEST_F(Addresses, WhatDnsCannotAnswerForWaitsUnlessItIsRefused) {
  maps_.fail("host", "down.test");
  const Address waits = parse("joe@down.test"), refused = parse("@down.test");
  EXPECT_TRUE(waits.queue_up);
  EXPECT_EQ(waits.messages.size(), 1u);
  EXPECT_EQ(refused.error_text, "553 User address required");
  EXPECT_THAT(refused.messages, ::testing::Each(::testing::Not(::testing::HasSubstr("queued for future delivery"))));
}

TEST_F(Addresses, BrokenRulesetsAreSaidAsSendmailSaysThem) {
  EXPECT_EQ(parse("x@nomailer").error_text, "554 5.3.5 buildaddr: unknown mailer nothere");
  EXPECT_EQ(parse("x@nomailer").error_exit, EX_SOFTWARE);   // sendmail: syserr()
  EXPECT_EQ(parse("x@nohost").error_text, "554 5.3.5 buildaddr: no host");
  EXPECT_EQ(parse("x@nothing").error_text, "554 5.3.5 buildaddr: no mailer in parsed address");
}

TEST_F(Addresses, FilesProgramsAndListsAreKnownByTheirFirstCharacter) {
  EXPECT_EQ(parse("|/bin/true").mailer_name(), "prog");
  EXPECT_EQ(parse("\"|/bin/true x\"").user, "\"|/bin/true x\"");
  EXPECT_EQ(parse("/dev/null").mailer_name(), "*file*");
  const Address list = parse(":include:/etc/list");
  EXPECT_EQ(list.mailer_name(), "*include*");
  EXPECT_EQ(list.user, "/etc/list");
}

TEST_F(Addresses, WhatCannotBeAnAddressIsRefusedBeforeTheRules) {
  const Address eight = parse("caf\x83@x");
  EXPECT_TRUE(eight.unparsable);
  EXPECT_EQ(eight.error_text, "501 5.1.3 8-bit character in mailbox address \"caf?@x\"");
  EXPECT_TRUE(parse("(only a comment)").unparsable);
  EXPECT_TRUE(parse("\"a\tb\"@two.example").error_text.empty());
  const Address control = parse("a\x01@two.example");
  EXPECT_FALSE(control.unparsable);
  EXPECT_EQ(control.error_text.substr(0, 41), "501 5.1.3 Syntax error in mailbox address");
  std::string long_user(300, 'x');
  for (size_t i = 30; i < long_user.size(); i += 30) long_user[i] = '.';
  const Address too_long = parse(long_user + "@x");
  EXPECT_TRUE(too_long.unparsable);
  EXPECT_EQ(too_long.error_text, "553 5.1.0 Address \"" + long_user.substr(0, 255) + "\" too long (255 bytes max)");
}

TEST_F(Addresses, LeavingKeepsPhraseAndCommentAndTakesTheSidesRules) {
  EXPECT_EQ(leave("Joe User <joe@two.example> (x)", Role::kHeaderRcpt).address, "Joe User <joe%two.example@gate> (x)");
  EXPECT_EQ(leave("joe@two.example (Joe)", Role::kEnvelopeSender).address, "from joe@two.example (Joe)");
  EXPECT_EQ(leave("(nothing)", Role::kHeaderRcpt).address, "(nothing)");
}

struct Crack { const char *in, *out; };
class Cracks : public ::testing::TestWithParam<Crack> {};
TEST_P(Cracks, AsSendmailDoes) {
  std::string shown;
  for (const char16_t c : crack_address(GetParam().in, "@,;:\\()[].'", false)) {
    if (c == cf::kMacroExpand) shown += '$';
    else shown += static_cast<char>(c);
  }
  EXPECT_EQ(shown, GetParam().out);
}
INSTANTIATE_TEST_SUITE_P(Golden, Cracks, ::testing::Values(
    Crack{"<a@b>", "<$g>"}, Crack{"A. User <foo@x>", "\"A. User\" <$g>"}, Crack{"\"Foo Bar\" <foo@x>", "\"Foo Bar\" <$g>"},
    Crack{"joe (A. User) @ two.example", "$g (A. User)"}, Crack{"(((A. User))) joe", "(((A. User))) $g"},
    Crack{"@a.two.example:user@b", "\"@a.two.example\":$g"}, Crack{"@a.two.example:", "\"@a.two.example\":"},
    Crack{"A. User: joe@x, y@z;", "\"A. User\": $g;"}, Crack{"<<user@x>>", "\"<\"<$g>"}, Crack{"<>foo@x", "<>foo@x"},
    Crack{"<user>@x", "<$g>@x"}, Crack{"(a@b", "(a@b)"}, Crack{"<@b1>a\"", "<$g>a\"\""}, Crack{"]>:=~;x(", "\"]>\":$g; ()"},
    Crack{". (horus_((\\\\", "$g (horus_((\\\\)))"}, Crack{"joe(a\\)b)@x", "$g (a\\)b)"}, Crack{"vax::joe", "$g"}));

TEST(AddressWords, UserLinesAndExitCodes) {
  EXPECT_EQ(user_line("550 5.1.1 User unknown", "joe"), "joe... User unknown");
  EXPECT_EQ(user_line("551 5.1.6 User has moved", "joe"), "User has moved");
  EXPECT_EQ(user_line("x.example: Name server timeout", "joe"), "x.example: Name server timeout");
  EXPECT_EQ(user_line("553 a\xe3", ""), "ac");
  EXPECT_EQ(shorten(std::string(300, 'a'), 203).size(), 203u);
  EXPECT_EQ(exit_of_dsn("5.1.1"), EX_NOUSER);
  EXPECT_EQ(exit_of_dsn("4.7.1"), EX_TEMPFAIL);
  EXPECT_EQ(exit_of_dsn("x"), EX_CONFIG);
}

// sendmail: commaize(): the rest of the list stands for the address whose end nobody knows.
TEST_F(Addresses, OneOfAHeaderThatIsNotClosedIsNamedWithWhatFollows) {
  const auto fault = [this](const std::string& header) { return last_fault(mail::parse_header(header), *config_); };
  EXPECT_EQ(fault("To: joe, \"a, b\" <eric>\nSubject: <x\n\n"), "");
  EXPECT_EQ(fault("To: <joe,\n eric (x)\nCc: eric\n\n"), "<joe,  eric (x)... Unbalanced '<'");
  EXPECT_EQ(fault("From: (joe\nTo: <joe\nCc: eric, joe>, x\n\n"), "joe>, x... Unbalanced '>'");
  EXPECT_EQ(fault("X-To: (joe\nReply-To: joe, \"x\n\n"), "\"x... Unbalanced '\"'");
}

}  // namespace
}  // namespace hky::route
