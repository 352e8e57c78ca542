// The two files names are read from: resolv.conf and hosts, as values. Pure functions: the caller reads
// the text. Who calls it: the system resolver, dns/names.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hky::dns {

// resolv.conf(5): nameserver (with an optional "@port", for tests), domain, search, options ndots: timeout: attempts:.
struct ResolvConf {
  std::vector<std::string> nameservers;  // "127.0.0.1" or "127.0.0.1@5353"; none named: the local host
  std::vector<std::string> search;       // lower case, without the trailing dot
  int ndots = 1;
  int timeout_seconds = 5;
  int attempts = 2;
};
ResolvConf parse_resolv_conf(std::string_view text);

// hosts(5). Names keep their spelling; they are found without case. The first line that names a host wins.
class HostsTable {
 public:
  struct Entry { std::string address; std::vector<std::string> names; };
  static HostsTable parse(std::string_view text);
  const Entry* by_name(std::string_view name) const;
  const Entry* by_address(std::string_view address) const;
  std::vector<std::string> addresses(std::string_view name) const;

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::vector<size_t>> by_name_;
  std::unordered_map<std::string, size_t> by_address_;
};

// An address in its canonical text form ("::1", "192.0.2.1"), or empty when it is none. Accepts "IPv6:" in front.
std::string canonical_address(std::string_view text);
// An IPv6 address with its eight groups written out, as sendmail prints them ("0:0:0:0:0:0:0:1"); others unchanged.
std::string ipv6_full(std::string_view address);
// As rulesets, headers and the log know it: "192.0.2.1", "IPv6:0:0:0:0:0:0:0:1", `compressed` "IPv6:::1". sendmail: anynet_ntoa(); UseCompressedIPv6Addresses
std::string shown_address(std::string_view address, bool compressed);
// "1.2.0.192.in-addr.arpa" for "192.0.2.1", the ip6.arpa name for IPv6; empty when it is no address (RFC 1035 3.5, RFC 3596 2.5).
std::string reverse_name(std::string_view address);

}  // namespace hky::dns
