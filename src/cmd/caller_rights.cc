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
namespace {

// The queue directory that the command line names. Ours is the store: it must only be there, and be one that he may enter.
std::string named_queue(const SendmailOptions& options) {
  std::string out;
  for (const OptionWord& word : options.options)
    if (const cf::OptionInfo* known = known_option(word); known != nullptr && std::string_view(known->name) == "QueueDirectory")
      out = word.value.empty() ? "mqueue" : word.value;   // sendmail: setoption()
  return out;
}

}  // namespace

bool uses_submit_cf(const Invocation& call, const SendmailOptions& options) {
  if (options.config_given || (options.config_kind != '\0' && options.config_kind != 'c')) return false;
  const bool submits = options.mode == '\0' || options.mode == 'm' || options.mode == 's';
  if (options.config_kind != 'c' && !submits) return false;
  return ::access(rooted(call, kSubmitCf).c_str(), R_OK) == 0;
}

int may_submit(const Invocation& call, const SendmailOptions& options) {
  const std::string named = named_queue(options), directory = named.empty() ? std::string(kQueueDirectory) : named;
  if (named.empty() && (::geteuid() == 0 || uses_submit_cf(call, options))) return EX_OK;
  const std::string path = directory[0] == '/' ? rooted(call, directory) : directory;
  if (named.empty() && ::access(path.c_str(), F_OK) != 0) return EX_OK;
  if (::access(path.c_str(), X_OK) == 0) return EX_OK;
  const int why = errno;
  if (why == EACCES) fmt::print(stderr, "Program mode requires special privileges, e.g., root or TrustedUser.\n");
  if (!prints_complaints(options)) return EX_CONFIG;
  const bool replies = options.mode == 's' || options.mode == 'a';
  fmt::print("{}can not chdir({}/): {}{}\n", replies ? "451 4.0.0 " : "", directory, std::strerror(why), replies ? "\r" : "");
  return EX_CONFIG;
}

}  // namespace hky::cmd
