// Names as sendmail asks for them: canonical host names ($[ $]), addresses of a host, name of an address, MX hosts.
// Every function asks the services in the order of the service switch ("hosts files dns"); the files service is the hosts
// table, dns the Resolver with resolv.conf's search list.
// sendmail: domain.c getcanonname() dns_getcanonname() getmxrr(); map.c text/host services.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "dns/files.h"
#include "dns/resolver.h"

namespace hky::dns {

enum class Service { kFiles, kDns };

// What name look-ups depend on. Lives as long as the maps and drivers that use it; read-only, so any thread may ask.
struct NameEnvironment {
  Resolver* resolver = nullptr;                 // null: DNS answers nothing
  const HostsTable* hosts = nullptr;            // null: an empty hosts file
  std::vector<Service> order{Service::kFiles, Service::kDns};
  std::string local_domain;                     // $m, appended to a name without a dot that was found
  bool dont_expand_cnames = false;              // DontExpandCnames
  bool has_wildcard_mx = false;                 // ResolverOptions HasWildcardMX: an MX does not make a name known
  bool use_defnames = true;                     // ResolverOptions DEFNAMES/DNSRCH
  bool deferred = false;                        // deferred delivery mode: dns is not asked
};

struct CanonicalName {
  Status status = Status::kNxDomain;
  std::string name;         // with status kOk: canonical, no trailing dot. else: as given, trailing dot removed
  std::string message;      // what sendmail prints besides ("DNS failure: CNAME loop for x")
  uint32_t ttl = 0;
  bool secure = false;
};
// sendmail: getcanonname(host, trymx). A host without a dot that only an MX makes known is accepted with try_mx.
net::Task<CanonicalName> canonical_name(net::Loop& loop, const NameEnvironment& env, std::string host, bool try_mx = true);

struct HostAddresses {
  Status status = Status::kNxDomain;
  std::vector<std::string> addresses;  // AAAA first where there are any, then A
  std::string canonical;
  bool secure = false;
};
// An address, bare or in brackets, answers itself.
net::Task<HostAddresses> addresses_of(net::Loop& loop, const NameEnvironment& env, std::string host, bool want_v4 = true,
                                      bool want_v6 = true);

struct NameOfAddress {
  Status status = Status::kNxDomain;
  std::string name;         // no trailing dot
  bool secure = false;
};
net::Task<NameOfAddress> name_of(net::Loop& loop, const NameEnvironment& env, std::string address);

struct MxHost { uint16_t preference = 0; std::string host; };  // host without the trailing dot
struct MxList {
  Status status = Status::kNxDomain;   // kOk with hosts; kNoData/kNxDomain: no mail host; kTempFail
  std::vector<MxHost> hosts;           // by preference, equal ones shuffled by `random`
  bool null_mx = false;                // RFC 7505
  bool implicit = false;               // no MX: the host itself stands in (RFC 5321 5.1)
  bool secure = false;
  uint32_t ttl = 0;
};
// sendmail: getmxrr() without dropping the local host (that needs class w: route's part). Names go through the search
// list; `random` null keeps the order of the answer. A name in brackets answers its address or, without MX, that host.
net::Task<MxList> mx_of(net::Loop& loop, const NameEnvironment& env, std::string host, Random* random);

// RFC 1535 and resolver(3): one question through the search list. `name` with a trailing dot is asked as it stands.
net::Task<Answer> search(net::Loop& loop, const NameEnvironment& env, std::string name, Type type);

}  // namespace hky::dns
