#include "dns/names.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace hky::dns {
namespace {

constexpr int kMaxCnameDepth = 10;  // sendmail: MAXCNAMEDEPTH

bool has_dot(const std::string& s) { return s.find('.') != std::string::npos; }

// What the DNS part of a canonical-name look-up carries from step to step.
struct Walk {
  std::string host;
  bool trailing_dot = false;
  Status failure = Status::kNxDomain;
  CanonicalName result;
  bool done = false;

  explicit Walk(std::string h) : host(std::move(h)) {
    if (!host.empty() && host.back() == '.') {
      trailing_dot = true;
      host.pop_back();
    }
  }
};

// sendmail: text_getcanonname(): the first line that names the host; its first name with a dot is the canonical one.
bool canonical_from_hosts(const NameEnvironment& env, std::string host, std::string& out) {
  if (env.hosts == nullptr) return false;
  if (host.size() > 1 && host.back() == '.') host.pop_back();
  const HostsTable::Entry* e = env.hosts->by_name(host);
  if (e == nullptr && !env.local_domain.empty()) {
    const size_t dot = host.find('.');
    if (dot != std::string::npos && iequals(std::string_view(host).substr(dot + 1), env.local_domain)) {
      e = env.hosts->by_name(host.substr(0, dot));
    }
  }
  if (e == nullptr) return false;
  const auto it = std::find_if(e->names.begin(), e->names.end(), has_dot);
  out = it == e->names.end() ? host : *it;
  return true;
}

// The names to try: as it stands first when it has a dot, then with each domain of the search list.
std::vector<std::string> candidates(const NameEnvironment& env, const Walk& walk) {
  std::vector<std::string> out;
  const bool dotted = has_dot(walk.host);
  if (dotted || walk.trailing_dot) out.emplace_back();
  if (!walk.trailing_dot && env.use_defnames) {
    for (const auto& domain : env.resolver->search_list()) out.push_back(domain);
  }
  return out;
}

// Aliases that point at each other: sendmail walks them until its limit and names the host where it stopped.
net::Task<void> report_loop(net::Loop& loop, const NameEnvironment& env, Walk& walk, std::string name) {
  for (int i = 0; i <= kMaxCnameDepth; ++i) {
    Answer hop = co_await env.resolver->query(loop, name, Type::kCname);
    if (hop.records.empty()) break;
    name = hop.records.front().data;
  }
  walk.done = true;
  walk.result.status = Status::kNoData;
  walk.result.name = name;
  walk.result.message = "DNS failure: CNAME loop for " + name;
}

// One name, the types that make a host known. True when the walk is over.
net::Task<void> try_candidate(net::Loop& loop, const NameEnvironment& env, Walk& walk, std::string domain, bool try_mx) {
  const std::string name = domain.empty() ? walk.host : walk.host + "." + domain;
  const std::array<Type, 3> types{Type::kA, Type::kAaaa, Type::kMx};
  for (const Type type : types) {
    if (type == Type::kMx && !(try_mx || domain.empty())) continue;
    Answer a = co_await env.resolver->query(loop, name, type);
    if (a.status == Status::kTempFail || a.status == Status::kDeferred) {
      walk.failure = a.status;
      walk.done = true;
      walk.result.status = a.status;
      walk.result.name = walk.host;
      co_return;
    }
    if (!a.cname_loop.empty() && !env.dont_expand_cnames) {
      co_await report_loop(loop, env, walk, name);
      co_return;
    }
    if (a.status == Status::kNxDomain) co_return;
    const bool alias_kept = (a.had_cname || !a.cname_loop.empty()) && env.dont_expand_cnames;
    if (a.status != Status::kOk && !alias_kept) continue;
    // sendmail: behind a wildcard MX an MX of host.domain proves nothing.
    if (type == Type::kMx && !domain.empty() && env.has_wildcard_mx) continue;
    walk.done = true;
    walk.result.status = Status::kOk;
    walk.result.name = a.had_cname && !env.dont_expand_cnames ? a.canonical : name;
    walk.result.ttl = a.ttl;
    walk.result.secure = a.secure;
    co_return;
  }
}

net::Task<CanonicalName> canonical_from_dns(net::Loop& loop, const NameEnvironment& env, std::string host, bool try_mx) {
  Walk walk(std::move(host));
  if (walk.host.empty() || walk.host.back() == '.' || walk.host.find("..") != std::string::npos) {  // no such name can be asked
    walk.result.status = Status::kNxDomain;
    walk.result.name = walk.host;
    co_return std::move(walk.result);
  }
  if (env.resolver == nullptr || env.deferred) {
    walk.result.status = env.deferred ? Status::kDeferred : Status::kNxDomain;
    walk.result.name = walk.host;
    co_return std::move(walk.result);
  }
  const std::vector<std::string> domains = candidates(env, walk);
  for (const auto& domain : domains) {
    co_await try_candidate(loop, env, walk, domain, try_mx);
    if (walk.done) co_return std::move(walk.result);
  }
  walk.result.status = Status::kNxDomain;
  walk.result.name = walk.host;
  co_return std::move(walk.result);
}

// An address literal, with or without brackets; empty when it is none.
std::string literal(const std::string& host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') return canonical_address(host.substr(1, host.size() - 2));
  return canonical_address(host);
}

void sort_and_shuffle(std::vector<MxHost>& hosts, Random* random) {
  std::stable_sort(hosts.begin(), hosts.end(), [](const MxHost& a, const MxHost& b) { return a.preference < b.preference; });
  if (random == nullptr) return;
  for (size_t i = 0; i < hosts.size();) {
    size_t end = i;
    while (end < hosts.size() && hosts[end].preference == hosts[i].preference) ++end;
    for (size_t k = end - i; k > 1; --k) std::swap(hosts[i + k - 1], hosts[i + random->below(k)]);
    i = end;
  }
}

// sendmail: getmxrr()'s `punt`: no MX, the host itself stands in when it is known.
net::Task<MxList> implicit_mx(net::Loop& loop, const NameEnvironment& env, std::string host) {
  MxList out;
  CanonicalName name = co_await canonical_name(loop, env, std::move(host), false);
  out.status = name.status;
  if (name.status == Status::kOk) {
    MxHost self;
    self.host = name.name;
    out.hosts.push_back(std::move(self));
    out.implicit = true;
    out.ttl = name.ttl;
    out.secure = name.secure;
  }
  co_return out;
}

}  // namespace

