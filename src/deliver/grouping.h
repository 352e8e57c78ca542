// Which recipients of a message go together: those of one mailer whose hosts have the same signature. sendmail: deliver.c
// hostsignature(), deliver(); recipient.c sorthost().
#pragma once

#include <string>
#include <vector>

#include "deliver/smtp_pool.h"
#include "deliver/work.h"

namespace hky::deliver {

// The hosts that take mail for `host`: its MX hosts, where `mailer` speaks SMTP (asks DNS); of a local mailer (F=l) one word for all
// hosts; of any other `host` itself. In lower case; empty where DNS knows no host for it, or does not answer.
net::Task<std::string> host_signature(HostFinder& finder, const Settings& settings, const cf::Mailer& mailer, std::string host);

// `targets` in the order in which sendmail goes about them: by the alphabet of hosts. A mailer without F=m gets each alone. DNS is asked
// only where a mailer that takes several has several hosts.
net::Task<std::vector<std::vector<Target>>> group(net::Loop& loop, HostFinder& finder, const Settings& settings, std::vector<Target> targets);

}  // namespace hky::deliver
