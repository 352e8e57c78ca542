// logged_stream: a stream whose bytes are written down as they go (sendmail -X). Who calls it: cmd for sessions, deliver for hosts.
#pragma once

#include <memory>

#include "base/traffic_log.h"
#include "net/stream.h"

namespace hky::net {

// `tells_end`: the end of what comes in is a line "[EOF]" (of clients). The log outlives the stream.
std::unique_ptr<Stream> logged_stream(std::unique_ptr<Stream> under, TrafficLog& log, long number, bool tells_end);

}  // namespace hky::net
