// sendmail -bh, -bH (hoststat, purgestat): what HostStatusDirectory holds. Without that option sendmail has nothing to list or to
// forget and says so by silence; our engine keeps the state of hosts in memory only (deliver/smtp_pool.h), so it is the same with it.
#include "base/sysexits.h"
#include "cmd/modes.h"
#include "cmd/runtime.h"

namespace hky::cmd {

int mode_bh(const Invocation& call, const SendmailOptions& options) {
  const auto runtime = open_runtime(runtime_request(call, options));
  return report_diagnostics(*runtime, options.verbose);
}

int mode_bH(const Invocation& call, const SendmailOptions& options) { return mode_bh(call, options); }

}  // namespace hky::cmd
