// read_config: each line type, the complaints of a real sendmail 8.17.1 word by word, and whole files.
#include "cf/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace hky::cf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

ReadRequest request() {
  ReadRequest r;
  r.path = "t.cf";
  r.identity.hostname = "mail.example.com";
  r.identity.addresses = {"192.0.2.1"};
  r.identity.interfaces = {{"127.0.0.1", {"localhost"}, true}};
  r.doors.find_user = [](const std::string& name) -> std::optional<UserId> {
    if (name != "smmta") return std::nullopt;
    return UserId{name, 901, 902, true};
  };
  r.doors.read_file = [](const std::string& path) -> Result<std::string> {
    if (path == "/words") return std::string("# comment\nalpha beta\nGamma:x\n\n");
    return errno_error(ENOENT, "open " + path);
  };
  r.doors.run_program = [](const Options&, const std::string& command) -> Result<std::string> { return "out of " + command + "\n"; };
  return r;
}

ReadOutcome read(std::string text) { return read_config_text("V10/Berkeley\n" + text, request()); }

// What was said, without the closing "No local mailer defined" and with lines counted from the first line of `text`.
std::vector<std::string> said(const std::string& text) {
  std::vector<std::string> out;
  ReadOutcome got = read(text);
  for (Diagnostic& d : got.config->diagnostics) {
    if (d.text == "No local mailer defined") continue;
    d.place.line -= 1;
    out.push_back(to_line(d));
  }
  return out;
}

std::string macro(const Config& c, const char* name) {
  NameId id = 0;
  if (!c.names.find(name, id)) return "?";
  auto it = c.macros.find(id);
  return it == c.macros.end() ? "?" : to_display(it->second, c.names);
}

std::vector<std::string> words(const Config& c, const char* name) {
  NameId id = 0;
  if (!c.names.find(name, id)) return {};
  auto it = c.class_words.find(id);
  return it == c.class_words.end() ? std::vector<std::string>() : it->second;
}

TEST(Reader, QueueGroupsAreTypedAndMqueueComesFirst) {
  const auto c = read("Qslow, P=/q/slow, F=f, I=3h, N=10, R=2, J=50, r=15\nQmqueue, Path=/q, Interval=10, recipients=6\nQslow, P=/q/other, I=2s\n").config;
  ASSERT_EQ(c->queue_groups.size(), 2u);
  EXPECT_EQ(c->queue_groups[0].name, "mqueue");
  EXPECT_EQ(c->queue_groups[0].interval, 600);
  EXPECT_EQ(c->queue_groups[0].most_rcpts, 6u);
  const QueueGroup& slow = *c->find_queue_group("SLOW");   // the later line counts, whole
  EXPECT_EQ(slow.path, "/q/other");
  EXPECT_EQ(slow.interval, 2);
  EXPECT_EQ(slow.runners, 0);
  const QueueGroup all = read("Qa, P=/q/a, F=f, I=3h, N=10, R=2, J=50, r=15\n").config->queue_groups[1];
  EXPECT_TRUE(all.forks);
  EXPECT_EQ(all.nice, 10);
  EXPECT_EQ(all.runners, 2);
  EXPECT_EQ(all.most_messages, 50u);
  EXPECT_EQ(read("").config->queue_groups.size(), 1u);
}

TEST(Reader, QueueGroupsComplaints) {
  EXPECT_THAT(said("Q\nQa, P=\nQa, X=3\nQa, P=/q/a, r\nQa, I=x\n"),
              ElementsAre("t.cf: line 1: name required for queue", "t.cf: line 2: queue a: empty path name", "t.cf: line 3: Qa: unknown queue equate X=",
                          "t.cf: line 4: queue a: `=' expected", "t.cf: line 5: Invalid time unit `x'"));
  EXPECT_THAT(said("O MaxQueueChildren=20\nQa, R=50\nQb, R=2\nQc, F=f, R=2\n"),
              ElementsAre("Q=a: R=50 exceeds MaxQueueChildren=20, set to MaxQueueChildren", "Warning: Q=a: R=20: multiple queue runners specified\n\tbut flag 'f' is not set",
                          "Warning: Q=b: R=2: multiple queue runners specified\n\tbut flag 'f' is not set"));
  EXPECT_THAT(said("Qa, P=/q/a\nMx, P=/bin/x, A=x, Q=A\nMy, P=/bin/y, A=y, Q=none\n"), ElementsAre("t.cf: line 3: mailer y: unknown queue none"));
}

