// sendmail: savemail.c returntosender(), errbody(); dsn.c. RFC 3464 2, RFC 3834 3.1.7 (Auto-Submitted).
#include "proto/mail/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "proto/mail/date.h"

namespace hky::mail {
namespace {

struct KindWords { std::string subject; const char* auto_submitted; };

KindWords words_of(const Report& r) {
  if (r.to_postmaster) return {"Postmaster notify: see transcript for details", "postmaster-notification"};
  if (r.kind == ReportKind::kDelay) return {"Warning: could not send message for past " + r.warn_interval, "warning-timeout"};
  if (r.kind == ReportKind::kSuccess) return {"Return receipt", "return-receipt"};
  return {"Returned mail: see transcript for details", "failure"};
}

std::string bare(std::string_view address) {
  if (address.size() >= 2 && address.front() == '<' && address.back() == '>') address = address.substr(1, address.size() - 2);
  return std::string(address);
}

constexpr const char* kEightBit = "Content-Transfer-Encoding: 8bit\n";

void add_head(const Report& r, std::string& out) {
  KindWords w = words_of(r);
  out += fmt::format("From: {}\n", r.from);
  if (!r.message_id.empty()) out += fmt::format("Message-Id: {}\n", r.message_id);
  for (const std::string& to : r.to) out += fmt::format("To: {}\n", to);
  if (r.mime) {
    out += fmt::format("MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"{}\"\n", r.boundary);
    if (r.original_8bit) out += kEightBit;
  }
  out += fmt::format("Subject: {}\n", w.subject);
  out += fmt::format("Auto-Submitted: auto-generated ({})\n\n", w.auto_submitted);
}

void add_section(const Report& r, RcptAction action, const char* title, std::string& out) {
  bool first = true;
  for (const ReportRcpt& c : r.rcpts) {
    const bool success = c.action != RcptAction::kFailed && c.action != RcptAction::kDelayed;
    if (!c.in_words) continue;
    if (action == RcptAction::kDelivered ? !success : c.action != action) continue;
    if (first) out += fmt::format("   ----- {} -----\n", title);
    first = false;
    out += c.address;
    if (success && !c.success_note.empty()) out += "  " + c.success_note;
    out += '\n';
    if (!c.reason.empty()) out += fmt::format("    (reason: {})\n", c.reason);
    if (!c.alias_of.empty()) out += fmt::format("    (expanded from: {})\n", c.alias_of);
  }
  if (!first) out += '\n';
}

// sendmail: putbody(), putline(): PXLF_MAPFROM, whatever mailer the report leaves by
void add_escaped(std::string_view text, std::string& out) {
  constexpr std::string_view kFrom = "From ";
  for (size_t at = 0; at < text.size();) {
    const size_t next = std::min(text.find('\n', at), text.size() - 1) + 1;
    if (text.substr(at, kFrom.size()) == kFrom) out += '>';
    out += text.substr(at, next - at);
    at = next;
  }
}

void add_readable(const Report& r, std::string& out) {
  if (r.mime) out += fmt::format("This is a MIME-encapsulated message\n\n--{}\n\n", r.boundary);
  const bool failed = std::any_of(r.rcpts.begin(), r.rcpts.end(), [](const ReportRcpt& c) { return c.action == RcptAction::kFailed; });
  if (r.kind == ReportKind::kDelay && !failed && !r.to_postmaster) {
    out += "    **********************************************\n"
           "    **      THIS IS A WARNING MESSAGE ONLY      **\n"
           "    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n"
           "    **********************************************\n\n";
  }
  out += fmt::format("The original message was received at {}\n", arpa_date(r.arrival, r.offset_minutes));
  if (!r.arrival_host.empty()) out += fmt::format("from {}\n", r.arrival_host);
  if (r.to_postmaster && !r.original_id.empty()) out += fmt::format("with id {}\n", r.original_id);
  out += '\n';
  if (r.kind != ReportKind::kSuccess && !r.error_header.empty()) {
    add_escaped(r.error_header, out);
    out += '\n';
  }
  add_section(r, RcptAction::kFailed, "The following addresses had permanent fatal errors", out);
  add_section(r, RcptAction::kDelivered, "The following addresses had successful delivery notifications", out);
  if (!r.transcript.empty()) out += "   ----- Transcript of session follows -----\n";
  for (const std::string& line : r.transcript) out += line + '\n';
  out += '\n';
}

std::string action_word(const ReportRcpt& c) {
  switch (c.action) {
    case RcptAction::kFailed: return "failed";
    case RcptAction::kDelayed: return "delayed";
    case RcptAction::kDelivered: return "delivered (to mailbox)";
    case RcptAction::kRelayed: return "relayed (to non-DSN-aware mailer)";
    case RcptAction::kExpanded: return "expanded (to multi-recipient alias)";
    case RcptAction::kListed: return "delivered (to mailing list)";
    case RcptAction::kByNotify: return "relayed (Deliver-By notify mode)";
    case RcptAction::kByTrace: return "relayed (Deliver-By trace mode)";
  }
  return "failed";
}

// One group of per-recipient fields (RFC 3464 2.3).
void add_status(const Report& r, const ReportRcpt& c, std::string& out) {
  out += '\n';
  if (!c.orcpt.empty()) out += fmt::format("Original-Recipient: {}\n", c.orcpt);
  const std::string final_rcpt = c.final_recipient ? *c.final_recipient : bare(c.alias_of.empty() ? c.address : c.alias_of);
  out += fmt::format("Final-Recipient: {}; {}\n", c.addr_type, final_rcpt);
  if (!c.actual_recipient.empty()) out += fmt::format("X-Actual-Recipient: {}\n", c.actual_recipient);
  out += fmt::format("Action: {}\nStatus: {}\n", action_word(c), c.status);
  if (!c.remote_mta.empty()) out += fmt::format("Remote-MTA: {}; {}\n", c.mta_type, c.remote_mta);
  if (!c.diagnostic.empty()) out += fmt::format("Diagnostic-Code: {}; {}\n", c.diag_type, c.diagnostic);
  if (c.last_attempt != 0) out += fmt::format("Last-Attempt-Date: {}\n", arpa_date(c.last_attempt, r.offset_minutes));
  if (c.will_retry_until != 0) out += fmt::format("Will-Retry-Until: {}\n", arpa_date(c.will_retry_until, r.offset_minutes));
}

void add_machine_readable(const Report& r, std::string& out) {
  out += fmt::format("--{}\nContent-Type: message/delivery-status\n\n", r.boundary);
  if (r.envid) out += fmt::format("Original-Envelope-Id: {}\n", *r.envid);
  out += fmt::format("Reporting-MTA: dns; {}\n", r.host);
  if (!r.received_from_mta.empty()) out += fmt::format("Received-From-MTA: {}; {}\n", r.received_type, r.received_from_mta);
  out += fmt::format("Arrival-Date: {}\n", arpa_date(r.arrival, r.offset_minutes));
  if (r.deliver_by != 0) out += fmt::format("Deliver-By-Date: {}\n", arpa_date(r.deliver_by, r.offset_minutes));
  for (const ReportRcpt& c : r.rcpts) add_status(r, c, out);
  out += '\n';
}

void add_original(const Report& r, std::string& out) {
  if (r.mime) {
    out += fmt::format("--{}\nContent-Type: {}\n{}\n", r.boundary, r.return_full ? "message/rfc822" : "text/rfc822-headers",
                       r.original_8bit ? kEightBit : "");
  } else {
    out += fmt::format("   ----- {} follows -----\n\n", r.return_full ? "Original message" : "Message header");
  }
  out += r.original_head;
  if (r.return_full) {
    std::string_view body = r.original_body;
    if (r.max_body != 0 && body.size() > r.max_body) body = body.substr(0, body.rfind('\n', r.max_body) + 1);
    add_escaped(body, out);
    if (body.size() < r.original_body.size()) out += "\n   ----- Message truncated -----\n";
    out += '\n';
  }
  if (r.mime) out += fmt::format("--{}--\n\n", r.boundary);
  else if (!r.return_full) out += "   ----- Message body suppressed -----\n\n";
}

}  // namespace

std::string build_report(const Report& report) {
  std::string out;
  out.reserve(2048 + report.original_head.size() + (report.return_full ? report.original_body.size() : 0));
  add_head(report, out);
  add_readable(report, out);
  if (report.mime) add_machine_readable(report, out);
  add_original(report, out);
  return out;
}

}  // namespace hky::mail
