// Delivery reports: RFC 3464 multipart/report, or plain text, in sendmail's words and order (savemail.c errbody(), dsn.c). Pure text building.
// Who calls it: deliver/bounce.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hky::mail {

enum class ReportKind { kFailure, kDelay, kSuccess };   // "Returned mail: ...", "Warning: could not send message for past 4 hours", "Return receipt"
enum class RcptAction { kFailed, kDelayed, kDelivered, kRelayed, kExpanded, kListed, kByNotify, kByTrace };   // the last two: RFC 2852

struct ReportRcpt {
  std::string address;            // as the readable part names it: "<joe@x>", or "joe" where an alias said so
  std::optional<std::string> final_recipient;   // "joe@x": what the sender wrote; "": a mailer of another kind was given nobody
  std::string actual_recipient;   // "rfc822; joe@x": what it became, with its type; "": the line is left out
  std::string orcpt;              // ORCPT as given ("rfc822;joe@x", xtext decoded) or ""
  std::string alias_of;           // "members": "(expanded from: members)"; "": none
  RcptAction action = RcptAction::kFailed;
  std::string success_note;       // "(successfully delivered to mailbox)", "(relayed to non-DSN-aware mailer)" behind the address
  std::string status;             // "5.1.1"
  std::string remote_mta;         // host name; "": left out
  std::string diagnostic;         // "550 5.1.1 no such user"; "": left out
  std::string mta_type = "DNS", addr_type = "RFC822", diag_type = "SMTP";   // T= of the mailer (local ones: "X-Unix")
  int64_t last_attempt = 0;       // 0: left out
  int64_t will_retry_until = 0;   // delays; 0: left out
  std::string reason;             // "(reason: ...)" of the readable part; "" : none
  bool in_words = true;           // the readable part names it
};

struct Report {
  ReportKind kind = ReportKind::kFailure;
  std::string queue_id;           // of the report
  std::vector<std::string> to;    // the original sender, or the postmaster, or both; nobody where the sender is unknown here
  std::string message_id;         // "<id>"; "": left out
  std::string from;               // the field: "Mail Delivery Subsystem <MAILER-DAEMON>"
  std::string host;               // $j
  std::string arrival_host;       // "from joe@x [198.51.100.13]" : "The original message was received at DATE\nfrom ..."
  std::string received_type = "DNS";
  std::string received_from_mta;  // the client's name; "": left out
  std::string error_header;       // lines in front of what failed or is late; "": none
  bool mime = true;               // SendMimeErrors; false: words alone
  bool to_postmaster = false;     // nobody else can be told: "Postmaster notify: see transcript for details", "with id <id>"
  std::string original_id;        // queue id of the original, for postmasters
  std::optional<std::string> envid;   // an empty one is told, too
  int64_t now = 0, arrival = 0;
  int64_t deliver_by = 0;         // RFC 2852: when it should have been delivered; 0: whenever
  int offset_minutes = 0;
  std::vector<ReportRcpt> rcpts;
  std::vector<std::string> transcript;  // "... while talking to mx.example.:", ">>> RCPT To:<joe@x>", "<<< 550 ...", "550 5.1.1 ... User unknown"
  bool return_full = false;       // RET=FULL, or undecided; else headers only
  std::string_view original_head, original_body;
  bool original_8bit = false;     // and is labelled
  uint64_t max_body = 0;          // bytes of the original body that are returned; 0: all
  std::string boundary;           // unique: "QID.TIME/host"
  std::string warn_interval = "4 hours";   // delay: "could not send message for past ..."
};

// The whole message: header block (without Received:, Message-Id: made by H lines as for any submitted message), empty line, body. LF ends.
std::string build_report(const Report& report);

}  // namespace hky::mail