TEST(Reader, MacrosTakeQuotesBackslashesCommentsAndContinuations) {
  auto got = read("D{A}a\\tb\\qc\\\\d\"e,f\" g\\n\\101\nD{B} lead\nD{C}\"quoted # not comment\"\nD{X}foo # bar\nD{Y}foo\\#bar\n"
                  "D{Z}a#b\nDQline\n\tcont # c\n more\nDBx $# y\nDD$$5 $j ${Long}\n# comment\n still comment\n");
  const Config& c = *got.config;
  EXPECT_EQ(macro(c, "A"), "atbqc\\de,f g\n101");
  EXPECT_EQ(macro(c, "B"), "x $# y");  // ${B} is $B
  EXPECT_EQ(macro(c, "C"), "quoted");
  EXPECT_EQ(macro(c, "X"), "foo");
  EXPECT_EQ(macro(c, "Y"), "foo#bar");
  EXPECT_EQ(macro(c, "Z"), "a");
  EXPECT_EQ(macro(c, "Q"), "line\n\tcont\n more");
  EXPECT_EQ(macro(c, "D"), "$5 $j ${Long}");
  EXPECT_EQ(macro(c, "n"), "MAILER-DAEMON");
  EXPECT_EQ(macro(c, "w"), "mail");
  EXPECT_EQ(macro(c, "m"), "example.com");
}

TEST(Reader, ClassesComeFromLinesFilesProgramsAndTheHost) {
  auto got = read("C{c1}a b\tc\nC{c1}D,e A\nF{f} /words\nF{g}-o /nosuch\nF{p}|/bin/x y\nF{sc}/words %[^:]\nCX$k\nTroot daemon\n");
  const Config& c = *got.config;
  EXPECT_THAT(words(c, "c1"), ElementsAre("a", "b", "c", "D,e"));
  EXPECT_THAT(words(c, "f"), ElementsAre("alpha", "Gamma:x"));
  EXPECT_THAT(words(c, "g"), IsEmpty());
  EXPECT_THAT(words(c, "p"), ElementsAre("out"));
  EXPECT_THAT(words(c, "sc"), ElementsAre("alpha", "beta", "Gamma"));
  EXPECT_THAT(words(c, "X"), ElementsAre("mail.example.com"));
  EXPECT_THAT(words(c, "t"), ElementsAre("root", "daemon"));
  EXPECT_THAT(words(c, "w"), UnorderedElementsAre("mail.example.com", "mail", "[192.0.2.1]", "[127.0.0.1]", "localhost"));
  EXPECT_TRUE(c.in_class('c' - 'c' + NameId{'X'}, "MAIL.example.COM"));
  EXPECT_THAT(words(*read("O DontProbeInterfaces=True\n").config, "w"), UnorderedElementsAre("mail.example.com", "mail", "[192.0.2.1]"));
}

TEST(Reader, RulesetsHaveSendmailsNumbersAndNames) {
  auto got = read("Scanonify=3\nR$* $=w\t\t$: <$1>\t\tcomment here\nSFirst\nRa\tb\nSsecond\nRc\td\nS3\nRe\tf\nS4\n"
                  "Mlocal, P=/x, F=l, S=EnvF/HdrF, R=5, A=x $u\n");
  const Config& c = *got.config;
  EXPECT_EQ(c.find_ruleset("CANONIFY"), nullptr);   // sendmail: "Undefined ruleset CANONIFY"
  ASSERT_NE(c.find_ruleset("canonify"), nullptr);
  EXPECT_EQ(c.find_ruleset("canonify"), c.find_ruleset("3"));
  EXPECT_EQ(c.find_ruleset("3")->name, "canonify");
  EXPECT_EQ(c.find_ruleset("3")->rules.size(), 2u);
  EXPECT_EQ(c.find_ruleset("3")->rules[0].comment, "comment here");
  EXPECT_EQ(to_display(c.find_ruleset("3")->rules[0].lhs, c.names), "$* $=w");
  EXPECT_EQ(c.find_ruleset("3")->rules[0].place.line, 3);
  EXPECT_EQ(c.find_ruleset("First")->number, 199);
  EXPECT_EQ(c.find_ruleset("second")->number, 198);
  EXPECT_EQ(c.find_ruleset("EnvF")->number, c.find_mailer("local")->sender_envelope_rwset);
  EXPECT_EQ(c.find_ruleset("HdrF")->number, c.find_mailer("local")->sender_header_rwset);
  EXPECT_TRUE(c.find_ruleset("EnvF")->rules.empty());
  EXPECT_EQ(c.find_ruleset("nosuch"), nullptr);
  EXPECT_TRUE(got.ok());
}

