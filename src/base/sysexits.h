// The exit codes of sysexits.h (EX_OK, EX_USAGE ... EX_CONFIG), by which sendmail, its mailers and its callers talk,
// and what sendmail makes of a mailer's exit code.
#pragma once

#include <sysexits.h>

#include <string_view>

namespace hky {

struct ExitMeaning {
  bool temporary = false;
  int smtp_code = 554;
  std::string_view dsn;   // RFC 3463
  std::string_view text;  // "User unknown"
  // Said of a recipient: "550 5.1.1 joe... User unknown", not "554 5.0.0 Service unavailable".
  bool named() const { return smtp_code == 550; }
};

// sendmail: an exit code outside the table is permanent, "unknown mailer error N"; a mailer killed by a signal is EX_TEMPFAIL.
inline ExitMeaning exit_meaning(int code) {
  switch (code) {
    case EX_OK: return {false, 250, "2.0.0", "OK"};
    case EX_USAGE: return {false, 500, "5.0.0", "Command line usage error"};
    case EX_DATAERR: return {false, 501, "5.6.0", "Data format error"};
    case EX_NOINPUT: return {false, 550, "5.3.0", "Cannot open input"};
    case EX_NOUSER: return {false, 550, "5.1.1", "User unknown"};
    case EX_NOHOST: return {false, 550, "5.1.2", "Host unknown"};
    case EX_UNAVAILABLE: return {false, 554, "5.0.0", "Service unavailable"};
    case EX_SOFTWARE: return {false, 554, "5.3.0", "Internal error"};
    case EX_OSERR: return {true, 451, "4.0.0", "Operating system error"};
    case EX_OSFILE: return {false, 554, "5.3.5", "System file missing"};
    case EX_CANTCREAT: return {false, 550, "5.0.0", "Can't create output"};
    case EX_IOERR: return {true, 451, "4.0.0", "I/O error"};
    case EX_TEMPFAIL: return {true, 450, "4.0.0", "Deferred"};
    case EX_PROTOCOL: return {false, 554, "5.5.0", "Remote protocol error"};
    case EX_NOPERM: return {false, 550, "5.0.0", "Insufficient permission"};
    case EX_CONFIG: return {false, 554, "5.3.5", "Local configuration error"};
    default: return {false, 554, "5.3.0", ""};
  }
}

}  // namespace hky
