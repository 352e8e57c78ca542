// Is this an open relay? A stranger is imagined at several addresses and under several senders; the check rulesets are run
// as a session would run them, with every known way to write somebody else's address, and what they let through is resolved:
// only an address that would really leave for elsewhere counts. So the answer is a verdict on the configuration as it acts.
#include <algorithm>

#include <fmt/format.h>

#include "admin/check/check.h"
#include "base/strings.h"
#include "cf/port_options.h"
#include "policy/rs_check.h"
#include "receive/envelope_macros.h"
#include "route/address.h"

namespace hky::admin::check {
namespace {

// RFC 5737 and RFC 3849 addresses, RFC 2606 names: nobody's.
constexpr std::string_view kElsewhere = "relay-check.invalid";
constexpr std::string_view kStrangerName = "stranger.relay-check.invalid";

struct Stranger {
  std::string what;          // for the sentence
  receive::Client client;
};

receive::Client client_of(std::string address, std::string ptr, std::string name, std::string resolve) {
  receive::Client c;
  const std::string bracketed = fmt::format("[{}]", address);
  c.address = std::move(address);
  c.ptr = ptr.empty() ? bracketed : std::move(ptr);
  c.name = name.empty() ? bracketed : std::move(name);
  c.resolve = std::move(resolve);
  c.port = 40025;
  c.shown = c.name == bracketed ? bracketed : fmt::format("{} {}", c.name, bracketed);
  return c;
}

std::vector<Stranger> strangers(const World& world) {
  std::vector<Stranger> out;
  out.push_back({"a stranger", client_of("203.0.113.77", std::string(kStrangerName), std::string(kStrangerName), "OK")});
  out.push_back({"a stranger without a name", client_of("198.51.100.9", "", "", "FAIL")});
  out.push_back({"a stranger over IPv6", client_of("IPv6:2001:db8:0:0:0:0:0:77", "", "", "FAIL")});
  // A name server of his own says whatever he likes.
  out.push_back({"a stranger whose forged name is ours", client_of("203.0.113.78", world.host_name(), "", "FORGED")});
  return out;
}

std::vector<std::string> forms(const World& world) {
  const std::string j = world.host_name();
  const std::string e(kElsewhere);
  std::vector<std::string> out{
      fmt::format("<victim@{}>", e),         fmt::format("<victim%{}@{}>", e, j),   fmt::format("<{}!victim>", e),
      fmt::format("<{}!victim@{}>", e, j),   fmt::format("<\"victim@{}\"@{}>", e, j), fmt::format("<\"victim@{}\">", e),
      fmt::format("<\"victim%{}\"@{}>", e, j), fmt::format("<@{}:victim@{}>", j, e),  fmt::format("<victim@{}@{}>", e, j),
      fmt::format("<victim%{}>", e),         fmt::format("<victim@[203.0.113.99]>"), fmt::format("<{}!victim%{}@{}>", e, j, j),
  };
  for (const std::string& address : world.identity.addresses) {
    if (address.find(':') == std::string::npos) out.push_back(fmt::format("<victim%{}@[{}]>", e, address));
  }
  return out;
}

// Would this address, taken in, be handed to another host?
bool leaves(const World& world, const route::Address& a) {
  if (a.unparsable || a.is_error || a.mailer == nullptr || a.queue_up) return false;
  if (a.mailer->flag('l') || a.mailer->flag('A')) return false;
  const std::string whole = lower(a.host + " " + a.user);
  if (whole.find(kElsewhere) == std::string::npos && whole.find("203.0.113.99") == std::string::npos) return false;
  std::string host = a.host;
  while (!host.empty() && host.back() == '.') host.pop_back();
  return !world.config().in_class('w', host);
}

net::Task<bool> takes(const World& world, const receive::Client& client, std::string sender, std::string rcpt) {
  cf::MacroScope scope(world.config());
  receive::Daemon daemon;
  policy::Rates::Counts counts;
  receive::set_session_macros(scope, client, daemon, counts, "relay-check.invalid", "ESMTP");
  rewrite::Context ctx = world.context(scope);
  policy::Verdict v = co_await policy::rs_check(ctx, "check_relay", policy::two_arguments(client.name, client.address));
  if (!v.accept) co_return false;
  const std::string bare = sender == "<>" ? sender : sender.substr(1, sender.size() - 2);
  scope.set('f', bare);
  scope.set('g', bare);
  if (sender != "<>") {
    const route::Address from = co_await route::parse_address(ctx, sender, route::Role::kEnvelopeSender);
    scope.set(cf::kN_mail_mailer, from.mailer_name());
    scope.set(cf::kN_mail_host, from.host);
    scope.set(cf::kN_mail_addr, from.user);
    v = co_await policy::rs_check(ctx, "check_mail", policy::one_argument(sender));
    if (!v.accept) co_return false;
  }
  const route::Address to = co_await route::parse_address(ctx, rcpt, route::Role::kEnvelopeRcpt);
  if (!leaves(world, to)) co_return false;
  scope.set(cf::kN_rcpt_mailer, to.mailer_name());
  scope.set(cf::kN_rcpt_host, to.host);
  scope.set(cf::kN_rcpt_addr, to.user);
  scope.set(cf::kN_addr_type, "e r");
  v = co_await policy::rs_check(ctx, "check_rcpt", policy::one_argument(rcpt));
  co_return v.accept && !v.discard;
}

bool loopback_only(const World& world) {
  const auto& daemons = world.config().options.daemon_port_options;
  return !daemons.empty() && std::all_of(daemons.begin(), daemons.end(), [](const cf::PortOptions& options) {
    const std::string address = cf::port_option(options, 'a');
    return address.starts_with("127.") || address == "::1" || iequals(address, "localhost");
  });
}

void report(const World& world, const Stranger& who, const std::string& sender, const std::vector<std::string>& open, bool any_sender, Findings& out) {
  constexpr size_t kShown = 4;
  std::string list;
  for (size_t i = 0; i < open.size() && i < kShown; ++i) list += (i == 0 ? "" : ", ") + open[i];
  if (open.size() > kShown) list += fmt::format(" and {} more forms", open.size() - kShown);
  std::string text = fmt::format("open relay: {} at {} may send to {} from {}", who.what, who.client.address, list, sender);
  std::string cure = any_sender ? "Remove what allows it: FEATURE(promiscuous_relay), FEATURE(loose_relay_check), a RELAY entry of access or a "
                                  "line of relay-domains that is too wide; relay for your own networks or for AUTH only."
                                : "A sender's address proves nothing: remove FEATURE(relay_local_from) or FEATURE(relay_mail_from); relay by "
                                  "network in access (\"Connect:192.0.2 RELAY\") or for AUTH.";
  if (loopback_only(world)) {
    out.warning("open-relay", world.main.path, 0, text + "; only users of this host reach it: the daemons listen on loopback alone", cure);
  } else {
    out.error("open-relay", world.main.path, 0, std::move(text), std::move(cure));
  }
}

}  // namespace

net::Task<> check_relay(const World& world, Findings& out) {
  const std::vector<std::string> rcpts = forms(world);
  const std::vector<Stranger> all = strangers(world);
  // The null sender passes every check of senders; the second tries those that believe them.
  const std::vector<std::string> senders{"<>", fmt::format("<postmaster@{}>", world.host_name())};
  for (const std::string& sender : senders) {
    for (const Stranger& who : all) {
      std::vector<std::string> open;
      for (const std::string& rcpt : rcpts) {
        const bool taken = co_await takes(world, who.client, sender, rcpt);
        if (taken) open.push_back(rcpt);
      }
      if (open.empty()) continue;
      report(world, who, sender, open, sender == "<>", out);
      co_return;   // one way in is enough to know
    }
  }
}

}  // namespace hky::admin::check
