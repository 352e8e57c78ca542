// When a queued message is tried again, when its sender is warned, when it is given up. Pure functions of the envelope
// and the time; the options are the caller's (cf): MinQueueAge, MaxQueueAge, the -q interval, Timeout.queuereturn and
// Timeout.queuewarn with their classes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "queue/envelope.h"

namespace hky::queue {

// sendmail: Timeout.queuereturn.normal/.urgent/.non-urgent/.dsn and queuewarn likewise; seconds. A queuewarn of 0: never; a negative
// queuereturn ("now"): a queue run tries no more.
struct ClassTimes {
  int64_t normal = 0, urgent = 0, non_urgent = 0, dsn = 0;
};

struct RetryOptions {
  int64_t run_interval = 1800;     // sendmail -q30m; 0: only explicit queue runs
  std::map<std::string, int64_t> group_intervals;   // of queue groups that have their own (I=), by name; "": mqueue
  int64_t min_queue_age = 0;       // MinQueueAge
  int64_t max_queue_age = 0;       // MaxQueueAge: the wait doubles at each try up to this; 0: it does not
  ClassTimes queue_return{5 * 86400, 5 * 86400, 5 * 86400, 5 * 86400};
  ClassTimes queue_warn{4 * 3600, 4 * 3600, 4 * 3600, 4 * 3600};
};

// The time of its class: reports of ours are "dsn", else the Priority: header decides.
int64_t time_of(const ClassTimes& times, const Envelope& envelope);
// From one queue run to the next, where it waits; 0: there is none by itself. sendmail: without -q the groups' I= count for nothing.
int64_t run_interval(const RetryOptions& options, const std::string& queue_group);
// The next attempt after one that ended at `now` (kOnlyByQueueRun: none by itself). `tries` of the envelope counts it.
int64_t next_try(const RetryOptions& options, const Envelope& envelope, int64_t now);
// The message is given up: older than Timeout.queuereturn, or past its DELIVERBY with mode R (RFC 2852 4.1.4).
bool expired(const RetryOptions& options, const Envelope& envelope, int64_t now);
bool returned_untried(const RetryOptions& options, const Envelope& envelope);
// The sender shall be told once that it is late: Timeout.queuewarn; not for reports, bulk mail (sendmail: negative
// precedence) or an empty sender. DELIVERBY with mode N that has passed counts as late too.
bool warn_due(const RetryOptions& options, const Envelope& envelope, int64_t now);

}  // namespace hky::queue
