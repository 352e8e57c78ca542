// The world of a scenario: one host with scripted DNS, maps, users, a clock that stands, and a queue that keeps what it is given.
// For tests only: scenario_test.cc, load_gate_test.cc, submit_world.h, session_bench.cc.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/strings.h"
#include "cf/reader.h"
#include "dns/scripted_resolver.h"
#include "maps/map_set_memory.h"
#include "net/sync.h"
#include "receive/services.h"

namespace hky::receive {

class ScenarioQueue : public queue::Queue {
 public:
  std::vector<queue::Job> kept;
  std::string error;          // submit answers it, temporary
  size_t flushed = 0;

  queue::QueueId new_id() override { return "AAA0000" + std::to_string(++ids_ % 10); }
  net::Task<Result<>> submit(net::Loop&, queue::Envelope envelope, queue::Body body, bool) override {
    if (!error.empty()) co_return temporary_error(error, 452, "4.3.1");
    queue::Job job;
    job.envelope = std::move(envelope);
    job.body = std::move(body);
    kept.push_back(std::move(job));
    co_return Result<>();
  }
  std::string facts() const {
    const queue::Envelope& e = kept.back().envelope;
    std::string rcpts;
    for (const queue::Rcpt& r : e.rcpts) rcpts += (rcpts.empty() ? "" : ",") + r.address;
    std::string notify = e.rcpts.empty() ? "" : std::to_string(e.rcpts[0].notify);
    std::string name;
    for (const auto& [macro, value] : e.macros)
      if (macro == "x") name = value;
    return "id=" + e.id + " name=\"" + name + "\"" + " from=" + e.sender + " given=" + queue::sender_as_given(e, e.sender) + " rcpts=" + rcpts + " size=" + std::to_string(e.size) + " body=" + e.body_type + " envid=" + e.envid.value_or("") +
           " notify=" + notify + " quarantine=" + e.quarantine_reason + " auth=" + e.auth_sender + " class=" + std::to_string(e.msg_class) + " hops=" + std::to_string(e.hops) + " waits=" + (e.next_try == queue::kOnlyByQueueRun ? "1" : "0") + " anew=" + (e.collected_size == e.queued_size ? "1" : "0") + " queued=" + std::to_string(e.queued_size) + " ";
  }
  net::Task<std::optional<queue::Job>> next_due(net::Loop&) override { co_return std::optional<queue::Job>(); }
  net::Task<std::optional<queue::Job>> lease(net::Loop&, queue::QueueId, bool) override { co_return std::optional<queue::Job>(); }
  net::Task<Result<queue::Body>> body(net::Loop&, const queue::Envelope&) override { co_return bug_error("not here"); }
  net::Task<Result<>> finish(net::Loop&, queue::Envelope) override { co_return Result<>(); }
  net::Task<Result<>> replace(net::Loop&, const queue::QueueId&, std::vector<queue::Envelope>, std::vector<queue::Body>) override { co_return Result<>(); }
  void give_back(const queue::QueueId&) override {}
  size_t flush(std::function<bool(const queue::Envelope&)> filter, bool) override {
    for (const queue::Job& j : kept) flushed += filter(j.envelope);
    return flushed;
  }
  size_t run(const std::vector<queue::QueueId>& in_order, bool) override { return in_order.size(); }
  size_t end_runs(const std::function<bool(long)>&) override { return 0; }
  std::vector<queue::Envelope> list() const override { return {}; }
  bool busy(const queue::QueueId&) const override { return false; }
  net::Task<Result<>> update(net::Loop&, const queue::QueueId&, std::function<void(queue::Envelope&)>) override { co_return Result<>(); }
  net::Task<Result<>> purge(net::Loop&, const queue::QueueId&) override { co_return Result<>(); }
  net::Task<bool> idle(net::Loop&, Duration) override { co_return true; }
  size_t count() const override { return kept.size(); }
  bool dropped_before(const std::string&) const override { return false; }
  void forget_drop(const std::string&) override {}
  void stop() override {}

