// Each fault of an /etc/mail gives its finding, and the same tree without the fault gives none: files in memory, scripted DNS.
#include "admin/check/check.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "admin/check/alias_graph.h"
#include "base/clock.h"
#include "base/sim_file_system.h"
#include "cf/reader.h"
#include "dns/scripted_resolver.h"
#include "maps/map_set_memory.h"

namespace hky::admin::check {
namespace {

// Local names, our domains, everything else by smtp; relays for nobody.
constexpr const char* kConfig = R"(V10/Berkeley
O OperatorChars=.:%@!^/[]+
O AliasFile=/etc/mail/aliases
Fw-o /etc/mail/local-host-names
Djmail.example.org
Cwmail.example.org
Scanonify=3
R$* < $* > $*		$2
R$+ @ $+		$@ $1 < @ $2 >
Sparse=0
R$+ < @ $=w >		$#local $: $1
R$+ < @ $+ >		$#smtp $@ $2 $: $1 < @ $2 >
R$+			$#local $: $1
Scheck_rcpt
R< $* >			$1
R$+ @ $+ @ $+		$#error $@ 5.1.3 $: "553 Two @"
R$+ @ $=w		$@ OK
R$*			$#error $@ 5.7.1 $: "550 Relaying denied"
Mlocal, P=/bin/mail, F=lsDFMAw5:/|@qh, A=mail -d $u
Mprog, P=/bin/sh, F=lsDFMoqeu9, A=sh -c $u
Msmtp, P=[IPC], F=mDFMu, E=\r\n, L=990, A=TCP $h
)";
// A rule of canonify, as sites wrote it before relaying was abused: user%other@us gets in and goes out again.
constexpr const char* kPercentHack = "R$+ % $+ @ $=w\t\t$1 @ $2\n";

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() : loop_(system_clock()), disk_(clock_), config_text_(kConfig) {
    for (const char* program : {"/bin/mail", "/bin/sh"}) put(program, "#!", 0755);
    put("/etc/mail/aliases", "postmaster: root\nmailer-daemon: postmaster\nroot: joe\n");
    put("/etc/mail/aliases.db", "");
    users_ = {"joe", "root"};
    zone_text_ = "mail.example.org A 192.0.2.1\n1.2.0.192.in-addr.arpa PTR mail.example.org\n";
    identity_.hostname = "mail.example.org";
    identity_.addresses = {"192.0.2.1"};
  }

  void put(const std::string& path, const std::string& text, uint32_t mode = 0644) {
    ASSERT_TRUE(disk_.make_directories(directory_of(path)).ok());
    ASSERT_TRUE(disk_.replace_file(path, text, mode).ok());
    ASSERT_TRUE(disk_.chmod(path, mode).ok());
    clock_.advance(std::chrono::seconds(1));
  }

  // Everything said, by "id" and then by the sentence.
  std::vector<Finding> run() {
    put("/etc/mail/sendmail.cf", config_text_);
    cf::ReadRequest request;
    request.path = "/etc/mail/sendmail.cf";
    request.identity = identity_;
    request.doors.read_file = [this](const std::string& path) { return disk_.read_file(path); };
    config_ = cf::read_config(request).config;
    std::vector<cf::Diagnostic> problems;
    auto program = rewrite::compile(config_, problems);
    for (const maps::MapSpec& spec : config_->maps) {
      if (spec.file.empty()) continue;
      maps_.add_map(spec.name, spec.map_class, spec.args);
    }
    resolver_ = std::make_unique<dns::ScriptedResolver>(zone_text_);
    names_.resolver = resolver_.get();
    CfFile main;
    main.path = request.path;
    main.config = config_;
    main.lines = cf_lines(config_text_);
    World world{loop_, disk_, "", "/etc/mail", std::move(main), std::nullopt, program, maps_, names_};
    world.identity = identity_;
    world.user_exists = [this](const std::string& name) { return users_.count(name) != 0; };
    world.own_users = own_users_;
    world.status_file_users.emplace();
    world.status_file_users->uid = 904;
    Findings findings;
    net::run_blocking(loop_, run_checks(world, findings));
    return findings.sorted();
  }

