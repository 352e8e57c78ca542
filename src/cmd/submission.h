// Submission: the control socket's "submit": the JSON of a command (mode_bm.cc writes it) to receive::SubmitRequest, and the
// deliverer that carries it out at once where that is asked for.
//   {"verb":"submit","rcpts":[..],"read_rcpts":bool,"sender":S,"sender_given":"f" (or "r", ""),"full_name","notify","ret","envid",
//    "body_type","protocol","protocol_host","delivery_mode":"b","error_mode":"p","hop_count":N,"no_alias":bool,"gateway":bool,"verbose":bool,
//    "submit_cf":bool, "queue_directory":D, "traffic":N, and what request_changes.h says}   + blob: the message, LF
// Who the submitter is comes from the kernel's uid; only root and class t may name another sender without being marked.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "admin/control.h"
#include "cmd/kept_settings.h"
#include "cmd/told.h"
#include "deliver/deliverer.h"
#include "queue/drop.h"
#include "receive/submit.h"

namespace hky::cmd {

std::string user_name(unsigned uid);   // "unknown" where nobody has it

// For sessions with VERB. `with`: another configuration than the engine's, or null.
std::function<net::Task<>(queue::Job, std::function<void(std::string)>)> deliver_shown_by(deliver::Deliverer& deliverer, std::shared_ptr<const deliver::Settings> with);
// Leased jobs by a command's own configuration; `with` null, the engine's: an empty function, the queue's deliverers look after them.
std::function<void(queue::Job)> deliver_later_by(deliver::Deliverer& deliverer, net::Loop& loop, std::shared_ptr<const deliver::Settings> with);

class Submission {
 public:
  Submission(receive::Services& services, deliver::Deliverer& deliverer, CommandSettings& own) : services_(services), deliverer_(deliverer), own_(own) {}
  net::Task<Result<admin::SubmitAnswer>> submit(admin::Caller caller, nlohmann::json request, std::string message);
  // One file of the drop folder; who wrote it is the file's owner.
  net::Task<Result<>> submit_dropped(queue::Dropped dropped);

 private:
  receive::SubmitDoors doors_for(std::shared_ptr<const deliver::Settings> with, std::shared_ptr<Told> told);

  receive::Services& services_;
  deliver::Deliverer& deliverer_;
  CommandSettings& own_;
};

}  // namespace hky::cmd
