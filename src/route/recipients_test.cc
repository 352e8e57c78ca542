// Expansion of recipients against what a real sendmail 8.17.1 printed for the same aliases (-bv -v), alias files against
// what its newaliases printed, and MX lists from a scripted zone.
#include "route/recipients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/sysexits.h"
#include "cf/reader.h"
#include "dns/scripted_resolver.h"
#include "maps/map_set_memory.h"
#include "proto/smtp/notify.h"
#include "route/aliases.h"
#include "route/mx.h"
#include "route/user_database.h"

namespace hky::route {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr const char* kConfig = R"(V10/Berkeley
Djmail.example.com
Cw mail.example.com localhost
Troot
O OperatorChars=.:%@!^/[]+
O MaxAliasRecursion=10
Scanonify=3
R$@			$@
R$* < $* > $*		$2
R$+ @ $+		$: $1 <@ $2>
R$* <@ $=w>		$@ $1
R$* <@ later.example>	$: $1 <@ $[later.example$]>
Sparse=0
R$* @ $+ @ $*		$#error $@ usage $: "553 Invalid route address"
R@			$#error $@ nouser $: "553 User address required"
R$* <@ refused.example>	$#error $@ 5.7.1 $: "550 not here"
R$* <@ $+>		$#smtp $@ $2 $: $1 @ $2
R$+			$#local $: $1
Slocaladdr=5
Rround			$#local $@ a $: trip
Rtrip			$#local $@ b $: round
R$+ + *			$#local $@ $&h $: $1
R$+ + $*		$#local $@ + $2 $: $1 + *
R$+			$: $1 <> $&h
R$+ <> + $*		$#local $@ $2 $: @ $1
R$+ <> $*		$@ $1
S2
S4
Mlocal, P=/x, F=lsDFMAw5:/|@qPrmn9, A=mail $u
Msmtp, P=[IPC], F=mDFMuXe, A=TCP $h
)";

class FakeAgent : public ipc::Agent {
 public:
  net::Task<std::vector<ipc::Outcome>> deliver_mbox(net::Loop&, std::vector<ipc::DeliverMbox>) override { co_return std::vector<ipc::Outcome>(); }
  net::Task<ipc::Outcome> deliver_maildir(net::Loop&, ipc::DeliverMaildir) override { co_return ipc::Outcome(); }
  net::Task<ipc::Outcome> append_file(net::Loop&, ipc::AppendFile) override { co_return ipc::Outcome(); }
  net::Task<ipc::Outcome> run_program(net::Loop&, ipc::RunProgram) override { co_return ipc::Outcome(); }
  net::Task<ipc::Outcome> speak_to(net::Loop&, ipc::RunProgram, Descriptor, Descriptor) override { co_return ipc::Outcome(); }
  net::Task<ipc::FileText> read_forward(net::Loop&, ipc::ReadForward request) override {
    asked_paths = request.paths;
    for (const std::string& path : request.paths) {
      ipc::FileText text = file(path);
      if (text.found || text.passes || !text.others.empty()) co_return text;
    }
    co_return ipc::FileText();
  }
  net::Task<ipc::FileText> read_include(net::Loop&, ipc::ReadInclude request) override {
    ipc::FileText text = file(request.path);
    if (!text.found && text.problem.empty()) text.problem = "No such file or directory";
    co_return text;
  }
  net::Task<ipc::User> lookup_user(net::Loop&, ipc::LookupUser request) override {
    ipc::User user;
    if (request.name == "tempfail") user.temp_fail = true;
    auto it = users.find(request.name);
    if (it != users.end()) {
      user.found = true;
      user.name = request.name;
      user.uid = it->second;
      user.home = "/home/" + request.name;
      user.shell_listed = request.name != "mute";
    }
    co_return user;
  }
  ipc::FileText file(const std::string& path) {
    ipc::FileText text;
    if (auto known = judged.find(path); known != judged.end()) return known->second;
    auto it = files.find(path);
    if (it == files.end()) return text;
    text.found = true;
    text.path = path;
    text.text = it->second;
    text.owner.found = true;
    text.owner.name = "root";
    return text;
  }
  std::map<std::string, unsigned> users{{"joe", 1}, {"eric", 2}, {"paul", 3}, {"alice", 4}, {"bob", 5}, {"carol", 6}, {"dave", 7}, {"mute", 8}};
  std::map<std::string, std::string> files;
  std::map<std::string, ipc::FileText> judged;   // what the agent says of a file
  std::vector<std::string> asked_paths;
};