net::Task<CanonicalName> canonical_name(net::Loop& loop, const NameEnvironment& env, std::string host, bool try_mx) {
  CanonicalName out;
  bool tempfail = false;
  bool deferred = false;
  for (const Service service : env.order) {
    if (service == Service::kFiles) {
      std::string found;
      out.status = canonical_from_hosts(env, host, found) ? Status::kOk : Status::kNxDomain;
      out.name = out.status == Status::kOk ? found : host;
    } else {
      out = co_await canonical_from_dns(loop, env, host, try_mx);
    }
    if (out.status == Status::kOk) break;
    tempfail = tempfail || out.status == Status::kTempFail;
    deferred = deferred || out.status == Status::kDeferred;
  }
  if (out.status != Status::kOk) {
    if (tempfail) out.status = Status::kTempFail;
    if (deferred) out.status = Status::kDeferred;
    co_return out;
  }
  if (!out.name.empty() && out.name.back() == '.') out.name.pop_back();
  if (!has_dot(out.name) && !env.local_domain.empty()) out.name += "." + env.local_domain;
  co_return out;
}

net::Task<Answer> search(net::Loop& loop, const NameEnvironment& env, std::string name, Type type) {
  Answer answer;
  if (env.resolver == nullptr || env.deferred) {
    answer.status = env.deferred ? Status::kDeferred : Status::kNxDomain;
    co_return answer;
  }
  const bool trailing = !name.empty() && name.back() == '.';
  if (trailing) name.pop_back();
  const auto dots = std::count(name.begin(), name.end(), '.');
  const bool as_is_first = trailing || dots >= env.resolver->ndots();
  Answer first;
  if (as_is_first) {
    first = co_await env.resolver->query(loop, name, type);
    if (trailing || first.status == Status::kOk || first.had_cname) co_return first;
  }
  bool nodata = false;
  bool servfail = false;
  if (env.use_defnames) {
    const std::vector<std::string> domains = env.resolver->search_list();
    for (const auto& domain : domains) {
      std::string full = name + "." + domain;
      answer = co_await env.resolver->query(loop, full, type);
      if (answer.status == Status::kOk || answer.had_cname) co_return answer;
      nodata = nodata || answer.status == Status::kNoData;
      servfail = servfail || answer.status == Status::kTempFail;
    }
  }
  if (as_is_first) co_return first;
  answer = co_await env.resolver->query(loop, name, type);
  if (answer.status == Status::kOk || answer.had_cname) co_return answer;
  if (nodata) answer.status = Status::kNoData;
  else if (servfail) answer.status = Status::kTempFail;
  co_return answer;
}

