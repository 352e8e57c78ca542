#include "cmd/caller_rights.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "base/sysexits.h"
#include "cmd/modes.h"
#include "cmd/paths.h"

namespace hky::cmd {

bool uses_submit_cf(const Invocation& call, const SendmailOptions& options) {
  if (options.config_given || options.config_kind == 'm') return false;
  const bool submits = options.mode == '\0' || options.mode == 'm' || options.mode == 's';
  if (options.config_kind != 'c' && !submits) return false;
  return ::access(rooted(call, kSubmitCf).c_str(), R_OK) == 0;
}

int may_submit(const Invocation& call, const SendmailOptions& options) {
  if (::geteuid() == 0 || uses_submit_cf(call, options)) return EX_OK;
  const std::string queue = rooted(call, kQueueDirectory);
  if (::access(queue.c_str(), F_OK) != 0 || ::access(queue.c_str(), X_OK) == 0) return EX_OK;
  const char* why = std::strerror(errno);
  fmt::print(stderr, "Program mode requires special privileges, e.g., root or TrustedUser.\n");
  if (!prints_complaints(options)) return EX_CONFIG;
  if (options.mode == 's') fmt::print("451 4.0.0 can not chdir({}/): {}\r\n", kQueueDirectory, why);
  else fmt::print("can not chdir({}/): {}\n", kQueueDirectory, why);
  return EX_CONFIG;
}

}  // namespace hky::cmd
