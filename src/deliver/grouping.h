// Which recipients of a message go together: those of one mailer whose hosts have the same signature. sendmail: deliver.c
// hostsignature(), deliver().
#pragma once

#include <set>
#include <string>
#include <vector>

#include "deliver/smtp_pool.h"
#include "deliver/work.h"

namespace hky::deliver {

// The hosts that take mail for `host`: its MX hosts, where `mailer` speaks SMTP (asks DNS); of a local mailer (F=l) one word for all
// hosts; of any other `host` itself. In lower case; empty where DNS knows no host for it, or does not answer.
net::Task<std::string> host_signature(HostFinder& finder, const Settings& settings, const cf::Mailer& mailer, std::string host);

// The same of `hosts`, at once, into w.signatures, of those that are not there yet.
net::Task<> find_signatures(net::Loop& loop, HostFinder& finder, Work& w, std::set<Signatures::key_type> hosts);

// `targets` in their order, those that go together beside the first of them. A mailer without F=m gets each alone. DNS is asked only where
// a mailer that takes several has several hosts.
net::Task<std::vector<std::vector<Target>>> group(net::Loop& loop, HostFinder& finder, Work& w, std::vector<Target> targets);

}  // namespace hky::deliver