class Route : public ::testing::Test {
 protected:
  Route() : loop(clock), config(cf::read_config_text(kConfig, cf::ReadRequest()).config), scope(*config) {
    std::vector<cf::Diagnostic> errors;
    program = rewrite::compile(config, errors);
    maps.add_map("aliases", "hash", "-o /a");
  }
  rewrite::Context context() { return rewrite::Context{loop, program, *config, maps, scope, nullptr, &reasons}; }
  void aliases(std::initializer_list<std::pair<const char*, const char*>> list) {
    for (const auto& [name, value] : list) maps.put("aliases", name, value);
  }
  std::vector<std::string> bv(std::vector<std::string> arguments, bool verbose = true) {
    rewrite::Context ctx = context();
    VerifyResult got = net::run_blocking(loop, verify(ctx, agent, sender, std::move(arguments), verbose));
    exit_code = got.exit_code;
    return got.lines;
  }
  std::vector<std::string> newaliases(const std::string& text) {
    rewrite::Context ctx = context();
    AliasBuild got = net::run_blocking(loop, build_aliases(ctx, text, "F"));
    exit_code = got.exit_code;
    warnings = got.warnings;
    return got.messages;
  }

  ManualClock clock;
  net::Loop loop;
  std::shared_ptr<cf::Config> config;
  std::shared_ptr<const rewrite::Program> program;
  maps::MemoryMapSet maps;
  cf::MacroScope scope;
  ReasonList reasons;
  FakeAgent agent;
  Address sender;
  int exit_code = -1;
  std::vector<std::string> warnings;
};

TEST_F(Route, ListsAndDuplicatesComeInSendmailsOrder) {
  aliases({{"ftp-bugs", "joe,eric,paul"}, {"mixed", "Joe, ALICE, alice"}, {"list-a", "alice,nosuchuser-z,bob"}, {"owner-list-a", "dave"},
           {"biglist", "alice, bob@remote.example, /var/box"}, {"owner-biglist", "carol"}});
  EXPECT_THAT(bv({"ftp-bugs"}), ElementsAre("ftp-bugs... aliased to joe,eric,paul", "paul... deliverable: mailer local, user paul",
                                            "eric... deliverable: mailer local, user eric", "joe... deliverable: mailer local, user joe"));
  EXPECT_EQ(exit_code, 0);
  EXPECT_THAT(bv({"mixed"}), ElementsAre("mixed... aliased to Joe, ALICE, alice", "ALICE... duplicate suppressed",
                                         "alice... deliverable: mailer local, user alice", "Joe... deliverable: mailer local, user joe"));
  EXPECT_THAT(bv({"list-a", "joe", "bob"}),
              ElementsAre("list-a... aliased to alice,nosuchuser-z,bob", "nosuchuser-z... User unknown", "bob... duplicate suppressed",
                          "joe... deliverable: mailer local, user joe", "bob... deliverable: mailer local, user bob",
                          "alice... deliverable: mailer local, user alice"));
  EXPECT_EQ(exit_code, EX_NOUSER);
  // each owner's members are an envelope of their own
  EXPECT_THAT(bv({"joe", "biglist", "list-a"}, false),
              ElementsAre("nosuchuser-z... User unknown", "joe... deliverable: mailer local, user joe", "bob... deliverable: mailer local, user bob",
                          "/var/box... deliverable: mailer *file*, user /var/box", "alice... deliverable: mailer local, user alice",
                          "bob@remote.example... deliverable: mailer smtp, host remote.example, user bob@remote.example"));
  EXPECT_THAT(bv({"joe", "joe"}), ElementsAre("joe... deliverable: mailer local, user joe"));
  EXPECT_THAT(bv({"joe,eric"}), ElementsAre("eric... deliverable: mailer local, user eric", "joe... deliverable: mailer local, user joe"));
  EXPECT_THAT(bv({"a@r.example", "b@a.example", "c@r.example", "joe"}),
              ElementsAre("joe... deliverable: mailer local, user joe", "b@a.example... deliverable: mailer smtp, host a.example, user b@a.example",
                          "a@r.example... deliverable: mailer smtp, host r.example, user a@r.example",
                          "c@r.example... deliverable: mailer smtp, host r.example, user c@r.example"));
}

