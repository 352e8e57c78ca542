// The machine against what sendmail 8.17 printed for the same rules, and the ways of stepping it.
#include <gtest/gtest.h>

#include "rewrite/rewrite_test_support.h"

namespace hky::rewrite {
namespace {

using test::Lines;
using test::ScriptedMaps;

constexpr const char* kConfig = R"(V10/Berkeley
DZengine
DP alpha beta
D{LongName}long name value
D{Dyn}
DQ
Cw localhost example.com vhost.example
C{Fruit}apple banana pear
C{Multi}one.two three.four.five
C{Mixed}Upper lower
O OperatorChars=.:%@!^/[]+
O BlankSub=.
Kstorage macro
Khashm hash -o /etc/mail/access
Kdnst dns -RA -T.TMP -a.
Scanonify=3
R$*			$: $1				strip
R$* < $+ > $*		$2
R$+ @ $+		$: $1 <@ $2>
R$* <@ $=w> $*		$: $1 <@ $2 .> $3
Sparse=0
R$* <@ $=w .> $*	$#local $: $1
R$- <@ $+> $*		$#smtp $@ $2 $: $1 <@ $2> $3
R$* <@ $+>		$#smtp $@ $[ $2 $: NOHOST $] $: $1 <@ $2>
R@			$#error $@ nouser $: "553 User address required"
R$+			$#local $: $1
S2
SMinus
R$-			minus <$1>
R$- . $-		two <$1> <$2>
R$- . $- . $-		three <$1> <$2> <$3>
SPlus
R$+ . $+		$: <$1> | <$2>
SStar
R$* . $*		$: <$1> | <$2>
SLoop
Rx $*			$1
SAt
R$@			$: empty
R$* a			$@ $1 returned
R$*			$: <$1> fellthrough
SColon
Ra $*			$: once a $1
Ra $*			second
Ronce $*		$: $1 done
SClass
R$* $={Fruit} $*	$: fruit <$2> rest <$1> <$3>
R$* $=w			$: domain <$2> in <$1>
SNotClass2
R$+ . $~w		$: pre <$1> last <$2>
SMultiClass
R$* $={Multi} $*	$: multi <$2> pre <$1> post <$3>
SMixed
R$={Mixed}		$: mixed <$1>
SMacro
Rshow			$: $Z ${LongName} $P
R$Z $*			$: literal-macro <$1>
R$&{Dyn} $*		$: deferred <$1>
SMacroRHS
R$*			$: $&{Dyn} / $&Q / $Z / $1
SCond
R$*			$: $(storage {Dyn} $@ $1 $) $&{Dyn}
SMapDef
R$*			$: $( hashm $1 $: DEFAULT <$1> $)
SMapArg
R$- . $-		$: $( hashm $1 $@ $2 $@ second $: none $1 $2 $)
SMapNoDef
R$*			$: <$( hashm $1 $)>
SHost
R$*			$: $[ $1 $]
SHostDef
R$*			$: $[ $1 $: notfound $1 $]
SDnsT
R$*			$: $( dnst $1 $: noa $)
SCall
Rcall $*		$: $>Sub $1
Rret $*			$@ $>Sub $1
Rnest $*		$: <$>Sub <$>Sub $1 > >
Rskip $*		$: $>2 $>Sub $1
Rlost $*		$: $>Nowhere $1
SSub
R$*			$: sub( $1 )
SDeep
Rx $*			$: $>Deep $1
STree
R$* $*			$: $>Tree a $>Tree a $>Tree a
SInf
R$*			$1 
SGrow
R$*			$1 a
SDollar
Rmoney			$: cost $$ 5
STokens
R$*			$: $1
R$- $- $-		$: 3tok <$1> <$2> <$3>
SErr
R$*			$#error $@ 5.7.1 $: "550 no " $1
SCaseLHS
RHello World		$: matched
SParen
R$* ( $* ) $*		$: paren
SMultiBack
R$* . $=w . $*		$: one <$1> <$2> <$3>
SWide
R$* @ $* @ $* : $*	$: <$1> <$2> <$3> <$4>
SRewriteRepeat
R$+ ! $+		$2 @ $1
STwice
R$*			$: $(hashm $1 $: a $) $(hashm b $: b $)
Mlocal, P=/bin/true, F=lsDFMAw5:/|@qPSXmnz9, A=mail $u
Mprog, P=/bin/sh, F=lsDFMoqeu9, A=sh -c $u
)";

class RewriteTest : public ::testing::Test {
 protected:
  RewriteTest() : config(read()), program(compile(config, compile_errors)), scope(*config), maps(*config) {
    maps.put("hashm", "k1", "value one");
    maps.put("hashm", "qval", "\"quoted val\"");
    maps.put("hashm", "meta", "$1 $$ <a>");
    maps.put("hashm", "empty", "");
    maps.put("hashm", "remark", "(only a comment)");
    maps.put("hashm", "k3", "k3 and zz and second");
    maps.put("host", "two.example", "two.example.");
    maps.fail("host", "servfail.example", "servfail.example: Name server timeout");
    maps.fail("dnst", "q.bl.test");
  }

