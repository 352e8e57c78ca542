// `hikyaku explain ADDRESS|QUEUE-ID`: why mail goes where it goes (design, decision 6). For an address: every rule that
// fired with file and line, every map and DNS answer, aliases, the mailer triple, and for SMTP the hosts in order; without
// any side effect. For a queue id: each recipient's latest attempts with the remote's words, the next try, and what the
// operator can do now.
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/local_agent.h"
#include "base/file_system.h"
#include "base/random.h"
#include "base/reasons.h"
#include "base/sysexits.h"
#include "cmd/engine_access.h"
#include "cmd/modes.h"
#include "cmd/queue_words.h"
#include "cmd/runtime.h"
#include "queue/queue.h"
#include "route/mx.h"
#include "route/recipients.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

class Printer : public Reasons {
 public:
  void add(Reason reason) override { fmt::print("{}\n", to_line(reason)); }
};

// sendmail's queue ids: a digit or letter a place for the time, then digits (14 characters, no '@').
bool looks_like_queue_id(const std::string& word) {
  if (word.size() != 14) return false;
  for (const char c : word.substr(8))
    if (c < '0' || c > '9') return false;
  return word.find_first_of("@%!. ") == std::string::npos;
}

net::Task<int> explain_address(Runtime& runtime, net::Loop& loop, ipc::Agent& agent, std::string address) {
  cf::MacroScope scope(*runtime.config);
  rewrite::Context ctx = runtime.context(loop, scope);
  Printer printer;
  ctx.reasons = &printer;
  fmt::print("== how {} is resolved, and what it stands for\n", address);
  route::ExpandOptions expand;
  route::RecipientList list(ctx, agent, std::move(expand));
  (void)co_await list.add(address);
  fmt::print("== where it goes\n");
  for (const auto& line : route::verify_lines(list, true)) fmt::print("{}\n", line);
  for (const route::Recipient& r : list.all())
    if (r.state == route::RcptState::kOk && !r.address.queue_group.empty())
      fmt::print("{}... in the queue group {} where it waits\n", r.address.paddr, r.address.queue_group);
  for (const route::Recipient& r : list.all()) {
    if (r.state != route::RcptState::kOk || r.address.mailer == nullptr || r.address.mailer->path != "[IPC]") continue;
    route::MxResult mx = co_await route::mx_hosts(ctx, runtime.names, system_random(), r.address.host);
    if (mx.status != route::MxStatus::kOk) fmt::print("hosts of {}: {}\n", r.address.host, mx.error);
    for (const auto& host : mx.hosts)
      fmt::print("host {} (preference {}{})\n", host.name, host.preference, mx.implicit ? ", its own address: no MX" : "");
  }
  co_return list.exit_code();
}

void print_recipient(const json& r) {
  std::string way;
  if (r.contains("mailer")) way = fmt::format("  by {} to {}", r.value("mailer", ""), r.contains("host") ? r.value("host", "") : r.value("user", ""));
  if (r.contains("alias_of")) way += "  for " + r.value("final_rcpt", r.value("alias_of", ""));
  fmt::print("to {}  {}{}\n", r.value("address", ""), r.value("state", ""), way);
  const json attempts = r.value("attempts", json::array());
  if (attempts.empty()) fmt::print("    not tried yet\n");
  const int64_t older = r.value("tries", int64_t{0}) - static_cast<int64_t>(attempts.size());
  if (older > 0) fmt::print("    {} earlier attempt(s)\n", older);
  for (const json& a : attempts) {
    const std::string relay = a.value("relay", "");
    fmt::print("    {}  {}  {}{}\n", when(a.value("when", int64_t{0})), a.value("status", ""), relay.empty() ? "" : relay + ": ", a.value("reply", ""));
  }
}

void print_explanation(const json& m) {
  const std::string id = m.value("id", "");
  fmt::print("message {}  from <{}>  {} bytes  accepted {}\n", id, m.value("sender", ""), m.value("size", uint64_t{0}), when(m.value("created", int64_t{0})));
  for (const json& r : m.value("rcpts", json::array())) print_recipient(r);
  if (m.value("busy", false)) {
    fmt::print("It is being delivered now.\n");
  } else if (m.value("held", false)) {
    fmt::print("It is held: `hikyaku queue release {}` lets it go.\n", id);
  } else if (m.contains("quarantine")) {
    fmt::print("It is quarantined ({}): `hikyaku queue release {}` lets it go.\n", m.value("quarantine", ""), id);
  } else {
    const int64_t next = m.value("next_try", int64_t{0});
    const std::string group = m.value("queue_group", "");
    if (next >= queue::kOnlyByQueueRun) fmt::print("It waits for a queue run{}.\n", group.empty() ? "" : " of the queue group " + group);
    else fmt::print("It is tried next at {}.\n", when(next));
    fmt::print("`hikyaku queue flush {0}` tries it now, `hikyaku queue hold {0}` keeps it, `hikyaku queue purge {0}` removes it unseen.\n", id);
  }
}

int explain_message(const Invocation& call, const std::string& id) {
  EngineAccess engine(call);
  auto reply = engine.ask(admin::Frame(json{{"verb", "queue.show"}, {"id", id}}.dump(), ""), std::chrono::seconds(60));
  const json answer = reply.ok() ? json::parse(reply->json, nullptr, false) : json();
  if (!answer.is_object() || !answer.value("ok", false)) {
    fmt::print(stderr, "hikyaku explain: {}\n", !reply.ok() ? reply.error().text : answer.is_object() ? answer.value("error", "refused") : "unreadable answer");
    return reply.ok() ? EX_UNAVAILABLE : EX_TEMPFAIL;
  }
  print_explanation(answer["message"]);
  return EX_OK;
}

}  // namespace

int verb_explain(const Invocation& call) {
  if (call.args.empty()) {
    fmt::print(stderr, "usage: hikyaku explain ADDRESS|QUEUE-ID [-C FILE] [-O Option=value]\n");
    return EX_USAGE;
  }
  const std::string subject = call.args.front();
  if (looks_like_queue_id(subject)) return explain_message(call, subject);
  const SendmailOptions options = parse_sendmail_options("hikyaku explain", call.args);
  const auto runtime = open_runtime(runtime_request(call, options));
  if (const int rc = report_diagnostics(*runtime); rc != EX_OK) return rc;
  net::Loop loop(system_clock());
  agent::LocalAgent agent(kernel_file_system(), system_clock(), null_log(), agent::AgentOptions());
  return net::run_blocking(loop, explain_address(*runtime, loop, agent, subject));
}

}  // namespace hky::cmd