TEST(Reader, RulesExpandPlainMacrosAtOnceAndLeaveDeferredOnes) {
  auto got = read("DZengine\nS1\nR$Z $&Z $?Z yes $| no $. $@\t$@ $Z\n");
  const RuleLine& rule = got.config->find_ruleset("1")->rules[0];
  EXPECT_EQ(to_display(rule.lhs, got.config->names), "engine $&Z  yes  $@");
  EXPECT_EQ(rule.lhs.back(), kMatchZero);
  EXPECT_EQ(rule.rhs.front(), kCanonHost);
}

TEST(Reader, MailersAreReadFieldByField) {
  auto got = read("Mlocal, P=/bin/x, F=lsD FMAw5:/|@q, A=x \"a b\" $u c\\,d, E=\\r\\n, T=DNS/RFC822/X-Unix\n"
                  "Mfoo,P=/bin/x,F=abc A=boo, L=10, A=foo \nMbar\tP=[IPC], F=L, A=TCP $h, M=500, m=3, r=7, U=smmta\n");
  const Config& c = *got.config;
  ASSERT_TRUE(got.ok()) << to_line(c.diagnostics.at(0));
  const Mailer* local = c.find_mailer("LOCAL");
  EXPECT_EQ(local->index, 3);
  EXPECT_EQ(local->argv.size(), 5u);
  EXPECT_EQ(to_display(local->argv[4], c.names), "c,d");
  EXPECT_EQ(local->eol, "\r\n");
  EXPECT_EQ(local->mta_type, "DNS");
  EXPECT_TRUE(local->flag('|') && local->flag('5') && !local->flag(' '));
  EXPECT_EQ(c.find_mailer("foo")->eol, "\r\n");
  EXPECT_EQ(c.find_mailer("bar")->line_limit, 990);
  EXPECT_EQ(c.find_mailer("bar")->max_messages, 3);
  EXPECT_EQ(c.find_mailer("bar")->uid, 901);
  EXPECT_EQ(c.find_mailer("bar")->gid, 902);
  EXPECT_EQ(c.mailers[0].name, "prog");
  EXPECT_EQ(c.mailers[0].eol, "\n");
}

TEST(Reader, HeadersKeepConditionsAndRulesetCalls) {
  auto got = read("H?P?Return-Path: <$g>\nH?${A}?X-A: b\nHReceived: from $s\n\tby $j\nHSubject: $>+CheckS\nH*: $>CheckAll\nSCheckS\nSCheckAll\n");
  const auto& h = got.config->headers;
  ASSERT_EQ(h.size(), 5u);
  EXPECT_TRUE(h[0].mailer_flags.test('P'));
  EXPECT_EQ(*h[1].macro_cond, NameId{'A'});
  EXPECT_EQ(to_display(h[2].value, got.config->names), "from $s\n\tby $j");
  EXPECT_EQ(h[3].check_ruleset, "CheckS");
  EXPECT_FALSE(h[3].check_strip_comments);
  EXPECT_TRUE(h[4].is_default && h[4].check_strip_comments);
}

TEST(Reader, MapsKeepTheirFlagsAndPlaces) {
  auto got = read("Kaccess hash -T<TMPF> -o /etc/mail/access\nKarith arith\nKnis nis x\nKfoo nosuchclass\n");
  const auto& maps = got.config->maps;
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[0].source, "/etc/mail/access");
  EXPECT_EQ(maps[0].on_tempfail, "<TMPF>");
  EXPECT_TRUE(maps[0].optional);
  EXPECT_EQ(maps[0].line, 2);
  EXPECT_EQ(got.errors, 3);  // nis, nosuchclass, no local mailer
}

