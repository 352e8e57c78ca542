// In which order sendmail goes about a message's recipients. sendmail: recipient.c sorthost(), sortbysignature().
#pragma once

#include "deliver/resolve.h"
#include "deliver/smtp_pool.h"
#include "deliver/work.h"

namespace hky::deliver {

// By the hosts that take their mail: a message that is tried again, a report, and with option FastSplit=0. Else by the alphabet of the hosts
// they are addressed to, which asks no DNS.
bool sorts_by_signature(const queue::Envelope& envelope, const cf::Options& options);

// What is pending in w.envelope().rcpts, with its fates, and `resolved`.targets: by the signature of the hosts, those of one signature
// backwards by their names there. Asks DNS where there are several hosts.
net::Task<> sort_by_signature(net::Loop& loop, HostFinder& finder, Work& w, Resolved& resolved);
void sort_by_host(std::vector<Target>& targets);

}  // namespace hky::deliver