TEST_F(Route, TheOnlyMemberCountsAsNamedByTheSender) {
  aliases({{"d4", "alice"}, {"mixed", "Joe, ALICE, alice"}});
  EXPECT_THAT(bv({"mixed,d4"}), ElementsAre("d4... aliased to alice", "mixed... aliased to Joe, ALICE, alice", "alice... deliverable: mailer local, user alice",
                                            "Joe... deliverable: mailer local, user joe"));
  rewrite::Context ctx = context();
  ExpandOptions options;
  options.old_style = true;
  RecipientList list(ctx, agent, options);
  net::run_blocking(loop, list.add("joe eric"));
  EXPECT_EQ(list.order().size(), 2u);
  net::run_blocking(loop, list.add("bob,"));
  net::run_blocking(loop, list.add("carol dave"));  // the comma has ended the old style
  EXPECT_EQ(list.order().size(), 4u);
}

TEST_F(Route, WithoutMeTooTheSenderHasNoCopyThroughAnAlias) {
  aliases({{"team", "joe, paul"}, {"me", "Paul"}, {"list", "paul, eric"}, {"owner-list", "dave"}, {"alone", "paul"}, {"owner-alone", "dave"}});
  rewrite::Context ctx = context();
  sender = net::run_blocking(loop, parse_address(ctx, "Paul@mail.example.com", Role::kEnvelopeSender));
  const std::string paul = "paul... deliverable: mailer local, user paul", joe = "joe... deliverable: mailer local, user joe";
  EXPECT_THAT(bv({"team"}, false), ElementsAre(paul, joe));
  config->options.me_too = false;
  EXPECT_THAT(bv({"team"}, false), ElementsAre(joe));
  EXPECT_THAT(bv({"list"}, false), ElementsAre("eric... deliverable: mailer local, user eric"));
  EXPECT_THAT(bv({"alone"}, false), IsEmpty());
  EXPECT_EQ(exit_code, 0);
  // whom the sender names, or what he names is nobody else
  EXPECT_THAT(bv({"team", "paul"}, false), ElementsAre(paul, joe));
  EXPECT_THAT(bv({"paul", "team"}, false), ElementsAre(paul, joe));
  EXPECT_THAT(bv({"me"}, false), ElementsAre("Paul... deliverable: mailer local, user paul"));
  sender = Address();
  EXPECT_THAT(bv({"team"}, false), ElementsAre(paul, joe));
}

// As whom a list's programs run, and when they may. sendmail: recipient.c include(), asked of 8.17.
TEST_F(Route, ProgramsOfAListRunAsItsOwner) {
  aliases({{"l", ":include:/l"}});
  ipc::FileText list;
  list.found = true;
  list.path = "/l";
  list.text = "\"|prog\"\n";
  list.owner.found = true;
  list.owner.name = "eric";
  list.owner.uid = 2;
  ExpandOptions options;
  const auto run = [&] {
    agent.judged["/l"] = list;
    rewrite::Context ctx = context();
    RecipientList expanded(ctx, agent, options);
    net::run_blocking(loop, expanded.add("l"));
    const Recipient& last = expanded.all().back();
    return last.state == RcptState::kOk ? expanded.controller_of(static_cast<int>(expanded.all().size()) - 1).user : last.error;
  };
  EXPECT_EQ(run(), "eric");
  list.owner.shell_listed = false;
  EXPECT_EQ(run(), "550 5.7.1 /l: line 1: \"|prog\"... User eric@mail.example.com doesn't have a valid shell for mailing to programs");
  list.owner.name = "root";   // class t
  list.owner.uid = 0;
  EXPECT_EQ(run(), config->options.default_user.name);
  ipc::FileText outer = list; // and so do those that it includes
  outer.text = ":include:/inner\n";
  list.owner.name = "eric";
  list.owner.uid = 2;
  agent.judged["/inner"] = list;
  std::swap(list, outer);
  EXPECT_EQ(run(), "550 5.7.1 /inner: line 1: \"|prog\"... User eric@mail.example.com doesn't have a valid shell for mailing to programs");
  agent.judged["/inner"].owner.shell_listed = true;
  EXPECT_EQ(run(), config->options.default_user.name);
  std::swap(list, outer);
  list.owner = ipc::User();
  list.owner.uid = 4711;
  EXPECT_EQ(run(), "550 5.7.1 /l: line 1: \"|prog\"... UID 4711 is an unknown user: cannot mail to programs");
  list.owner.found = true;
  list.safe_folders = false;
  EXPECT_EQ(run(), "550 5.7.1 /l: line 1: \"|prog\"... Address :include:/l is unsafe for mailing to programs");
  config->options.dont_blame_sendmail.set(static_cast<size_t>(cf::Blame::AssumeSafeChown));
  list.owner.name = "eric";
  EXPECT_EQ(run(), "eric");
  list.unsafe = true;
  EXPECT_EQ(run(), "550 5.7.1 /l: line 1: \"|prog\"... Address :include:/l is unsafe for mailing to programs");
}

