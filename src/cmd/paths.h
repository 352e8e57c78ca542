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
inline constexpr std::string_view kQueueDirectory = "/var/spool/mqueue";   // sendmail's; ours is the store
inline constexpr std::string_view kSubmitCf = "/etc/mail/submit.cf";
inline constexpr std::string_view kSendmailCf = "/etc/mail/sendmail.cf";
inline constexpr std::string_view kEngineUser = "hikyaku";
inline constexpr std::string_view kAuthUser = "hikyaku-auth";   // sees SASL secrets; the engine's user stands in for it
inline constexpr std::string_view kAuthGroup = "sasl";          // may talk to saslauthd (Debian)
// Where Sendmail.conf is looked for: Debian's library, FreeBSD's, Debian's sendmail.
inline constexpr std::string_view kSaslDirectories[] = {"/etc/sasl2", "/etc/sasl", "/usr/local/lib/sasl2", "/usr/lib/sasl2", "/etc/mail/sasl"};

}  // namespace hky::cmd
