// What is wrong with the words of a command line, said in their order: letters' arguments, -X files that cannot be opened, and options, which
// are looked at before any file is. sendmail: main(), its second look at the words.
// Who calls it: verb_sendmail.
#pragma once

#include "cmd/sendmail_options.h"
#include "cmd/verbs.h"

namespace hky::cmd {

// EX_OK: it may go on, and the -X file is open. Else what it leaves with.
int tell_faults(const Invocation& call, SendmailOptions& options);

}  // namespace hky::cmd
