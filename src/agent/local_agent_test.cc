// The agent on the kernel's files and programs, as the current user in a scratch directory.
#include "agent/local_agent.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "agent/user_lookup.h"
#include "agent/user_shells.h"
#include "base/sysexits.h"
#include "net/stream.h"

namespace hky::agent {
namespace {

class LocalAgentTest : public ::testing::Test {
 protected:
  LocalAgentTest() {
    char dir[] = "/tmp/hky_agent_XXXXXX";
    dir_ = mkdtemp(dir);
    log_.set_level(99);
    AgentOptions o;
    o.state_directory = dir_ + "/state";
    o.host = "mx.example";
    o.lock_wait = std::chrono::milliseconds(50);
    agent_ = std::make_unique<LocalAgent>(fs_, system_clock(), log_, o);
    EXPECT_TRUE(agent_->recover().ok());
    me_.uid = getuid();
    me_.gid = getgid();
    if (const passwd* p = getpwuid(getuid())) me_.user = p->pw_name;
    me_.home = dir_;
  }
  ~LocalAgentTest() override {
    agent_.reset();
    remove_tree(dir_);
  }
  void remove_tree(const std::string& path) {
    auto st = fs_.lstat(path);
    if (st.ok() && st->is_directory()) {
      std::vector<std::string> names = *fs_.list(path);
      for (const std::string& name : names) remove_tree(path + "/" + name);
      EXPECT_TRUE(fs_.rmdir(path).ok());
    } else {
      EXPECT_TRUE(fs_.unlink(path).ok());
    }
  }
  void put(const std::string& name, std::string_view text, unsigned mode = 0644) {
    EXPECT_TRUE(fs_.replace_file(dir_ + "/" + name, text).ok());
    EXPECT_TRUE(fs_.chmod(dir_ + "/" + name, mode).ok());
  }
  ipc::Outcome run(const std::string& script, std::string input = "", int timeout = 10) {
    ipc::RunProgram r;
    r.as = me_;
    r.path = "/bin/sh";
    r.argv = {"sh", "-c", script};
    r.env = {"AGENT=hikyaku", "PATH=/usr/bin:/bin"};
    r.directory = dir_ + "/missing:" + dir_;
    r.input = std::move(input);
    r.timeout_seconds = timeout;
    return run_blocking(loop_, agent_->run_program(loop_, r));
  }
  struct Spoken { std::string said; ipc::Outcome outcome; };
  // Writes `words` to it, and reads until the script's first second is over, or it has ended; then hangs up.
  Spoken speak(const std::string& script, const std::string& words, int timeout = 10, const std::string& path = "/bin/sh") {
    ipc::RunProgram r;
    r.as = me_;
    r.path = path;
    r.argv = {"sh", "-c", script};
    r.env = {"PATH=/usr/bin:/bin"};
    r.timeout_seconds = timeout;
    auto body = [](LocalAgent& agent, net::Loop& loop, ipc::RunProgram request, std::string in) -> net::Task<Spoken> {
      auto pipes = net::system_network().program_pipes(loop);
      EXPECT_TRUE(pipes.ok());
      net::Completion<ipc::Outcome> ended(loop);
      auto run = [](LocalAgent& a, net::Loop& l, ipc::RunProgram what, Descriptor input, Descriptor output, net::Completion<ipc::Outcome> done) -> net::Task<> {
        ipc::Outcome outcome = co_await a.speak_to(l, std::move(what), std::move(input), std::move(output));
        done.finish_here(std::move(outcome));
      };
      loop.spawn(run(agent, loop, std::move(request), std::move(pipes->input), std::move(pipes->output), ended));
      Spoken out;
      Result<> wrote = co_await pipes->stream->write(in, MonoTime::max());
      const MonoTime until = loop.clock().mono() + std::chrono::seconds(1);
      std::string buffer(1000, '\0');
      for (bool on = wrote.ok(); on;) {
        Result<size_t> n = co_await pipes->stream->read(std::span<char>(buffer.data(), buffer.size()), until);
        on = n.ok() && *n > 0;
        if (on) out.said += buffer.substr(0, *n);
      }
      pipes->stream->close();
      out.outcome = co_await ended.wait();
      co_return out;
    };
    return run_blocking(loop_, body(*agent_, loop_, std::move(r), words));
  }
  ipc::DeliverMbox mail(const std::string& box, const std::string& text) {
    ipc::DeliverMbox d;
    d.as = me_;
    d.path = dir_ + "/" + box;
    d.message = "From a@b Wed Nov 25 01:00:00 2026\n\n" + text + "\n\n";
    return d;
  }
  // What becomes of the .forward file `name`: its text, or sendmail's words.
  std::string forward(const std::string& name) {
    ipc::ReadForward r;
    r.as = me_;
    r.paths = {dir_ + "/nowhere", dir_ + "/" + name};
    r.trust = trust_;
    ipc::FileText t = run_blocking(loop_, agent_->read_forward(loop_, r));
    if (!t.found) return t.others.empty() ? "none" : t.others.back().why;
    return (t.unsafe ? "unsafe: " : "text: ") + t.text;
  }

