// sendmail -bi, newaliases: rebuilds the alias databases from their text.
#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/sysexits.h"
#include "cmd/caller_rights.h"
#include "cmd/children.h"
#include "cmd/host_identity.h"
#include "cmd/modes.h"
#include "cmd/paths.h"
#include "cmd/runtime.h"
#include "route/aliases.h"

namespace hky::cmd {
namespace {

// Below --root the log is the engine's to make: a file that root made here its own user could not write.
void log_lines(const Invocation& call, const cf::Config& config, const std::vector<std::string>& lines) {
  if (!call.root.empty() && !kernel_file_system().stat(rooted(call, kMailLog)).ok()) return;
  const std::unique_ptr<Log> log = system_log(call.root);
  log->set_level(static_cast<int>(config.options.log_level));
  for (const std::string& line : lines) log->line(8, LogPriority::kInfo, "", line);
}

}  // namespace

int mode_bi(const Invocation& call, const SendmailOptions& options) {
  const auto runtime = open_runtime(runtime_request(call, options));
  warn_of_writable_file(call, options);
  if (const int rc = report_diagnostics(*runtime); rc != 0) return rc;
  const cf::Config& config = *runtime->config;
  const uid_t user = ::getuid();
  if (user != 0 && call.root.empty() && config.trusted_users.count(current_user()) == 0 && config.options.trusted_user.uid != user) {
    fmt::print("Permission denied (real uid not trusted)\n");  // sendmail: main()
    return EX_USAGE;
  }
  if (const int rc = may_submit(call, options); rc != EX_OK) return rc;
  net::Loop loop(system_clock());
  cf::MacroScope scope(*runtime->config);
  rewrite::Context ctx = runtime->context(loop, scope);
  const route::RebuildResult result = net::run_blocking(loop, route::rebuild_aliases(ctx, kernel_file_system(), call.root, current_user()));
  for (const std::string& message : result.messages) fmt::print("{}\n", message);
  log_lines(call, config, result.rebuilt);
  return result.exit_code;
}

}  // namespace hky::cmd
