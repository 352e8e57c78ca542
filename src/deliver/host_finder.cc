#include "deliver/host_finder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace hky::deliver {
namespace {

// "a:b:[c]" -> its parts; a colon inside brackets (IPv6) belongs to the address.
std::vector<std::string> split_hosts(std::string_view host) {
  std::vector<std::string> out(1);
  bool bracket = false;
  for (char c : host) {
    if (c == '[') bracket = true;
    if (c == ']') bracket = false;
    if ((c == ':' || c == ',') && !bracket) out.emplace_back();
    else out.back() += c;
  }
  std::erase(out, std::string());
  return out;
}

bool is_local(const Settings& settings, std::string_view host) {
  return settings.config->in_class('w', host);
}

Fate no_host(const std::string& host) {
  Fate f = local_fate(EX_NOHOST, "5.1.2", fmt::format("Host unknown (Name server: {}: host not found)", host));
  f.relay = host;
  return f;
}

Fate try_again(const std::string& host) {
  Fate f = local_fate(EX_TEMPFAIL, "4.4.3", fmt::format("Name server: {}: host name lookup failure", host));
  f.relay = host;
  return f;
}

}  // namespace

// MX hosts of one name. False: list.problem says why there is none.
net::Task<bool> DnsHostFinder::add_mx(std::string host, const Settings& settings, HostList& list) {
  const dns::MxList mx = co_await dns::mx_of(s_.loop, *settings.names, host, &s_.random);
  if (mx.null_mx) {
    // RFC 7505 4.1: the domain takes no mail; 556 5.1.10.
    list.problem = local_fate(EX_UNAVAILABLE, "5.1.10", "Service unavailable");
    list.problem.reply = fmt::format("556 5.1.10 {}: does not accept mail (null MX)", host);
    co_return false;
  }
  if (mx.status == dns::Status::kTempFail || mx.status == dns::Status::kDeferred) {
    list.problem = try_again(host);
    co_return false;
  }
  if (mx.hosts.empty() || mx.implicit) {
    list.names.push_back(host);
    co_return true;
  }
  // RFC 5321 5.1: our own name cuts off itself, its equals and all that are worse.
  auto own = std::find_if(mx.hosts.begin(), mx.hosts.end(), [&](const dns::MxHost& h) { return is_local(settings, h.host); });
  for (const dns::MxHost& h : mx.hosts)
    if (own == mx.hosts.end() || h.preference < own->preference) list.names.push_back(h.host);
  if (!list.names.empty()) co_return true;
  if (settings.policy.try_null_mx_list) {
    list.names.push_back(host);
    co_return true;
  }
  list.problem = local_fate(EX_CONFIG, "5.3.5", "Local configuration error");
  list.problem.reply = fmt::format("553 5.3.5 {}. config error: mail loops back to me (MX problem?)", host);
  list.problem.relay = host + ".";
  co_return false;
}

net::Task<HostList> DnsHostFinder::hosts(std::string host, const cf::Mailer& mailer, const Settings& settings) {
  HostList list;
  bool any = false;
  for (const std::string& part : split_hosts(host)) {
    // sendmail: "[host]" and F=0 ask for no MX.
    if (part.front() == '[' || mailer.flag('0')) {
      list.names.push_back(part);
      any = true;
      continue;
    }
    const bool found = co_await add_mx(part, settings, list);
    any = any || found;
  }
  if (!settings.policy.fallback_mx.empty() && (any || list.problem.temporary())) {
    const bool found = co_await add_mx(settings.policy.fallback_mx, settings, list);
    any = any || found;
  }
  list.ok = any;
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