  // The only finding besides `quiet` ones must be `id`.
  Finding only(const std::string& id) {
    const std::vector<Finding> all = run();
    std::string seen;
    for (const Finding& f : all) seen += to_text(f);
    EXPECT_EQ(all.size(), 1u) << seen;
    const auto at = std::find_if(all.begin(), all.end(), [&](const Finding& f) { return f.id == id; });
    EXPECT_NE(at, all.end()) << "no " << id << " in:\n" << seen;
    return at == all.end() ? Finding() : *at;
  }
  std::vector<std::string> ids() {
    std::vector<std::string> out;
    for (const Finding& f : run()) out.push_back(f.id);
    return out;
  }

  net::Loop loop_;
  ManualClock clock_;
  SimFileSystem disk_;
  std::string config_text_, zone_text_;
  std::set<std::string> users_;
  std::vector<std::string> own_users_;
  cf::HostIdentity identity_;
  std::shared_ptr<cf::Config> config_;
  maps::MemoryMapSet maps_;
  std::unique_ptr<dns::ScriptedResolver> resolver_;
  dns::NameEnvironment names_;
};

TEST_F(CheckTest, SoundTreeHasNoFindings) { EXPECT_EQ(ids(), std::vector<std::string>()); }

TEST_F(CheckTest, MisspeltOptionIsNamedWithTheOneThatWasMeant) {
  config_text_ += "O LogLevle=9\n";
  const Finding f = only("cf-error");
  EXPECT_EQ(f.file, "/etc/mail/sendmail.cf");
  EXPECT_GT(f.line, 20);
  EXPECT_EQ(f.cure, "Did you mean LogLevel?");
}

TEST_F(CheckTest, WhatIsUsedAndNotObeyedIsToldOnce) {
  config_text_ +=
      "O DaemonPortOptions=Name=MTA, M=Eu\nO DaemonPortOptions=Port=smtps, Name=TLSMTA, M=s\nO DaemonPortOptions=Name=X, M=s, I=spam\n"
      "O PrivacyOptions=goaway,restrictmailq\nO AuthOptions=Ap\nO DontBlameSendmail=WriteMapToSymLink\nO ServerCertFile=/c\nO ServerKeyFile=/k\n"
      "Xspam, S=inet:1@localhost\nMfar, P=[IPC], F=mDFMuXaR, A=TCP $h\nSLocal_tls_rcpt\nR$*\t\t$# error\nSLocal_check_mail\nR$*\t\t$: $1\n";
  std::vector<std::string> told;
  for (const Finding& f : run()) told.push_back(std::string(severity_name(f.severity)) + " " + f.text.substr(0, f.text.find(':')));
  EXPECT_EQ(told, (std::vector<std::string>{"error Local_tls_rcpt", "warning Modifiers=s of a daemon", "warning I= of a daemon", "warning mail filters (milters) are not called",
                                            "note ServerCertFile", "note F=R of a mailer"}));
}

TEST_F(CheckTest, WhatTheEngineShallWriteItMustBeAllowedTo) {
  config_text_ += "O HostStatusDirectory=.hoststat\nO QueueDirectory=/var/spool/mqueue\nO StatusFile=/var/log/statistics\n";
  EXPECT_EQ(only("host-status").file, "/var/spool/mqueue/.hoststat");
  const std::string kept = "/var/spool/mqueue/.hoststat";
  ASSERT_TRUE(disk_.make_directories(kept).ok());
  put("/var/log/statistics", "", 0644);
  ASSERT_TRUE(disk_.chown("/var/log/statistics", 904, 0).ok());
  EXPECT_EQ(only("host-status").cure, "chown -R hikyaku /var/spool/mqueue/.hoststat.");
  ASSERT_TRUE(disk_.chown(kept, 904, 904).ok());
  EXPECT_EQ(ids(), std::vector<std::string>());
  ASSERT_TRUE(disk_.chmod("/var/spool/mqueue", 0700).ok());
  EXPECT_NE(only("host-status").text.find("may not enter /var/spool/mqueue:"), std::string::npos);
  ASSERT_TRUE(disk_.chmod("/var/spool/mqueue", 0755).ok());
}

TEST_F(CheckTest, SingleThreadDeliveryNeedsItsDirectory) {
  config_text_ += "O SingleThreadDelivery=True\n";
  EXPECT_EQ(only("host-status").severity, Severity::kWarning);
}

