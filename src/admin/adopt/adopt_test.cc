// Every line has its account; sendmail's queue files become envelopes; what is changed comes back byte for byte.
#include <gtest/gtest.h>

#include "admin/adopt/keeper.h"
#include "admin/adopt/plan.h"
#include "admin/adopt/queue_file.h"
#include "admin/adopt/readers.h"
#include "admin/adopt/survey.h"
#include "base/clock.h"
#include "base/sim_file_system.h"
#include "cf/reader.h"

namespace hky::admin::adopt {
namespace {

class AdoptTest : public ::testing::Test {
 protected:
  AdoptTest() : disk_(clock_), site_{disk_, "/r", "/etc/mail", nullptr, nullptr, nullptr, "/usr/sbin/sendmail"} {}
  void put(const std::string& path, std::string_view text, uint32_t mode = 0644) {
    ASSERT_TRUE(disk_.make_directories(directory_of("/r" + path)).ok());
    ASSERT_TRUE(disk_.replace_file("/r" + path, text, mode).ok());
    ASSERT_TRUE(disk_.chmod("/r" + path, mode).ok());
  }
  std::string get(const std::string& path) {
    auto text = disk_.read_file("/r" + path);
    return text.ok() ? *text : "(none)";
  }
  static std::string verdicts(const FileAccount& account) {
    std::string out;
    for (const Line& line : account.lines) out += verdict_name(line.verdict)[0];
    return out;   // c, h, d, n
  }
  ManualClock clock_;
  SimFileSystem disk_;
  Site site_;
};

Keeper::QueueDoors doors(bool untouched, std::vector<std::string>& purged) {
  Keeper::QueueDoors d;
  d.hold = [untouched](const std::string&, int, size_t) -> Result<bool> { return untouched; };
  d.purge = [&purged](const std::string& id) -> Result<> {
    purged.push_back(id);
    return {};
  };
  return d;
}

TEST_F(AdoptTest, McLinesAreJudgedByWhatTheMacroLibrarySays) {
  site_.make_cf = [](const std::string& mc) {
    return std::vector<std::string>{mc + ":8: error: no FEATURE nosuch", mc + ":9: warning: FEATURE after MAILER", "/other:1: error: x"};
  };
  const FileAccount a = read_mc(site_, "/etc/mail/sendmail.mc",
                                "divert(-1)\nfree text\ndivert(0)dnl\ndnl a remark\ninclude(`/usr/share/sendmail/cf/m4/cf.m4')dnl\n"
                                "define(`confSAFE_FILE_ENV', `/safe')dnl\ndefine(`confLOG_LEVEL', `9')\nFEATURE(`nosuch')\nFEATURE(`access_db')\n\nMAILER(`smtp')");
  EXPECT_EQ(verdicts(a), "ccccddhndch");
  EXPECT_EQ(a.lines[7].why, "error: no FEATURE nosuch");
}

TEST_F(AdoptTest, CfLinesAreJudgedByTheReaderAndTheTableOfOptions) {
  const std::string text = "V10/Berkeley\n# x\nO QueueDirectory=/q\nO LogLevel=9\nO NiceQueueRun=8\n\nO NoSuchOption=1\nMlocal, P=/bin/mail,\n\tF=lsD, A=mail\nXmilter, S=local:/x\n";
  site_.read_cf = [&text](const std::string& path) -> std::shared_ptr<const cf::Config> {
    cf::ReadRequest request;
    request.path = path;
    return cf::read_config_text(text, request).config;
  };
  const FileAccount a = read_cf(site_, "/etc/mail/sendmail.cf", text);
  EXPECT_EQ(verdicts(a), "hcdhncnhhn");
}

TEST_F(AdoptTest, FlagsAndKeysThatNothingObeysAreNotHonoured) {
  const FileAccount a = read_cf(site_, "/etc/mail/sendmail.cf",
                                "Mlocal, P=/bin/mail,\n\tF=lsDR, A=mail $u\nMprog, P=/bin/sh, F=lsD, W=5m, A=sh\nQslow, P=/var/spool/mqueue/slow\nQquick, r=5\n"
                                "O DaemonPortOptions=Name=MTA, M=Es\nO DaemonPortOptions=Family=local, Addr=/s\nO PrivacyOptions=restrictmailq\n");
  EXPECT_EQ(verdicts(a), "nnddhnnh");
  EXPECT_NE(a.lines[0].why.find("F=R of a mailer: connections are made from any port"), std::string::npos);
  const FileAccount mc = read_mc(site_, "/etc/mail/sendmail.mc",
                                 "DAEMON_OPTIONS(`Port=smtps, Name=TLSMTA, M=s')dnl\nDAEMON_OPTIONS(`Port=587, M=Ea')dnl\nQUEUE_GROUP(`slow', `P=/q/slow, R=2')dnl\n"
                                 "define(`confDONT_BLAME_SENDMAIL', `GroupWritableAliasFile,RunWritableProgram')dnl\n");
  EXPECT_EQ(verdicts(mc), "nhdd");
}

// What TLS as a client would do is not there yet: whoever relies on it reads so before the switch.
TEST_F(AdoptTest, RulesAndEntriesThatNothingAsksAreNotHonoured) {
  EXPECT_EQ(verdicts(read_cf(site_, "/etc/mail/sendmail.cf", "SLocal_tls_rcpt\nR$*\t\t$: $1\n# c\nR$-\t\t$@ OK\nSLocal_check_rcpt\nR$*\t\t$: $1\n")), "hncnhh");
  EXPECT_EQ(verdicts(read_mc(site_, "/etc/mail/sendmail.mc", "LOCAL_TLS_RCPT\ndnl c\nR$*\t\t$: $1\nLOCAL_RULE_0\nR$*\t\t$: $1\n")), "hcnhh");
  const FileAccount a = read_access("/etc/mail/access", "TLS_Rcpt:b.example\tENCR:112\nTo:b.example\tOK\nCERTSubject:\n");
  EXPECT_EQ(verdicts(a), "nhn");
  EXPECT_NE(a.lines[0].why.find("in clear"), std::string::npos);
  EXPECT_NE(a.lines[2].why.find("no value"), std::string::npos);
}

TEST_F(AdoptTest, NoFileAndNoLineIsLeftOut) {
  put("/etc/mail/access", "# c\nConnect:192.0.2 RELAY\nkeyonly\n");
  put("/etc/mail/access.db", std::string_view("\0\1", 2));
  put("/etc/mail/local-host-names", "example.org\n");
  put("/etc/mail/own.list", "a\nb");
  put("/etc/mail/sendmail.cf", "Fw/etc/mail/own.list\nKk hash -o /etc/mail/k\n");
  put("/etc/mail/k", "a b\n");
  put("/etc/mail/notes.txt", "what\n\nelse\n");
  put("/etc/mail/m4/dialup.m4", "dnl\n");
  put("/etc/aliases", "postmaster: root\nno colon\n");
  put("/etc/rc.conf", "hostname=x\nsendmail_enable=\"YES\"\nsendmail_flags=\"-bd\"\nsendmail_cert_cn=x\n");
  put("/etc/mail/sendmail.conf", "DAEMON_MODE=\"Daemon\";\nHUH=1\n");
  std::string seen;
  for (const FileAccount& a : survey(site_)) seen += a.path + " " + verdicts(a) + "\n";
  EXPECT_EQ(seen,
            "/etc/mail/access chn\n/etc/mail/access.db h\n/etc/mail/k h\n/etc/mail/local-host-names h\n/etc/mail/m4/dialup.m4 h\n/etc/mail/notes.txt ncn\n"
            "/etc/mail/own.list hh\n/etc/mail/sendmail.cf hh\n/etc/mail/sendmail.conf dn\n/etc/aliases hn\n/etc/rc.conf hhn\n");
}

constexpr std::string_view kQf =
    "V8\nT1795613330\nK1795613400\nN3\nP90186\nB8BITMIME\nMhost map: lookup (far.example): deferred\nF8bdnw\n$_root@localhost\n${daemon_flags}c u\n"
    "Sjoe@a.example\nZenv1\nAjoe@a.example\nCjoe:1000:1000\nQRFC822;Root@vm\nrRFC822; root@vm\nRPNFD:root\nC:\nrRFC822; bob@far.example\nRPFD:bob@far.example\n"
    "RPN:never@far.example\nH?P?Return-Path: <\x81g>\nH??Received: from x\n\tby y; Wed\nH?D?Date: Wed\nH??Subject: hello\n folded\n.\n";

TEST_F(AdoptTest, StatisticsAreCountedOnWhereTheEngineMay) {
  const std::string path = "/var/log/mail/statistics";
  StatusFileUsers users;
  users.uid = 990;
  site_.status_file_users = [users] { return users; };
  put("/etc/mail/sendmail.cf", "O StatusFile=" + path + "\n");
  put("/etc/mail/statistics", std::string_view("\x1b\0\4\0", 4));   // nobody names this one
  put(path, "", 0640);
  auto told = [this] {
    const std::vector<FileAccount> all = survey(site_);   // sendmail.cf, statistics, StatusFile
    return all.size() == 3 ? verdicts(all[1]) + verdicts(all[2]) : "?";
  };
  EXPECT_EQ(told(), "nd");
  const std::vector<Change> changes = plan(site_, "");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].path, path);
  Keeper keeper(disk_, "/r", "/kept");
  ASSERT_TRUE(keeper.give(path, *changes[0].give_to).ok());
  EXPECT_EQ(disk_.stat("/r" + path)->uid, 990u);
  EXPECT_EQ(disk_.stat("/r" + path)->mode, 0640u);
  EXPECT_EQ(told(), "nh");
  EXPECT_TRUE(plan(site_, "").empty());
  std::vector<std::string> purged;
  ASSERT_TRUE(keeper.undo(doors(true, purged)).ok());
  EXPECT_EQ(disk_.stat("/r" + path)->uid, 0u);
  ASSERT_TRUE(disk_.chown("/r" + path, 1000, 0).ok());   // somebody's own: his it stays
  EXPECT_EQ(told(), "nn");
  EXPECT_TRUE(plan(site_, "").empty());
}

