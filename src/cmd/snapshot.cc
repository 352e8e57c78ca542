#include "cmd/snapshot.h"

#include <cstdlib>

#include "base/strings.h"
#include "cmd/host_identity.h"
#include "deliver/deliverer.h"
#include "dns/files.h"
#include "receive/envelope_macros.h"

namespace hky::cmd {

std::string port_option(const cf::PortOptions& options, char letter) {
  for (const auto& [name, value] : options)
    if (!name.empty() && lower(name[0]) == letter) return value;
  return {};
}

uint16_t port_number(const std::string& port) {
  if (port.empty() || iequals(port, "smtp")) return 25;
  if (iequals(port, "submission")) return 587;
  if (iequals(port, "smtps")) return 465;
  return static_cast<uint16_t>(std::strtoul(port.c_str(), nullptr, 10));
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

std::vector<receive::Daemon> daemons_of(const cf::Config& config) {
  std::vector<receive::Daemon> out;
  for (const cf::PortOptions& options : config.options.daemon_port_options) {
    receive::Daemon d;
    if (const std::string name = port_option(options, 'n'); !name.empty()) d.name = name;
    if (const std::string family = port_option(options, 'f'); !family.empty()) d.family = family;
    d.flags = receive::spelled_flags(port_option(options, 'm'));
    d.address = port_option(options, 'a');
    if (d.address.empty()) d.address = iequals(d.family, "inet6") ? "::" : "0.0.0.0";
    if (d.address == "localhost") d.address = "127.0.0.1";
    if (const std::string plain = dns::canonical_address(d.address); !plain.empty())
      d.address = dns::shown_address(plain, config.options.use_compressed_ipv6_addresses);
    d.port = port_number(port_option(options, 'p'));
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
  if (std::string& kept = deliver->policy.host_status_directory; !kept.empty()) kept.insert(0, s.runtime->root);
  s.deliver = std::move(deliver);
  s.daemons = daemons_of(*s.runtime->config);
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
