// The host of the tests of Deliverer: configuration, DNS, queue, mailboxes, and the servers that it talks to, all scripted.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sim_file_system.h"
#include "cf/reader.h"
#include "deliver/deliverer.h"
#include "deliver/fake_agent.h"
#include "deliver/scripted_network.h"
#include "dns/scripted_resolver.h"
#include "maps/map_set_memory.h"
#include "storage/memory_store.h"

namespace hky::deliver {

using ::testing::_;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

inline constexpr const char* kConfig = R"(V10/Berkeley
Cw us.test
Dj us.test
DnMAILER-DAEMON
O OperatorChars=.:%@!^/[]+
O DefaultUser=daemon
O Timeout.queuewarn.normal=4h
O Timeout.queuereturn.normal=5d
O ConnectionCacheSize=2
HReceived: by $j id $i
HFrom: $g
H?P?Return-Path: <$g>
H?D?Date: $a
H?M?Message-Id: <$t.$i@$j>
Scanonify=3
R$@			$@ <@>
R$* < $* > $*		$2
R$+ @ $+		$: $1 <@ $2>
R$* <@ $=w>		$@ $1
R$* <@ unsaid.test>	$: $1 <@ $[dst.test$]>
R$* <@ later.test>	$: $1 <@ $[down.test$]>
Sparse=0
R$+ <@ hurt.test>	$#error $@ 5.3.5 $: "553 not here"
R$+ <@ faulty.test>	$#error $@ config $: "553 nor here"
R$+ <@ wide.test>	$#wide $@ dst.test $: $1 @ wide.test
R$+ <@ [ $+ ]>		$#esmtp $@ [$2] $: $1 @ [$2]
R$+ <@ $+>		$#esmtp $@ $2 $: $1 @ $2
Rodd			$#odd $: odd
R$+ + $+		$#local $@ $2 $: $1
R$+			$#local $: $1
S1
S2
S4
Rgone <@ gone.test>	$@
R$* <@>			$@
R$* <@ $+>		$@ $1 @ $2
Scheck_compat
R$* $| refused @ $*	$#error $@ 5.7.1 $: "550 no such pair"
R$* $| dropped @ $*	$#discard $: discard
SHdrFrom=40
R$+ <@ hidden.test>	$@ $1 <@ shown.test>
R$+ <@ bang.test>	$@ gate!$1 <@ bang.test>
Mlocal, P=[mbox], F=lsDFMAw5:/|@qPSXmn9, A=mbox /var/mail/$u
Modd, P=[mbox], F=lsDFM5:/|@qPSXmn9, A=mail -d $u
Mprog, P=/bin/sh, F=lsDFMoqeu9, D=$z:/, T=X-Unix/X-Unix/X-Unix, A=sh -c $u
Mwide, P=[IPC], F=mDFMuXa8, S=0/40, E=\r\n, L=990, A=TCP $h
Mesmtp, P=[IPC], F=mDFMuXa, S=0/40, E=\r\n, L=990, A=TCP $h
)";

inline constexpr const char* kZone = R"(dst.test MX 10 mx1.test
dst.test MX 20 mx2.test
same.test MX 20 mx2.test
same.test MX 10 mx1.test
other.test MX 10 mx2.test
other.test MX 20 mx1.test
mx1.test A 192.0.2.1
mx2.test A 192.0.2.2
loop.test MX 10 us.test
null.test MX 0 .
lost.test MX 10 gone.test
mute.test TXT nothing else
down.test SERVFAIL
)";

class DelivererTest : public ::testing::Test {
 protected:
  DelivererTest() : loop_(clock_), resolver_(kZone), store_(storage::open_memory_store(storage::MemoryOptions{true})) {
    loop_.simulate(clock_);
    auto read = cf::read_config_text(kConfig, cf::ReadRequest());
    config_ = read.config;
    maps_ = std::make_shared<maps::MemoryMapSet>();
    maps_->add_map("aliases", "hash", "-o /a");
    auto names = std::make_shared<dns::NameEnvironment>();
    names->resolver = &resolver_;
    settings_ = std::make_shared<Settings>();
    settings_->config = config_;
    std::vector<cf::Diagnostic> errors;
    settings_->program = rewrite::compile(config_, errors);
    settings_->maps = maps_;
    settings_->names = names;
    settings_->policy = policy_from(*config_);
    agent_.users = {{"joe", 1001}, {"ann", 1002}, {"postmaster", 1003}, {"sender", 1004}};
    const queue::RetryOptions retry = settings_->policy.retry;
    auto schedule = [retry](const queue::Envelope& e, int64_t now) { return queue::next_try(retry, e, now); };
    queue_ = std::move(*queue::open_queue(*store_, clock_, random_, schedule, {}));
    log_.set_level(20);
    deliverer_ = std::make_unique<Deliverer>(Services{loop_, clock_, random_, network_, *queue_, agent_, log_, &traffic_, nullptr, nullptr, &files_}, settings_);
    loop_.spawn(deliverer_->run());
  }
  ~DelivererTest() override {
    queue_->stop();
    auto end = [](Deliverer& d) -> net::Task<int> {
      co_await d.stop(std::chrono::seconds(5));
      co_return 0;
    };
    net::run_blocking(loop_, end(*deliverer_));
  }

