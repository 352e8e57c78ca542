// What DontBlameSendmail excuses in .forward and :include: files: the agent judges by it. sendmail: Operation Guide 4.10.
#pragma once

#include "cf/options.h"
#include "ipc/agent.h"

namespace hky::route {

ipc::FileTrust forward_trust(const cf::Options& options);
ipc::FileTrust include_trust(const cf::Options& options);

}  // namespace hky::route