TEST_F(Route, ListsAndForwardFilesThatAreNotBelieved) {
  aliases({{"l", ":include:/l"}});
  ipc::FileText no;
  no.problem = "Group writable file";
  agent.judged["/l"] = no;
  EXPECT_THAT(bv({"l"}, false), ElementsAre(":include:/l... Cannot open /l: Group writable file"));
  no.problem = "Input/output error";
  no.passes = true;
  agent.judged["/l"] = no;
  no.path = "/home/eric/.forward";
  agent.judged[no.path] = no;
  rewrite::Context ctx = context();
  RecipientList waiting(ctx, agent, ExpandOptions());
  net::run_blocking(loop, waiting.add("l, eric"));
  for (const int i : waiting.order()) EXPECT_EQ(waiting.all()[static_cast<size_t>(i)].state == RcptState::kQueueUp, i != 0) << i;
  no = ipc::FileText();
  no.others = {{"/home/eric/.forward", "Group writable directory"}};
  agent.judged["/home/eric/.forward"] = no;
  EXPECT_THAT(bv({"eric"}), ElementsAre("eric... forward: /home/eric/.forward: Group writable directory", "eric... deliverable: mailer local, user eric"));
  config->options.forward_path = cf::Text(u"forward");   // nobody's home
  EXPECT_THAT(bv({"eric"}), ElementsAre("eric... forward: forward: Permission denied", "eric... deliverable: mailer local, user eric"));
}

TEST_F(Route, LoopsAreBrokenWhereSomebodyHasAMailbox) {
  aliases({{"loop1", "loop2"}, {"loop2", "loop1"}, {"selfloop", "selfloop"}, {"joe", "joe, bob"}, {"x2", "eric"}, {"eric", "x2, carol"},
           {"x3", "dave"}, {"dave", "paul"}, {"paul", "x3"}});
  EXPECT_THAT(bv({"loop1"}), ElementsAre("loop1... aliased to loop2", "loop2... aliased to loop1", "loop1... aliased to loop2",
                                         "loop2... duplicate suppressed", "aliasing/forwarding loop broken"));
  EXPECT_EQ(exit_code, EX_USAGE);
  EXPECT_THAT(bv({"selfloop"}), ElementsAre("selfloop... aliased to selfloop", "selfloop... aliased to selfloop", "selfloop... duplicate suppressed",
                                            "selfloop... User unknown", "selfloop... User unknown"));
  EXPECT_EQ(exit_code, EX_NOUSER);
  EXPECT_THAT(bv({"joe"}), ElementsAre("joe... aliased to joe, bob", "joe... deliverable: mailer local, user joe", "bob... deliverable: mailer local, user bob"));
  EXPECT_THAT(bv({"x2"}), ElementsAre("x2... aliased to eric", "eric... aliased to x2, carol", "eric... deliverable: mailer local, user eric",
                                      "carol... deliverable: mailer local, user carol"));
  EXPECT_THAT(bv({"x3"}), ElementsAre("x3... aliased to dave", "dave... aliased to paul", "paul... aliased to x3", "paul... deliverable: mailer local, user paul"));
  EXPECT_THAT(bv({"dave"}), ElementsAre("dave... aliased to paul", "paul... aliased to x3", "x3... aliased to dave", "dave... deliverable: mailer local, user dave"));
  for (int i = 1; i < 13; ++i) maps.put("aliases", "d" + std::to_string(i), "d" + std::to_string(i + 1));
  std::vector<std::string> deep = bv({"d1"});
  EXPECT_EQ(deep.back(), "aliasing/forwarding loop broken (11 aliases deep; 10 max)");
  EXPECT_EQ(deep.size(), 12u);
}

// sendmail: maplocaluser(): what ruleset 5 makes of an address that the sender named counts as named: nothing is its duplicate on the way.
TEST_F(Route, ACircleOfRuleset5EndsWhereItIsTooDeep) {
  EXPECT_THAT(bv({"round"}), ElementsAre("aliasing/forwarding loop broken (11 aliases deep; 10 max)"));
}

// sendmail: recipient(): what is too deep stands in no list, so that it keeps nothing from whom the sender names besides.
TEST_F(Route, WhatLeadsTooDeepIsRefusedInItsPlace) {
  for (int i = 1; i < 12; ++i) maps.put("aliases", "d" + std::to_string(i), i < 11 ? "d" + std::to_string(i + 1) : "joe, eric");
  rewrite::Context ctx = context();
  RecipientList list(ctx, agent, ExpandOptions());
  net::run_blocking(loop, list.add("d1, joe"));
  std::vector<std::string> found;
  for (const int i : list.order()) {
    const Recipient& r = list.all()[static_cast<size_t>(i)];
    if (r.state == RcptState::kOk || r.state == RcptState::kBad) found.push_back(r.address.paddr + " " + r.error);
  }
  EXPECT_THAT(found, UnorderedElementsAre("d11 554 5.4.6 aliasing/forwarding loop broken (11 aliases deep; 10 max)", "joe "));
}

