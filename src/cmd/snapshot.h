// Snapshot: one configuration as the engine's parts see it: what receive and deliver need of a Runtime, the listening daemons.
// Immutable; a reload makes another one. Who calls it: engine; submission and local_session for a configuration of their own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmd/runtime.h"
#include "deliver/settings.h"
#include "receive/services.h"

namespace hky::cmd {

// receive and deliver keep the Runtime alive.
struct Snapshot {
  std::shared_ptr<Runtime> runtime;
  std::shared_ptr<const receive::Settings> receive;
  std::shared_ptr<const deliver::Settings> deliver;
  std::vector<receive::Daemon> daemons;
};
Snapshot make_snapshot(std::unique_ptr<Runtime> runtime, int64_t queue_interval);

// Another configuration for one session or message (-C, options, submit.cf): as receive and deliver see it. Blocks as
// open_runtime() does. An Error names file, line and reason.
struct BothSettings {
  std::shared_ptr<const receive::Settings> receive;
  std::shared_ptr<const deliver::Settings> deliver;
};
Result<BothSettings> read_both(const RuntimeRequest& request);

// sendmail: daemon.c setsockaddropt(): DaemonPortOptions are told by their first letter.
std::string port_option(const cf::PortOptions& options, char letter);
// "" and "smtp" are 25; services by the names that sendmail's own configurations use, else a number.
uint16_t port_number(const std::string& port);

}  // namespace hky::cmd
