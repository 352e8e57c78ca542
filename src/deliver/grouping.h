// Which recipients of a message go together: those of one mailer whose hosts have the same signature. sendmail: deliver.c
// hostsignature(), deliver().
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "deliver/smtp_pool.h"
#include "deliver/work.h"

namespace hky::deliver {

// The hosts that take mail for `host`: its MX hosts, where `mailer` speaks SMTP (asks DNS); of a local mailer (F=l) one word for all
// hosts; of any other `host` itself. In lower case; empty where DNS knows no host for it, or does not answer.
net::Task<std::string> host_signature(HostFinder& finder, const Settings& settings, const cf::Mailer& mailer, std::string host);

// The same of many at once: `signatures` of mailers and hosts, in lower case; the mailer is null where nobody takes the mail, and nobody is asked.
using Signatures = std::map<std::pair<const cf::Mailer*, std::string>, std::string>;
net::Task<> find_signatures(net::Loop& loop, HostFinder& finder, const Settings& settings, Signatures& signatures);

// `targets` in their order, those that go together beside the first of them. A mailer without F=m gets each alone. DNS is asked only where
// a mailer that takes several has several hosts.
net::Task<std::vector<std::vector<Target>>> group(net::Loop& loop, HostFinder& finder, const Settings& settings, std::vector<Target> targets);

}  // namespace hky::deliver