// --from DIR is a copy of /etc/mail: what its configuration names there lies in DIR.
TEST_F(AdoptTest, NamesBelowEtcMailAreThoseOfTheFolderLookedAt) {
  site_.mail_directory = "/saved";
  put("/saved/sendmail.cf", "Fw/etc/mail/own.list\nKk hash -o /etc/mail/k\nO StatusFile=/etc/mail/statistics\n");
  put("/saved/own.list", "a\n");
  put("/saved/k", "a b\n");
  put("/saved/statistics", "");
  std::string seen;
  for (const FileAccount& a : survey(site_)) seen += a.path + " " + verdicts(a) + "\n";
  EXPECT_EQ(seen, "/saved/k h\n/saved/own.list h\n/saved/sendmail.cf hhh\n/saved/statistics h\n");
}

TEST(QueueFileTest, BecomesAnEnvelopeAndAHeader) {
  auto q = parse_queue_file(kQf);
  ASSERT_TRUE(q.ok()) << q.error().text;
  const queue::Envelope& e = q->envelope;
  EXPECT_EQ(e.created, 1795613330);
  EXPECT_EQ(e.tries, 3);
  EXPECT_EQ(e.sender, "joe@a.example");
  EXPECT_EQ(e.envid, "env1");
  EXPECT_EQ(e.body_type, "8BITMIME");
  EXPECT_EQ(e.ret, queue::Envelope::Ret::kHdrs);
  EXPECT_TRUE(e.warning_sent);
  ASSERT_EQ(e.rcpts.size(), 3u);
  EXPECT_EQ(e.rcpts[0].address, "root");
  EXPECT_EQ(e.rcpts[0].controlling_user, "joe");
  EXPECT_EQ(e.rcpts[0].orcpt, "RFC822;Root@vm");
  EXPECT_EQ(e.rcpts[0].notify, queue::kNotifyFailure | queue::kNotifyDelay);
  EXPECT_EQ(e.rcpts[1].notify, 0);
  EXPECT_EQ(e.rcpts[1].controlling_user, "");
  EXPECT_EQ(e.rcpts[2].notify, queue::kNotifyNever);
  EXPECT_EQ(e.macros, (std::vector<std::pair<std::string, std::string>>{{"_", "root@localhost"}, {"daemon_flags", "c u"}}));
  EXPECT_EQ(q->header, "Received: from x\n\tby y; Wed\nDate: Wed\nSubject: hello\n folded\n");
  EXPECT_TRUE(q->lost.empty());
}

