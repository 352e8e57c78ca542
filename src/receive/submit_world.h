// The host of the tests of submissions by command: the world of the scenarios, with users who have homes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sysexits.h"
#include "receive/scenario_world.h"
#include "receive/submit.h"

namespace hky::receive {

class Submit : public testing::Test {
 protected:
  Submit() { build(); }
  void build(const std::string& option = "") {
    const std::filesystem::path folder = HKY_SCENARIOS;
    world_ = std::make_unique<ScenarioWorld>(read_text(folder / "host.cf") + option, read_text(folder / "zone.txt"), cf::ReadRequest());
    for (const char* name : {"joe", "eric", "alice"}) world_->agent.users[name] = std::string(name) + " user";
    world_->maps->put("aliases", "team", "eric,alice");
    world_->maps->put("aliases", "broken", "eric,nobody-here");
  }

  // A list whose owner is alice.
  void alices_crew(const char* members) {
    world_->maps->put("aliases", "crew", members);
    world_->maps->put("aliases", "owner-crew", "alice");
  }
  SubmitDoors doors() {
    SubmitDoors d;
    d.say = [this](std::string line) { said_.push_back(std::move(line)); };
    d.deliver = [this](queue::Job job, DeliverNow how) { return delivered(std::move(job), std::move(how)); };
    d.save = [this](queue::Job, std::string path, ipc::Who) { return saved(std::move(path)); };
    return d;
  }
  net::Task<DeliveredNow> delivered(queue::Job job, DeliverNow how) {
    now_.push_back(std::move(job));
    said_before_ = said_.size();
    how_ = how;
    co_return outcome_;
  }
  net::Task<bool> saved(std::string path) {
    saved_ = path;
    co_return can_save_;
  }

  SubmitOutcome submit(SubmitRequest request, std::string message = "To: eric\nSubject: x\n\nbody\n") {
    if (request.user.empty()) request.user = "joe";
    auto out = net::run_blocking(world_->loop, submit_message(*world_->services, doors(), std::move(request), std::move(message)));
    EXPECT_TRUE(out.ok());
    return out.ok() ? *out : SubmitOutcome();
  }
  std::vector<std::string> queued(size_t i) const {
    std::vector<std::string> out;
    for (const queue::Rcpt& r : world_->queue.kept.at(i).envelope.rcpts) out.push_back(r.address);
    return out;
  }

  std::unique_ptr<ScenarioWorld> world_;
  std::vector<std::string> said_;
  std::vector<queue::Job> now_;
  size_t said_before_ = 0;             // of said_, when the last of now_ was delivered
  DeliverNow how_;
  DeliveredNow outcome_;
  std::string saved_;
  bool can_save_ = true;
};

}  // namespace hky::receive