  static std::shared_ptr<cf::Config> read() {
    cf::ReadRequest request;
    request.path = "t.cf";
    request.identity.hostname = "mail.example.com";
    cf::ReadOutcome outcome = cf::read_config_text(kConfig, request);
    for (const cf::Diagnostic& d : outcome.config->diagnostics) ADD_FAILURE() << cf::to_line(d);
    return outcome.config;
  }

  Tokens typed(const std::string& text) { return prescan(text, ',', *config, TokenTable::kKeepComments).tokens; }

  // "Ruleset words" as typed to -bt; what was printed.
  std::string run(const std::string& line) {
    size_t blank = line.find(' ');
    trace.all.clear();
    Machine machine(*program, scope, maps, &trace, nullptr);
    machine.start(program->find_ruleset(line.substr(0, blank)), typed(line.substr(blank + 1)));
    while (auto need = machine.run()) machine.answer(maps.answer_to(need->map, need->key, need->args));
    status = machine.status();
    deferral = machine.deferral();
    result = display(machine.take_result(), *config);
    return trace.all;
  }

  std::vector<cf::Diagnostic> compile_errors;
  std::shared_ptr<cf::Config> config;
  std::shared_ptr<const Program> program;
  cf::MacroScope scope;
  ScriptedMaps maps;
  Lines trace;
  RewriteStatus status = RewriteStatus::kOk;
  std::string result, deferral;
};

struct Case { const char* line; const char* returns; };

// Each pair is from a -bt session of sendmail 8.17.1 with these rules.
constexpr Case kCases[] = {
    {"Minus a.b.c", "three < a > < b > < c >"},
    {"Minus a.b.c.d", "a . b . c . d"},
    {"Minus a b", "a b"},
    {"Plus a.b", "< a > | < b >"},
    {"Plus .a", ". a"},
    {"Star .", "< > | < >"},
    {"Loop x x x y", "y"},
    {"Loop X x y", "y"},
    {"At b a", "b returned"},
    {"Colon a", "a done"},
    {"Colon once more", "more done"},
    {"Class red apple tart", "fruit < apple > rest < red > < tart >"},
    {"Class apple pear", "fruit < apple > rest < > < pear >"},
    {"Class user@example.com", "domain < example . com > in < user @ >"},
    {"Class EXAMPLE.COM", "domain < EXAMPLE . COM > in < >"},
    {"Class sub.example.com", "domain < example . com > in < sub . >"},
    {"Class none", "none"},
    {"NotClass2 a.b.c", "pre < a . b > last < c >"},
    {"NotClass2 x.example.com", "pre < x . example > last < com >"},
    {"MultiClass a one.two b", "multi < one . two > pre < a > post < b >"},
    {"MultiClass one.two", "multi < one . two > pre < > post < >"},
    {"Mixed upper", "mixed < upper >"},
    {"Mixed LOWER", "mixed < LOWER >"},
    {"Macro x", "deferred < x >"},
    {"MacroRHS a.b", "/ / engine / a . b"},
    {"Cond v", ""},
    {"MapDef k1", "value one"},
    {"MapDef no.such", "DEFAULT < no . such >"},
    {"MapDef qval", "\"quoted val\""},
    {"MapDef meta", "$1 $$ < a >"},
    {"MapDef a b", "DEFAULT < a . b >"},
    {"MapDef empty", ""},
    {"MapArg k3.zz", "k3 and zz and second"},
    {"MapNoDef zip", "< zip >"},
    {"Host two.example", "two . example ."},
    {"HostDef nosuch.example", "notfound . nosuch . example"},
    {"Dollar money", "cost $ 5"},
    {"Tokens a \"b c\" d", "3tok < a > < \"b c\" > < d >"},
    {"Tokens a(b)c", "a ( b ) c"},
    {"Tokens b;c", "3tok < b > < ; > < c >"},
    {"Tokens a+b", "3tok < a > < + > < b >"},
    {"Tokens a&b", "a&b"},
    {"Tokens $1 $: $@", "$1 $ : $ @"},
    {"Tokens $# local $: x", "$# local $ : x"},
    {"Err a.b@c", "$# error $@ 5 . 7 . 1 $: \"550 no \" a . b @ c"},
    {"CaseLHS HELLO WORLD", "matched"},
    {"CaseLHS hello", "hello"},
    {"Paren a(b)c", "paren"},
    {"MultiBack localhost.x", "localhost . x"},
    {"Wide a@b@c@d:e:f", "< a > < b > < c @ d > < e : f >"},
    {"RewriteRepeat a!b!c!d!e", "e @ a @ b @ c @ d"},
    {"Call nest a b", "< sub ( < sub ( a b > > ) )"},
    {"parse u < @ example . com . >", "$# local $: u"},
    {"parse @", "$# error $@ nouser $: \"553 User address required\""},
    {"parse joe < @ two . example >", "$# smtp $@ two . example $: joe < @ two . example >"},
    {"parse . joe < @ two . example >", "$# smtp $@ two . example . $: . joe < @ two . example >"},
    {"parse . joe < @ no . example >", "$# smtp $@ NOHOST $: . joe < @ no . example >"},
};

TEST_F(RewriteTest, RewritesAsSendmailDid) {
  EXPECT_TRUE(compile_errors.empty());
  for (const Case& c : kCases) {
    run(c.line);
    EXPECT_EQ(result, c.returns) << c.line;
    EXPECT_EQ(status, RewriteStatus::kOk) << c.line;
  }
}

TEST_F(RewriteTest, TracePrintsCallsAsSendmailDoes) {
  EXPECT_EQ(run("Call call x y"),
            "Call               input: call x y\n"
            "Sub                input: x y\n"
            "Sub              returns: sub ( x y )\n"
            "Call             returns: sub ( x y )\n");
}

TEST_F(RewriteTest, DebugLevelsShowEachRule) {
  trace.debug = 12;
  EXPECT_EQ(run("Minus a.b"),
            "Minus              input: a . b\n"
            "-----trying rule: $-\n----- rule fails\n"
            "-----trying rule: $- . $-\n-----rule matches: two < $1 > < $2 >\nrewritten as: two < a > < b >\n"
            "-----trying rule: $- . $-\n----- rule fails\n"
            "-----trying rule: $- . $- . $-\n----- rule fails\n"
            "Minus            returns: two < a > < b >\n");
  trace.debug = 4;
  EXPECT_NE(run("MacroRHS x").find("rewrite: RHS $&{Q} => \"\"\nrewritten as: / / engine / x\n"), std::string::npos);
  EXPECT_EQ(run("MapDef k"), "MapDef             input: k\nrewritten as: DEFAULT < k >\nMapDef           returns: DEFAULT < k >\n");
}

TEST_F(RewriteTest, EmptyRulesetIsSkippedWithTheTokenAfterIt) {
  // sendmail: callsubr() steps over the token that took the call's place, here the next $>
  run("Call skip a");
  EXPECT_EQ(result, "$> Sub a");
}

TEST_F(RewriteTest, UnknownRulesetIsConfigError) {
  EXPECT_EQ(run("Call lost a"),
            "Call               input: lost a\n! 554 5.3.5 Unknown ruleset Nowhere\nCall             returns: $> Nowhere a\n");
  EXPECT_EQ(status, RewriteStatus::kConfig);
}

TEST_F(RewriteTest, LoopOfOneRuleStopsAtAHundred) {
  EXPECT_EQ(run("Inf a"),
            "Inf                input: a\n! 554 5.3.5 Infinite loop in ruleset Inf, rule 1\nInf              returns: a\n");
  EXPECT_EQ(status, RewriteStatus::kOk);
  run("Grow b");
  EXPECT_EQ(result.size(), 1 + 2 * 100u);
}

TEST_F(RewriteTest, RecursionStopsAtFifty) {
  std::string line = "Deep";
  for (int i = 0; i < 55; ++i) line += " x";
  std::string all = run(line + " y");
  EXPECT_EQ(result, "x x x x y");
  EXPECT_EQ(status, RewriteStatus::kConfig);
  EXPECT_NE(all.find("x x x x y\n! rewrite: excessive recursion (max 50), ruleset Deep\nDeep             returns: x x x x y\n"), std::string::npos);
}

TEST_F(RewriteTest, RulesetThatCallsItselfThriceEnds) {
  run("Tree a");
  EXPECT_EQ(status, RewriteStatus::kConfig);
}

TEST_F(RewriteTest, TempFailureIsStatusAndDefaultStands) {
  EXPECT_EQ(run("HostDef servfail.example"),
            "HostDef            input: servfail . example\n! servfail.example: Name server timeout\n"
            "HostDef          returns: notfound . servfail . example\n");
  EXPECT_EQ(status, RewriteStatus::kTempFail);
  EXPECT_EQ(deferral, "host map: lookup (servfail.example): deferred");
  run("DnsT q.bl.test");
  EXPECT_EQ(result, "q . bl . test . TMP");
}

TEST_F(RewriteTest, ValueOfNothingButCommentEndsTheRuleset) {
  EXPECT_EQ(run("MapDef remark"), "MapDef             input: remark\n");  // sendmail: no "returns" after EX_DATAERR
  EXPECT_EQ(status, RewriteStatus::kDataErr);
}

TEST_F(RewriteTest, MacroMapWritesTheScope) {
  run("Cond hello world");
  EXPECT_EQ(result, "");  // $&{Dyn} was read before the map was asked
  EXPECT_EQ(run("MacroRHS x"), "MacroRHS           input: x\nMacroRHS         returns: hello . world / / engine / x\n");
  run("Macro hello.world x");
  EXPECT_EQ(result, "deferred < x >");
}

TEST_F(RewriteTest, ArgumentsAndKeyReachTheMap) {
  maps.asked.clear();
  run("MapArg a.b");
  ASSERT_EQ(maps.asked.size(), 1u);
  EXPECT_EQ(maps.asked.front(), "hashm(a) @ b @ second");
  run("MapDef \"k1\"");
  EXPECT_EQ(maps.asked.back(), "hashm(k1)");  // quotes go unless -q
  EXPECT_EQ(result, "value one");
}

TEST_F(RewriteTest, LookupIsResumedNotRestarted) {
  maps.slow = true;
  Machine machine(*program, scope, maps, &trace, nullptr);
  machine.start(program->find_ruleset("Twice"), typed("x"));
  auto first = machine.run();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->map, "hashm");
  EXPECT_EQ(first->key, "x");
  maps::MapAnswer found;
  found.status = maps::Status::kOk;
  found.value = "one two";
  machine.answer(found);
  auto second = machine.run();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->key, "b");
  machine.answer(maps::MapAnswer{});
  EXPECT_FALSE(machine.run().has_value());
  EXPECT_EQ(display(machine.take_result(), *config), "one two b");
  EXPECT_EQ(trace.all, "Twice              input: x\nTwice            returns: one two b\n");
}

