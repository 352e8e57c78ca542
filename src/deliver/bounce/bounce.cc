#include "deliver/bounce/bounce.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "proto/mail/address_list.h"
#include "proto/mail/date.h"
#include "proto/mail/report.h"

namespace hky::deliver {
namespace {

std::string named_macro(const Work& w, std::string_view name) {
  for (const auto& [key, value] : w.job.envelope.macros)
    if (key == name || (key.size() > 2 && std::string_view(key).substr(1, key.size() - 2) == name)) return value;
  return {};
}

mail::RcptAction action_of(Ending e) {
  switch (e) {
    case Ending::kDelayed: return mail::RcptAction::kDelayed;
    case Ending::kDelivered: return mail::RcptAction::kDelivered;
    case Ending::kRelayed: return mail::RcptAction::kRelayed;
    case Ending::kExpanded: return mail::RcptAction::kExpanded;
    default: return mail::RcptAction::kFailed;
  }
}

mail::ReportKind kind_of(Ending e) {
  if (e == Ending::kFailed) return mail::ReportKind::kFailure;
  return e == Ending::kDelayed ? mail::ReportKind::kDelay : mail::ReportKind::kSuccess;
}

// How sendmail prints an address: as it was given, with its brackets.
std::string shown(const queue::Rcpt& r) {
  if (r.address.find('@') == std::string::npos || r.address.front() == '<' || r.address.front() == '|') return r.address;
  return "<" + r.address + ">";
}

std::string success_note(Ending e) {
  if (e == Ending::kDelivered) return "(successfully delivered to mailbox)";
  if (e == Ending::kRelayed) return "(relayed to non-DSN-aware mailer)";
  return e == Ending::kExpanded ? "(expanded by mailing list)" : "";
}

mail::ReportRcpt describe(Work& w, const Noted& n, const ReportRequest& request) {
  const queue::Rcpt& r = w.job.envelope.rcpts[n.rcpt];
  mail::ReportRcpt out;
  out.address = shown(r);
  out.alias_of = r.alias_of.empty() ? "" : r.alias_of.find('@') == std::string::npos ? r.alias_of : "<" + r.alias_of + ">";
  if (!r.orcpt.empty()) {
    std::string plain;
    out.orcpt = mail::from_xtext(r.orcpt, plain) ? plain : r.orcpt;
  }
  out.action = action_of(n.ending);
  out.success_note = success_note(n.ending);
  out.last_attempt = request.now;
  const std::optional<Fate>& fate = w.fates[n.rcpt];
  if (!fate) {
    out.status = n.ending == Ending::kExpanded ? "2.0.0" : "4.0.0";
    return out;
  }
  out.status = fate->dsn;
  const bool remote = !fate->remote_mta.empty() && fate->remote_mta.front() != '/';
  if (remote) {
    out.remote_mta = fate->remote_mta;
    while (!out.remote_mta.empty() && out.remote_mta.back() == '.') out.remote_mta.pop_back();
  }
  if (n.ending == Ending::kFailed && request.expired && fate->temporary()) {
    // sendmail: a message that grew too old: 4.4.7, "Cannot send message for 5 days".
    out.status = "4.4.7";
    const int64_t age = queue::time_of(w.policy().retry.queue_return, w.job.envelope);
    out.reason = fmt::format("Cannot send message for {}", interval_words(age));
  }
  if (!fate->reply.empty()) {
    if (out.reason.empty()) out.reason = fate->reply;
    if (remote) out.diagnostic = fate->reply;
  }
  if (n.ending == Ending::kDelayed) {
    const int64_t limit = queue::time_of(w.policy().retry.queue_return, w.job.envelope);
    if (limit > 0) out.will_retry_until = w.job.envelope.created + limit;
  }
  return out;
}

// "... while talking to mx.example.:", ">>> RCPT To:<joe@x>", "<<< 550 ...", "550 5.1.1 <joe@x>... User unknown".
std::vector<std::string> transcript_of(Work& w, const std::vector<Noted>& noted) {
  std::vector<std::string> out;
  std::string host;
  for (const Noted& n : noted) {
    const std::optional<Fate>& f = w.fates[n.rcpt];
    if (!f || f->sent()) continue;
    const std::string who = shown(w.job.envelope.rcpts[n.rcpt]);
    if (!f->command.empty() && !f->reply.empty() && !f->remote_mta.empty()) {
      if (host != f->remote_mta) out.push_back(fmt::format("... while talking to {}:", f->remote_mta));
      host = f->remote_mta;
      out.push_back(">>> " + f->command);
      out.push_back("<<< " + f->reply);
    } else if (!f->reply.empty() && f->exit == EX_CONFIG) {
      out.push_back(f->reply);
    }
    const auto meaning = exit_meaning(f->exit);
    if (f->temporary()) out.push_back(fmt::format("{}... {}", who, f->text));
    else out.push_back(fmt::format("{} {} {}... {}", meaning.smtp_code, f->dsn, who, f->text));
  }
  out.insert(out.end(), w.transcript.begin(), w.transcript.end());
  return out;
}

bool return_full(const Work& w, mail::ReportKind kind) {
  if (w.policy().no_return_body || kind != mail::ReportKind::kFailure) return false;
  return w.job.envelope.ret != queue::Envelope::Ret::kHdrs;   // RFC 3461 4.3: failures carry it unless asked not to
}

mail::Report base_report(Work& w, mail::ReportKind kind, const std::string& id, const ReportRequest& request) {
  const queue::Envelope& e = w.job.envelope;
  mail::Report r;
  r.kind = kind;
  r.queue_id = id;
  r.host = cf::expand_to_string(cf::Text{cf::kMacroExpand, u'j'}, w.scope);
  r.now = request.now;
  r.arrival = e.created;
  r.offset_minutes = w.policy().gmt_offset_minutes;
  // RFC 3464 2.2.1: the identifier itself, not its xtext.
  if (!mail::from_xtext(e.envid, r.envid)) r.envid = e.envid;
  r.arrival_host = named_macro(w, "_");
  r.received_from_mta = named_macro(w, "s");
  r.boundary = fmt::format("{}.{}/{}", id, request.now, r.host);
  r.original_id = e.id;
  r.original_head = std::string_view(*w.job.body).substr(0, w.header.body_offset);
  r.original_body = w.body;
  r.max_body = w.policy().max_return_body;
  r.return_full = return_full(w, kind);
  r.warn_interval = interval_words(queue::time_of(w.policy().retry.queue_warn, e));
  r.give_up_interval = interval_words(queue::time_of(w.policy().retry.queue_return, e));
  return r;
}

// Header fields that a message of our own begins with, then the report.
OutgoingReport finished(Work& w, mail::Report report, const std::string& rcpt, int64_t now) {
  OutgoingReport out;
  queue::Envelope& e = out.envelope;
  const queue::Envelope& old = w.job.envelope;
  e.id = report.queue_id;
  e.rcpts.emplace_back();
  e.rcpts.back().address = rcpt;
  e.created = now;
  e.is_report = true;
  e.hops = 0;
  e.urgency = old.urgency;
  e.macros.emplace_back("s", "localhost");
  e.macros.emplace_back("_", "localhost");
  e.sender_unsaid = old.sender_unsaid;
  const std::string host = report.host;
  report.from = "MAILER-DAEMON@" + host;
  report.to = rcpt.find('@') == std::string::npos ? rcpt : "<" + rcpt + ">";
  const std::string version = cf::expand_to_string(cf::Text{cf::kMacroExpand, u'v', u'/', cf::kMacroExpand, u'Z'}, w.scope);
  const std::string date = mail::arpa_date(now, w.policy().gmt_offset_minutes);
  out.text = fmt::format("Received: from localhost (localhost)\n\tby {} ({}) id {};\n\t{}\nDate: {}\nMessage-Id: <{}.{}@{}>\n",
                         host, version, e.id, date, date, mail::minute_date(now), e.id, host);
  out.text += mail::build_report(report);
  e.size = out.text.size();
  return out;
}

std::string strip(std::string_view address) {
  if (address.size() >= 2 && address.front() == '<' && address.back() == '>') address = address.substr(1, address.size() - 2);
  return std::string(address);
}

// Whose report it is: the sender's; the postmaster's for a report that failed; nobody's for that.
std::string addressee(Work& w, mail::ReportKind kind) {
  const queue::Envelope& e = w.job.envelope;
  const std::string sender = strip(e.sender);
  if (!sender.empty()) return sender;
  if (kind != mail::ReportKind::kFailure) return {};
  const std::string& to = w.policy().double_bounce;
  if (e.is_report) {
    for (const queue::Rcpt& r : e.rcpts)
      if (iequals(strip(r.address), to) || iequals(strip(r.alias_of), to)) return {};
  }
  return to;
}

// sendmail: savemail(): a configuration or local software error goes to the postmaster too, who alone can mend it.
bool our_fault(const Work& w, const Noted& n) {
  const std::optional<Fate>& f = w.fates[n.rcpt];
  return f && w.mailers[n.rcpt] != nullptr && (f->exit == EX_CONFIG || f->exit == EX_SOFTWARE);
}

}  // namespace

bool wants_report(const queue::Rcpt& r, Ending ending) {
  if ((r.notify & queue::kNotifyNever) != 0) return false;
  switch (ending) {
    case Ending::kFailed: return r.notify == 0 || (r.notify & queue::kNotifyFailure) != 0;
    case Ending::kDelayed: return r.notify == 0 || (r.notify & queue::kNotifyDelay) != 0;
    case Ending::kDelivered:
    case Ending::kRelayed:
    case Ending::kExpanded: return (r.notify & queue::kNotifySuccess) != 0;
    default: return false;
  }
}

std::string interval_words(int64_t seconds) {
  const auto many = [](int64_t n, const char* unit) { return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s"); };
  if (seconds >= 86400 && seconds % 86400 == 0) return many(seconds / 86400, "day");
  if (seconds >= 3600 && seconds % 3600 == 0) return many(seconds / 3600, "hour");
  if (seconds >= 60 && seconds % 60 == 0) return many(seconds / 60, "minute");
  return many(seconds, "second");
}

std::vector<OutgoingReport> make_reports(Work& w, const ReportRequest& request, const std::function<std::string()>& new_id) {
  std::vector<OutgoingReport> out;
  for (mail::ReportKind kind : {mail::ReportKind::kFailure, mail::ReportKind::kDelay, mail::ReportKind::kSuccess}) {
    std::vector<Noted> mine;
    for (const Noted& n : request.noted)
      if (n.ending != Ending::kNone && kind_of(n.ending) == kind && wants_report(w.job.envelope.rcpts[n.rcpt], n.ending)) mine.push_back(n);
    if (mine.empty() || (kind == mail::ReportKind::kSuccess && w.policy().no_receipts)) continue;
    const std::string to = addressee(w, kind);
    if (to.empty()) continue;
    mail::Report report = base_report(w, kind, new_id(), request);
    for (const Noted& n : mine) report.rcpts.push_back(describe(w, n, request));
    report.transcript = transcript_of(w, mine);
    report.to_postmaster = strip(w.job.envelope.sender).empty();
    if (kind == mail::ReportKind::kFailure && !w.policy().post_master_copy.empty() && !report.to_postmaster) {
      mail::Report copy = report;
      copy.queue_id = new_id();
      copy.boundary = fmt::format("{}.{}/{}", copy.queue_id, request.now, copy.host);
      copy.return_full = false;
      copy.to_postmaster = true;
      out.push_back(finished(w, std::move(copy), w.policy().post_master_copy, request.now));
    }
    const bool ours = !report.to_postmaster && kind == mail::ReportKind::kFailure && std::any_of(mine.begin(), mine.end(), [&w](const Noted& n) { return our_fault(w, n); });
    out.push_back(finished(w, std::move(report), to, request.now));
    if (ours) {
      queue::Rcpt postmaster;
      postmaster.address = "postmaster";
      auto& rcpts = out.back().envelope.rcpts;
      rcpts.insert(rcpts.begin(), std::move(postmaster));
    }
  }
  return out;
}

}  // namespace hky::deliver