  FileSystem& fs_ = kernel_file_system();
  MemoryLog log_;
  net::Loop loop_{system_clock()};
  std::string dir_;
  std::unique_ptr<LocalAgent> agent_;
  ipc::Who me_;
  ipc::FileTrust trust_;
};

TEST_F(LocalAgentTest, MboxGetsABatchAndKeepsNoLock) {
  std::vector<ipc::DeliverMbox> batch{mail("joe", "one"), mail("joe", "two")};
  auto first = run_blocking(loop_, agent_->deliver_mbox(loop_, batch));
  auto second = run_blocking(loop_, agent_->deliver_mbox(loop_, batch));
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(second[1].exit_code, EX_OK);
  std::string box = *fs_.read_file(dir_ + "/joe");
  EXPECT_EQ(box, batch[0].message + batch[1].message + batch[0].message + batch[1].message);
  EXPECT_EQ(fs_.stat(dir_ + "/joe")->mode, 0600u);
  EXPECT_EQ(*fs_.list(dir_), (std::vector<std::string>{"joe", "state"}));
}

net::Task<> deliver_one(LocalAgent& agent, net::Loop& loop, ipc::DeliverMbox d, int& good) {
  std::vector<ipc::DeliverMbox> batch;
  batch.push_back(std::move(d));
  std::vector<ipc::Outcome> out = co_await agent.deliver_mbox(loop, std::move(batch));
  if (out.at(0).exit_code == EX_OK) ++good;
}

TEST_F(LocalAgentTest, WorkersDoNotDisturbEachOtherInOneMailbox) {
  AgentOptions o;
  o.state_directory = dir_ + "/state2";
  o.host = "mx.example";
  LocalAgent agent(fs_, system_clock(), log_, o);
  ASSERT_TRUE(agent.recover().ok());
  int good = 0;
  for (int i = 0; i < 40; ++i) loop_.spawn(deliver_one(agent, loop_, mail("busy", std::string(3000, char('a' + i % 26))), good));
  loop_.run();
  EXPECT_EQ(good, 40);
  EXPECT_EQ(fs_.stat(dir_ + "/busy")->size, 40 * mail("busy", std::string(3000, 'x')).message.size());
}

TEST_F(LocalAgentTest, MailboxThatIsALinkIsRefusedForGood) {
  put("real", "");
  ASSERT_EQ(::symlink((dir_ + "/real").c_str(), (dir_ + "/joe").c_str()), 0);
  std::vector<ipc::DeliverMbox> batch{mail("joe", "x")};
  auto out = run_blocking(loop_, agent_->deliver_mbox(loop_, batch));
  EXPECT_EQ(out[0].exit_code, EX_CANTCREAT);
  EXPECT_NE(out[0].output.find("Symbolic links not allowed"), std::string::npos);
  EXPECT_EQ(fs_.stat(dir_ + "/real")->size, 0u);
}

TEST_F(LocalAgentTest, MaildirIsMadeAndFilled) {
  ipc::DeliverMaildir d;
  d.as = me_;
  d.path = dir_ + "/Maildir/";
  d.message = "Subject: x\n\nbody\n";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(run_blocking(loop_, agent_->deliver_maildir(loop_, d)).exit_code, EX_OK);
  auto names = *fs_.list(dir_ + "/Maildir/new");
  ASSERT_EQ(names.size(), 3u);
  EXPECT_EQ(*fs_.read_file(dir_ + "/Maildir/new/" + names[0]), d.message);
  EXPECT_TRUE(fs_.list(dir_ + "/Maildir/tmp")->empty());
}

TEST_F(LocalAgentTest, FileOfAnAlias) {
  ipc::AppendFile a;
  a.as = me_;
  a.message = "From x\n\nhi\n\n";
  a.path = dir_ + "/archive";
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).exit_code, EX_OK);
  EXPECT_EQ(*fs_.read_file(a.path), a.message);
  a.path = "/dev/null";
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).exit_code, EX_OK);
  a.path = dir_ + "/no/such/directory";
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).exit_code, EX_CANTCREAT);
  put("script", "#!/bin/sh\n", 0755);
  a.path = dir_ + "/script";
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).exit_code, EX_CANTCREAT);
  ASSERT_EQ(::symlink("archive", (dir_ + "/link").c_str()), 0);
  a.path = dir_ + "/link";
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).output, a.path + ": Symbolic links not allowed");
  a.symlinks = true;
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).exit_code, EX_OK);
  ASSERT_EQ(::link((dir_ + "/archive").c_str(), (dir_ + "/second").c_str()), 0);
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).output, a.path + ": Hard links not allowed");
  a.hard_links = true;
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).exit_code, EX_OK);
}

