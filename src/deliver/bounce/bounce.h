// Reports about a message: to its sender when a delivery failed, is late, or succeeded and that was asked for; about a
// report that failed to the postmaster; about that one to nobody. (sendmail: savemail.c, envelope.c dropenvelope();
// RFC 3461, RFC 3464.) Pure: the Deliverer submits what comes out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "deliver/work.h"
#include "route/address.h"

namespace hky::deliver {

// What a recipient's end, or lateness, means for its sender.
enum class Ending { kNone, kFailed, kDelayed, kDelivered, kRelayed, kExpanded, kListed /* by a list with an owner */, kByNotify, kByTrace /* RFC 2852 */ };
struct Noted { size_t rcpt = 0; Ending ending = Ending::kNone; };

struct OutgoingReport {
  queue::Envelope envelope;    // with everything but an id
  std::string text;            // header and body, LF
  std::string logged;          // "DSN: User unknown"
};

// Whom a failure is told.
struct ErrorAddress {
  std::string address;                 // as it was written
  route::Address parsed;
  bool refused = false;                // nobody is there
  bool stands = false;                 // refused is what it stands for, not it
  bool unnamed = false;                // the postmaster, where the sender is he, or comes to him
};

// What the sender's address comes to here. sendmail: savemail().
struct ReportSender {
  std::string address;                 // as it was given; "": <>
  const cf::Mailer* mailer = nullptr;
  bool refused = false;
  std::vector<std::string> said;       // of its expansion; part of the transcript
  std::vector<ErrorAddress> errors;    // he, whom Errors-To: names and the postmaster, in sendmail's order of delivery
};

// At most one report of each kind (failure, delay, success) and PostmasterCopy's. `id` gives a queue id a report.
// `expired`: the message was given up for its age.
struct ReportRequest {
  std::vector<Noted> noted;
  bool expired = false;
  bool told_already = false;                   // failures: by the command; only PostmasterCopy's report is made
  int64_t now = 0;
  std::vector<cf::Text> error_header;          // ErrorHeader's lines
  std::string original_head;                   // of the message, as it goes back; empty: as it lies in the queue
  ReportSender sender;
};
std::vector<OutgoingReport> make_reports(Work& w, const ReportRequest& request, const std::function<std::string()>& new_id);

// The first failure is a configuration or local software error.
bool told_to_postmaster_too(const Work& w, const std::vector<Noted>& noted);
// Of one that others stand for (queue::add_multiple); kNone of any other.
Ending ending_of_multiple(const queue::Envelope& envelope, const queue::Rcpt& rcpt);
// RFC 3461 4.1: whether the recipient wants to hear of it.
bool wants_report(const queue::Rcpt& rcpt, Ending ending);
// "5 days", "4 hours", "30 minutes" (sendmail: pintvl(brief off)).
std::string interval_words(int64_t seconds);
// "Warning: could not send message for past 4 hours", "Cannot send message for 5 days".
std::string late_words(const Work& w, bool given_up);

}  // namespace hky::deliver
