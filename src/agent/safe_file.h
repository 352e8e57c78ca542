// Reading .forward and :include: files under sendmail's safety rules (DontBlameSendmail=safe). Blocking: for workers.
#pragma once

#include "agent/world.h"

namespace hky::agent {

// The first path that exists; found is false when none does. A file that is not safe: found, no text, `problem` says why
// in sendmail's words ("Group writable file"). A problem that may pass (I/O) starts with "transient: ".
ipc::FileText read_forward(const World& world, const ipc::ReadForward& request);
ipc::FileText read_include(const World& world, const ipc::ReadInclude& request);

}  // namespace hky::agent
