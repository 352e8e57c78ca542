// submit: a message that a command hands over (sendmail user..., -t), made into an envelope as a session makes one: sender and
// recipients through the rulesets, header defaults, the queue. Runs in the engine; who submits is the kernel's word.
// sendmail: main.c (MD_DELIVER), collect.c, headers.c with GrabTo, envelope.c setsender().
#pragma once

#include <string>
#include <vector>

#include "receive/recipient_check.h"
#include "receive/services.h"

namespace hky::receive {

struct SubmitRequest {
  std::string user;                 // login name of the submitter
  bool trusted = false;             // root, class t: -f without an authentication warning
  std::string sender;               // -f; empty: the user
  bool sender_given = false;        // -f was there, even as <>
  std::string full_name;            // -F
  std::vector<std::string> rcpts;   // of the command line
  bool read_rcpts = false;          // -t: To, Cc, Bcc; those of the command line are then taken out
  std::string notify, ret, envid, body_type;   // -N -R -V -B
  std::string protocol;             // -p
  std::string drop;                 // name of the drop folder's file it came from, or empty
  char delivery_mode = 0;           // -od; 0: the configuration's
};

// Durable when it answers with the queue id. Errors: no recipients (permanent, EX_USAGE's text), refused headers, full disk.
net::Task<Result<std::string>> submit_message(Services& services, SubmitRequest request, std::string message);

}  // namespace hky::receive