// What sendmail's mailq tells, and its reports: out of which alias, for whom, and what each waits for.
TEST(QueueFileTest, AliasesAndAnswersComeAlong) {
  auto q = parse_queue_file("V8\nT1\nN1\nMUser unknown\nSjoe\nMDeferred: 450 4.2.1 busy\nCw3:1:0:w3\nrRFC822; w1@us.test\nRPFDA:a@far.example\n"
                            "Cjoe:2001:100:q3\nrRFC822; q1@us.test\nRFDA:\"|prog\"\nC::include:/l\nrRFC822; l@us.test\nRFD:b@far.example\nC:\n"
                            "rRFC822; c@far.example\nRPFD:c@far.example\n.\n");
  ASSERT_TRUE(q.ok()) << q.error().text;
  EXPECT_EQ(q->envelope.message, "User unknown");
  std::string all;
  for (const queue::Rcpt& r : q->envelope.rcpts)
    all += r.address + " " + r.controlling_user + " " + r.alias_of + " " + r.final_rcpt + " " + (r.answered ? r.last_reply : "-") + "\n";
  EXPECT_EQ(all, "a@far.example  w3 w1@us.test 450 4.2.1 busy\n\"|prog\" joe q3 q1@us.test -\nb@far.example  :include:/l l@us.test -\nc@far.example    -\n");
}