TEST_F(Route, DetailIsTriedWholeThenStarThenPlain) {
  aliases({{"st+foo", "alice"}, {"st+*", "bob"}, {"st", "carol"}, {"chain", "eric"}});
  EXPECT_THAT(bv({"st+foo"}, false), ElementsAre("alice... deliverable: mailer local, user alice"));
  EXPECT_THAT(bv({"st+bar"}, false), ElementsAre("bob... deliverable: mailer local, user bob"));
  EXPECT_THAT(bv({"st"}, false), ElementsAre("carol... deliverable: mailer local, user carol"));
  EXPECT_THAT(bv({"chain+x"}), ElementsAre("chain+x... aliased to eric", "eric... deliverable: mailer local, user eric"));
  EXPECT_THAT(bv({"joe+detail"}), ElementsAre("joe+detail... deliverable: mailer local, host detail, user joe"));
  EXPECT_THAT(bv({"nosuch+detail"}), ElementsAre("nosuch+detail... User unknown"));
}

// sendmail: udb.c
TEST_F(Route, TheUserDatabaseIsAskedWhereNoAliasIs) {
  EXPECT_THAT(bv({"carol"}), ElementsAre("carol... deliverable: mailer local, user carol"));   // there is none
  for (const char* field : {"maildrop", "mailsender", "mailname"}) maps.add_map(std::string("userdb.") + field, "userdb", field);
  aliases({{"joe", "alice"}});
  for (const auto& [user, drop] : {std::pair("joe", "bob"), std::pair("carol", "far@r.example,dave"), std::pair("ghost", "eric"), std::pair("paul", "paul")}) maps.put("userdb.maildrop", user, drop);
  EXPECT_THAT(bv({"joe"}, false), ElementsAre("alice... deliverable: mailer local, user alice"));
  EXPECT_THAT(bv({"carol"}), ElementsAre("carol... expanded to far@r.example,dave", "dave... deliverable: mailer local, user dave",
                                         "far@r.example... deliverable: mailer smtp, host r.example, user far@r.example"));
  EXPECT_THAT(bv({"\\carol"}), ElementsAre("\\carol... deliverable: mailer local, user \\carol"));
  EXPECT_THAT(bv({"ghost"}, false), ElementsAre("eric... deliverable: mailer local, user eric"));
  EXPECT_THAT(bv({"paul"}, false), ElementsAre("paul... deliverable: mailer local, user paul"));
  rewrite::Context ctx = context();
  const auto name = [&](const char* address) {
    const Address from = net::run_blocking(loop, parse_address(ctx, address, Role::kEnvelopeSender));
    return net::run_blocking(loop, mail_name_of(ctx, from));
  };
  EXPECT_EQ(name("joe"), "");
  maps.put("userdb.mailname", "joe", "Joe.User@shown.example");
  maps.put("userdb.mailname", ":default", "shown.example");
  EXPECT_EQ(name("joe"), "Joe.User@shown.example");
  EXPECT_EQ(name("eric"), "");
  maps.put("userdb.maildrop", "eric", "eric@r.example");
  EXPECT_EQ(name("eric"), "eric@shown.example");
  EXPECT_EQ(name("joe@r.example"), "");
}