net::Task<MxList> mx_of(net::Loop& loop, const NameEnvironment& env, std::string host, Random* random) {
  MxList out;
  if (!host.empty() && host.front() == '[') {
    const std::string address = literal(host);
    if (!address.empty()) {
      out.status = Status::kOk;
      out.implicit = true;
      MxHost self;
      self.host = host;
      out.hosts.push_back(std::move(self));
      co_return out;
    }
    const size_t end = host.find(']');
    std::string inner = host.substr(1, end == std::string::npos ? end : end - 1);
    out = co_await implicit_mx(loop, env, std::move(inner));
    co_return out;
  }
  Answer answer = co_await search(loop, env, host, Type::kMx);
  if (answer.status == Status::kTempFail || answer.status == Status::kDeferred) {
    out.status = answer.status;
    co_return out;
  }
  if (answer.status != Status::kOk && !answer.had_cname) {
    out = co_await implicit_mx(loop, env, host);
    if (out.status == Status::kNxDomain) out.status = answer.status;
    co_return out;
  }
  out.status = answer.status;
  out.secure = answer.secure;
  out.ttl = answer.ttl;
  for (const auto& r : answer.records) {
    MxHost h;
    h.preference = r.preference;
    h.host = r.data;
    const auto same = std::find_if(out.hosts.begin(), out.hosts.end(), [&](const MxHost& o) { return iequals(o.host, h.host); });
    if (same == out.hosts.end()) out.hosts.push_back(std::move(h));
  }
  // RFC 7505 3: one record, the root as its host.
  if (out.hosts.size() == 1 && (out.hosts[0].host == "." || out.hosts[0].host.empty())) {
    out.null_mx = true;
    out.hosts.clear();
  }
  sort_and_shuffle(out.hosts, random);
  co_return out;
}

net::Task<HostAddresses> addresses_of(net::Loop& loop, const NameEnvironment& env, std::string host, bool want_v4, bool want_v6) {
  HostAddresses out;
  out.canonical = host;
  if (std::string a = literal(host); !a.empty()) {
    out.status = Status::kOk;
    out.addresses.push_back(std::move(a));
    co_return out;
  }
  if (!host.empty() && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  bool tempfail = false;
  for (const Service service : env.order) {
    if (service == Service::kFiles) {
      if (env.hosts == nullptr) continue;
      std::string bare = host;
      if (bare.size() > 1 && bare.back() == '.') bare.pop_back();
      for (auto& a : env.hosts->addresses(bare)) {
        const bool v6 = a.find(':') != std::string::npos;
        if (v6 ? want_v6 : want_v4) out.addresses.push_back(std::move(a));
      }
      if (out.addresses.empty()) continue;
      std::string canonical;
      if (canonical_from_hosts(env, bare, canonical)) out.canonical = canonical;
      out.status = Status::kOk;
      co_return out;
    }
    const std::array<Type, 2> types{Type::kAaaa, Type::kA};
    for (const Type type : types) {
      if (type == Type::kA ? !want_v4 : !want_v6) continue;
      Answer a = co_await search(loop, env, host, type);
      tempfail = tempfail || a.status == Status::kTempFail;
      if (a.status != Status::kOk) {
        if (out.status != Status::kOk && a.status != Status::kNxDomain) out.status = a.status;
        continue;
      }
      out.secure = a.secure && (out.secure || out.addresses.empty());
      out.status = Status::kOk;
      out.canonical = a.canonical;
      for (auto& r : a.records) out.addresses.push_back(r.data);
    }
    if (out.status == Status::kOk) co_return out;
  }
  if (tempfail) out.status = Status::kTempFail;
  co_return out;
}

net::Task<NameOfAddress> name_of(net::Loop& loop, const NameEnvironment& env, std::string address) {
  NameOfAddress out;
  const std::string reverse = reverse_name(address);
  if (reverse.empty()) co_return out;
  bool tempfail = false;
  for (const Service service : env.order) {
    if (service == Service::kFiles) {
      const HostsTable::Entry* e = env.hosts == nullptr ? nullptr : env.hosts->by_address(address);
      if (e == nullptr) continue;
      out.status = Status::kOk;
      out.name = e->names.front();
      co_return out;
    }
    if (env.resolver == nullptr || env.deferred) {
      if (env.deferred) out.status = Status::kDeferred;
      continue;
    }
    Answer a = co_await env.resolver->query(loop, reverse, Type::kPtr);
    tempfail = tempfail || a.status == Status::kTempFail;
    if (a.status != Status::kOk) continue;
    out.status = Status::kOk;
    out.name = a.records.front().data;
    out.secure = a.secure;
    co_return out;
  }
  if (tempfail) out.status = Status::kTempFail;
  co_return out;
}

}  // namespace hky::dns
