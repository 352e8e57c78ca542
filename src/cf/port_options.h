// What a DaemonPortOptions or ClientPortOptions line says. sendmail: daemon.c setsockaddropt(): its settings are told by their first letter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cf/options.h"

namespace hky::cf {

// The first letters of settings. c d q r D stand for what they are alone; S and R have a meaning of their own beside s and r.
inline constexpr std::string_view kPortKeys = "acdfilmnpqrsADFILMNPRS";

// Whatever the case of the setting's first letter.
std::string port_option(const PortOptions& options, char letter);
// SndBufSize=, RcvBufSize= in bytes ('S', 'R': with a small letter it is another setting); 0: the system's.
int buffer_size(const PortOptions& options, char letter);
// "" and "smtp" are 25; services by the names that sendmail's own configurations use, else a number.
uint16_t port_number(const std::string& port);
// Modifiers=s: TLS from the first byte on, which nobody here speaks yet: such a port is not listened on.
bool needs_tls(const PortOptions& options);
// "TLSMTA (port 465): Modifiers=s needs TLS, ..."
std::string why_not_served(const PortOptions& options);

}  // namespace hky::cf
