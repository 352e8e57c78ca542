// A connection that came while the machine's load is high waits here before it is greeted, and its daemon accepts no other meanwhile.
// sendmail: daemon.c refuseconnections(): RefuseLA, RejectLogInterval, DelayLA. Who calls it: the engine, after each accept.
#pragma once

#include "receive/services.h"

namespace hky::receive {

// `daemon` is its name, for the log; ends at once where the load is low.
net::Task<> wait_for_load(const Services& services, std::string daemon);

}  // namespace hky::receive
