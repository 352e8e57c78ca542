// sendmail, send-mail, mailq, newaliases, hoststat, purgestat: one command line (requirement C2), sorted by -b into modes.
#include <array>
#include <cstdio>

#include <fmt/format.h>

#include "cmd/modes.h"

namespace hky::cmd {
namespace {

constexpr int kExUnavailable = 69;

constexpr Mode kEnd{'\0', nullptr};
constexpr auto kModes = std::to_array<Mode>({
#define HKY_MODE(letter, function) {letter, function},
#include "cmd/modes.def"
#undef HKY_MODE
    kEnd,
});

// A queue run and no -b: sendmail -q works through the queue and leaves.
char effective_mode(const SendmailOptions& options) {
  if (options.mode != '\0') return options.mode;
  return options.queue_run ? 'q' : 'm';
}

int run_as(const Invocation& call, std::string_view extra) {
  Invocation with = call;
  with.args.insert(with.args.begin(), std::string(extra));
  return run_sendmail(with);
}

}  // namespace

const Mode* find_mode(char letter) {
  for (const Mode& mode : kModes) {
    if (mode.run != nullptr && mode.letter == letter) return &mode;
  }
  return nullptr;
}

int run_sendmail(const Invocation& call) {
  const SendmailOptions options = parse_sendmail_options("sendmail", call.args);
  if (options.exit_code != 0) {
    fmt::print(options.complaint_on_stderr ? stderr : stdout, "{}\n", options.complaint);
    return options.exit_code;
  }
  const char letter = effective_mode(options);
  if (const Mode* mode = find_mode(letter)) return mode->run(call, options);
  fmt::print(stderr, "sendmail: mode -b{} is not available in this build\n", letter);
  return kExUnavailable;
}

int verb_sendmail(const Invocation& call) { return run_sendmail(call); }

int verb_mailq(const Invocation& call) { return run_as(call, "-bp"); }

int verb_hoststat(const Invocation& call) { return run_as(call, "-bh"); }

int verb_purgestat(const Invocation& call) { return run_as(call, "-bH"); }

int verb_newaliases(const Invocation& call) { return run_as(call, "-bi"); }

}  // namespace hky::cmd
