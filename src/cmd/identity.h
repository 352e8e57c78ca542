// sendmail -d0: what this program is and can do, and who it takes this host for. sendmail: main(), "SYSTEM IDENTITY".
// Who calls it: verb_sendmail, before a mode begins.
#pragma once

#include "cmd/sendmail_options.h"
#include "cmd/verbs.h"

namespace hky::cmd {

// The level of debug category 0 among -d's words ("0.4,21.12"; "0" and a bare -d mean 1); 0: not asked for.
int identity_level(std::string_view words);
// Level 1: version, what is built in, $w $j $m $k; 4: every name of this host, too. Reads the configuration.
void print_identity(const Invocation& call, const SendmailOptions& options);

}  // namespace hky::cmd
