// From collected text to a message for the queue: header limits, hops, header checks, check_eoh, H-line defaults.
// sendmail: collect.c, headers.c eatheader(). Used by SMTP sessions and by command submission alike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/rs_check.h"
#include "proto/mail/message.h"
#include "receive/services.h"

namespace hky::receive {

struct Collected {
  std::string text;                 // as received, LF
  mail::Header header;              // views into text
  std::string message_id;           // "": it has none
  std::string full_name;            // Full-Name:, as a phrase: $x, whoever the sender is
  int msg_class = 0;                // Precedence:
  queue::Envelope::Urgency urgency = queue::Envelope::Urgency::kNormal;
  int hops = 0;
  bool labelled_8bit = false;       // MIME, and the header has bytes above 127: as if BODY=8BITMIME had been said
  bool nul = false;                 // it had a NUL byte, and option RejectNUL forbids them
  bool resent = false;
  bool receipt = false;             // option RrtImpliesDsn, and Return-Receipt-To: stands there
  bool errors_to = false;           // option UseErrorsTo, and Errors-To: names somebody: he is counted as a recipient, so Received: names none
};

// sendmail: collect(): what SevenBitInput, BODY=7BIT and -B7BIT leave of it; BODY=8BITMIME and -B8BITMIME stand over that option.
void take_seven_bits(std::string& text, const cf::Config& config, std::string_view body_type);
// Parses in place; `text` must not move afterwards. NUL bytes of the header are left out.
void read_header(Collected& m, const cf::Config& config);
// sendmail: eatheader(): H_RECEIPTTO: who has no NOTIFY yet is asked to report success, too. Whatever address the field has, the sender is told.
void ask_receipt(const Collected& m, uint8_t& notify);
// "552 5.6.0 Headers too large": nothing else of the header is looked at then.
std::optional<smtp::Reply> header_fault(const Collected& m, const cf::Config& config);
// "554 5.6.1 Eight bit data not allowed": EightBitMode=s, and nobody labelled it; "554 5.6.1 NUL byte not allowed". Met when all is read.
std::vector<smtp::Reply> content_faults(const Collected& m, const cf::Config& config, std::string_view body_type);
// Too many hops are the delivery's to report (deliver/whole_failures.cc); sendmail leaves that to a queue run in interactive mode, in background
// unless a recipient must still be looked up (`look_up`: then the message is read from the queue at once), in the other modes where one must.
bool hops_wait(const Collected& m, const cf::Config& config, char delivery_mode, bool look_up);
struct Checked {
  policy::Verdict all;                      // the last refusal stands, a temporary one not above a permanent; discard and quarantine add up
  std::vector<policy::Verdict> refusals;    // every one, in the order in which they are met
  Checked() = default;
};
// Header check rulesets, then check_eoh, whatever they said.
net::Task<Checked> check_message(rewrite::Context& ctx, const Settings& settings, Collected& m);

struct HeadStyle {
  std::vector<std::string> recipients;   // that were named, in the send queue's order; for NoRecipientAction
  bool add_missing = true;          // Date, From, Message-Id
  bool old_style = false;           // blanks part the addresses of To, Cc ... (OldStyleHeaders)
  std::vector<std::string> warnings;  // X-Authentication-Warning fields, after the defaults
};
struct Whole {
  std::string text;                 // header, empty line, body
  // What a sendmail's queue holds of it: the body, and each field with the flags it is under, with the default fields that wait for
  // their mailer, and without the newline at its end. sendmail: readqf().
  uint64_t queued_size = 0;
  std::string message_id;           // its own, or as the H line has it: what the log names it by
};
// The message as it goes into the queue: default fields of the H lines that are missing, then the message's own.
Whole whole_message(const Collected& m, const cf::MacroScope& scope, const HeadStyle& style);

}  // namespace hky::receive
