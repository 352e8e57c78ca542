#include "deliver/host_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/strings.h"
#include "route/address.h"
#include "route/mx.h"

namespace hky::deliver {
namespace {

Fate no_host(const std::string& host) {
  Fate f = local_fate(EX_NOHOST, "5.1.2", fmt::format("Host unknown (Name server: {}: host not found)", host));
  f.remote_mta = host;
  f.relay = host;
  return f;
}

Fate try_again(const std::string& host) {
  Fate f = local_fate(EX_TEMPFAIL, "4.4.3", fmt::format("Name server: {}: host name lookup failure", host));
  f.relay = host;
  return f;
}

// sendmail: deliver(): a name that DNS does not have is refused by the status of a connection that was never made.
Fate no_such_name(const std::string& host) {
  Fate f = no_host(host);
  f.reply = "550 Host unknown";
  return f;
}

// What mx_hosts() says, with codes, as a fate.
Fate fate_of_mx(const route::MxResult& mx, const std::string& host) {
  if (mx.status == route::MxStatus::kTempFail) return try_again(host);
  if (mx.loops_back) {
    // sendmail: the reply blames the configuration, the status is "Local configuration error".
    Fate f = local_fate(EX_CONFIG, "5.3.5", "Local configuration error");
    f.said = mx.error;
    f.reply = "553 5.3.5 system config error";
    f.relay = host;
    return f;
  }
  if (mx.null_mx) {
    Fate f = local_fate(EX_UNAVAILABLE, "5.1.10", "Service unavailable");   // RFC 7505 4.1
    f.reply = mx.error;
    f.remote_mta = host;
    f.relay = host;
    return f;
  }
  return no_such_name(host);
}

// sendmail: hostsignature(): "a,b:c" where a and b are preferred alike.
std::string signature_of(std::vector<route::MxHost> hosts) {
  std::sort(hosts.begin(), hosts.end(), [](const route::MxHost& a, const route::MxHost& b) { return std::tie(a.preference, a.name) < std::tie(b.preference, b.name); });
  std::string out;
  for (size_t i = 0; i < hosts.size(); ++i) {
    if (i > 0) out += hosts[i].preference == hosts[i - 1].preference ? ',' : ':';
    out += hosts[i].name;
  }
  return out;
}

}  // namespace

net::Task<HostList> DnsHostFinder::hosts(std::string host, const cf::Mailer& mailer, const Settings& settings) {
  HostList list;
  // sendmail: F=0 asks for no MX.
  if (mailer.flag('0')) {
    list.signature = host;
    list.names.push_back(std::move(host));
    co_return list;
  }
  cf::MacroScope scope(*settings.config);
  rewrite::Context ctx{s_.loop, settings.program, *settings.config, *settings.maps, scope, nullptr, nullptr};
  const route::MxResult mx = co_await route::mx_hosts(ctx, *settings.names, s_.random, host);
  for (const route::MxHost& h : mx.hosts) list.names.push_back(h.name);
  if (mx.own < mx.hosts.size()) list.own = mx.own;
  list.signature = signature_of(mx.hosts);
  // sendmail: getmxrr(): punt: a name that is there, but no host's, is tried, and found to have no address
  const bool known = mx.status == route::MxStatus::kNoHost && !mx.no_such_name && !mx.loops_back && !mx.null_mx;
  if (list.names.empty() && known) list.names.push_back(host);
  // sendmail: FallbackSmartHost takes what DNS or no host would; not what is refused for good.
  const std::string& smart = settings.config->options.fallback_smart_host;
  if (!smart.empty() && !mx.loops_back && !mx.null_mx && !settings.config->in_class('w', smart)) list.names.push_back(smart);
  if (!list.names.empty()) co_return list;
  list.ok = false;
  list.problem = fate_of_mx(mx, host);
  co_return list;
}

net::Task<HostList> DnsHostFinder::addresses(std::string name, const Settings& settings) {
  HostList list;
  std::string bare = name;
  if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']') bare = bare.substr(1, bare.size() - 2);
  if (starts_with_i(bare, "IPv6:")) bare = bare.substr(5);
  dns::HostAddresses found = co_await dns::addresses_of(s_.loop, *settings.names, bare);
  list.names = std::move(found.addresses);
  if (!list.names.empty()) co_return list;
  list.ok = false;
  if (found.status == dns::Status::kTempFail || found.status == dns::Status::kDeferred) list.problem = try_again(name);
  else list.problem = no_host(name);
  co_return list;
}

}  // namespace hky::deliver