TEST_F(RewriteTest, FastAndSlowMapsGiveTheSame) {
  for (const Case& c : kCases) {
    scope = cf::MacroScope(*config);
    maps.slow = false;
    std::string fast = run(c.line);
    scope = cf::MacroScope(*config);
    maps.slow = true;
    EXPECT_EQ(run(c.line), fast);
  }
}

TEST_F(RewriteTest, ReasonsNameTheRuleThatFired) {
  ReasonList reasons;
  Machine machine(*program, scope, maps, nullptr, &reasons);
  machine.start(program->find_ruleset("MapDef"), typed("k1"));
  EXPECT_FALSE(machine.run().has_value());
  ASSERT_EQ(reasons.list().size(), 4u);
  EXPECT_EQ(std::get<MapAnswered>(reasons.list()[1]).value, "value one");
  const auto& fired = std::get<RuleFired>(reasons.list()[2]);
  EXPECT_EQ(fired.file, "t.cf");
  EXPECT_GT(fired.line, 0);
  EXPECT_EQ(fired.before, "k1");
  EXPECT_EQ(fired.after, "value one");
}

TEST_F(RewriteTest, PrescanMendsAndComplains) {
  struct { const char* in; const char* words; const char* error; } cases[] = {
      {"\"unbalanced", "\"unbalanced\"", "553 Unbalanced '\"'"},
      {"<unbal", "< unbal >", "553 Unbalanced '<'"},
      {"unbal>", "unbal", "553 Unbalanced '>'"},
      {"a\\", "a", ""},
      {"\\user", "\\user", ""},
      {"a\\!b", "a ! b", ""},
      {"foo(x)bar \"a b\"", "foo bar \"a b\"", ""},
      {"a) b", "a b", "553 Unbalanced ')'"},
      {"(open", "", "553 Unbalanced '('"},
      {"joe@example.com (Joe)", "joe @ example . com", ""},
  };
  for (const auto& c : cases) {
    PrescanResult r = prescan(c.in, '\0', *config, TokenTable::kExternal);
    EXPECT_EQ(display(r.tokens, *config), c.words) << c.in;
    EXPECT_EQ(r.error, c.error) << c.in;
  }
  EXPECT_TRUE(prescan(std::string(300, 'x'), '\0', *config, TokenTable::kExternal).refused);
  EXPECT_EQ(prescan("a@b,c", ',', *config, TokenTable::kExternal).consumed, 3u);
  EXPECT_EQ(cataddr(prescan("a b@c", '\0', *config, TokenTable::kExternal).tokens, *config), "a.b@c");
}

}  // namespace
}  // namespace hky::rewrite
