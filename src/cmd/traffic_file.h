// The file, or program ("|words"), that sendmail -X names: opened by who gave the option, with his rights, before anything else is done;
// the daemon's engine gets the descriptor. Who calls it: verb_sendmail, the modes, the engine.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/traffic_log.h"

namespace hky::cmd {

// For appending; made where it is not there. The Error's text: "cannot open FILE: No such file or directory".
Result<int> open_traffic_file(const std::string& name);
// Null where fd is -1. The descriptor stays the caller's.
std::unique_ptr<TrafficLog> traffic_log_to(int fd, long first, bool one);

}  // namespace hky::cmd