 private:
  unsigned ids_ = 0;
};

class ScenarioAgent : public ipc::Agent {
 public:
  std::map<std::string, std::string> users;   // login -> full name; "tempfail": the look-up fails for now
  net::Task<std::vector<ipc::Outcome>> deliver_mbox(net::Loop&, std::vector<ipc::DeliverMbox>) override { co_return std::vector<ipc::Outcome>(); }
  net::Task<ipc::Outcome> deliver_maildir(net::Loop&, ipc::DeliverMaildir) override { co_return ipc::Outcome(); }
  net::Task<ipc::Outcome> append_file(net::Loop&, ipc::AppendFile) override { co_return ipc::Outcome(); }
  net::Task<ipc::Outcome> run_program(net::Loop&, ipc::RunProgram) override { co_return ipc::Outcome(); }
  net::Task<ipc::Outcome> speak_to(net::Loop&, ipc::RunProgram, Descriptor, Descriptor) override { co_return ipc::Outcome(); }
  net::Task<ipc::FileText> read_forward(net::Loop&, ipc::ReadForward) override { co_return ipc::FileText(); }
  net::Task<ipc::FileText> read_include(net::Loop&, ipc::ReadInclude) override { co_return ipc::FileText(); }
  net::Task<ipc::User> lookup_user(net::Loop&, ipc::LookupUser q) override {
    ipc::User u;
    auto it = users.find(q.name);
    if (it != users.end()) {
      u.found = true;
      u.name = q.name;
      u.full_name = it->second;
      u.home = "/home/" + q.name;
      u.temp_fail = it->second == "tempfail";
    }
    co_return u;
  }
};

// Knows LOGIN and PLAIN, whatever it says it has; passwords as told. `known` off: the auth process has never answered; `down`: it is gone.
class ScenarioSasl : public auth::Sasl {
 public:
  std::string has;
  bool known = true, down = false;
  std::map<std::string, std::string> passwords;

  net::Task<auth::SaslOffer> offered(net::Loop&, auth::SaslRequest) override {
    auth::SaslOffer offer;
    offer.known = known;
    offer.mechanisms = has;
    co_return offer;
  }
  std::unique_ptr<auth::SaslExchange> begin(const auth::SaslRequest&) override { return std::make_unique<Exchange>(*this); }

 private:
  struct Exchange : auth::SaslExchange {
    explicit Exchange(ScenarioSasl& s) : sasl(s) {}
    auth::SaslStep say(auth::SaslStep::Kind kind, std::string text = "") {
      auth::SaslStep s;
      s.kind = sasl.down ? auth::SaslStep::Kind::kTempFail : kind;
      s.problem = sasl.down ? "gone" : "wrong (-13)";
      s.challenge = std::move(text);
      s.user = name;
      return s;
    }
    auth::SaslStep take(std::string response) {
      using Kind = auth::SaslStep::Kind;
      if (plain) {
        std::vector<std::string_view> words = split(response, '\0');
        if (words.size() != 3) return say(Kind::kFailed);
        name = words[1];
        response = words[2];
      } else if (!named) {
        named = true;
        name = response;
        return say(Kind::kChallenge, "Password:");
      }
      auto it = sasl.passwords.find(name);
      return say(it != sasl.passwords.end() && it->second == response ? Kind::kDone : Kind::kFailed);
    }
    net::Task<auth::SaslStep> start(net::Loop& loop, std::string mechanism, std::optional<std::string> initial) override {
      co_await loop.sleep(std::chrono::milliseconds(1));   // the answer comes from elsewhere
      plain = mechanism == "PLAIN";
      auth::SaslStep s = say(auth::SaslStep::Kind::kChallenge, plain ? "" : "Username:");
      if (initial) s = take(*initial);
      co_return s;
    }
    net::Task<auth::SaslStep> step(net::Loop& loop, std::string response) override {
      co_await loop.sleep(std::chrono::milliseconds(1));
      co_return take(std::move(response));
    }
    ScenarioSasl& sasl;
    bool plain = false, named = false;
    std::string name;
  };
};

// A pipe's end that says who its peer is.
class PeerStream : public net::Stream {
 public:
  PeerStream(std::unique_ptr<net::Stream> inner, net::Endpoint peer, net::Endpoint own) : inner_(std::move(inner)), peer_(std::move(peer)), own_(std::move(own)) {}
  net::Task<Result<size_t>> read(std::span<char> buf, MonoTime deadline) override { return inner_->read(buf, deadline); }
  std::optional<Result<size_t>> try_read(std::span<char> buf) override { return inner_->try_read(buf); }
  net::Task<Result<>> write(std::string_view bytes, MonoTime deadline) override { return inner_->write(bytes, deadline); }
  net::Task<Result<>> write2(std::string_view a, std::string_view b, MonoTime deadline) override { return inner_->write2(a, b, deadline); }
  void shutdown_write() override { inner_->shutdown_write(); }
  void close() override { inner_->close(); }
  net::Endpoint peer() const override { return peer_; }
  net::Endpoint local() const override { return own_; }

