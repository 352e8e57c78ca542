// submit: a message that a command hands over (sendmail user..., -t), made into an envelope as a session makes one: sender and
// recipients through the rulesets and aliases, header defaults, the queue; delivered at once where that is asked for.
// Runs in the engine; who submits is the kernel's word.
// sendmail: main.c (MD_DELIVER), collect.c, headers.c with GrabTo, envelope.c setsender(), savemail.c.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "receive/recipient_check.h"
#include "receive/services.h"

namespace hky::receive {

struct SubmitRequest {
  std::string user;                 // login name of the submitter
  bool trusted = false;             // root, class t: -f without an authentication warning
  std::string sender;               // -f; empty: the user
  char sender_given = '\0';         // by which letter, -f or -r, even as <>; 0: it was not
  std::string full_name;            // -F
  std::vector<std::string> rcpts;   // of the command line
  bool read_rcpts = false;          // -t: To, Cc, Bcc too
  std::string notify, ret, envid, body_type;   // -N -R -V -B
  std::string protocol, protocol_host;         // -p
  std::string drop;                 // name of the drop folder's file it came from, or empty
  char delivery_mode = 0;           // -od; 0: the configuration's
  char error_mode = 0;              // -oe; 0: the configuration's
  int hop_count = 0;                // -h
  bool no_alias = false;            // -n
  bool gateway = false;             // -G
  bool verbose = false;             // -v: delivered while the command waits, and told
  bool watched = false;             // -X: what would go in the background is delivered while the command waits
  std::vector<std::string> warnings;  // X-Authentication-Warning: what the command found ("Processed from queue /tmp")
};

struct SubmitOutcome {
  std::string id;                   // of the message; empty: nothing was kept
  int exit_code = 0;                // sysexits, as sendmail ends with
};

// A refusal of a message of more than MaxMessageSize: it does not go back whole, either. sendmail: EF_NO_BODY_RETN.
inline bool is_too_large(const smtp::Reply& refusal) { return refusal.code == 552 && refusal.enhanced == "5.2.3"; }

// What a delivery in the foreground needs of its surroundings (deliver is blind to receive, and the other way round: cmd joins them).
struct DeliverNow {
  bool verbose = false;
  bool keep_failures = false;       // permanent failures are not reported by mail
  bool reports_wait = false;        // for a queue run
  bool tells_of_report = false;     // that a report could not be delivered is said, too
  std::optional<smtp::Reply> refuse_all;
};
struct DeliveredNow {
  int exit_code = 0;
  std::vector<queue::Rcpt> failed;  // keep_failures: who was not reached
};

struct SubmitDoors {
  std::function<void(std::string)> say;                                          // a line for the command's standard output
  std::function<net::Task<DeliveredNow>(queue::Job, DeliverNow)> deliver;        // a leased job
  std::function<void(queue::Job)> deliver_later;                                 // a leased job, in the background; empty: the queue's own deliverers
  std::function<net::Task<bool>(queue::Job, std::string path, ipc::Who)> save;   // dead.letter
};

// Durable when it answers. An Error: the engine could not (disk, store); a refusal is an outcome.
net::Task<Result<SubmitOutcome>> submit_message(Services& services, SubmitDoors doors, SubmitRequest request, std::string message);

}  // namespace hky::receive
