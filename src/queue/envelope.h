// Envelope: what the queue keeps of one message (doc/queue.md is the on-disk format). sendmail: ENVELOPE, qf file fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/smtp/notify.h"
#include "storage/store.h"

namespace hky::queue {

// sendmail's form: 8 time characters, 6 of sequence and pid ("7BPNkSHB012345"); unique over restarts of one host.
using QueueId = std::string;

enum class RcptState : uint8_t { kPending, kDelivered, kFailed, kExpanded /* by its aliases; the first attempt tells the sender so */ };

// DSN NOTIFY bits (RFC 3461 4.1); 0: not given.
using enum smtp::Notify;
// "success,delay", whatever its case; words that are none count for nothing.
uint8_t notify_bits(std::string_view words);

// One delivery that was tried: what `hikyaku explain QUEUE-ID` tells.
struct Attempt {
  int64_t when = 0;                      // unix seconds
  std::string relay;                     // "mx.example. [192.0.2.1]", or "" where nobody was reached
  std::string status;                    // "4.4.1"
  std::string reply;                     // the remote's words, or ours; at most kMaxAttemptReply bytes
};
inline constexpr size_t kMaxAttempts = 8;          // a recipient: the latest
inline constexpr size_t kMaxAttemptReply = 200;

struct Rcpt {
  std::string address;                   // as it was given at RCPT or came out of an alias ("|prog", "/file", "\\user" too)
  std::string mailer, host, user;        // resolved triple; empty until resolved
  std::string controlling_user;          // qf 'C' line: as whom programs and files run ("joe" or "")
  std::string orcpt;                     // RFC 3461 ORCPT
  std::string alias_of;                  // the address it came out of, as that was written; "": the sender named it. sendmail: q_alias
  std::string final_rcpt;                // whom the sender wrote to, where that was another address ("list", "list@x"); in an envelope of
                                         // version 2 "": alias_of is that one. sendmail: q_finalrcpt
  uint8_t notify = 0;
  RcptState state = RcptState::kPending;
  int tries = 0;
  int64_t last_try = 0;                  // unix seconds
  std::string status;                    // last "4.4.1"/"5.1.1"
  std::string last_reply;                // the remote's words, or ours
  bool answered = false;                 // last_reply is what its RCPT was answered: mailq -v says it of this recipient. sendmail: q_message
  std::string remote_mta;
  std::string queue_group;               // where it asks to wait; "": where the message does, as all do that are in the queue. Not stored
  int refused_exit = 0;                  // refused before it came here (sysexits; status and last_reply say why). Not kept on disk: there it has no triple, and is asked about again
  std::vector<Attempt> attempts;         // the latest last
};
void note_attempt(Rcpt& rcpt, Attempt attempt);

inline constexpr uint64_t kSizeUnsaid = UINT64_MAX;
struct Envelope {
  QueueId id;
  std::string sender;                    // return path without <>, "" is <>
  std::vector<Rcpt> rcpts;
  std::vector<std::pair<std::string, std::string>> macros;   // $r $s $_ {client_addr} {auth_type} {mail_from} ... qf '$' lines
  std::optional<std::string> envid;      // RFC 3461 ENVID; sendmail passes on and reports an empty one, too
  enum class Ret : uint8_t { kUnset, kFull, kHdrs } ret = Ret::kUnset;
  std::string body_type;                 // "7BIT", "8BITMIME" or ""
  int64_t created = 0;                   // unix seconds
  int64_t next_try = 0;
  int tries = 0;
  long priority = 0;
  int msg_class = 0;                     // Precedence
  enum class Urgency : uint8_t { kNormal, kUrgent, kNonUrgent } urgency = Urgency::kNormal;  // Priority: (RFC 2156 5.3.6)
  int hops = 0;
  std::string message;                   // why it waits, or the last that was refused of it: mailq's line. sendmail: e_message
  std::string quarantine_reason;         // empty: not quarantined
  bool held = false;                     // hikyaku queue hold
  bool warning_sent = false;             // Timeout.queuewarn
  // Nobody named a sender (no -f, no MAIL), and no queue run has touched it: mailers with F=f or F=r are not told who the
  // sender is. sendmail: FromFlag.
  bool sender_unsaid = false;
  // What MAIL says (SIZE=): as the message came, and queued_size once a queue run has read it anew; 0: as it leaves; kSizeUnsaid: nothing is said.
  // sendmail: e_msgsize. Not stored.
  uint64_t collected_size = 0;
  uint64_t queued_size = 0;              // as sendmail's readqf() counts (receive/message.h, deliver/bounce)
  // What H lines name of the session that brought it ({client_rate}, {daemon_name}, ...): known to a delivery at once. Not stored.
  std::vector<std::pair<std::string, std::string>> session_macros;
  // What a command's expansion said, in its order ("550 5.1.1 joe... User unknown"): a report of refused recipients begins with it. And
  // whether it followed aliases (-n): who is refused is looked at again. Not stored.
  std::vector<std::string> said;
  bool no_alias = false;
  bool is_report = false;                // a bounce of ours: errors go to postmaster, then nowhere
  bool list_copy = false;                // the members of a list with an owner, who is the sender
  std::string queue_group;               // where it waits (Q lines); "": in mqueue. sendmail: e_qgrp
  std::string auth_sender;               // AUTH= parameter
  int64_t deliver_by = 0;                // RFC 2852: absolute unix seconds, 0 none
  char deliver_by_mode = 0;              // 'N' or 'R'; for T see deliver_by_trace()
  storage::Ref body;                     // header block and body as received (CRLF folded to LF), see doc/queue.md
  uint64_t size = 0;                     // of the body alone: mailq's. sendmail: of the df file
  std::string drop;                      // submit() only: the drop folder's file it came from; kept as a mark beside it
};

size_t pending(const std::vector<Rcpt>& rcpts);
bool hears_of_failure(const Rcpt& rcpt);   // NOTIFY, or none: the sender is told
// The sender as it was given, for reports to it: MAIL brackets an address with a domain, -f and the name of who runs the command do not;
// another way of writing it is kept as the macro mail_from (a session does that).
std::string sender_as_given(const Envelope& envelope, const std::string& address);
// BY=...T: each hand-over is reported. Kept as a macro, deliver_by_trace.
void trace_deliver_by(Envelope& envelope);
bool deliver_by_trace(const Envelope& envelope);
// A report about a message of DeliveryMode=d or q, with which it has its first attempt at once: in d nobody asks DNS or the network then.
// Kept as the macro, which rules see.
void set_mode(Envelope& envelope, char mode);
char mode_of(const Envelope& envelope);   // '\0': neither
bool deferred(const Envelope& envelope);
void end_mode(Envelope& envelope);
// What our own Received: calls a message that was split off: the queue id of the whole. Kept as a macro. "": its first Received: is ours.
void trace_as(Envelope& part, const QueueId& whole);
QueueId traced_id(const Envelope& envelope);
// The lists with an owner whose members these are. Kept as macros.
void add_list(Envelope& envelope, const std::string& list);
std::vector<std::string> lists_of(const Envelope& envelope);
// One that others stand for now, of which success is reported once: kExpanded; `owned`: by a list whose owner looks after them.
void add_multiple(Envelope& envelope, Rcpt rcpt, bool owned);
bool is_list(const Envelope& envelope, const Rcpt& rcpt);   // of those: it was such a list
// Another sender: a list's owner. Who wrote to the list stays known as its author.
void send_as(Envelope& envelope, std::string sender);
// Whom a From: that is missing names where it is not the sender: who wrote to a list, a user's name by the user database. Kept as a macro.
void set_author(Envelope& envelope, std::string author);
std::string author(const Envelope& envelope);        // "": the sender

}  // namespace hky::queue