TEST(QueueFileTest, DamageIsNoMessage) {
  for (size_t cut = 0; cut + 2 < kQf.size(); ++cut) EXPECT_FALSE(parse_queue_file(kQf.substr(0, cut)).ok()) << cut;
  EXPECT_FALSE(parse_queue_file("V9\nT1\nSx\nRPFD:a\n.\n").ok());
  EXPECT_FALSE(parse_queue_file("V8\nT1\nSx\n.\n").ok());
  auto null_sender = parse_queue_file("V8\nT1\nS<>\nRPFD:a\n!3600N\n.\n");
  ASSERT_TRUE(null_sender.ok());
  EXPECT_EQ(null_sender->envelope.sender, "");
  EXPECT_EQ(null_sender->lost, std::vector<std::string>{"!3600N"});
}

TEST_F(AdoptTest, QueueDirectoriesAndTheirGroups) {
  put("/var/spool/mqueue/qfA1", kQf);
  put("/var/spool/mqueue/dfA1", "body\n");
  put("/var/spool/mqueue/dfB2", "orphan\n");
  put("/var/spool/mqueue/qfC3", kQf);
  put("/var/spool/mqueue/QfD4", kQf);
  put("/var/spool/mqueue/dfD4", "x");
  put("/q/one/qf/qfE5", kQf);
  put("/q/one/df/dfE5", "deep\n");
  put("/q/two/qfF6", "V8\n");
  const std::vector<Waiting> found = find_waiting(site_, {"/var/spool/mqueue", "/var/spool/mqueue", "/q/o*", "/none"});
  std::string seen;
  for (const Waiting& w : found) seen += (w.qf.empty() ? w.df : w.qf) + (w.problem.empty() ? " yes\n" : " no\n");
  EXPECT_EQ(seen, "/var/spool/mqueue/QfD4 no\n/var/spool/mqueue/qfA1 yes\n/var/spool/mqueue/qfC3 no\n/var/spool/mqueue/dfB2 no\n/q/one/qf/qfE5 yes\n");
  EXPECT_EQ(found.back().message(), "Received: from x\n\tby y; Wed\nDate: Wed\nSubject: hello\n folded\n\ndeep\n");
}

// sendmail: where a message that was split has its body in the folder of another queue group
TEST_F(AdoptTest, ABodyMayLieInAnotherQueueDirectory) {
  std::string qf(kQf);
  put("/q/slow/qfA1", qf.insert(qf.find('\n') + 1, "d/q/near\n"));
  put("/q/near/dfA1", "elsewhere\n");
  const std::vector<Waiting> found = find_waiting(site_, {"/q/near", "/q/slow"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].problem, "");
  EXPECT_EQ(found[0].df, "/q/near/dfA1");
  EXPECT_EQ(found[0].body, "elsewhere\n");
}

