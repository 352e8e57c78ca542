// What the master's children do, each until it ends; and where they log. Who calls it: start_system.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "cmd/engine.h"

namespace hky::cmd {

// The host's syslog; below --root its own maillog.
std::unique_ptr<Log> system_log(const std::string& root);

// The exit code of the process; `confined` is what it gave up, in words for the log.
int run_engine(const EngineOptions& options, std::string confined, process::EngineChannels channels);
// `directories`: where files may be opened for the engine (process/file_broker.h).
int run_agent(const EngineOptions& options, int fd, int broker_fd, const std::vector<std::string>& directories);
int run_auth(const EngineOptions& options, int fd);

}  // namespace hky::cmd
