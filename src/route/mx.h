// MX: the hosts to try for a destination, in order, without those that would bring the mail back here.
// Who calls it: deliver (the SMTP client), bestmx-like questions of -bt (/mx), explain.
// sendmail: domain.c getmxrr(); RFC 5321 5.1, RFC 7505.
#pragma once

#include <string>
#include <vector>

#include "dns/names.h"
#include "rewrite/evaluate.h"

namespace hky::route {

struct MxHost { std::string name; int preference = 0; };

enum class MxStatus {
  kOk,        // hosts has at least one
  kNoHost,    // permanent: no such domain, null MX, or it loops back here
  kTempFail,  // ask again later
};

struct MxResult {
  std::vector<MxHost> hosts;     // lowest preference first; equal ones shuffled
  size_t own = 0;                // how many of them are the host's; the rest are FallbackMXhost's
  MxStatus status = MxStatus::kOk;
  std::string error;             // with codes: "550 5.1.2 Host unknown (Name server: x: host not found)"
  bool loops_back = false;       // this host is the best MX and there is no other way (553 5.3.5 loops back)
  bool null_mx = false;          // RFC 7505
  bool no_such_name = false;     // DNS does not know the name; of what is no name it says nothing (sendmail: NO_RECOVERY)
  bool implicit = false;         // no MX record: the host's own address
  bool secure = false;           // DNSSEC validated
};

// `host`: the triple's host: "[a.b]" or "[1.2.3.4]" is not asked for MX; "a:b" is a list of hosts tried in turn;
// class w (config) tells which names are this host. FallbackMXhost's hosts stand last, also where DNS does not know the name or has no
// answer; TryNullMXList as documented.
net::Task<MxResult> mx_hosts(rewrite::Context& ctx, const dns::NameEnvironment& names, Random& random, std::string host);

}  // namespace hky::route