TEST_F(CheckTest, CfOlderThanItsMc) {
  put("/etc/mail/sendmail.mc", "x");
  EXPECT_EQ(ids(), std::vector<std::string>());   // made after it
  clock_.advance(std::chrono::seconds(10));
  put("/etc/mail/mail.example.org.mc", "y");
  put("/etc/mail/mail.example.org.cf", "not what is installed");
  EXPECT_EQ(only("cf-not-installed").severity, Severity::kWarning);
}

TEST_F(CheckTest, PercentHackIsAnOpenRelay) {
  config_text_.insert(config_text_.find("R$+ @ $+\t"), kPercentHack);
  const Finding f = only("open-relay");
  EXPECT_EQ(f.severity, Severity::kError);
  EXPECT_NE(f.text.find("<victim%relay-check.invalid@mail.example.org>"), std::string::npos) << f.text;
  EXPECT_EQ(f.text.find("<victim@relay-check.invalid>"), std::string::npos) << f.text;
}

TEST_F(CheckTest, NoCheckAtAllIsAnOpenRelay) {
  const size_t from = config_text_.find("Scheck_rcpt"), to = config_text_.find("Mlocal");
  config_text_.erase(from, to - from);
  EXPECT_NE(only("open-relay").text.find("<victim@relay-check.invalid>"), std::string::npos);
}

TEST_F(CheckTest, OpenRelayOnLoopbackAloneIsAWarning) {
  const size_t from = config_text_.find("Scheck_rcpt"), to = config_text_.find("Mlocal");
  config_text_.erase(from, to - from);
  config_text_ += "O DaemonPortOptions=Name=MTA, Addr=127.0.0.1\n";
  EXPECT_EQ(only("open-relay").severity, Severity::kWarning);
}

TEST_F(CheckTest, MissingStaleAndMalformedMaps) {
  config_text_ += "Kt hash /etc/mail/t\n";
  EXPECT_EQ(only("map-missing").severity, Severity::kError);
  put("/etc/mail/t", "a one\nb\n a three\nA two\n");
  put("/etc/mail/t.db", "");
  EXPECT_EQ(ids(), (std::vector<std::string>{"map-line", "map-line", "map-duplicate"}));
  put("/etc/mail/t", "a one\n");
  EXPECT_EQ(only("map-stale").file, "/etc/mail/t.db");
}

TEST_F(CheckTest, OptionalMapMayBeMissingButItsTextSaysItWasForgotten) {
  config_text_ += "Kt hash -o /etc/mail/t\n";
  EXPECT_EQ(ids(), std::vector<std::string>());
  put("/etc/mail/t", "a one\n");
  EXPECT_EQ(only("map-missing").severity, Severity::kWarning);
}

TEST_F(CheckTest, MapClassesThatAreNotBuiltIn) {
  config_text_ += "Kt dbm /etc/mail/t\n";
  EXPECT_NE(only("cf-error").cure.find("hash"), std::string::npos);
}

TEST_F(CheckTest, TablesAreReadForWhatTheyMean) {
  config_text_ += "Kaccess hash /etc/mail/access\nKmailertable hash /etc/mail/mailertable\n";
  put("/etc/mail/access", "Connect:192.0.2 RELAY\nfrom@x.example REJCT\ngreetpause:x 5000\nGreetPause:y 1\nspam.example 550 no\n");
  put("/etc/mail/access.db", "");
  put("/etc/mail/mailertable", "a.example smtp:b\nb.example error:nohost No\nc.example estmp:d\n");
  put("/etc/mail/mailertable.db", "");
  const std::vector<Finding> all = run();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, "mailertable-value");
  EXPECT_EQ(all[0].line, 3);
  EXPECT_EQ(all[1].id, "access-word");
  EXPECT_EQ(all[1].line, 2);
  EXPECT_EQ(all[1].cure, "Did you mean REJECT?");
}

