#include "queue/schedule.h"

#include <algorithm>

#include "queue/queue.h"

namespace hky::queue {

int64_t time_of(const ClassTimes& times, const Envelope& envelope) {
  if (envelope.is_report) return times.dsn;
  switch (envelope.urgency) {
    case Envelope::Urgency::kUrgent: return times.urgent;
    case Envelope::Urgency::kNonUrgent: return times.non_urgent;
    case Envelope::Urgency::kNormal: break;
  }
  return times.normal;
}

int64_t run_interval(const RetryOptions& options, const std::string& queue_group) {
  const auto own = options.group_intervals.find(queue_group);
  return options.run_interval <= 0 || own == options.group_intervals.end() ? std::max<int64_t>(options.run_interval, 0) : own->second;
}

int64_t next_try(const RetryOptions& options, const Envelope& envelope, int64_t now) {
  const int64_t every = run_interval(options, envelope.queue_group);
  if (every == 0) return kOnlyByQueueRun;
  int64_t wait = std::max(every, options.min_queue_age);
  if (options.max_queue_age > 0) {
    // sendmail: with MaxQueueAge the wait starts at MinQueueAge and doubles at each try; a queue run in between passes over it.
    int doublings = std::clamp(envelope.tries - 1, 0, 30);
    int64_t own = std::min(std::max<int64_t>(options.min_queue_age, 60) << doublings, options.max_queue_age);
    wait = std::max(every, own);
  }
  return now + wait;
}

bool expired(const RetryOptions& options, const Envelope& envelope, int64_t now) {
  // RFC 2852 4.1.4: mode R means "return when it cannot be delivered in time".
  if (envelope.deliver_by != 0 && envelope.deliver_by_mode == 'R' && now > envelope.deliver_by) return true;
  const int64_t limit = time_of(options.queue_return, envelope);
  return limit < 0 || now > envelope.created + limit;
}

bool returned_untried(const RetryOptions& options, const Envelope& envelope) { return time_of(options.queue_return, envelope) < 0; }

bool warn_due(const RetryOptions& options, const Envelope& envelope, int64_t now) {
  if (envelope.warning_sent || envelope.is_report || envelope.sender.empty()) return false;
  if (envelope.deliver_by != 0 && envelope.deliver_by_mode == 'N' && now > envelope.deliver_by) return true;
  if (envelope.msg_class < 0) return false;
  int64_t limit = time_of(options.queue_warn, envelope);
  return limit > 0 && now > envelope.created + limit;
}

}  // namespace hky::queue
