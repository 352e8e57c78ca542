// A connection waits here before it is greeted, while the machine's load is high, enough of them are open, or too many came within this
// second; its daemon accepts no other meanwhile. sendmail: daemon.c refuseconnections(): RefuseLA, MaxDaemonChildren, ConnectionRateThrottle,
// RejectLogInterval, DelayLA, and what DaemonPortOptions has of them. Who calls it: the engine, after each accept.
#pragma once

#include "receive/services.h"

namespace hky::receive {

// Whoever has his turn calls services.rates.left() when he goes.
net::Task<> wait_for_turn(const Services& services, Daemon daemon);

}  // namespace hky::receive
