// What engine and auth process keep when they are confined: which files, by the configuration they start with.
// Who calls it: engine.cc, in the child process, before the process has a thread or has read a byte from outside.
#pragma once

#include "cmd/engine.h"
#include "process/confine.h"

namespace hky::cmd {

// The engine reads the system's files and the folders its configuration names; it writes store, drop folder, run folder, and
// what the configuration makes it write (HostStatusDirectory, the status file, the log below --root). No mailbox, no home.
process::Confinement engine_may(const std::string& root, const StartFacts& facts);

// The auth process reads what its user may read (sasldb, keytabs) and writes only replay caches.
process::Confinement auth_may(const std::string& root);

}  // namespace hky::cmd