TEST_F(Route, ProgramsFilesAndIncludesOnlyThroughAliases) {
  aliases({{"big", "alice, bob@r.example, \"|/bin/rec x\", /var/box"}, {"esc", "\\joe, bob"}, {"inc", ":include:/l"}, {"inc2", ":include:/nosuch"}});
  agent.files["/l"] = "alice\n# comment\n\nbob, \"|prog\" #@# note\n";
  EXPECT_THAT(bv({"/dev/null"}), ElementsAre("/dev/null... Cannot mail directly to files"));
  EXPECT_EQ(exit_code, EX_USAGE);
  EXPECT_THAT(bv({":include:/etc/passwd", "|/bin/true"}),
              ElementsAre(":include:/etc/passwd... Cannot mail directly to :include:s", "|/bin/true... Cannot mail directly to programs"));
  EXPECT_THAT(bv({"big"}, false), ElementsAre("/var/box... deliverable: mailer *file*, user /var/box", "\"|/bin/rec x\"... deliverable: mailer prog, user \"|/bin/rec x\"",
                                              "alice... deliverable: mailer local, user alice", "bob@r.example... deliverable: mailer smtp, host r.example, user bob@r.example"));
  EXPECT_THAT(bv({"esc"}, false), ElementsAre("bob... deliverable: mailer local, user bob", "\\joe... deliverable: mailer local, user \\joe"));
  EXPECT_THAT(bv({"inc"}), ElementsAre("inc... aliased to :include:/l", ":include:/l... including file /l", "/l: line 1: sending to alice",
                                       "/l: line 4: sending to bob, \"|prog\"", "alice... deliverable: mailer local, user alice",
                                       "\"|prog\"... deliverable: mailer prog, user \"|prog\"", "bob... deliverable: mailer local, user bob"));
  EXPECT_THAT(bv({"inc2", "nosuch"}, false), ElementsAre(":include:/nosuch... Cannot open /nosuch: No such file or directory", "nosuch... User unknown"));
  EXPECT_EQ(exit_code, EX_NOUSER);
  agent.files["/l"] = "alice\nnosuch\n";
  rewrite::Context ctx = context();
  RecipientList list(ctx, agent, ExpandOptions());
  net::run_blocking(loop, list.add("inc"));
  EXPECT_THAT(list.transcript(), ElementsAre("550 5.1.1 /l: line 2: nosuch... User unknown"));
  EXPECT_THAT(bv({"u@refused.example"}), ElementsAre("u@refused.example... not here"));
}

TEST_F(Route, ForwardFilesBelongToTheirUser) {
  agent.files["/home/eric/.forward"] = "\\eric, \"|prog\"\njoe@r.example\n";
  agent.files["/home/mute/.forward"] = "\"|prog\"\n";
  agent.files["/home/paul/.forward"] = "# nothing\n";
  rewrite::Context ctx = context();
  ExpandOptions options;
  RecipientList list(ctx, agent, options);
  net::run_blocking(loop, list.add("eric"));
  std::map<std::string, std::string> runs_as;
  for (int i : list.order()) {
    const Recipient& r = list.all()[static_cast<size_t>(i)];
    if (r.state != RcptState::kOk) continue;
    int c = i;
    while (c >= 0 && list.all()[static_cast<size_t>(c)].controlling_user.empty()) c = list.all()[static_cast<size_t>(c)].parent;
    runs_as[r.address.user] = c < 0 ? "" : list.all()[static_cast<size_t>(c)].controlling_user;
  }
  EXPECT_EQ(runs_as, (std::map<std::string, std::string>{{"\\eric", "eric"}, {"\"|prog\"", "eric"}, {"joe@r.example", "eric"}}));
  EXPECT_THAT(agent.asked_paths, ElementsAre("/home/eric/.forward"));
  RecipientList mute(ctx, agent, options);
  net::run_blocking(loop, mute.add("mute"));
  EXPECT_THAT(verify_lines(mute, false), ElementsAre("/home/mute/.forward: line 1: \"|prog\"... User mute@mail.example.com doesn't have a valid shell for mailing to programs"));
  EXPECT_THAT(bv({"paul"}), ElementsAre("paul... deliverable: mailer local, user paul"));
}

// As a real one does without its alias database.
TEST_F(Route, WhatMustWaitIsDeliverableStill) {
  maps.fail("aliases", "joe", maps::Status::kUnavailable);
  EXPECT_THAT(bv({"joe"}), ElementsAre("joe... deliverable: mailer local, user joe"));
  EXPECT_EQ(exit_code, 0);
}

TEST_F(Route, OwnersBecomeSendersOfTheirList) {
  aliases({{"l1", "alice, bob@r.example"}, {"owner-l1", "carol"}, {"l2", "l1"}, {"l3", "eric"}, {"owner-l3", "a, b"}});
  rewrite::Context ctx = context();
  RecipientList list(ctx, agent);
  net::run_blocking(loop, list.add("l2, l3"));
  std::map<std::string, std::string> owners;
  for (int i : list.order())
    if (list.all()[static_cast<size_t>(i)].state == RcptState::kOk) owners[list.all()[static_cast<size_t>(i)].address.user] = list.owner_of(i);
  EXPECT_EQ(owners, (std::map<std::string, std::string>{{"alice", "carol"}, {"bob@r.example", "carol"}, {"eric", "owner-l3"}}));
}