 private:
  std::unique_ptr<net::Stream> inner_;
  net::Endpoint peer_, own_;
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

struct ScenarioWorld {
  ScenarioWorld(std::string_view cf_text, std::string_view zone, cf::ReadRequest request)
      : clock(1704067200), loop(clock), resolver(zone), maps(std::make_shared<maps::MemoryMapSet>()) {
    loop.simulate(clock);
    request.identity.hostname = "mx.test";
    request.identity.version = "9.9";
    cf::ReadOutcome read = cf::read_config_text(cf_text, request);
    config = read.config;
    std::vector<cf::Diagnostic> errors;
    program = rewrite::compile(config, errors);
    maps->add_map("aliases", "hash", "/etc/mail/aliases");
    maps->add_map("access", "hash", "/etc/mail/access");
    settings = std::make_shared<Settings>(config, program, maps);
    names.resolver = &resolver;
    log.set_level(9);
    auto now = [this]() -> std::shared_ptr<const Settings> { return settings; };
    auto space = [this] { return DiskSpace{free_bytes, 1024}; };
    const auto shown = [](queue::Job job, std::function<void(std::string)> say) -> net::Task<> {
      for (const queue::Rcpt& r : job.envelope.rcpts) say(r.address + "... Sent");
      co_return;
    };
    auto read_help = [this](const cf::Options&, const std::string& path) {
      if (path == "/etc/mail/old-helpfile") return Result<std::string>(old_help_file);
      return path == "/etc/mail/helpfile" ? Result<std::string>(help_file) : temporary_error("no such file");
    };
    services = std::make_unique<Services>(Services{loop, clock, queue, agent, names, rates, log, now, space, &sasl, &traffic, {}, shown, &load, read_help});
  }
  ManualClock clock;
  net::Loop loop;
  dns::ScriptedResolver resolver;
  std::shared_ptr<maps::MemoryMapSet> maps;
  std::shared_ptr<const cf::Config> config;
  std::shared_ptr<const rewrite::Program> program;
  std::shared_ptr<Settings> settings;
  dns::NameEnvironment names;
  ScenarioQueue queue;
  ScenarioAgent agent;
  ScenarioSasl sasl;
  policy::Rates rates;
  std::string old_help_file = "#\nsmtp\tThis is $j\nmail\tMAIL FROM:<x>\n";
  std::string help_file = "#vers\t2\nsmtp\tThis is $j\nsmtp\t\tHELO\tMAIL\nmail\tMAIL FROM:<x>, ${client_addr}\nmailx\tanother\n";
  std::string load_text = "0.00 0.00 0.00 1/99 1";   // what /proc/loadavg says at the next refresh()
  policy::Load load{[this] { return load_text; }};
  MemoryLog log;
  Traffic traffic;
  int64_t free_bytes = 1'000'000'000;
  std::unique_ptr<Services> services;
};

}  // namespace hky::receive
