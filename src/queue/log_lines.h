// What the log says of messages as they come into the queue. Who calls it: sessions and commands that hand over; the deliverer, of clones.
#pragma once

#include "base/log.h"
#include "queue/envelope.h"

namespace hky::queue {

// Each recipient of what waits for a queue run from the start. sendmail: sendall(): logdelivery()
void log_queued(const Envelope& envelope, Log& log);
// The copy for a list's owner of message `id`. sendmail: sendall()
void log_clone(const QueueId& id, const Envelope& copy, Log& log);

}  // namespace hky::queue
