// Deliverer: takes leased envelopes and brings them to their next hops. One a loop.
// Life of a job: recipients are resolved and expanded (resolve), grouped by mailer and host into shipments (sendmail: deliver()),
// each shipment goes to the SMTP pool or through the agent, the outcomes are written into the envelope, reports are made
// (bounce), and the envelope goes back to the queue: finished, rescheduled or replaced.
// Who calls it: cmd starts run(); receive hands over what it has just submitted with take().
// Threads: its own loop only.
#pragma once

#include <memory>

#include "deliver/foreground.h"
#include "deliver/settings.h"

namespace hky::deliver {

class Deliverer {
 public:
  Deliverer(Services services, std::shared_ptr<const Settings> settings);
  ~Deliverer();
  Deliverer(const Deliverer&) = delete;

  // Takes due jobs from the queue until it is stopped (Queue::stop()) or stop() is called.
  net::Task<> run();
  // A leased job, delivered soon on this loop; returns at once.
  void take(queue::Job job);
  // The same, awaited (-odi, -v, -qf). `with`: another configuration than ours, or null. `foreground` outlives the call.
  net::Task<> deliver(queue::Job job, std::shared_ptr<const Settings> with, Foreground& foreground);
  // The connections that -v opened say QUIT, the latest first.
  net::Task<> close(Foreground& foreground);
  // Appends a message to a file as `as`, as sendmail's *file* mailer writes it (dead.letter); nothing of it touches the queue.
  net::Task<Fate> save(queue::Job job, std::shared_ptr<const Settings> with, std::string path, ipc::Who as);
  // Later jobs use these; running ones end with what they began with.
  void reload(std::shared_ptr<const Settings> settings);
  // No more jobs are taken; idle cached connections get their QUIT. Awaits the jobs under way, at most that long.
  net::Task<> stop(Duration at_most);

  size_t active_jobs() const;
  size_t open_connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Fills Policy from the options of a Config.
Policy policy_from(const cf::Config& config);

}  // namespace hky::deliver