// RFC 3461 5.2.7
TEST_F(Route, OfSeveralAndOfAListSuccessIsReportedOnce) {
  aliases({{"team", "joe, paul, dave"}, {"one", "eric"}, {"list", "alice"}, {"owner-list", "carol"}, {"all", "more, bob"}, {"more", "mute"}, {"owner-more", "carol"}});
  rewrite::Context ctx = context();
  RecipientList list(ctx, agent);
  DsnRequest dsn;
  dsn.notify = smtp::kNotifySuccess;
  net::run_blocking(loop, list.add("team, one, list, all, joe", dsn));
  std::map<std::string, bool> once;
  for (const RecipientList::Multiple& m : list.take_success()) once[list.all()[static_cast<size_t>(m.number)].address.paddr] = m.owned;
  EXPECT_EQ(once, (std::map<std::string, bool>{{"team", false}, {"list", true}, {"all", false}}));
  std::map<std::string, int> asked;
  for (int i : list.order())
    if (const Recipient& r = list.all()[static_cast<size_t>(i)]; r.state == RcptState::kOk) asked[r.address.user] = r.notify;
  // joe was named, too, and eric is as good as named
  EXPECT_EQ(asked, (std::map<std::string, int>{{"joe", smtp::kNotifySuccess}, {"paul", smtp::kNotifyNever}, {"dave", smtp::kNotifyNever}, {"eric", smtp::kNotifySuccess}, {"alice", smtp::kNotifyNever}, {"bob", smtp::kNotifyNever}, {"mute", smtp::kNotifyNever}}));
  EXPECT_THAT(list.transcript(), testing::Contains("team... expanded to multiple addresses"));
}

TEST_F(Route, VerifyOnlyAndTroubleStayOpen) {
  aliases({{"ftp-bugs", "joe,nosuch"}});
  maps.fail("aliases", "later");
  rewrite::Context ctx = context();
  ExpandOptions options;
  options.verify_only = true;
  RecipientList list(ctx, agent, options);
  net::run_blocking(loop, list.add("ftp-bugs"));
  EXPECT_EQ(list.all()[0].state, RcptState::kVerified);
  RecipientList later(ctx, agent);
  net::run_blocking(loop, later.add("later, tempfail"));
  EXPECT_EQ(later.all()[0].state, RcptState::kQueueUp);
  EXPECT_EQ(later.all()[1].state, RcptState::kQueueUp);
  maps.fail("host", "later.example");
  RecipientList unresolved(ctx, agent);
  net::run_blocking(loop, unresolved.add("x@later.example"));
  EXPECT_EQ(unresolved.all()[0].state, RcptState::kQueueUp);
  EXPECT_EQ(unresolved.all()[0].error, "host map: lookup (later.example): deferred");
  RecipientList coded(ctx, agent);
  net::run_blocking(loop, coded.add("nosuch"));
  EXPECT_EQ(coded.all()[0].error, "550 5.1.1 nosuch... User unknown");
  RecipientList masked(ctx, agent);
  net::run_blocking(loop, masked.add("jo\x01x, (a\x01) joe"));
  EXPECT_EQ(masked.all()[0].address.paddr, "jo?x");
  EXPECT_EQ(masked.all()[1].address.paddr, "(a\x01) joe");   // what it is not refused for stays
}

