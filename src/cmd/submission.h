// Submission: the control socket's "submit": the JSON of a command (mode_bm.cc writes it) to receive::SubmitRequest.
//   {"verb":"submit","rcpts":[..],"read_rcpts":bool,"sender":S,"sender_given":bool,"full_name","notify","ret","envid",
//    "body_type","protocol","delivery_mode":"b"}   + blob: the message, LF
// Who the submitter is comes from the kernel's uid; only root and class t may name another sender without being marked.
#pragma once

#include <string>

#include "admin/control.h"
#include "queue/drop.h"
#include "receive/submit.h"

namespace hky::cmd {

std::string user_name(unsigned uid);   // "unknown" where nobody has it

class Submission {
 public:
  explicit Submission(receive::Services& services) : services_(services) {}
  net::Task<Result<std::string>> submit(admin::Caller caller, std::string request, std::string message);
  // One file of the drop folder; who wrote it is the file's owner.
  net::Task<Result<>> submit_dropped(queue::Dropped dropped);

 private:
  receive::Services& services_;
};

}  // namespace hky::cmd
