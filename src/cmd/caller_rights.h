// What an ordinary user may do with the sendmail command, as sendmail decides it by who can enter the queue directory.
// Who calls it: the modes that sendmail has in its queue directory.
#pragma once

#include "cmd/sendmail_options.h"
#include "cmd/verbs.h"

namespace hky::cmd {

// sendmail: getcfname(): submissions go by submit.cf where there is one, unless -C or -A (with any letter but c) says otherwise.
bool uses_submit_cf(const Invocation& call, const SendmailOptions& options);
// EX_OK, or EX_CONFIG after saying why: no submit.cf, and a queue directory that the caller cannot enter: the site has not
// opened submission to its users. Where there is no queue directory (a site of our own) nothing hinders them. One that the command line
// names must be there, also for root.
int may_submit(const Invocation& call, const SendmailOptions& options);

}  // namespace hky::cmd