TEST_F(CheckTest, AccessEntriesThatAskForWhatIsNotThereYet) {
  config_text_ += "Kaccess hash /etc/mail/access\n";
  put("/etc/mail/access", "Try_TLS:a.example NO\nTLS_Srv:b.example ENCR:112\ntls_clt:c.example VERIFY\nSrv_Features: A\n");
  put("/etc/mail/access.db", "");
  const std::vector<Finding> all = run();
  ASSERT_EQ(all.size(), 3u);
  for (const Finding& f : all) EXPECT_EQ(f.id, "access-tag");
  EXPECT_EQ(all[0].severity, Severity::kError);
  EXPECT_EQ(all[0].line, 2);
  EXPECT_NE(all[0].text.find("in clear"), std::string::npos);
  EXPECT_EQ(all[1].line, 3);
  EXPECT_EQ(all[2].severity, Severity::kNote);
}

TEST_F(CheckTest, AliasesInARingOrToNobody) {
  put("/etc/mail/aliases", "postmaster: root\nmailer-daemon: postmaster\nroot: joe\na: b\nb: c, joe\nc: a\nd: nobody-here\ne: e+x@mail.example.org\nno colon\n");
  put("/etc/mail/aliases.db", "");
  const std::vector<Finding> all = run();
  std::vector<std::string> seen;
  for (const Finding& f : all) seen.push_back(f.id + ":" + std::to_string(f.line));
  EXPECT_EQ(seen, (std::vector<std::string>{"alias-loop:4", "alias-dead-end:7", "alias-loop:8", "alias-line:9"}));
}

TEST_F(CheckTest, RingThatAUserEndsIsNone) {
  put("/etc/mail/aliases", "postmaster: root\nmailer-daemon: postmaster\nroot: joe\njoe: \\joe, sue@elsewhere.example\n");
  put("/etc/mail/aliases.db", "");
  EXPECT_EQ(ids(), std::vector<std::string>());
}

TEST_F(CheckTest, PostmasterIsAskedFor) {
  put("/etc/mail/aliases", "root: joe\nmailer-daemon: joe\n");
  put("/etc/mail/aliases.db", "");
  EXPECT_EQ(only("no-postmaster").severity, Severity::kError);
}

TEST_F(CheckTest, ListsAndProgramsOfAliases) {
  put("/etc/mail/aliases", "postmaster: root\nmailer-daemon: postmaster\nroot: joe\nl: :include:/etc/mail/list\nm: :include:/etc/mail/none\np: \"|/bin/none -x, y\"\nq: |/bin/sh\n");
  put("/etc/mail/aliases.db", "");
  put("/etc/mail/list", "# members\njoe, x@elsewhere.example\nstranger\n", 0664);
  const std::vector<Finding> all = run();
  std::vector<std::string> seen;
  for (const Finding& f : all) seen.push_back(f.id + " " + f.file + ":" + std::to_string(f.line));
  EXPECT_EQ(seen, (std::vector<std::string>{"include-unreadable /etc/mail/aliases:5", "program-missing /etc/mail/aliases:6", "alias-dead-end /etc/mail/list:3", "writable-file /etc/mail/list:0"}));
  config_text_ += "O DontBlameSendmail=GroupWritableIncludeFile\n";
  EXPECT_EQ(ids(), (std::vector<std::string>{"include-unreadable", "program-missing", "alias-dead-end"}));
}

TEST_F(CheckTest, WritableFilesAndTheirFlags) {
  ASSERT_TRUE(disk_.chmod("/etc/mail/aliases", 0664).ok());
  EXPECT_EQ(only("writable-file").severity, Severity::kWarning);
  ASSERT_TRUE(disk_.chmod("/etc/mail/aliases", 0666).ok());
  EXPECT_EQ(only("writable-file").severity, Severity::kError);
  const std::string plain = config_text_;
  config_text_ = plain + "O DontBlameSendmail=GroupWritableAliasFile\n";
  EXPECT_EQ(only("writable-file").severity, Severity::kError);
  config_text_ = plain + "O DontBlameSendmail=WorldWritableAliasFile,GroupWritableAliasFile\n";
  EXPECT_EQ(ids(), std::vector<std::string>());
}

