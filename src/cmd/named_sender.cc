#include "cmd/named_sender.h"

#include <unistd.h>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/sysexits.h"
#include "cmd/submission.h"
#include "route/address.h"

namespace hky::cmd {
namespace {

route::Address caller(net::Loop& loop, rewrite::Context& ctx) {
  return net::run_blocking(loop, route::parse_address(ctx, user_name(::getuid()), route::Role::kEnvelopeSender));
}

}  // namespace

SenderBlame blame_sender(const Runtime& runtime, const SendmailOptions& options) {
  SenderBlame out;
  net::Loop loop(system_clock());
  cf::MacroScope scope(*runtime.config);
  rewrite::Context ctx = runtime.context(loop, scope);
  if (options.from_given == 0) {
    out.address = caller(loop, ctx);
    return out;
  }
  const route::NamedSender sender = net::run_blocking(loop, route::named_sender(ctx, options.from));
  const std::vector<route::Said> said = route::complaints(ctx, sender, options.from);
  for (const route::Said& one : said) fmt::print("{}\n", one.text);
  if (sender.nobody && sender.address.is_error) out.refused = sender.address.error_exit;
  out.said = said.empty() ? EX_OK : EX_USAGE;
  out.address = sender.nobody ? caller(loop, ctx) : sender.address;
  return out;
}

}  // namespace hky::cmd
