// See mx.h. sendmail: domain.c getmxrr(), deliver.c (parse_hostsignature, FallbackMXhost).
#include "route/mx.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace hky::route {

namespace {

std::string plain(std::string_view host) {
  while (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  return std::string(host);
}

bool is_self(const cf::Config& config, std::string_view host) { return config.in_class('w', plain(host)); }

void tell(rewrite::Context& ctx, const std::string& host, const MxResult& r) {
  if (ctx.reasons == nullptr) return;
  std::string answer;
  for (const MxHost& h : r.hosts) answer += fmt::format("{}{} {}", answer.empty() ? "" : ", ", h.preference, h.name);
  if (answer.empty()) answer = r.error;
  DnsAnswered reason{host, r.implicit ? "A" : "MX", answer, r.secure};
  ctx.reasons->add(std::move(reason));
}

// RFC 5321 5.1: itself in the list cuts off that and every worse one.
void cut_self(const cf::Config& config, MxResult& r) {
  int best = -1;
  for (const MxHost& h : r.hosts)
    if (is_self(config, h.name) && (best < 0 || h.preference < best)) best = h.preference;
  if (best < 0) return;
  r.hosts.erase(std::remove_if(r.hosts.begin(), r.hosts.end(), [best](const MxHost& h) { return h.preference >= best; }), r.hosts.end());
  if (r.hosts.empty()) r.loops_back = true;
}

// "[192.0.2.1]" stays as it is; "[mx.example]" is that host, not its MX, by its canonical name (RFC 5321 4.1.3; sendmail: getmxrr(): punt).
net::Task<MxResult> literal(rewrite::Context& ctx, const dns::NameEnvironment& names, std::string host) {
  MxResult r;
  r.implicit = true;
  const bool is_address = host.size() > 1 && (is_digit(host[1]) || host.find(':') != std::string::npos);
  if (!is_address && host.size() > 2 && host.back() == ']') {
    const dns::CanonicalName name = co_await dns::canonical_name(ctx.loop, names, host.substr(1, host.size() - 2));
    if (name.status == dns::Status::kOk) host = name.name;
  }
  r.hosts.push_back(MxHost{std::move(host), 0});
  co_return r;
}

net::Task<MxResult> one_host(rewrite::Context& ctx, const dns::NameEnvironment& names, Random& random, std::string host) {
  MxResult r;
  if (host.starts_with('[')) {
    r = co_await literal(ctx, names, std::move(host));
    co_return r;
  }
  dns::MxList list = co_await dns::mx_of(ctx.loop, names, host, &random);
  r.secure = list.secure;
  r.implicit = list.implicit;
  if (list.null_mx) {
    // RFC 7505 3: the domain accepts no mail; RFC 3463 5.1.10
    r.null_mx = true;
    r.status = MxStatus::kNoHost;
    r.error = "556 Host does not accept mail: MX 0 .";
    co_return r;
  }
  if (list.status == dns::Status::kTempFail || list.status == dns::Status::kDeferred) {
    r.status = MxStatus::kTempFail;
    r.error = fmt::format("451 4.4.3 {}: Name server timeout", plain(host));
    co_return r;
  }
  for (const dns::MxHost& h : list.hosts) r.hosts.push_back(MxHost{h.host, h.preference});
  if (r.hosts.empty()) {
    r.no_such_name = list.status == dns::Status::kNxDomain && dns::is_name(plain(host));
    r.status = MxStatus::kNoHost;
    r.error = fmt::format("550 5.1.2 Host unknown (Name server: {}: host not found)", plain(host));
    co_return r;
  }
  // a host without MX that is ourselves is met by the deliverer's greeting (loops back); only MX records cut here
  if (!r.implicit) cut_self(ctx.config, r);
  if (!r.loops_back) co_return r;
  if (ctx.config.options.try_null_mx_list && !is_self(ctx.config, host)) {
    // sendmail: TryNullMXList: best MX and nobody told us why: the host's own address is tried
    dns::HostAddresses own = co_await dns::addresses_of(ctx.loop, names, host);
    if (own.status == dns::Status::kTempFail) {
      r.status = MxStatus::kTempFail;
      r.error = fmt::format("451 4.4.3 {}: Name server timeout", plain(host));
      co_return r;
    }
    if (own.status == dns::Status::kOk) {
      r.hosts.push_back(MxHost{plain(host), 0});
      r.loops_back = false;
      r.implicit = true;
      co_return r;
    }
  }
  r.status = MxStatus::kNoHost;
  r.error = fmt::format("553 5.3.5 {} config error: mail loops back to me (MX problem?)", plain(host));
  co_return r;
}

// sendmail: FallbackMXhost stands behind every list, with MX hosts of its own
net::Task<> add_fallback(rewrite::Context& ctx, const dns::NameEnvironment& names, Random& random, MxResult& out, int preference) {
  std::string fallback = ctx.config.options.fallback_mx_host;
  if (fallback.empty() || is_self(ctx.config, fallback)) co_return;
  MxResult behind;
  if (fallback.starts_with('[')) behind.hosts.push_back(MxHost{fallback, 0});
  else behind = co_await one_host(ctx, names, random, fallback);
  if (behind.status == MxStatus::kTempFail) behind.hosts.assign(1, MxHost{std::move(fallback), 0});   // its turn comes, too
  for (MxHost& h : behind.hosts) {
    h.preference += preference;
    out.hosts.push_back(std::move(h));
  }
}

}  // namespace

net::Task<MxResult> mx_hosts(rewrite::Context& ctx, const dns::NameEnvironment& names, Random& random, std::string host) {
  MxResult out;
  out.status = MxStatus::kNoHost;
  bool first = true;
  // sendmail: "a.example:b.example" are tried one after the other; a colon inside brackets is part of an address
  size_t begin = 0;
  int shift = 0;
  while (begin <= host.size()) {
    size_t end = begin, depth = 0;
    while (end < host.size() && (host[end] != ':' || depth > 0)) {
      if (host[end] == '[') ++depth;
      else if (host[end] == ']' && depth > 0) --depth;
      ++end;
    }
    std::string one = host.substr(begin, end - begin);
    begin = end + 1;
    if (one.empty()) continue;
    MxResult part = co_await one_host(ctx, names, random, std::move(one));
    int highest = shift;
    for (MxHost& h : part.hosts) {
      h.preference += shift;
      highest = std::max(highest, h.preference);
      out.hosts.push_back(std::move(h));
    }
    shift = highest + 1;
    if (first || (out.hosts.empty() && part.status == MxStatus::kTempFail)) {
      out.error = part.error;
      out.status = part.status;
      out.null_mx = part.null_mx;
      out.no_such_name = part.no_such_name;
      out.loops_back = part.loops_back;
      out.implicit = part.implicit;
      out.secure = part.secure;
    }
    first = false;
  }
  out.own = out.hosts.size();
  if (!out.null_mx && !out.loops_back) co_await add_fallback(ctx, names, random, out, shift);
  if (!out.hosts.empty()) {
    out.status = MxStatus::kOk;
    out.error.clear();
    out.loops_back = false;
  }
  tell(ctx, host, out);
  co_return out;
}

}  // namespace hky::route