// sendmail: SafeFileEnvironment
TEST_F(LocalAgentTest, FileBelowAFolderIsNotLedOutOfIt) {
  ipc::AppendFile a;
  a.as = me_;
  a.message = "From x\n\nhi\n\n";
  a.below = dir_ + "/safe";
  const auto append = [&](const std::string& name) {
    a.path = a.below + name;
    return run_blocking(loop_, agent_->append_file(loop_, a)).exit_code;
  };
  EXPECT_EQ(append("/box"), EX_CANTCREAT);   // there is no such folder
  ASSERT_TRUE(fs_.mkdir(a.below, 0755).ok());
  ASSERT_TRUE(fs_.mkdir(dir_ + "/out", 0755).ok());
  ASSERT_EQ(::symlink("../out", (a.below + "/link").c_str()), 0);
  ASSERT_EQ(::symlink("../out/there", (a.below + "/name").c_str()), 0);
  EXPECT_EQ(append("/box"), EX_OK);
  EXPECT_EQ(append("//box"), EX_OK);
  EXPECT_EQ(append("/link/box"), EX_CANTCREAT);
  EXPECT_EQ(append("/../out/box"), EX_CANTCREAT);
  a.symlinks = true;
  EXPECT_EQ(append("/name"), EX_CANTCREAT);
  EXPECT_TRUE(fs_.list(dir_ + "/out")->empty());
}

// sendmail: /=
TEST_F(LocalAgentTest, ProgramHasARootOfItsOwn) {
  if (getuid() != 0) GTEST_SKIP() << "needs root";
  ipc::RunProgram r;
  r.as = me_;
  r.root = dir_;
  r.path = "/bin/sh";   // which is not there
  EXPECT_EQ(run_blocking(loop_, agent_->run_program(loop_, r)).exit_code, EX_UNAVAILABLE);
  r.root = dir_ + "/none";
  EXPECT_EQ(run_blocking(loop_, agent_->run_program(loop_, r)).exit_code, EX_TEMPFAIL);
  r.root = "/";
  r.argv = {"sh", "-c", "pwd"};
  EXPECT_EQ(run_blocking(loop_, agent_->run_program(loop_, r)).output, "/\n");
}

