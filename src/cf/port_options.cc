#include "cf/port_options.h"

#include <algorithm>
#include <cstdlib>

#include "base/strings.h"

namespace hky::cf {

std::string port_option(const PortOptions& options, char letter) {
  for (const auto& [name, value] : options)
    if (!name.empty() && lower(name[0]) == letter) return value;
  return {};
}

int buffer_size(const PortOptions& options, char letter) {
  for (const auto& [name, value] : options)
    if (!name.empty() && name[0] == letter) return static_cast<int>(std::clamp(std::strtol(value.c_str(), nullptr, 10), 0L, 1L << 30));
  return 0;
}

uint16_t port_number(const std::string& port) {
  if (port.empty() || iequals(port, "smtp")) return 25;
  if (iequals(port, "submission")) return 587;
  if (iequals(port, "smtps")) return 465;
  return static_cast<uint16_t>(std::strtoul(port.c_str(), nullptr, 10));
}

bool needs_tls(const PortOptions& options) { return port_option(options, 'm').find('s') != std::string::npos; }

std::string why_not_served(const PortOptions& options) {
  const std::string name = port_option(options, 'n');
  return "daemon " + (name.empty() ? "MTA" : name) + " (port " + std::to_string(port_number(port_option(options, 'p'))) +
         ") is not served: Modifiers=s needs TLS, which this version does not speak yet";
}

}  // namespace hky::cf
