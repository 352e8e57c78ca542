// A connected socket as a Stream. For net/*.cc only; others use stream.h's adopt_stream.
#pragma once

#include <memory>

#include "net/stream.h"

namespace hky::net {
std::unique_ptr<Stream> socket_stream(Loop& loop, int fd);
}
