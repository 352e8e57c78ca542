// The auth process's work: answers an engine's questions (ipc/sasl.h) with the library, on worker threads, until the engine goes.
#pragma once

#include <memory>

#include "auth/sasl_library.h"
#include "net/stream.h"

namespace hky::auth {

struct SaslLimits {
  size_t exchanges = 4096;                              // under way at once; more: try again later
  Duration idle = std::chrono::minutes(10);             // an exchange whose client is silent that long is forgotten
};

net::Task<> serve_sasl(net::Loop& loop, std::unique_ptr<net::Stream> stream, SaslLibrary& library, net::WorkerPool& workers,
                       SaslLimits limits = SaslLimits());

}  // namespace hky::auth
