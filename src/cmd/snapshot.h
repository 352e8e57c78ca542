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

// Addr= of a port: that address, or the one that a name has (asks DNS, waits); what nobody knows as it is.
std::string address_named(const Runtime& runtime, const std::string& name, bool v6);

}  // namespace hky::cmd