TEST_F(Route, NewaliasesSpeaksAsSendmailDoes) {
  EXPECT_THAT(newaliases("a: joe\na: eric\n"), ElementsAre("F: line 2: a... Warning: duplicate alias name a", "F: 2 aliases, longest 4 bytes, 9 bytes total"));
  EXPECT_EQ(exit_code, 0);
  EXPECT_EQ(warnings.size(), 1u);  // no postmaster
  EXPECT_THAT(newaliases("c:\nd: eric\n"), ElementsAre("F: line 1: c:... missing value for alias", "F: 1 aliases, longest 4 bytes, 5 bytes total"));
  EXPECT_EQ(exit_code, EX_SOFTWARE);
  EXPECT_THAT(newaliases("e: joe,\n eric,\n\tpaul\n"), ElementsAre("F: 1 aliases, longest 15 bytes, 16 bytes total"));
  EXPECT_THAT(newaliases("nocolon\nb: x\n"), ElementsAre("F: line 1: missing colon", "F: 1 aliases, longest 1 bytes, 2 bytes total"));
  EXPECT_THAT(newaliases(" leading: x\n  more\nb: y\n"), ElementsAre("F: line 2: Non-continuation line starts with space", "F: 1 aliases, longest 1 bytes, 2 bytes total"));
  EXPECT_THAT(newaliases("joe@r.example: x\n"), ElementsAre("F: line 1: joe@r.example... cannot alias non-local names", "F: 0 aliases, longest 0 bytes, 0 bytes total"));
  EXPECT_THAT(newaliases(":include:/x: y\n"), ElementsAre("F: line 1: :include:/x: y... illegal alias name", "F: 0 aliases, longest 0 bytes, 0 bytes total"));
  EXPECT_THAT(newaliases("bad<: x\n"), ElementsAre("F: line 1: bad<: x... Unbalanced '<'", "F: 1 aliases, longest 1 bytes, 3 bytes total"));
  EXPECT_THAT(newaliases("a>: x\n"), ElementsAre("F: line 1: a>: x... Unbalanced '>'", "F: 1 aliases, longest 1 bytes, 2 bytes total"));
  EXPECT_THAT(newaliases("k: x,\\\ny\n# c\n c\nPostMaster: z\nx:   \n y\nu: joe"), ElementsAre("F: 4 aliases, longest 3 bytes, 21 bytes total"));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(Route, MxListsAreCutAtOurselves) {
  dns::ScriptedResolver resolver(
      "two.example MX 10 b.two.example\ntwo.example MX 10 a.two.example\ntwo.example MX 5 c.two.example\nnone.example A 192.0.2.9\nfall.example A 192.0.2.10\n"
      "null.example MX 0 .\nself.example MX 10 mail.example.com\nself.example MX 20 x.example\nself.example A 192.0.2.8\n"
      "www.example CNAME none.example\nbackup.example MX 5 best.example\nbackup.example MX 10 mail.example.com\nbackup.example MX 20 worse.example\nserv.example SERVFAIL\n");
  dns::NameEnvironment names;
  names.resolver = &resolver;
  SeededRandom random(1);
  rewrite::Context ctx = context();
  auto ask = [&](const char* host) { return net::run_blocking(loop, mx_hosts(ctx, names, random, host)); };
  auto hosts = [](const MxResult& r) {
    std::vector<std::string> out;
    for (const MxHost& h : r.hosts) out.push_back(h.name);
    return out;
  };
  MxResult two = ask("two.example.");
  ASSERT_EQ(two.hosts.size(), 3u);
  EXPECT_EQ(two.hosts[0].name, "c.two.example");
  EXPECT_THAT(hosts(two), UnorderedElementsAre("a.two.example", "b.two.example", "c.two.example"));
  EXPECT_THAT(hosts(ask("none.example")), ElementsAre("none.example"));
  EXPECT_TRUE(ask("null.example").null_mx);
  EXPECT_EQ(ask("null.example").status, MxStatus::kNoHost);
  EXPECT_TRUE(ask("nobody.example").no_such_name);
  EXPECT_FALSE(ask(".nobody.example").no_such_name);
  EXPECT_TRUE(ask("self.example").loops_back);
  EXPECT_EQ(ask("self.example").error, "553 5.3.5 self.example config error: mail loops back to me (MX problem?)");
  EXPECT_THAT(hosts(ask("backup.example")), ElementsAre("best.example"));
  EXPECT_EQ(ask("serv.example").status, MxStatus::kTempFail);
  EXPECT_EQ(ask("nosuch.example").status, MxStatus::kNoHost);
  EXPECT_THAT(hosts(ask("[two.example]")), ElementsAre("two.example"));
  EXPECT_THAT(hosts(ask("[www.example]")), ElementsAre("none.example"));   // the canonical name
  EXPECT_THAT(hosts(ask("[x.example]")), ElementsAre("[x.example]"));
  EXPECT_THAT(hosts(ask("none.example:[IPv6:::1]")), ElementsAre("none.example", "[IPv6:::1]"));
  config->options.fallback_mx_host = "fall.example";
  EXPECT_THAT(hosts(ask("serv.example")), ElementsAre("fall.example"));
  EXPECT_THAT(hosts(ask("none.example")), ElementsAre("none.example", "fall.example"));
  EXPECT_THAT(hosts(ask("nosuch.example")), ElementsAre("fall.example"));
  EXPECT_EQ(ask("nosuch.example").own, 0u);
  config->options.fallback_mx_host = "backup.example";   // its MX hosts
  EXPECT_THAT(hosts(ask("none.example")), ElementsAre("none.example", "best.example"));
  config->options.fallback_mx_host = "nosuch.example";
  EXPECT_EQ(ask("nosuch2.example").status, MxStatus::kNoHost);
  config->options.fallback_mx_host.clear();
  config->options.try_null_mx_list = true;
  EXPECT_THAT(hosts(ask("self.example")), ElementsAre("self.example"));
}

}  // namespace
}  // namespace hky::route
