// sendmail -bv: where mail for each address would go, without sending any.
#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "agent/local_agent.h"
#include "base/file_system.h"
#include "base/sysexits.h"
#include "cmd/caller_rights.h"
#include "cmd/modes.h"
#include "cmd/named_sender.h"
#include "cmd/runtime.h"
#include "receive/envelope_macros.h"
#include "route/recipients.h"

namespace hky::cmd {

int mode_bv(const Invocation& call, const SendmailOptions& options) {
  const auto runtime = open_runtime(runtime_request(call, options));
  if (const int rc = report_diagnostics(*runtime, options.verbose); rc != EX_OK) return rc;
  // sendmail: main(): what only the mail system may read is hidden from him.
  if (::getuid() != 0) fmt::print("Notice: -bv may give misleading output for non-privileged user\n");
  if (const int rc = may_submit(call, options); rc != EX_OK) return rc;
  if (options.rcpts.empty()) {
    if (options.from_given != 0) blame_sender(*runtime, options);
    fmt::print("{}\n", kNobodyNamed);
    return EX_USAGE;
  }
  if (runtime->config->options.queue_directory.empty()) {
    fmt::print("QueueDirectory (Q) option must be set\n");  // sendmail: main()
    return EX_CONFIG;
  }
  const SenderBlame sender = blame_sender(*runtime, options);
  net::Loop loop(system_clock());
  cf::MacroScope scope(*runtime->config);
  if (options.gateway) scope.set(cf::kN_daemon_flags, receive::submission_flags(cf::Options(), true));   // sendmail: nobody submits here
  rewrite::Context ctx = runtime->context(loop, scope);
  agent::LocalAgent agent(kernel_file_system(), system_clock(), null_log(), agent::AgentOptions());
  const route::VerifyResult result = net::run_blocking(loop, route::verify(ctx, agent, sender.address, options.rcpts, options.verbose));
  for (std::string line : result.lines) {
    for (char& c : line) c = static_cast<char>(c & 0x7f);  // sendmail: what it says is 7-bit
    fmt::print("{}\n", line);
  }
  if (sender.refused != EX_OK) return exit_with(*runtime, sender.refused);
  return exit_with(*runtime, result.exit_code != EX_OK ? result.exit_code : sender.said);
}

}  // namespace hky::cmd
