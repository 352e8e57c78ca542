#include <algorithm>

#include "route/address.h"

namespace hky::route {
namespace {

// sendmail: ProgMailer, FileMailer, InclMailer
bool sends_nothing(const cf::Mailer* m) { return m != nullptr && (m->name == "prog" || m->name == "*file*" || m->name == "*include*"); }

}  // namespace

net::Task<NamedSender> named_sender(rewrite::Context& ctx, std::string address) {
  NamedSender out;
  out.address = co_await parse_address(ctx, std::move(address), Role::kEnvelopeSender);
  const bool bogus = sends_nothing(out.address.mailer);
  if (bogus) out.address.messages.emplace_back("553 5.1.7 Invalid sender address");
  out.nobody = bogus || out.address.unparsable || (out.address.error_exit != 0 && !out.address.temp_fail);
  co_return out;
}

std::vector<Said> complaints(const rewrite::Context& ctx, const NamedSender& sender, std::string_view address) {
  std::vector<std::string> messages = sender.address.messages;
  if (!sender.nobody) {   // it is scanned once more
    const rewrite::PrescanResult in = rewrite::prescan(address, '\0', ctx.config, rewrite::TokenTable::kExternal);
    messages.insert(messages.end(), in.errors.begin(), in.errors.end());
  }
  std::vector<Said> out;
  for (const std::string& message : messages)
    if (message.starts_with('5')) out.push_back(Said{false, user_line(message, address), coded_line(message, address)});
  return out;
}

}  // namespace hky::route