TEST(Reader, SettingsOfAPortAreToldByTheirFirstLetter) {
  auto got = read("O DaemonPortOptions=name=MTA, children=5, delayLA=1, queueLA=2, refuseLA=3, SndBufSize=4, RcvBufSize=5\n");
  EXPECT_EQ(got.errors, read("").errors);
  EXPECT_EQ(got.config->options.daemon_port_options.at(0).size(), 7u);
  got = read("O DaemonPortOptions=Name=MTA, Bad=1\nO DaemonPortOptions=DeliveryMode=x\n");
  ASSERT_GE(got.config->diagnostics.size(), 2u);
  EXPECT_EQ(got.config->diagnostics[0].text, "PortOptions parameter \"Bad=1\" unknown");
  EXPECT_EQ(got.config->diagnostics[1].text, "Unknown delivery mode x");
}

TEST(Reader, OptionsByNameLetterAndBeginning) {
  auto got = read("O LogLevel=14\nOm False\nOh17\nO Priv=goaway,restrictqrun\nO Timeout.queuereturn=3d\nO Timeout.queuewarn.urgent=90m\n"
                  "O AliasFile=hash:/a,/b\nO DaemonPortOptions=Name=MTA, Port=25,M=E\nO DaemonPortOptions=Name=MSA\nO ForwardPath=$z/.forward:/x/$u\n"
                  "O DefaultUser=8:12\nO TrustedUser=smmta\nO MaxMessageSize=5000\nO DontBlameSendmail=GroupReadableSASLDBFile\nOw\n");
  const Options& o = got.config->options;
  EXPECT_EQ(o.log_level, 14);
  EXPECT_FALSE(o.me_too);
  EXPECT_EQ(o.max_hop_count, 17);
  EXPECT_TRUE(o.privacy(kPrivNoExpn) && o.privacy(kPrivRestrictQrun) && !o.privacy(kPrivRestrictMailq));
  EXPECT_EQ(o.timeout.queuereturn_normal.count(), 3 * 86400);
  EXPECT_EQ(o.timeout.queuereturn_non_urgent.count(), 3 * 86400);
  EXPECT_EQ(o.timeout.queuewarn_urgent.count(), 5400);
  EXPECT_EQ(o.timeout.queuewarn_normal.count(), 0);
  EXPECT_THAT(o.alias_file, ElementsAre("hash:/a", "/b"));
  ASSERT_EQ(o.daemon_port_options.size(), 2u);
  EXPECT_EQ(o.daemon_port_options[0][1].second, "25");
  EXPECT_EQ(to_display(o.forward_path, got.config->names), "$z/.forward:/x/$u");
  EXPECT_EQ(o.default_user.gid, 12u);
  EXPECT_EQ(o.trusted_user.uid, 901u);
  EXPECT_TRUE(o.blames(Blame::GroupReadableSASLDBFile));
  EXPECT_TRUE(o.try_null_mx_list);
  EXPECT_FALSE(o.colon_ok_in_addr);  // level 10
}

// Debian's stock sendmail.cf writes the sign.
TEST(Reader, ResolverWordsThatAreNoFlagsOfTheResolverTakeASignToo) {
  ReadOutcome got = read("O ResolverOptions=+WorkAroundBrokenAAAA +HasWildcardMX -HasWildcardMX -dnsrch\n");
  for (const Diagnostic& d : got.config->diagnostics) EXPECT_EQ(d.text.find("unrecognized"), std::string::npos) << d.text;
  EXPECT_THAT(got.config->options.resolver_options, ElementsAre("workaroundbrokenaaaa", "-dnsrch"));
}

