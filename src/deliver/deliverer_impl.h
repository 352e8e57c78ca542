// What the Deliverer's own files share; nobody else includes it.
#pragma once

#include <map>

#include "deliver/bounce/bounce.h"
#include "deliver/deliverer.h"
#include "deliver/host_finder.h"
#include "deliver/local.h"
#include "deliver/resolve.h"
#include "deliver/smtp_pool.h"
#include "net/sync.h"

namespace hky::deliver {

// What mailq says of it after this attempt.
std::string message_of(const Work& w);

// sendmail: e_to of a group: the latest of the queue first.
std::string listed(Work& w, const std::vector<size_t>& rcpts);

// What a mailer's copies have in common.
struct Copy {
  std::string sender;       // as it leaves, without < >
  std::string path;         // in MAIL
  std::string head, from_line;
};

struct Deliverer::Impl {
  Impl(Services services, std::shared_ptr<const Settings> first)
      : s(services),
        settings(std::move(first)),
        finder(s),
        pool(s, finder),
        local(s),
        resolver(s),
        jobs(s.loop),
        room(s.loop, static_cast<size_t>(settings->policy.max_concurrent_jobs)) {}

  net::Task<> run();
  net::Task<> work_and_leave(queue::Job job, std::shared_ptr<const Settings> with);
  net::Task<> work(queue::Job job, std::shared_ptr<const Settings> with, Foreground* foreground);
  net::Task<bool> drop(Work& w);               // DeadLetterDrop
  net::Task<Fate> save(queue::Job job, std::shared_ptr<const Settings> with, std::string path, ipc::Who as);

  // attempt.cc
  void read_header(Work& w);
  net::Task<> find_sender_mailer(Work& w);
  net::Task<bool> open_message(Work& w);
  static bool has_too_many_hops(const Work& w);
  net::Task<> refuse_loop(Work& w);
  bool refused_whole(Work& w);
  static bool left_untried(Work& w);
  SmtpPool& pool_for(Work& w);
  void tell_fates(Work& w, const std::vector<size_t>& rcpts);
  void tell_queued(Work& w, const std::vector<Target>& targets);
  void count_sent(Work& w, const cf::Mailer& m, const std::vector<size_t>& rcpts);
  net::Task<> check_compat(Work& w, std::vector<Target>& targets);
  void leave_resting(Work& w, std::vector<Target>& targets) const;
  net::Task<> attempt(Work& w, std::vector<Target> targets);
  void refuse_unclosed(Work& w, const std::vector<Target>& same);
  net::Task<Copy> make_copy(Work& w, const cf::Mailer& m);
  net::Task<std::string> path_of(Work& w, const cf::Mailer& m, std::string sender);

  // ship.cc
  net::Task<> collect(Work& w, std::vector<std::shared_ptr<Shipment>>& shipments);
  Load load_of(Work& w, const Target& first, const Copy& copy);
  void ship(Work& w, const std::vector<Target>& group, const Copy& copy, std::vector<std::shared_ptr<Shipment>>& out);

  // conclude.cc
  net::Task<> conclude(Work& w);
  Ending ending_of(Work& w, size_t i, bool expired, bool warn);
  void tell_late(Work& w, const ReportRequest& request);
  net::Task<> show_report(Work& w, queue::Job job);
  net::Task<bool> queue_report(Work& w, OutgoingReport report);
  net::Task<bool> submit_reports(Work& w, ReportRequest request);
  void note_failures(Work& w, ReportRequest& request);
  void log_fates(Work& w, int64_t now);

  // regroup.cc
  net::Task<> regroup(Work& w, Resolved resolved);
  net::Task<> show_part(Work& w, std::string id);
  void note_lists(Work& w, ReportRequest& request);

  // error_queue.cc
  net::Task<ReportSender> look_at_sender(Work& w, const ReportRequest& request);
  net::Task<> show_daemon(Work& w);
  net::Task<> read_errors_to(Work& w, std::vector<ErrorAddress>& queue);
  net::Task<> enqueue_error(Work& w, std::vector<ErrorAddress>& queue, ErrorAddress one);

  int64_t now() const { return unix_seconds(s.clock.wall()); }

  Services s;
  std::shared_ptr<const Settings> settings;
  DnsHostFinder finder;
  SmtpPool pool;
  LocalDelivery local;
  Resolver resolver;
  net::TaskGroup jobs;
  net::Semaphore room;
  bool stopping = false;
};

}  // namespace hky::deliver
