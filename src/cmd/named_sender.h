// What -f names, where a command looks at it itself (-bv, and before "Recipient names must be specified").
#pragma once

#include "cmd/runtime.h"
#include "route/address.h"

namespace hky::cmd {

struct SenderBlame {
  int refused = 0;   // what the rulesets refuse it with, whatever comes after
  int said = 0;      // EX_USAGE where something was said, and nothing worse comes
  route::Address address;   // the sender's: -f's, or where that is none the caller's
};
// Prints what is said against it.
SenderBlame blame_sender(const Runtime& runtime, const SendmailOptions& options);

}  // namespace hky::cmd