TEST(Reader, CommandLineWinsOverTheFile) {
  ReadRequest r = request();
  r.options = {{"LogLevel", 0, "3"}, {"", 'h', "9"}};
  r.macros = {{"Z", "mine"}};
  r.safe_only = true;
  auto got = read_config_text("V10\nO LogLevel=14\nO MaxHopCount=25\nDZfile\n", r);
  EXPECT_EQ(got.config->options.log_level, 3);
  EXPECT_EQ(got.config->options.max_hop_count, 9);
  EXPECT_EQ(macro(*got.config, "Z"), "mine");
  EXPECT_TRUE(got.drop_privileges);  // MaxHopCount is not for ordinary users
  r.options = {{"LogLevel", 0, "3"}};
  EXPECT_FALSE(read_config_text("V10\n", r).drop_privileges);
  // but the V line has the last word about colons
  r.options = {{"ColonOkInAddr", 0, "True"}};
  EXPECT_FALSE(read_config_text("V10\n", r).config->options.colon_ok_in_addr);
  EXPECT_TRUE(read_config_text("V5\n", r).config->options.colon_ok_in_addr);
  // what the file forbids stays forbidden
  r.options = {{"PrivacyOptions", 0, "needmailhelo"}};
  EXPECT_EQ(read_config_text("O PrivacyOptions=noexpn\n", r).config->options.privacy_options, kPrivNeedMailHelo | kPrivNoExpn);
}

TEST(Reader, ComplainsAsSendmailDoes) {
  struct Case { const char* text; const char* said; };
  const Case cases[] = {
      {"X\n", "t.cf: line 1: name required for mail filter"},
      {"R$*\tfoo\n", "t.cf: line 1: missing valid ruleset for \"R$*\tfoo\""},
      {"S1\nRfoo bar\n", "t.cf: line 2: invalid rewrite line \"Rfoo bar\" (tab expected)"},
      {"S1\nRx\t\n", "t.cf: line 2: invalid rewrite line \"Rx\" (tab expected)"},
      {"S1\nR$* $+\t$3\n", "t.cf: line 2: replacement $3 out of bounds"},
      {"S1\nR$*\t$( foo $( bar $) $)\n", "t.cf: line 2: cannot nest map lookups"},
      {"S1\nR$*\t$( foo\n", "t.cf: line 2: missing map closing token"},
      {"S1\nRx\t$* y\n", "t.cf: line 2: Inappropriate use of $* on RHS"},
      {"S1\nR\tempty\n", "t.cf: line 2: R line: null LHS"},
      {"S1\nR$9\ty\n", "t.cf: line 2: Inappropriate use of $1-$9 on LHS"},
      {"S1\nR$* $* $* $* $* $* $* $* $* $*\ty\n", "t.cf: line 2: R line: too many wildcards"},
      {"Sname=x\n", "t.cf: line 1: bad ruleset definition \"name=x\" (number required after `=')"},
      {"Sname=300\n", "t.cf: line 1: bad ruleset number 300 in \"name=300\" (100 max)"},
      {"Sname=3\nSname=4\n", "t.cf: line 2: name=4: ruleset changed value (old 3, new 4)"},
      {"S999\n", "t.cf: line 1: bad ruleset 999 (100 max)"},
      {"S-1\n", "t.cf: line 1: invalid ruleset name: \"-1\""},
      {"Mfoo\n", "t.cf: line 1: Mfoo: A= argument required"},
      {"M, P=x\n", "t.cf: line 1: name required for mailer"},
      {"Mtcp, P=[TCP], A=TCP\n", "t.cf: line 1: Mtcp: P=[TCP] must be replaced by P=[IPC]"},
      {"Mipc, P=[IPC], A=IPC\n", "t.cf: line 1: Mipc: too few parameters for [IPC] mailer"},
      {"Mipc3, P=[IPC], A=foo $h\n", "Mipc3: Warning: first argument in [IPC] mailer must be TCP or FILE"},
      {"Kfoo\n", "t.cf: line 1: readcf: config K line, map foo: no map class"},
      {"Kfoo nosuchclass /x\n", "t.cf: line 1: readcf: map foo: class nosuchclass not available"},
      {"K\n", "t.cf: line 1: readcf: config K line: no map name"},
      {"Kbar hash\n", "t.cf: line 1: No file name for hash map bar"},
      {"O Foo=1\n", "t.cf: line 1: readcf: unknown option name Foo"},
      {"O Priv=noexpn\n", "t.cf: line 1: Option Priv used as abbreviation for PrivacyOptions"},
      {"O Queue=1\n", "t.cf: line 1: readcf: ambiguous option name Queue (matches QueueFactor and QueueDirectory)"},
      {"O Timeout.foo=1\n", "t.cf: line 1: settimeout: invalid timeout foo"},
      {"O\n", "t.cf: line 1: readcf: unknown option name 0x0"},
      {"OW3\n", "t.cf: line 1: readcf: unknown option name 0x57"},
      {"O Milter.foo=1\n", "t.cf: line 1: milter_set_option: invalid Milter option foo"},
      {"O MaxHeadersLength=10\n", "Warning: MaxHeadersLength: headers length limit set lower than 16384"},
      {"Mx, P=/bin/x, A=x, U=nosuch:mail\n", "t.cf: line 1: readcf: mailer U= flag: unknown user nosuch"},
      {"O DefaultUser=nosuch\n", "t.cf: line 1: readcf: option u: unknown user nosuch"},
      {"O PrivacyOptions=goaway,foo\n", "t.cf: line 1: readcf: Op line: foo unrecognized"},
      {"O EightBitMode=x\n", "t.cf: line 1: Unknown 8-bit mode x"},
      {"O DontBlameSendmail=foo\n", "t.cf: line 1: readcf: DontBlameSendmail option: foo unrecognized"},
      {"O AuthOptions=1\n", "Warning: Option: AuthOptions unknown parameter '1'"},
      {"Q\n", "t.cf: line 1: name required for queue"},
      {"X1\n", "t.cf: line 1: X1: empty or missing socket information"},
      {"Hfoo\n", "t.cf: line 1: header syntax error, line \"foo\""},
      {"H?x\n", "t.cf: line 1: header syntax error, line \"?x\""},
      {"Pfoo\n", "t.cf: line 1: unknown configuration line \"Pfoo\""},
      {"Zfoo\n", "t.cf: line 1: unknown configuration line \"Zfoo\""},
      {"Fw\n", "t.cf: line 1: fileclass: missing file name"},
      {"Fw/nosuch\n", "t.cf: line 1: fileclass: cannot open '/nosuch': No such file or directory"},
      {"D\n", "t.cf: line 1: Name required for macro/class"},
  };
  for (const Case& c : cases) EXPECT_THAT(said(c.text), ElementsAre(c.said)) << c.text;
}

