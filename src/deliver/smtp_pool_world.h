// The pool of the tests of SmtpPool: two scripted hosts, a simulated clock.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deliver/fake_agent.h"
#include "deliver/scripted_network.h"
#include "deliver/smtp_pool.h"
#include "storage/memory_store.h"

namespace hky::deliver {

using testing::ScriptedNetwork;
using testing::ScriptedServer;

class ListFinder : public HostFinder {
 public:
  std::vector<std::string> names{"mx1.test"};
  std::string unknown;   // of whom there is no address
  std::map<std::string, std::vector<std::string>> at{{"mx1.test", {"192.0.2.1"}}, {"mx2.test", {"192.0.2.2"}}};
  net::Task<HostList> hosts(std::string, const cf::Mailer&, const Settings&) override {
    HostList list;
    list.names = names;
    co_return list;
  }
  net::Task<HostList> addresses(std::string name, const Settings&) override {
    HostList list;
    list.ok = name != unknown;
    list.problem.exit = EX_NOHOST;
    list.names = at[name];
    co_return list;
  }
};

class SmtpPoolTest : public ::testing::Test {
 protected:
  SmtpPoolTest()
      : loop_(clock_),
        services_{loop_, clock_, random_, network_, queue_, agent_, null_log()},
        settings_(std::make_shared<Settings>()),
        pool_(std::make_unique<SmtpPool>(services_, finder_)) {
    loop_.simulate(clock_);
    mailer_.name = "esmtp";
    for (char c : {'a', 'm', 'X', 'u'}) mailer_.flags.set(static_cast<unsigned char>(c));
    mailer_.eol = "\r\n";
    settings_->policy.timeouts.connect = 5;
  }
  ~SmtpPoolTest() override {
    pool_->close_idle(true);
    loop_.run();
  }

  std::shared_ptr<Shipment> shipment(std::vector<std::string> rcpts, std::string body = "hello\n") {
    auto s = std::make_shared<Shipment>(loop_);
    s->settings = settings_;
    s->mailer = &mailer_;
    s->host = "example.test";
    s->helo_name = "us.test";
    s->sender = "a@src.test";
    for (auto& r : rcpts) {
      smtp::TransactionRcpt t;
      t.address = r;
      s->rcpts.push_back(t);
    }
    s->head = "Subject: t\n\n";
    s->body_owner = std::make_shared<const std::string>(std::move(body));
    s->body = *s->body_owner;
    return s;
  }
  void deliver(std::vector<std::shared_ptr<Shipment>> all) {
    auto wait = [](SmtpPool& pool, std::vector<std::shared_ptr<Shipment>> list) -> net::Task<int> {
      for (auto& s : list) pool.send(s);
      for (auto& s : list) {
        const bool ok = co_await s->done.wait();
        if (!ok) co_return 1;
      }
      co_return 0;
    };
    EXPECT_EQ(net::run_blocking(loop_, wait(*pool_, std::move(all))), 0);
  }
  ScriptedServer& server(const char* address = "192.0.2.1") { return network_.servers[address]; }

  ManualClock clock_;
  net::Loop loop_;
  SeededRandom random_{1};
  ScriptedNetwork network_;
  std::unique_ptr<storage::Store> store_ = storage::open_memory_store(storage::MemoryOptions{true});
  std::unique_ptr<queue::Queue> open_ = std::move(*queue::open_queue(*store_, clock_, random_, [](const queue::Envelope&, int64_t n) { return n; }, {}));
  queue::Queue& queue_ = *open_;
  testing::FakeAgent agent_;
  Services services_;
  std::shared_ptr<Settings> settings_;
  cf::Mailer mailer_;
  ListFinder finder_;
  std::unique_ptr<SmtpPool> pool_;
};

}  // namespace hky::deliver
