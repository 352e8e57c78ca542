// Reads what a server offers out of its answer to EHLO or LHLO.
#pragma once

#include "proto/smtp/client.h"

namespace hky::smtp {

Extensions parse_extensions(const RemoteReply& ehlo);

}  // namespace hky::smtp