TEST_F(LocalAgentTest, ProgramReadsTheMessageAndSpeaks) {
  ipc::Outcome out = run("wc -c; echo $AGENT; pwd; echo err >&2; exit 3", std::string(500'000, 'm'));
  EXPECT_EQ(out.exit_code, 3);
  EXPECT_EQ(out.output, "500000\nhikyaku\n" + dir_ + "\nerr\n");
}

TEST_F(LocalAgentTest, ProgramMayLeaveItsInputUnread) {
  EXPECT_EQ(run("exit 0", std::string(1'000'000, 'm')).exit_code, EX_OK);
  EXPECT_EQ(run("exit 67", std::string(1'000'000, 'm')).dsn, "5.1.1");
}

TEST_F(LocalAgentTest, ProgramHasNoDescriptorsOfOurs) {
  int leak = ::dup(0);  // without close-on-exec, as a library might leave it
  ipc::Outcome out = run("for fd in 3 4 5 6 7 8 9; do (: <&$fd) 2>/dev/null && echo open $fd; done; exit 0");
  ::close(leak);
  EXPECT_EQ(out.output, "");
}

TEST_F(LocalAgentTest, ProgramKilledOrLateIsTriedAgain) {
  ipc::Outcome killed = run("kill -9 $$");
  EXPECT_EQ(killed.exit_code, EX_TEMPFAIL);
  EXPECT_NE(killed.output.find("died with signal 9"), std::string::npos);
  ipc::Outcome late = run("sleep 100", "", 1);
  EXPECT_EQ(late.exit_code, EX_TEMPFAIL);
  EXPECT_NE(late.output.find("timed out"), std::string::npos);
}

TEST_F(LocalAgentTest, BackgroundChildOfAProgramDoesNotHoldUpTheMail) {
  MonoTime start = system_clock().mono();
  EXPECT_EQ(run("sleep 20 & echo started").output, "started\n");
  EXPECT_LT(system_clock().mono() - start, std::chrono::seconds(10));
}

TEST_F(LocalAgentTest, ProgramThatIsNotThereIsUnavailable) {
  ipc::RunProgram r;
  r.as = me_;
  r.path = "/no/such/program";
  EXPECT_EQ(run_blocking(loop_, agent_->run_program(loop_, r)).exit_code, EX_UNAVAILABLE);
  r.local = true;   // sendmail: F=l: it may be there tomorrow
  EXPECT_EQ(run_blocking(loop_, agent_->run_program(loop_, r)).exit_code, EX_OSERR);
}

TEST_F(LocalAgentTest, ProgramThatAnswersIsNotHeardComplaining) {
  ipc::RunProgram r;
  r.as = me_;
  r.path = "/bin/sh";
  r.argv = {"sh", "-c", "echo complaint >&2; echo answer"};
  r.answers = true;
  EXPECT_EQ(run_blocking(loop_, agent_->run_program(loop_, r)).output, "answer\n");
  r.argv[2] = "kill -9 $$";
  EXPECT_EQ(run_blocking(loop_, agent_->run_program(loop_, r)).signal, 9);
  r.path = "/no/such/program";
  EXPECT_EQ(run_blocking(loop_, agent_->run_program(loop_, r)).exit_code, EX_CONFIG);
}

// sendmail: safefile(), safedirpath(), include(), asked of 8.17 with each flag of DontBlameSendmail.
TEST_F(LocalAgentTest, AProgramIsSpokenTo) {
  const auto ended = speak("read line; echo \"250 $line\"; echo noise >&2; exit 75", "LHLO us\n");
  EXPECT_EQ(ended.said, "250 LHLO us\nnoise\n");
  EXPECT_EQ(ended.outcome.exit_code, EX_TEMPFAIL);
  EXPECT_EQ(ended.outcome.output, "");
}

TEST_F(LocalAgentTest, AProgramThatIsHungUpOnHasItsTimeAndIsEnded) {
  const auto ended = speak("trap '' HUP; exec sleep 100", "", 1);
  EXPECT_EQ(ended.outcome.exit_code, EX_TEMPFAIL);
  EXPECT_NE(ended.outcome.output.find("timed out after 1 seconds"), std::string::npos);
}

TEST_F(LocalAgentTest, WhyAProgramCannotBeSpokenToIsNoAnswerOfIts) {
  const auto ended = speak("", "", 1, "/nowhere/lmtpd");
  EXPECT_EQ(ended.said, "");
  EXPECT_EQ(ended.outcome.exit_code, EX_UNAVAILABLE);
  EXPECT_EQ(ended.outcome.output, "Cannot exec /nowhere/lmtpd\n");
}

TEST_F(LocalAgentTest, ForwardFilesMustBeSafe) {
  trust_.sticky_folders_are_safe = true;   // below /tmp
  put("good", "joe@example.com\n");
  EXPECT_EQ(forward("good"), "text: joe@example.com\n");
  put("group", "x", 0664);
  EXPECT_EQ(forward("group"), "Group writable file");
  EXPECT_TRUE(log_.contains("forward " + dir_ + "/group: Group writable file"));
  put("world", "x", 0646);
  EXPECT_EQ(forward("world"), "World writable file");
  put("both", "x", 0666);
  EXPECT_EQ(forward("both"), "Group writable file");
  EXPECT_EQ(forward("state"), "Regular files only");
  EXPECT_EQ(forward("missing"), "none");
  trust_.group_file = true;
  EXPECT_EQ(forward("group"), "unsafe: x");
  EXPECT_EQ(forward("both"), "World writable file");
  trust_.world_file = trust_.group_file_is_safe = true;
  EXPECT_EQ(forward("group"), "text: x");
  EXPECT_EQ(forward("both"), "unsafe: x");
}

TEST_F(LocalAgentTest, ForwardFilesStandInSafeFolders) {
  trust_.sticky_folders_are_safe = true;
  put("good", "x");
  ASSERT_EQ(::symlink((dir_ + "/good").c_str(), (dir_ + "/link").c_str()), 0);
  EXPECT_EQ(forward("link"), "text: x");
  ASSERT_TRUE(fs_.chmod(dir_, 0777).ok());
  EXPECT_EQ(forward("good"), "World writable directory");
  EXPECT_EQ(forward("missing"), "World writable directory");
  trust_.silent_where_missing = true;
  EXPECT_EQ(forward("missing"), "none");
  trust_.group_folder = true;
  EXPECT_EQ(forward("good"), "World writable directory");
  ASSERT_TRUE(fs_.chmod(dir_, 0770).ok());
  EXPECT_EQ(forward("good"), "text: x");
  EXPECT_EQ(forward("link"), "Symbolic links not allowed");
  trust_.group_folder = false;
  EXPECT_EQ(forward("good"), "Group writable directory");
  trust_.folder = true;
  EXPECT_EQ(forward("good"), "unsafe: x");
  ASSERT_EQ(::link((dir_ + "/good").c_str(), (dir_ + "/second").c_str()), 0);
  EXPECT_EQ(forward("good"), "Hard links not allowed");
  trust_.links = trust_.folder_is_safe = true;
  EXPECT_EQ(forward("good"), "text: x");
  trust_ = ipc::FileTrust();
  ASSERT_TRUE(fs_.chmod(dir_, 01777).ok());
  EXPECT_EQ(forward("good"), "World writable directory");
  ASSERT_TRUE(fs_.chmod(dir_, 0700).ok());
}

TEST_F(LocalAgentTest, ListsTellWhoseTheyAre) {
  put("list", "joe@example.com\n");
  ipc::ReadInclude include;
  include.as = me_;
  include.path = dir_ + "/list";
  include.trust.sticky_folders_are_safe = true;
  ipc::FileText t = run_blocking(loop_, agent_->read_include(loop_, include));
  EXPECT_EQ(t.text, "joe@example.com\n");
  EXPECT_TRUE(t.safe_folders);
  EXPECT_EQ(t.owner.uid, ::getuid());
  EXPECT_TRUE(t.owner.found);
  ASSERT_TRUE(fs_.chmod(dir_, 0777).ok());
  EXPECT_EQ(run_blocking(loop_, agent_->read_include(loop_, include)).problem, "World writable directory");
  include.trust.folder = true;
  EXPECT_FALSE(run_blocking(loop_, agent_->read_include(loop_, include)).safe_folders);
  ASSERT_TRUE(fs_.chmod(dir_, 0700).ok());
  include.path = dir_ + "/nowhere";
  EXPECT_EQ(run_blocking(loop_, agent_->read_include(loop_, include)).problem, "No such file or directory");
}

TEST(UserShells, AreThePathsOfTheFile) {
  EXPECT_EQ(shells_of("# shells\n/bin/sh\n  /bin/bash  # usual\nnone\n\n/SENDMAIL/ANY/SHELL/\n"), (std::vector<std::string>{"/bin/sh", "/bin/bash", "/SENDMAIL/ANY/SHELL/"}));
  ipc::User user;
  judge_shell(user, "/no/such/shell");
  EXPECT_EQ(user.shell_listed, user.any_shell);
  judge_shell(user, "");
  EXPECT_TRUE(user.shell_listed);
  judge_shell(user, "/bin/sh");
  EXPECT_TRUE(user.shell_listed);
}

TEST_F(LocalAgentTest, FindsUsers) {
  ipc::LookupUser l;
  l.name = "root";
  ipc::User root = run_blocking(loop_, agent_->lookup_user(loop_, l));
  EXPECT_TRUE(root.found);
  EXPECT_EQ(root.uid, 0u);
  l.name = "no-such-user-here";
  ipc::User none = run_blocking(loop_, agent_->lookup_user(loop_, l));
  EXPECT_FALSE(none.found || none.temp_fail);
  EXPECT_EQ(full_name_of("& Doe, Room 5", "jane"), "Jane Doe");
}

// Root only: the mail belongs to its owner, not to us.
TEST_F(LocalAgentTest, RootActsAsTheOwner) {
  if (getuid() != 0) GTEST_SKIP() << "needs root";
  const passwd* p = getpwnam("nobody");
  ASSERT_NE(p, nullptr);
  me_.user = "nobody";
  me_.uid = p->pw_uid;
  me_.gid = p->pw_gid;
  ASSERT_TRUE(fs_.chmod(dir_, 0755).ok());  // a spool that only root can write to
  trust_.sticky_folders_are_safe = true;
  std::vector<ipc::DeliverMbox> batch{mail("nobody", "hello")};
  EXPECT_EQ(run_blocking(loop_, agent_->deliver_mbox(loop_, batch))[0].exit_code, EX_OK);
  EXPECT_EQ(fs_.stat(dir_ + "/nobody")->uid, me_.uid);
  put("private", "secret", 0600);
  EXPECT_EQ(forward("private"), "Permission denied");
  ipc::AppendFile a;   // root's scratch directory: "nobody" writes where set-id bits say so
  a.as = me_;
  a.as.uid = a.as.gid = 1;
  a.path = dir_ + "/nobody";
  a.message = "From x\n\nhi\n\n";
  ASSERT_TRUE(fs_.chmod(a.path, 04600).ok());
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).exit_code, EX_CANTCREAT);
  a.set_id = true;
  EXPECT_EQ(run_blocking(loop_, agent_->append_file(loop_, a)).exit_code, EX_OK);
  ipc::Outcome out = run("id -u; id -G");
  EXPECT_EQ(out.output, std::to_string(me_.uid) + "\n" + std::to_string(me_.gid) + "\n");
  std::vector<ipc::DeliverMbox> foreign{mail("rootbox", "x")};
  put("rootbox", "", 0666);
  EXPECT_EQ(run_blocking(loop_, agent_->deliver_mbox(loop_, foreign))[0].exit_code, EX_CANTCREAT);
  EXPECT_EQ(geteuid(), 0u);
}

}  // namespace
}  // namespace hky::agent
