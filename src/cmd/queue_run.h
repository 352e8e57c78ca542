// QueueRuns: the control socket's "queue.run": sendmail -q as a command asks for it.
//   {"verb":"queue.run","select":[..],"kind":"" (admin/queue_select.h),"foreground":bool,"verbose":bool}
//     -> {"ok":true,"changed":N} + blob: what -v shows
// In the background the chosen messages become due and the deliverers take them, many at once; in the foreground (-qf, -v) they
// are delivered one after the other, by priority, while the command waits. sendmail: queue.c runqueue(), dowork().
#pragma once

#include "admin/control.h"
#include "cmd/told.h"
#include "deliver/deliverer.h"
#include "receive/services.h"

namespace hky::cmd {

class QueueRuns {
 public:
  QueueRuns(receive::Services& services, deliver::Deliverer& deliverer) : services_(services), deliverer_(deliverer) {}
  net::Task<Result<admin::RunAnswer>> run(admin::Caller caller, nlohmann::json request);

 private:
  net::Task<> quarantine(nlohmann::json request, admin::RunAnswer& answer);
  net::Task<int> deliver_all(std::vector<queue::QueueId> ids, bool verbose, std::shared_ptr<Told> told);   // sysexits
  receive::Services& services_;
  deliver::Deliverer& deliverer_;
};

}  // namespace hky::cmd