  queue::Envelope envelope(std::vector<std::string> rcpts, std::string sender = "sender@us.test") {
    queue::Envelope e;
    e.id = queue_->new_id();
    e.sender = std::move(sender);
    e.created = unix_seconds(clock_.wall());
    e.macros = {{"s", "client.test"}, {"_", "client.test [192.0.2.9]"}, {"client_name", "client.test"}, {"client_ptr", "client.test"}, {"r", "ESMTP"}};
    for (auto& r : rcpts) {
      e.rcpts.emplace_back();
      e.rcpts.back().address = r;
    }
    return e;
  }
  std::string submit(queue::Envelope e, std::string text = "Received: by us.test id QID\nFrom: Sender <sender@hidden.test>\nTo: joe\nSubject: hi\n\nhello\nFrom here\n") {
    const std::string id = e.id;
    if (const size_t at = text.find("QID"); at != std::string::npos) text.replace(at, 3, id);
    auto body = std::make_shared<const std::string>(std::move(text));
    e.size = body->size();
    auto go = [](queue::Queue& q, net::Loop& l, queue::Envelope env, queue::Body b) -> net::Task<bool> {
      const Result<> r = co_await q.submit(l, std::move(env), std::move(b));
      co_return r.ok();
    };
    EXPECT_TRUE(net::run_blocking(loop_, go(*queue_, loop_, std::move(e), body)));
    return id;
  }
  // That message in his mailbox.
  std::string delivered(const std::string& user, const std::string& text) {
    submit(envelope({user}), text);
    settle();
    return mailbox(user);
  }
  // As a command that waits has it delivered.
  void deliver(queue::Job job, Foreground& f) {
    auto go = [](queue::Queue& q, Deliverer& d, net::Loop& l, std::shared_ptr<const Settings> with, queue::Job j, Foreground& to) -> net::Task<bool> {
      const Result<> kept = co_await q.submit(l, j.envelope, j.body, true);
      co_await d.deliver(std::move(j), std::move(with), to);
      co_return kept.ok();
    };
    EXPECT_TRUE(net::run_blocking(loop_, go(*queue_, *deliverer_, loop_, settings_, std::move(job), f)));
    settle();
  }
  // What -v shows of it.
  std::vector<std::string> shown(queue::Envelope e) {
    std::vector<std::string> lines;
    Foreground f;
    f.verbose = true;
    f.say = [&lines](std::string line) { lines.push_back(std::move(line)); };
    e.next_try = queue::kOnlyByQueueRun;
    const std::string id = submit(std::move(e));
    auto go = [](Deliverer& d, queue::Queue& q, net::Loop& l, std::string which, Foreground& with) -> net::Task<int> {
      std::optional<queue::Job> job = co_await q.lease(l, std::move(which));
      if (job) co_await d.deliver(std::move(*job), nullptr, with);
      co_await d.close(with);
      co_return with.exit;
    };
    shown_exit_ = net::run_blocking(loop_, go(*deliverer_, *queue_, loop_, id, f));
    return lines;
  }
  void settle() {
    EXPECT_TRUE(net::run_blocking(loop_, queue_->idle(loop_, std::chrono::seconds(60))));
  }
  void later(Duration d) {
    clock_.advance(d);
    auto wait = [](net::Loop& l) -> net::Task<int> {
      co_await l.sleep(std::chrono::seconds(1));
      co_return 0;
    };
    net::run_blocking(loop_, wait(loop_));
    settle();
  }
  std::string mailbox(const std::string& user) { return agent_.mailboxes["/var/mail/" + user]; }

  int shown_exit_ = 0;
  ManualClock clock_;
  net::Loop loop_;
  SeededRandom random_{7};
  testing::ScriptedNetwork network_;
  testing::FakeAgent agent_;
  MemoryLog log_;
  Traffic traffic_;
  SimFileSystem files_{clock_};
  dns::ScriptedResolver resolver_;
  std::shared_ptr<cf::Config> config_;
  std::shared_ptr<maps::MemoryMapSet> maps_;
  std::shared_ptr<Settings> settings_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<queue::Queue> queue_;
  std::unique_ptr<Deliverer> deliverer_;
};

}  // namespace hky::deliver