TEST_F(CheckTest, WritableFoldersAreToldOnce) {
  ASSERT_TRUE(disk_.chmod("/etc/mail", 0775).ok());
  EXPECT_EQ(only("writable-folder").file, "/etc/mail");
  config_text_ += "O DontBlameSendmail=GroupWritableDirPathSafe\n";
  EXPECT_EQ(ids(), std::vector<std::string>());
  ASSERT_TRUE(disk_.chmod("/etc/mail", 01777).ok());
  EXPECT_EQ(only("writable-folder").severity, Severity::kError);
  config_text_ += "O DontBlameSendmail=TrustStickyBit\n";
  EXPECT_EQ(ids(), std::vector<std::string>());
}

TEST_F(CheckTest, ForwardFilesThatOthersWrite) {
  put("/etc/passwd", "root:x:0:0::/root:/bin/sh\njoe:x:1000:1000:Joe,,:/home/joe:/bin/sh\nbad line\n");
  put("/home/joe/.forward", "joe@elsewhere.example\n", 0666);
  ASSERT_TRUE(disk_.chown("/home/joe/.forward", 1000, 1000).ok());
  config_text_ += "O ForwardPath=$z/.forward.$w:$z/.forward\n";
  EXPECT_EQ(only("writable-file").severity, Severity::kError);
  config_text_ += "O DontBlameSendmail=GroupWritableForwardFile,WorldWritableForwardFile\n";
  EXPECT_EQ(ids(), std::vector<std::string>());
  ASSERT_TRUE(disk_.chmod("/home/joe", 0775).ok());
  EXPECT_EQ(only("writable-folder").file, "/home/joe");
  config_text_ += "O DontBlameSendmail=ForwardFileInGroupWritableDirPath\n";
  ASSERT_TRUE(disk_.chown("/home/joe/.forward", 1001, 1000).ok());
  EXPECT_EQ(only("file-owner").file, "/home/joe/.forward");
}

TEST_F(CheckTest, FilesOfStrangers) {
  ASSERT_TRUE(disk_.chown("/etc/mail/aliases", 1000, 0).ok());
  EXPECT_EQ(only("file-owner").file, "/etc/mail/aliases");
}

TEST_F(CheckTest, ProgramsOfMailers) {
  ASSERT_TRUE(disk_.chmod("/bin/mail", 0644).ok());
  EXPECT_EQ(only("program-not-executable").severity, Severity::kError);
  ASSERT_TRUE(disk_.unlink("/bin/mail").ok());
  EXPECT_GT(only("program-missing").line, 0);
}

TEST_F(CheckTest, MailerConf) {
  put("/etc/mail/mailer.conf", "sendmail /bin/mail\nmailq /bin/none\nsendmail /bin/sh\n");
  EXPECT_EQ(ids(), (std::vector<std::string>{"program-missing", "mailer-conf", "mailer-conf"}));
}

TEST_F(CheckTest, SecretsThatOthersRead) {
  config_text_ += "Kauthinfo hash /etc/mail/authinfo\n";
  put("/etc/mail/authinfo", "AuthInfo:x \"U:joe\" \"P:secret\"\n", 0640);
  put("/etc/mail/authinfo.db", "", 0600);
  EXPECT_EQ(only("secret-readable").severity, Severity::kWarning);
  config_text_ += "O DontBlameSendmail=GroupReadableDefaultAuthInfoFile\n";
  EXPECT_EQ(ids(), std::vector<std::string>());
  put("/etc/sasl2/Sendmail.conf", "pwcheck_method: auxprop\nsasldb_path: /var/lib/sasldb2\n");
  put("/var/lib/sasldb2", "", 0644);
  EXPECT_EQ(only("secret-readable").file, "/var/lib/sasldb2");
}

TEST_F(CheckTest, MissingAccounts) {
  own_users_ = {"hikyaku"};
  EXPECT_NE(only("user-missing").cure.find("useradd"), std::string::npos);
}

TEST_F(CheckTest, AStatusFileThatTheEngineMayNotWrite) {
  config_text_ += "O StatusFile=/etc/mail/statistics\n";
  EXPECT_EQ(ids(), std::vector<std::string>{});
  put("/etc/mail/statistics", "");
  EXPECT_EQ(only("status-file").severity, Severity::kNote);   // root's: the start takes it over
  ASSERT_TRUE(disk_.chown("/etc/mail/statistics", 1000, 1000).ok());
  EXPECT_EQ(only("status-file").severity, Severity::kWarning);
  ASSERT_TRUE(disk_.chown("/etc/mail/statistics", 904, 1000).ok());
  EXPECT_EQ(ids(), std::vector<std::string>{});
}