TEST_F(AdoptTest, MailerConfKeepsAllOtherBytes) {
  EXPECT_EQ(with_program("# s\nsendmail\t/usr/libexec/sendmail/sendmail -x\n\nlocal /x  y\nmailq  /old", "/new"), "# s\nsendmail\t/new\n\nlocal /x  y\nmailq  /new");
  put("/etc/mail/mailer.conf", "sendmail /old\n");
  put("/etc/mail/Makefile", "all:\n\told\n");
  EXPECT_EQ(plan(site_, "hikyaku\n").size(), 2u);
  put("/etc/mail/mailer.conf", "sendmail /usr/sbin/sendmail\n");
  EXPECT_EQ(plan(site_, "").size(), 0u);
}

TEST_F(AdoptTest, UndoPutsBackEveryByte) {
  put("/etc/mail/a", "old\n", 0640);
  put("/q/qfA", "envelope", 0600);
  put("/q/dfA", "body", 0600);
  Keeper keeper(disk_, "/r", "/kept");
  ASSERT_TRUE(keeper.write("/etc/mail/a", "new", 0644).ok());
  ASSERT_TRUE(keeper.write("/etc/mail/a", "newer", 0644).ok());
  ASSERT_TRUE(keeper.write("/etc/mail/b", "fresh", 0644).ok());
  ASSERT_TRUE(keeper.write("/etc/mail/certs/old/c", "fresh", 0644).ok());
  ASSERT_TRUE(keeper.take_over("ID", {"/q/qfA", "/q/dfA"}, 0, 1).ok());
  EXPECT_EQ(get("/q/qfA"), "(none)");
  EXPECT_EQ(*keeper.to_release(), std::vector<std::string>{"ID"});
  ASSERT_TRUE(keeper.note_released("ID").ok());
  EXPECT_TRUE(keeper.to_release()->empty());
  std::vector<std::string> purged;
  ASSERT_TRUE(keeper.undo(doors(true, purged)).ok());
  EXPECT_EQ(get("/etc/mail/a"), "old\n");
  EXPECT_EQ(disk_.stat("/r/etc/mail/a")->mode, 0640u);
  EXPECT_EQ(get("/etc/mail/b"), "(none)");
  EXPECT_FALSE(disk_.exists("/r/etc/mail/certs"));
  EXPECT_EQ(get("/q/qfA"), "envelope");
  EXPECT_EQ(get("/q/dfA"), "body");
  EXPECT_EQ(purged, std::vector<std::string>{"ID"});
  EXPECT_FALSE(keeper.undo(doors(true, purged)).ok());   // nothing left
}

TEST_F(AdoptTest, MessageThatWasWorkedOnIsNotPutBack) {
  put("/q/qfA", "envelope");
  Keeper keeper(disk_, "/r", "/kept");
  ASSERT_TRUE(keeper.take_over("ID", {"/q/qfA"}, 0, 1).ok());
  std::vector<std::string> purged;
  ASSERT_TRUE(keeper.undo(doors(false, purged)).ok());
  EXPECT_EQ(get("/q/qfA"), "(none)");
  EXPECT_TRUE(purged.empty());
}

// Cut anywhere: after a second undo all is as it was.
TEST_F(AdoptTest, PowerCutWhileApplyingOrUndoing) {
  put("/etc/mail/a", "old\n", 0640);
  put("/q/qfA", "envelope", 0600);
  disk_.sync_all();
  for (uint64_t cut = 1; cut < 200; ++cut) {
    disk_.cut_at(cut);
    Keeper keeper(disk_, "/r", "/kept");
    bool whole = keeper.write("/etc/mail/a", "new", 0644).ok();
    whole = whole && keeper.take_over("ID", {"/q/qfA"}, 0, 1).ok();
    std::vector<std::string> purged;
    whole = whole && keeper.undo(doors(true, purged)).ok();
    disk_.crash();
    (void)keeper.undo(doors(true, purged)).ok();   // an error where nothing had been begun
    EXPECT_EQ(get("/etc/mail/a"), "old\n") << cut;
    EXPECT_EQ(get("/q/qfA"), "envelope") << cut;
    disk_.sync_all();
    if (whole) return;
  }
  FAIL() << "never whole";
}

}  // namespace
}  // namespace hky::admin::adopt