TEST(Reader, MissingFileIsOneLine) {
  ReadRequest r = request();
  r.path = "/nosuch.cf";
  auto got = read_config(r);
  EXPECT_EQ(got.errors, 1);
  ASSERT_EQ(got.config->diagnostics.size(), 1u);
  EXPECT_EQ(to_line(got.config->diagnostics[0]), "/nosuch.cf: line 0: cannot open: No such file or directory");
}

// By the options that stand before its line; the program runs as the DefaultUser of then.
TEST(Reader, ClassFilesThatAreNotBelieved) {
  ReadRequest r = request();
  r.doors.distrust = [](const Options& so_far, const std::string&) { return so_far.blames(Blame::ClassFileInUnsafeDirPath) ? "" : "Group writable directory"; };
  r.doors.run_program = [](const Options& so_far, const std::string&) -> Result<std::string> { return std::to_string(so_far.default_user.uid); };
  auto got = read_config_text("FA/words\nFB-o /words\nO DefaultUser=smmta\nFD|/bin/x\nO DontBlameSendmail=ClassFileInUnsafeDirPath\nFC/words\n", r);
  ASSERT_FALSE(got.config->diagnostics.empty());
  EXPECT_EQ(to_line(got.config->diagnostics[0]), "t.cf: line 1: fileclass: cannot open '/words': Group writable directory");
  EXPECT_FALSE(got.config->in_class('A', "alpha") || got.config->in_class('B', "alpha"));
  EXPECT_TRUE(got.config->in_class('C', "alpha"));
  EXPECT_TRUE(got.config->in_class('D', "901"));
}

// sendmail -O: only a file's lines have macros.
TEST(Reader, ADollarOfTheCommandLineIsADollar) {
  ReadRequest r = request();
  r.options = {{"ErrorHeader", 0, "ask $j # now"}};
  auto got = read_config_text("O ErrorHeader=$j\nO SmtpGreetingMessage=$j\n", r);
  EXPECT_EQ(expand_to_string(got.config->options.error_header, MacroScope(*got.config)), "ask $j # now");
  EXPECT_EQ(got.config->options.smtp_greeting_message, (Text{kMacroExpand, u'j'}));
}