TEST_F(CheckTest, DomainsAndWhereTheirMailGoes) {
  put("/etc/mail/local-host-names", "good.example\ncname.example\nliteral.example\naway.example\ngone.example\nnull.example\n");
  zone_text_ +=
      "good.example MX 10 mail.example.org\ncname.example MX 10 alias.example\nalias.example CNAME mail.example.org\n"
      "literal.example MX 10 192.0.2.1\naway.example MX 10 mx.away.example\nmx.away.example A 198.51.100.7\nnull.example MX 0 .\n";
  std::vector<std::string> seen = ids();
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::string>{"mx-cname", "mx-elsewhere", "mx-literal", "mx-none", "mx-null"}));
}

TEST_F(CheckTest, MxToHereWithoutTheDomainInClassW) {
  zone_text_ += "example.org MX 10 mail.example.org\n";
  const Finding f = only("mx-not-local");
  EXPECT_EQ(f.severity, Severity::kError);
  EXPECT_NE(f.text.find("example.org"), std::string::npos);
}

TEST_F(CheckTest, AddressesWithoutOrWithAnotherName) {
  zone_text_ = "mail.example.org A 192.0.2.1\n";
  EXPECT_EQ(only("ptr-missing").severity, Severity::kWarning);
  zone_text_ = "mail.example.org A 192.0.2.1\n1.2.0.192.in-addr.arpa PTR other.example\nother.example A 192.0.2.9\n";
  EXPECT_EQ(only("ptr-mismatch").severity, Severity::kWarning);
}

TEST_F(CheckTest, NameWithoutDomain) {
  const size_t at = config_text_.find("Djmail.example.org\nCwmail.example.org\n");
  config_text_.replace(at, 38, "Djmail\nCwmail.example.org\n");
  bool told = false;
  for (const Finding& f : run()) told = told || f.id == "name-unqualified";
  EXPECT_TRUE(told);
}

TEST(AliasTargets, QuotesHoldTogetherAndMarksAreTold) {
  const auto t = alias_targets(" joe, \"|/bin/x -a, b\", :include:/l, /var/f , \\sue, \"a, b\" <c@d>,");
  ASSERT_EQ(t.size(), 6u);
  EXPECT_EQ(t[0].text, "joe");
  EXPECT_EQ(t[1].kind, AliasTarget::Kind::kProgram);
  EXPECT_EQ(t[1].text, "/bin/x -a, b");
  EXPECT_EQ(t[2].text, "/l");
  EXPECT_EQ(t[3].kind, AliasTarget::Kind::kFile);
  EXPECT_EQ(t[4].kind, AliasTarget::Kind::kUser);
  EXPECT_EQ(t[5].text, "\"a, b\" <c@d>");
}

TEST(CfLines, KeepTheirPlaces) {
  const auto lines = cf_lines("# x\nO Name=1\nFw-o /a %s\nF{V}|/bin/x y\nMlocal,\n\tP=/x\nO name = 2\n");
  EXPECT_EQ(line_of_option(lines, "NAME"), 7);
  EXPECT_EQ(value_of_option(lines, "Name"), "2");
  const auto sources = class_sources(lines);
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_TRUE(sources[0].optional);
  EXPECT_EQ(sources[0].path, "/a");
  EXPECT_TRUE(sources[1].is_program);
  EXPECT_EQ(sources[1].path, "/bin/x y");
  EXPECT_EQ(lines[3].rest, "local, P=/x");
}

TEST(FindingText, CarriesPlaceSentenceAndCure) {
  Findings f;
  f.warning("w", "/a", 3, "t", "c");
  f.error("e", "", 0, "u", "");
  f.warning("w", "/a", 3, "t", "c");
  const auto all = f.sorted();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(to_text(all[0]), "error: u [e]\n");
  EXPECT_EQ(to_text(all[1]), "/a:3: warning: t [w]\n    cure: c\n");
  EXPECT_NE(to_json(all).find("\"severity\": \"error\""), std::string::npos);
}

}  // namespace
}  // namespace hky::admin::check
