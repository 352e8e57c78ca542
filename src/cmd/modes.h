// sendmail's operation modes (-b letter): one function each, in mode_NAME.cc, named in modes.def.
// Who calls it: verb_sendmail.cc, after the command line was parsed. A mode opens the Runtime it needs itself.
#pragma once

#include "cmd/sendmail_options.h"
#include "cmd/verbs.h"

namespace hky::cmd {

using ModeFunction = int (*)(const Invocation& call, const SendmailOptions& options);

struct Mode {
  char letter;
  ModeFunction run;
};

const Mode* find_mode(char letter);

// What -oe, -OErrorMode= ask for, or '\0'.
char error_mode_of(const SendmailOptions& options);
// Complaints about the command line, and why it may not be, are printed. sendmail: HoldErrs.
inline bool prints_complaints(const SendmailOptions& options) {
  return options.mode == 'v' || options.mode == 'C' || std::string_view("mqew").find(error_mode_of(options)) == std::string_view::npos;
}

// sendmail: main(): of a command that needs recipients.
inline constexpr std::string_view kNobodyNamed = "Recipient names must be specified";

// sendmail(8) as `name`, with args; what mailq and newaliases are too.
int run_sendmail(const Invocation& call);

#define HKY_MODE(letter, function) int function(const Invocation& call, const SendmailOptions& options);
#include "cmd/modes.def"
#undef HKY_MODE

}  // namespace hky::cmd
