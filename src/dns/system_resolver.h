// The production Resolver: libunbound, forwarding to the nameservers of resolv.conf, with a small cache of our own in
// front so that a repeated question costs a hash probe and no hop to another thread.
// Threads: query() from any loop. One thread of its own speaks with libunbound; answers come back through Completion.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "dns/files.h"
#include "dns/resolver.h"

namespace hky::dns {

struct SystemResolverOptions {
  ResolvConf resolv;
  std::string trust_anchor_file;     // DNSSEC; empty: answers are never `secure`
  Duration deadline = std::chrono::seconds(30);  // a question that takes longer is kTempFail
  size_t cache_entries = 20'000;
  uint32_t max_ttl = 3600, min_ttl = 0, negative_ttl = 300;
};

// A file that describes the network (/etc/hosts, /etc/resolv.conf): a trial root without its own uses the machine's.
std::string network_file(const std::string& root, const std::string& path);

// Reads ROOT/etc/resolv.conf. HKY_NAMESERVER (in the environment, "127.0.0.1@5353") replaces its nameservers: for tests.
SystemResolverOptions system_resolver_options(const std::string& root);
Result<std::unique_ptr<Resolver>> make_system_resolver(SystemResolverOptions options, const Clock& clock);

}  // namespace hky::dns
