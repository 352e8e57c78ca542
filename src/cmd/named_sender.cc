#include "cmd/named_sender.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/sysexits.h"
#include "route/address.h"

namespace hky::cmd {

SenderBlame blame_sender(const Runtime& runtime, const SendmailOptions& options) {
  SenderBlame out;
  if (options.from_given == 0) return out;
  net::Loop loop(system_clock());
  cf::MacroScope scope(*runtime.config);
  rewrite::Context ctx = runtime.context(loop, scope);
  const route::NamedSender sender = net::run_blocking(loop, route::named_sender(ctx, options.from));
  const std::vector<std::string> said = route::complaints(ctx, sender, options.from);
  for (const std::string& line : said) fmt::print("{}\n", line);
  if (sender.nobody && sender.address.is_error) out.refused = sender.address.error_exit;
  out.said = said.empty() ? EX_OK : EX_USAGE;
  return out;
}

}  // namespace hky::cmd