TEST(Reader, AdditionsOfTestMode) {
  auto got = read("CXone\n");
  Config copy = *got.config;
  EXPECT_TRUE(add_macro_line(copy, "{Dyn}hello # x"));
  EXPECT_TRUE(add_class_line(copy, "Xtwo Three"));
  EXPECT_FALSE(add_macro_line(copy, ""));
  EXPECT_EQ(macro(copy, "Dyn"), "hello");
  EXPECT_TRUE(copy.in_class('X', "three"));
  EXPECT_FALSE(got.config->in_class('X', "three"));
}

TEST(Expand, ConditionalsNestAndRecursionEnds) {
  auto got = read("DAx\nDB$A$A\nDC$C!\nDE\n");
  MacroScope scope(*got.config);
  auto say = [&](const char* in) { return expand_to_string(translate_dollars(in, got.config->names), scope); };
  EXPECT_EQ(say("$?A yes $?Z z $| no-z $. $| no $."), " yes  no-z  ");
  EXPECT_EQ(say("$?E set $| empty $."), " empty ");
  EXPECT_EQ(say("<$B>"), "<xx>");
  EXPECT_EQ(say("$&A"), "x");
  EXPECT_LE(say("$C").size(), 40u);
  EXPECT_EQ(say("$| and $. alone"), "$| and $. alone");
}

TEST(Options, EveryOptionIsFoundByNameLetterAndItsDefaultCanBeShown) {
  Options defaults;
  for (const OptionInfo& o : option_table()) {
    EXPECT_EQ(find_option(o.name).option, &o) << o.name;
    EXPECT_EQ(option_by_code(o.code), &o) << o.name << " shares its code";
    option_value(defaults, o.id);
  }
  EXPECT_GE(option_table().size(), 145u);
  EXPECT_EQ(option_value(defaults, OptionId::QueueFileMode), "0600");
  EXPECT_EQ(timeout_value(defaults, "queuereturn.normal"), "432000s");
}

// Every file under HKY_CF_DIR (made by test/golden/make-cf.sh) reads without a complaint that sendmail does not make.
TEST(Reader, WhatIsWrongWithOptionsOfTheCommandLineHasTheirPlace) {
  ReadRequest r = request();
  r.options = {{"MaxHopCount", 0, "5"}, {"Max", 0, "3"}, {"AliasWait", 0, "5xy"}, {"Timeout.mail", 0, "5x"}, {"Timeout.queuewarn", 0, "5x"}, {"DeliveryMode", 0, "z"}};
  std::vector<std::string> lines;
  for (const Diagnostic& d : check_overrides(r)) lines.push_back(std::to_string(d.place.line) + (d.fatal ? "! " : " ") + to_line(d));
  EXPECT_THAT(lines, ElementsAre("2! readcf: ambiguous option name Max (matches MaxHopCount and MaxMessageSize)", "3 Invalid time unit `x'", "3 Invalid time unit `y'",
                                 "4 Invalid time unit `x'", "5 Invalid time unit `x'", "5 Invalid time unit `x'", "6! Unknown delivery mode z"));
}

TEST(Reader, GoldenConfigurationsReadWithoutComplaint) {
  const char* dir = std::getenv("HKY_CF_DIR");
  if (dir == nullptr) GTEST_SKIP() << "HKY_CF_DIR is not set";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
    if (entry.path().extension() != ".cf") continue;
    std::ifstream in(entry.path());
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    ReadRequest r = request();
    r.path = entry.path().string();
    r.doors.read_file = [](const std::string&) -> Result<std::string> { return std::string("word\n"); };
    r.doors.find_user = [](const std::string& name) -> std::optional<UserId> { return UserId{name, 1, 1, true}; };
    auto got = read_config_text(text, r);
    for (const Diagnostic& d : got.config->diagnostics)
      if (d.text != "R line: null LHS" && d.text.find("MaxHeadersLength") == std::string::npos) ADD_FAILURE() << to_line(d);
  }
}

}  // namespace
}  // namespace hky::cf
