// Where the system's own files stand, below --root. sendmail's (/etc/mail, QueueDirectory) come from the configuration.
#pragma once

#include <string_view>

namespace hky::cmd {

inline constexpr std::string_view kRunDirectory = "/run/hikyaku";
inline constexpr std::string_view kControlSocket = "/run/hikyaku/control";
inline constexpr std::string_view kSpoolDirectory = "/var/spool/hikyaku";
inline constexpr std::string_view kStoreDirectory = "/var/spool/hikyaku/store";
inline constexpr std::string_view kDropDirectory = "/var/spool/hikyaku/drop";
inline constexpr std::string_view kAgentDirectory = "/var/spool/hikyaku/agent";
inline constexpr std::string_view kMailLog = "/var/log/maillog";
inline constexpr std::string_view kSendmailCf = "/etc/mail/sendmail.cf";
inline constexpr std::string_view kEngineUser = "hikyaku";

}  // namespace hky::cmd
