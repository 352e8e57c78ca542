// sendmail -bv: an expansion as lines. sendmail: deliver.c sendall(SM_VERIFY).
#include <fmt/format.h>

#include "route/recipients.h"

namespace hky::route {

std::vector<std::string> verify_lines(const RecipientList& list, bool verbose) {
  std::vector<std::string> lines;
  for (const Said& said : list.said())
    if (verbose || !said.verbose) lines.push_back(said.text);
  std::vector<int> order;
  for (const RecipientList::Group& group : list.groups()) order.insert(order.end(), group.members.begin(), group.members.end());
  for (int i : order) {
    const Recipient& r = list.all()[static_cast<size_t>(i)];
    const Address& a = r.address;
    // sendmail: QS_IS_SENDABLE: what would be queued for now (no alias database, say) counts as well
    if (r.state != RcptState::kOk && r.state != RcptState::kQueueUp) continue;
    if (a.host.empty()) lines.push_back(fmt::format("{}... deliverable: mailer {}, user {}", a.paddr, a.mailer_name(), a.user));
    else lines.push_back(fmt::format("{}... deliverable: mailer {}, host {}, user {}", a.paddr, a.mailer_name(), a.host, a.user));
  }
  return lines;
}

net::Task<VerifyResult> verify(rewrite::Context& ctx, ipc::Agent& agent, const Address& sender, std::vector<std::string> arguments, bool verbose) {
  ExpandOptions options;
  options.old_style = ctx.config.options.old_style_headers;
  RecipientList list(ctx, agent, options);
  for (const std::string& argument : arguments) {
    std::string one = argument;
    co_await list.add(std::move(one));
  }
  list.leave_out(sender);
  VerifyResult out;
  out.lines = verify_lines(list, verbose);
  out.exit_code = list.exit_code();
  co_return out;
}

}  // namespace hky::route
