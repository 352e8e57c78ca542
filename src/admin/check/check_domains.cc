// What DNS says of the domains this host takes mail for, of those near it, and of its own addresses.
// RFC 5321 5.1 (MX), RFC 2181 10.3 (an MX names no alias), RFC 7505 (null MX), RFC 1912 2.1 (PTR).
#include <algorithm>

#include <fmt/format.h>

#include "admin/check/check.h"
#include "base/strings.h"
#include "maps/makemap.h"

namespace hky::admin::check {
namespace {

class DomainCheck {
 public:
  DomainCheck(const World& world, Findings& out) : w_(world), out_(out) {
    for (const std::string& a : w_.identity.addresses) own_.insert(dns::canonical_address(a));
    for (const auto& i : w_.identity.interfaces) {
      if (!i.loopback) own_.insert(dns::canonical_address(i.address));
    }
    own_.erase("");
  }

  net::Task<> run() {
    const std::vector<std::string> taken = ours();
    for (const std::string& domain : taken) co_await local_domain(domain);
    const std::vector<std::string> near = candidates();
    for (const std::string& domain : near) co_await maybe_missing(domain);
    for (const std::string& address : own_) co_await pointer(address);
  }

 private:
  bool in_w(std::string_view name) const { return w_.config().in_class('w', name); }

  bool in_named_class(std::string_view cls, std::string_view word) const {
    cf::NameId id = 0;
    return w_.config().names.find(cls, id) && w_.config().in_class(id, word);
  }

  std::vector<std::string> words_of(std::string_view cls) const {
    cf::NameId id = 0;
    if (!w_.config().names.find(cls, id)) return {};
    const auto at = w_.config().class_words.find(id);
    return at == w_.config().class_words.end() ? std::vector<std::string>() : at->second;
  }

