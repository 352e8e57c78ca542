#include "cmd/snapshot.h"

#include <cstdlib>

#include "base/strings.h"
#include "cf/port_options.h"
#include "cmd/host_identity.h"
#include "deliver/deliverer.h"
#include "dns/files.h"
#include "receive/envelope_macros.h"

namespace hky::cmd {

std::string address_named(const Runtime& runtime, const std::string& name, bool v6) {
  if (const std::string plain = dns::canonical_address(name); name.empty() || !plain.empty()) return plain;
  if (iequals(name, "localhost")) return v6 ? "::1" : "127.0.0.1";
  net::Loop loop(system_clock());
  const dns::HostAddresses found = net::run_blocking(loop, dns::addresses_of(loop, runtime.names, name, !v6, v6));
  return found.addresses.empty() ? name : found.addresses.front();
}

namespace {

// Keys whose first letter counts as it is written.
void take_of_its_own(receive::Daemon& d, const std::string& name, const std::string& value) {
  const long number = std::strtol(value.c_str(), nullptr, 10);
  switch (name.empty() ? '\0' : name[0]) {
    case 'D':
      if (!value.empty() && cf::kDeliveryModes.find(value[0]) != std::string_view::npos) d.delivery_mode = value[0];
      break;
    case 'c': d.children = number; break;
    case 'd': d.delay_la = number; break;
    case 'q': d.queue_la = number; break;
    case 'r': d.refuse_la = number; break;
    default: break;
  }
}

std::vector<receive::Daemon> daemons_of(const Runtime& runtime) {
  std::vector<receive::Daemon> out;
  for (const cf::PortOptions& options : runtime.config->options.daemon_port_options) {
    receive::Daemon d;
    if (const std::string name = cf::port_option(options, 'n'); !name.empty()) d.name = name;
    if (const std::string family = cf::port_option(options, 'f'); !family.empty()) d.family = family;
    d.flags = receive::spelled_flags(cf::port_option(options, 'm'));
    d.address = cf::port_option(options, 'a');
    const bool v6 = iequals(d.family, "inet6");
    d.address = d.address.empty() ? (v6 ? "::" : "0.0.0.0") : address_named(runtime, d.address, v6);
    if (const std::string plain = dns::canonical_address(d.address); !plain.empty())
      d.address = dns::shown_address(plain, runtime.config->options.use_compressed_ipv6_addresses);
    d.port = cf::port_number(cf::port_option(options, 'p'));
    for (const auto& [name, value] : options) take_of_its_own(d, name, value);
    out.push_back(std::move(d));
  }
  if (out.empty()) out.emplace_back();
  return out;
}

}  // namespace

Snapshot make_snapshot(std::unique_ptr<Runtime> runtime, int64_t queue_interval) {
  Snapshot s;
  s.runtime = std::move(runtime);
  std::shared_ptr<maps::MapSet> maps(s.runtime, s.runtime->maps.get());
  std::shared_ptr<const dns::NameEnvironment> names(s.runtime, &s.runtime->names);
  auto receive = std::make_shared<receive::Settings>(s.runtime->config, s.runtime->program, maps);
  receive->gmt_offset_minutes = gmt_offset_minutes();
  s.receive = std::move(receive);
  auto deliver = std::make_shared<deliver::Settings>();
  deliver->config = s.runtime->config;
  deliver->program = s.runtime->program;
  deliver->maps = std::move(maps);
  deliver->names = std::move(names);
  deliver->policy = deliver::policy_from(*s.runtime->config);
  deliver->policy.retry.run_interval = queue_interval;
  deliver->policy.gmt_offset_minutes = gmt_offset_minutes();
  deliver->policy.root = s.runtime->root;
  for (deliver::ClientPort* client : {&deliver->policy.client, &deliver->policy.client6})
    client->from.address = address_named(*s.runtime, client->from.address, client == &deliver->policy.client6);
  if (std::string& kept = deliver->policy.host_status_directory; !kept.empty()) kept.insert(0, s.runtime->root);
  s.deliver = std::move(deliver);
  s.daemons = daemons_of(*s.runtime);
  return s;
}

Result<BothSettings> read_both(const RuntimeRequest& request) {
  auto runtime = open_runtime(request);
  if (runtime->errors > 0)
    for (const auto& d : runtime->config->diagnostics)
      if (d.fatal) return permanent_error(cf::to_line(d), 554, "5.3.5");
  Snapshot made = make_snapshot(std::move(runtime), 0);
  BothSettings both;
  both.receive = made.receive;
  both.deliver = made.deliver;
  return both;
}

}  // namespace hky::cmd
