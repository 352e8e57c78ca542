// Reading .forward and :include: files under sendmail's safety rules. Blocking: for workers.
// Who may write a file, or a folder on the way to it, writes other people's mail to himself, and runs programs as them: such a file is
// not believed, unless DontBlameSendmail says so (ipc::FileTrust), and then it may still be forbidden to name programs and files.
// sendmail: recipient.c include(), safefile.c safefile(), safedirpath(); Operation Guide 4.10. The path is judged as it is written: where a
// link leads to is not looked at.
#pragma once

#include "agent/world.h"

namespace hky::agent {

// The first path that is there and is believed; the ones before it that are not believed, with sendmail's words ("Group writable file"),
// of which the log tells, too.
ipc::FileText read_forward(const World& world, const ipc::ReadForward& request);
// Anybody may own it: what its addresses may do is decided by its owner (route).
ipc::FileText read_include(const World& world, const ipc::ReadInclude& request);

}  // namespace hky::agent
