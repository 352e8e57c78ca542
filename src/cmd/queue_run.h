// QueueRuns: the control socket's "queue.run": sendmail -q as a command asks for it.
//   {"verb":"queue.run","select":[..],"kind":"","group":"" (admin/queue_select.h),"foreground":bool,"verbose":bool}
//     -> {"ok":true,"changed":N} + blob: what -v shows
//   and what the command changes of the configuration (request_changes.h)
// In the background the chosen messages become due and the deliverers take them, many at once; in the foreground (-qf, -v), and by
// another configuration, they are delivered one after the other, by queue group and priority, while the command waits. A load that rises
// to QueueLA meanwhile ends the run. sendmail: queue.c runqueue(), run_work_group(), dowork().
#pragma once

#include "admin/control.h"
#include "cmd/kept_settings.h"
#include "cmd/told.h"
#include "deliver/deliverer.h"
#include "queue/groups.h"
#include "receive/services.h"

namespace hky::cmd {

class QueueRuns {
 public:
  QueueRuns(receive::Services& services, deliver::Deliverer& deliverer, CommandSettings& own) : services_(services), deliverer_(deliverer), own_(own) {}
  net::Task<Result<admin::RunAnswer>> run(admin::Caller caller, nlohmann::json request);
  // One in the background, of the messages that `filter` takes: they become due. Answers how many.
  using Filter = std::function<bool(const queue::Envelope&)>;
  size_t start(const Filter& filter);
  // The load was asked for anew: those in the background end where it is too high.
  void look_at_load();

 private:
  struct Rules {
    queue::RunRules run;
    std::string group;   // that one alone; "": all
    policy::QueueAt limit;
    long least = 0;   // priority of a message: RecipientFactor
    bool demanded = false;
    bool tells_failures = true;   // sendmail: HoldErrs: with ErrorMode=p alone
  };
  static Rules rules(const cf::Options& options);
  bool skipped(const Rules& how) const;
  std::vector<queue::GroupQueue> choose(const Filter& filter, const Rules& how) const;
  size_t start(const Filter& filter, const Rules& how);
  int load() const { return services_.load == nullptr ? 0 : services_.load->now(); }
  net::Task<> quarantine(nlohmann::json request, admin::RunAnswer& answer);
  net::Task<bool> quarantine_one(const queue::Envelope& e, std::string reason, std::string& line);
  net::Task<int> deliver_all(std::vector<queue::GroupQueue> groups, Rules how, std::shared_ptr<const deliver::Settings> with, bool verbose, std::shared_ptr<Told> told);   // sysexits
  receive::Services& services_;
  deliver::Deliverer& deliverer_;
  CommandSettings& own_;
  policy::QueueAt background_;   // of the last run there
};

}  // namespace hky::cmd
