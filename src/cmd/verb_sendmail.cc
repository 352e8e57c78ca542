// sendmail, send-mail, mailq, newaliases, hoststat, purgestat: one command line (requirement C2), sorted by -b into modes.
#include <unistd.h>

#include <array>
#include <cstdio>

#include <fmt/format.h>

#include "base/sysexits.h"
#include "cmd/identity.h"
#include "cmd/modes.h"
#include "cmd/option_faults.h"
#include "cmd/runtime.h"

namespace hky::cmd {
namespace {

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

// sendmail: what a mode that speaks SMTP refuses is a reply.
int refuse(const std::string& words, bool as_reply) {
  fmt::print("{}{}{}\n", as_reply ? "550 " : "", words, as_reply ? "\r" : "");
  return EX_USAGE;
}

bool is_ordinary_user(const Invocation& call) { return ::getuid() != 0 && call.root.empty(); }

// sendmail: main(): what only root and TrustedUser may start.
bool needs_trust(const SendmailOptions& options) {
  const bool runs_by_itself = options.mode == '\0' && options.queue_run && (options.queue_persistent || !options.queue_interval.empty());
  return options.quarantine || runs_by_itself || std::string_view("dDH").find(options.mode) != std::string_view::npos;
}

// sendmail: main(): -Q is a queue run that changes quarantines; nothing is submitted.
bool goes_with_quarantine(char mode) { return mode == '\0' || mode == 'm' || mode == 'q'; }

int run_as(const Invocation& call, std::string_view extra) {
  Invocation with = call;
  with.args.insert(with.args.begin(), std::string(extra));
  return run_sendmail(with);
}

// sendmail: finis(): -oee never fails; what -bv or a queue run found, and a -b that is none, end without it.
bool fails_nevertheless(const SendmailOptions& options, int code) {
  return code == EX_OK || error_mode_of(options) != 'e' || effective_mode(options) == 'v' || options.queue_run || !options.bad_mode.empty();
}

int run_mode(const Invocation& call, SendmailOptions& options) {
  const int faults = tell_faults(call, options);
  // sendmail: main(): a test goes on
  const bool tests = options.mode == 't' && options.usage.empty() && (faults == EX_USAGE || faults == EX_CANTCREAT || faults == EX_SOFTWARE);
  if (faults != EX_OK && !tests) return faults;
  const bool refused = needs_trust(options) && is_ordinary_user(call);
  const char asked = effective_mode(options);
  if (refused || std::string_view("pPsq").find(asked) != std::string_view::npos) warn_of_file(call, options);
  if (refused) return refuse("Permission denied (real uid not trusted)", options.mode == 'd');
  if (options.quarantine) {
    const bool replies = std::string_view("asdD").find(options.mode) != std::string_view::npos;
    if (!goes_with_quarantine(options.mode)) return refuse(fmt::format("Can not use -Q with -b{}", options.mode), replies);
    options.mode = 'q';
  }
  if (options.debug_given) print_identity(call, options);
  const char letter = effective_mode(options);
  if (const Mode* mode = find_mode(letter)) {
    const int code = mode->run(call, options);
    return code != EX_OK ? code : options.warnings.empty() ? faults : EX_USAGE;
  }
  fmt::print(stderr, "sendmail: mode -b{} is not available in this build\n", letter);
  return EX_UNAVAILABLE;
}

}  // namespace

const Mode* find_mode(char letter) {
  for (const Mode& mode : kModes) {
    if (mode.run != nullptr && mode.letter == letter) return &mode;
  }
  return nullptr;
}

char error_mode_of(const SendmailOptions& options) {
  char mode = '\0';
  for (const OptionWord& word : options.options) {
    const cf::OptionInfo* known = known_option(word);
    if (known != nullptr && std::string_view(known->name) == "ErrorMode" && !word.value.empty()) mode = word.value[0];
  }
  return mode;
}

int run_sendmail(const Invocation& call) {
  SendmailOptions options = parse_sendmail_options(call.name.empty() ? "sendmail" : call.name, call.args, is_ordinary_user(call));
  const int code = run_mode(call, options);
  return fails_nevertheless(options, code) ? code : EX_OK;
}

int verb_sendmail(const Invocation& call) { return run_sendmail(call); }

int verb_mailq(const Invocation& call) { return run_as(call, "-bp"); }

int verb_hoststat(const Invocation& call) { return run_as(call, "-bh"); }

int verb_purgestat(const Invocation& call) { return run_as(call, "-bH"); }

int verb_newaliases(const Invocation& call) { return run_as(call, "-bi"); }

}  // namespace hky::cmd