  // Class w as the operator wrote it: names that the host found by itself (interfaces, hosts file) promise nothing.
  std::vector<std::string> ours() const {
    std::set<std::string> found;
    for (const std::string& alias : w_.identity.aliases) found.insert(lower(alias));
    for (const auto& i : w_.identity.interfaces) {
      for (const std::string& name : i.names) found.insert(lower(name));
    }
    const std::string j = lower(w_.host_name());
    found.erase(j);
    std::vector<std::string> out;
    for (const std::string& word : words_of("w")) {
      const std::string name = lower(word);
      if (looks_like_domain(name) && !name.starts_with("localhost.") && found.count(name) == 0) out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  // Domains that are handled here in some way, or stand above one that is.
  std::vector<std::string> candidates() const {
    std::set<std::string> out;
    for (const std::string& word : words_of("w")) {
      const size_t dot = word.find('.');
      if (looks_like_domain(word) && dot != std::string::npos) out.insert(lower(word.substr(dot + 1)));
    }
    for (const char* cls : {"R", "M", "G"}) {
      for (const std::string& word : words_of(cls)) out.insert(lower(word));
    }
    out.insert(lower(w_.macro("M")));
    if (const maps::MapSpec* spec = w_.maps.find("virtuser")) virtual_domains(spec->source, out);
    std::vector<std::string> sorted;
    for (const std::string& name : out) {
      if (looks_like_domain(name) && !in_w(name) && !in_named_class("VirtHost", name)) sorted.push_back(name);
    }
    return sorted;
  }

  void virtual_domains(const std::string& path, std::set<std::string>& out) const {
    const auto text = w_.read(path);
    if (!text.ok()) return;
    for (const std::string_view row : split(*text, '\n')) {
      std::string key;
      std::string_view value;
      if (maps::parse_source_line(row, maps::SourceFormat(), key, value) != maps::SourceLine::kEntry) continue;
      if (const size_t at = key.rfind('@'); at != std::string::npos) out.insert(key.substr(at + 1));
    }
  }

  net::Task<bool> has_our_address(std::string host) {
    const dns::HostAddresses found = co_await dns::addresses_of(w_.loop, w_.names, host);
    for (const std::string& address : found.addresses) {
      if (own_.count(dns::canonical_address(address)) != 0) co_return true;
    }
    co_return false;
  }

  net::Task<> local_domain(std::string domain) {
    const std::string file = w_.main.path;
    const std::string dotted = domain + ".";   // as it stands: no search list
    const dns::MxList mx = co_await dns::mx_of(w_.loop, w_.names, dotted, nullptr);
    if (mx.status == dns::Status::kTempFail) {
      out_.note("dns-unanswered", file, 0, fmt::format("no name server answers for {}: its MX was not looked at", domain), "Run the check again when DNS works, or with --no-dns.");
      co_return;
    }
    if (mx.null_mx) {
      out_.warning("mx-null", file, 0, fmt::format("{} is in class w, and DNS says that it takes no mail at all (null MX)", domain), "Remove the null MX record, or the domain from class w.");
      co_return;
    }
    if (mx.status != dns::Status::kOk || mx.hosts.empty()) {
      out_.warning("mx-none", file, 0, fmt::format("{} is in class w, and DNS has neither an MX nor an address for it: nobody elsewhere can write to it", domain),
                   fmt::format("Add a record \"{}. MX 10 {}.\", or take the name out of class w.", domain, w_.host_name()));
      co_return;
    }
    bool here = false;
    std::vector<std::string> names;
    for (const dns::MxHost& host : mx.hosts) {
      names.push_back(host.host);
      if (!mx.implicit) co_await exchanger(domain, host.host);
      // a domain without MX is its own host, and being in class w proves nothing of it: its address must be ours
      bool us = !mx.implicit && in_w(host.host);
      if (!us) us = co_await has_our_address(host.host);
      here = here || us;
    }
    if (!here) {
      out_.warning("mx-elsewhere", file, 0, fmt::format("{} is in class w: mail from here stays here, while others send it to {}", domain, join(names, ", ")),
                   fmt::format("Let an MX of the domain name {}, or take the domain out of class w.", w_.host_name()));
    }
  }

  net::Task<> exchanger(std::string domain, std::string host) {
    const std::string file = w_.main.path;
    if (!dns::canonical_address(host).empty()) {
      out_.warning("mx-literal", file, 0, fmt::format("the MX of {} is the address {}: an MX must be a name, and many will not deliver", domain, host), "Give the host a name with an A record, and let the MX name that.");
      co_return;
    }
    const dns::Answer answer = co_await w_.names.resolver->query(w_.loop, host, dns::Type::kA);
    if (answer.had_cname) {
      out_.warning("mx-cname", file, 0, fmt::format("the MX of {} is {}, which is an alias (CNAME): RFC 2181 10.3 forbids that, and some hosts refuse it", domain, host), fmt::format("Let the MX name {} itself.", answer.canonical.empty() ? "the canonical host" : answer.canonical));
      co_return;
    }
    if (answer.status != dns::Status::kNoData && answer.status != dns::Status::kNxDomain) co_return;
    const dns::HostAddresses any = co_await dns::addresses_of(w_.loop, w_.names, host + ".");
    if (any.status == dns::Status::kTempFail || !any.addresses.empty()) co_return;
    out_.warning("mx-no-address", file, 0, fmt::format("the MX of {} is {}, which has no address", domain, host), "Add its A or AAAA record, or remove the MX.");
  }

  // sendmail: "mail loops back to me (MX problem?)": the best MX is this host, and the domain is not in class w.
  net::Task<> maybe_missing(std::string domain) {
    const dns::MxList mx = co_await dns::mx_of(w_.loop, w_.names, domain + ".", nullptr);
    if (mx.status != dns::Status::kOk || mx.implicit || mx.hosts.empty()) co_return;
    bool us = in_w(mx.hosts.front().host);
    if (!us) us = co_await has_our_address(mx.hosts.front().host);
    if (!us || routed(domain)) co_return;
    out_.error("mx-not-local", w_.main.path, 0, fmt::format("the best MX of {} is this host, and the domain is not in class w: mail for it is refused or loops back", domain),
               fmt::format("Add {} to /etc/mail/local-host-names and restart; to pass it on, give it a line in mailertable.", domain));
  }

  bool routed(const std::string& domain) const {
    const maps::MapSpec* spec = w_.maps.find("mailertable");
    if (spec == nullptr) return false;
    const auto text = w_.read(spec->source);
    if (!text.ok()) return false;
    for (const std::string_view row : split(*text, '\n')) {
      std::string key;
      std::string_view value;
      if (maps::parse_source_line(row, maps::SourceFormat(), key, value) != maps::SourceLine::kEntry) continue;
      if (key == domain || (key.starts_with(".") && ends_with_i(domain, key))) return true;
    }
    return false;
  }

  // RFC 1918, RFC 3927, RFC 4193 and link-local addresses have no name outside.
  static bool is_private(const std::string& a) {
    if (a.starts_with("10.") || a.starts_with("192.168.") || a.starts_with("169.254.") || a.starts_with("127.") || a == "::1") return true;
    if (starts_with_i(a, "fe80:") || starts_with_i(a, "fc") || starts_with_i(a, "fd")) return a.find(':') != std::string::npos;
    if (!a.starts_with("172.")) return false;
    const int second = std::atoi(a.c_str() + 4);
    return second >= 16 && second <= 31;
  }

  net::Task<> pointer(std::string address) {
    if (is_private(address)) co_return;
    const std::string asked = dns::reverse_name(address);
    const dns::Answer answer = co_await w_.names.resolver->query(w_.loop, asked, dns::Type::kPtr);
    if (answer.status == dns::Status::kTempFail) co_return;
    if (answer.records.empty()) {
      out_.warning("ptr-missing", "", 0, fmt::format("our address {} has no name in DNS (no PTR): many hosts refuse mail from it", address), fmt::format("Ask whoever runs the network for a PTR record that says {}.", w_.host_name()));
      co_return;
    }
    const std::string name = answer.records.front().data;
    const dns::HostAddresses forward = co_await dns::addresses_of(w_.loop, w_.names, name + ".");
    if (forward.status == dns::Status::kTempFail) co_return;
    const bool same = std::any_of(forward.addresses.begin(), forward.addresses.end(), [&](const std::string& a) { return dns::canonical_address(a) == address; });
    if (!same) out_.warning("ptr-mismatch", "", 0, fmt::format("the name of our address {} is {}, and that name has other addresses: we look forged", address, name), fmt::format("Let {} have an address record for {}.", name, address));
    else if (!iequals(name, w_.host_name())) out_.note("ptr-other-name", "", 0, fmt::format("our address {} is called {} in DNS, and we call ourselves {}", address, name, w_.host_name()), "Nothing must be done where both names resolve; some filters like them equal.");
  }

  const World& w_;
  Findings& out_;
  std::set<std::string> own_;
};

}  // namespace

net::Task<> check_domains(const World& world, Findings& out) {
  if (world.names.resolver == nullptr) co_return;
  DomainCheck check(world, out);
  co_await check.run();
}

}  // namespace hky::admin::check
