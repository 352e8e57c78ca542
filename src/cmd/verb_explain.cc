// `hikyaku explain ADDRESS|QUEUE-ID`: why mail goes where it goes (design, decision 6). For an address: every rule that
// fired with file and line, every map and DNS answer, aliases, the mailer triple, and for SMTP the hosts in order; without
// any side effect. For a queue id: what the engine knows of the message, its recipients' last attempts and the next try.
#include <cstdio>

#include <fmt/format.h>

#include "agent/local_agent.h"
#include "base/file_system.h"
#include "base/random.h"
#include "base/reasons.h"
#include "base/sysexits.h"
#include "cmd/modes.h"
#include "cmd/runtime.h"
#include "route/mx.h"
#include "route/recipients.h"

namespace hky::cmd {
namespace {

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
  for (const route::Recipient& r : list.all()) {
    if (r.state != route::RcptState::kOk || r.address.mailer == nullptr || r.address.mailer->path != "[IPC]") continue;
    route::MxResult mx = co_await route::mx_hosts(ctx, runtime.names, system_random(), r.address.host);
    if (mx.status != route::MxStatus::kOk) fmt::print("hosts of {}: {}\n", r.address.host, mx.error);
    for (const auto& host : mx.hosts)
      fmt::print("host {} (preference {}{})\n", host.name, host.preference, mx.implicit ? ", its own address: no MX" : "");
  }
  co_return list.exit_code();
}

}  // namespace

int verb_explain(const Invocation& call) {
  if (call.args.empty()) {
    fmt::print(stderr, "usage: hikyaku explain ADDRESS|QUEUE-ID [-C FILE] [-O Option=value]\n");
    return EX_USAGE;
  }
  const std::string subject = call.args.front();
  if (looks_like_queue_id(subject)) {
    Invocation show = call;
    show.args = {"show", subject};
    return verb_queue(show);
  }
  const SendmailOptions options = parse_sendmail_options("hikyaku explain", call.args);
  const auto runtime = open_runtime(runtime_request(call, options));
  if (const int rc = report_diagnostics(*runtime); rc != EX_OK) return rc;
  net::Loop loop(system_clock());
  agent::LocalAgent agent(kernel_file_system(), system_clock(), null_log(), agent::AgentOptions());
  return net::run_blocking(loop, explain_address(*runtime, loop, agent, subject));
}

}  // namespace hky::cmd
