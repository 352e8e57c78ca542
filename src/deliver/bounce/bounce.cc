#include "deliver/bounce/bounce.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/strings.h"
#include "deliver/bounce/error_header.h"
#include "deliver/bounce/report_parts.h"
#include "proto/mail/address_list.h"
#include "proto/mail/date.h"
#include "proto/mail/field_kind.h"
#include "proto/mail/header_writer.h"
#include "proto/mail/report.h"

namespace hky::deliver {
namespace {

std::string named_macro(const Work& w, std::string_view name) {
  for (const auto& [key, value] : w.job.envelope.macros)
    if (key == name || (key.size() > 2 && std::string_view(key).substr(1, key.size() - 2) == name)) return value;
  return {};
}

mail::ReportKind kind_of(Ending e) {
  if (e == Ending::kFailed) return mail::ReportKind::kFailure;
  return e == Ending::kDelayed ? mail::ReportKind::kDelay : mail::ReportKind::kSuccess;
}

bool return_full(const Work& w, mail::ReportKind kind) {
  // sendmail: EF_NO_BODY_RETN
  if (std::any_of(w.fates.begin(), w.fates.end(), [](const auto& f) { return f && f->body_stays; })) return false;
  if (w.job.envelope.msg_class < 0) return false;   // sendmail: savemail(): bulk mail
  if (w.policy().no_return_body || kind == mail::ReportKind::kSuccess) return false;
  return w.job.envelope.ret != queue::Envelope::Ret::kHdrs;   // RFC 3461 4.3: failures carry it unless asked not to
}

// A field of a report as the configuration's H line makes it. sendmail: returntosender().
std::string field_of(std::string_view name, const cf::MacroScope& scope) {
  for (const cf::HeaderRule& rule : scope.config().headers)
    if (iequals(rule.name, name) && !rule.value.empty() && !rule.is_default) return cf::expand_to_string(rule.value, scope);
  return {};
}

// What a sendmail's queue holds of a report: its fields with the flags they are under, the default ones that wait for their mailer, and the
// body. sendmail: readqf().
uint64_t queued_size_of(std::string_view text, const cf::MacroScope& scope) {
  const mail::Header header = mail::parse_header(text);
  uint64_t size = mail::size_without_field_ends(text.substr(0, text.find("\n\n") + 1)) + text.size() - header.body_offset;
  for (const cf::HeaderRule& rule : scope.config().headers) {
    if (rule.value.empty() || rule.is_default || mail::is_resent_field(rule.name)) continue;
    // sendmail: H_BINDLATE
    const std::string value = iequals(rule.name, "return-path") ? cf::to_display(rule.value, scope.config().names) : cf::expand_to_string(rule.value, scope);
    if (trim(value).empty()) continue;
    size += rule.mailer_flags.count();
    if (header.find(rule.name) == nullptr) size += rule.name.size() + std::string_view(": ").size() + trim(value).size();
  }
  return size;
}

mail::Report base_report(Work& w, mail::ReportKind kind, const std::string& id, const ReportRequest& request) {
  const queue::Envelope& e = w.job.envelope;
  mail::Report r;
  r.kind = kind;
  r.queue_id = id;
  r.host = cf::macro_value(w.scope, u'j');
  r.now = request.now;
  r.arrival = e.created;
  r.offset_minutes = w.policy().gmt_offset_minutes;
  // RFC 3464 2.2.1: the identifier itself, not its xtext.
  if (std::string plain; e.envid) r.envid = mail::from_xtext(*e.envid, plain) ? plain : *e.envid;
  r.deliver_by = e.deliver_by;
  r.arrival_host = named_macro(w, "_");
  // sendmail: RealHostName, of a session over the network, which a queue run knows nothing of
  if (!queue::waited(e) && !named_macro(w, "s").empty() && !named_macro(w, "client_addr").empty()) r.received_from_mta = named_macro(w, "client_ptr");
  if (request.sender.mailer != nullptr) r.received_type = request.sender.mailer->mta_type;
  r.mime = w.settings->config->options.send_mime_errors;
  r.boundary = fmt::format("{}.{}/{}", id, request.now, r.host);
  r.original_id = e.id;
  r.original_head = request.original_head.empty() ? std::string_view(*w.job.body).substr(0, w.header.body_offset) : request.original_head;
  r.original_body = w.body;
  r.original_8bit = w.has_8bit && !e.is_report;   // also where the body stays away. sendmail: EF_HAS8BIT: of what was collected
  r.max_body = w.policy().max_return_body;
  r.return_full = return_full(w, kind);
  r.warn_interval = interval_words(queue::time_of(w.policy().retry.queue_warn, e));
  return r;
}

// sendmail: returntosender(): what its log line says.
std::string logged_as(const Work& w, const mail::Report& report, const ReportRequest& request, bool to_postmaster) {
  const queue::Envelope& e = w.job.envelope;
  std::string why = request.expired ? late_words(w, true) : e.message;
  if (report.kind == mail::ReportKind::kDelay) why = late_words(w, false);
  if (report.kind == mail::ReportKind::kSuccess) why = "Return receipt";
  const bool warned = report.kind == mail::ReportKind::kDelay || e.warning_sent;
  return fmt::format("{}: {}", e.is_report ? "return to sender" : warned ? "sender notify" : to_postmaster ? "postmaster notify" : "DSN", why);
}

// Header fields that a message of our own begins with, then the report.
OutgoingReport finished(Work& w, mail::Report report, const std::vector<std::string>& rcpts, const ReportRequest& request) {
  const int64_t now = request.now;
  OutgoingReport out;
  queue::Envelope& e = out.envelope;
  const queue::Envelope& old = w.job.envelope;
  e.id = report.queue_id;
  for (const std::string& rcpt : rcpts) e.rcpts.emplace_back().address = rcpt;
  e.created = now;
  e.is_report = true;
  e.hops = 0;
  e.urgency = old.urgency;
  e.macros.emplace_back("s", "localhost");
  e.macros.emplace_back("_", "localhost");
  // sendmail: RealHostName outlives the message
  for (const char* name : {"client_addr", "client_name", "client_ptr"})
    if (std::string value = named_macro(w, name); !value.empty()) e.macros.emplace_back(name, std::move(value));
  // sendmail: EF_NO_BODY_RETN: of a report without the body only the header goes back
  if (!report.return_full) e.ret = queue::Envelope::Ret::kHdrs;
  if (report.mime && report.original_8bit) e.body_type = "8BITMIME";
  if (!report.mime && report.original_8bit && iequals(old.body_type, "8BITMIME")) e.body_type = old.body_type;
  e.sender_unsaid = old.sender_unsaid;
  e.no_alias = old.no_alias;
  if (const char mode = queue::mode_of(old); mode != '\0') queue::set_mode(e, mode);
  cf::MacroScope scope(*w.settings->config, &w.scope);
  set_report_macros(scope, w, e.id, now);
  if (const std::string trace = field_of("Received", scope); !trace.empty()) mail::put_field(out.text, "Received", trace);
  out.text += fmt::format("Date: {}\n", mail::arpa_date(now, w.policy().gmt_offset_minutes));
  report.error_header = error_header(request.error_header, scope);
  report.from = field_of("From", scope);
  if (report.from.empty()) report.from = "Mail Delivery Subsystem <MAILER-DAEMON>";
  report.message_id = field_of("Message-Id", scope);
  out.text += mail::build_report(report);
  e.size = out.text.size() - out.text.find("\n\n") - 2;
  // sendmail: returntosender(): ERRORFUDGE and the size of the message it is about; where the body stays away it has no size
  constexpr size_t kErrorFudge = 1024;
  const uint64_t size = !report.return_full ? 0 : kErrorFudge + (old.collected_size != 0 ? old.collected_size : w.job.body->size());
  e.queued_size = queued_size_of(out.text, scope);
  e.collected_size = report.return_full ? size : queue::kSizeUnsaid;
  e.priority = static_cast<long>(size) + static_cast<long>(rcpts.size()) * w.settings->config->options.recipient_factor;
  return out;
}

// PostmasterCopy's, without the body.
OutgoingReport postmasters_copy(Work& w, mail::Report copy, std::string id, const ReportRequest& request) {
  copy.queue_id = std::move(id);
  copy.boundary = fmt::format("{}.{}/{}", copy.queue_id, request.now, copy.host);
  copy.return_full = false;
  copy.to_postmaster = true;
  copy.to = {w.policy().post_master_copy};
  const std::vector<std::string> rcpts = copy.to;
  return finished(w, std::move(copy), rcpts, request);
}

std::string strip(std::string_view address) {
  if (address.size() >= 2 && address.front() == '<' && address.back() == '>') address = address.substr(1, address.size() - 2);
  return std::string(address);
}

// Whose report it is: the envelope's recipients in sendmail's order of delivery, and who stands in To:.
struct Addressees {
  std::vector<std::string> rcpts, to;
  bool postmaster = false;             // his alone
};

// sendmail: savemail(): the sender's, of failures also theirs whom Errors-To: names, and the postmaster's where it is our fault; the
// postmaster's alone where nobody of them is known here, but for receipts, and where a report itself failed; nobody's where that was the postmaster's.
Addressees addressees(Work& w, const std::vector<Noted>& mine, mail::ReportKind kind, const ReportRequest& request) {
  Addressees out;
  const queue::Envelope& e = w.job.envelope;
  const bool failed = std::any_of(mine.begin(), mine.end(), [](const Noted& n) { return n.ending == Ending::kFailed; });
  if (!failed && request.sender.address.empty()) return out;
  if (!failed && (kind == mail::ReportKind::kSuccess || !request.sender.refused)) {
    out.rcpts = {request.sender.address};
    if (!request.sender.refused) out.to = out.rcpts;
    return out;
  }
  bool anybody = false;
  for (const ErrorAddress& a : request.sender.errors) {
    out.rcpts.push_back(a.address);
    anybody = anybody || !a.refused;
    if ((!a.refused || a.stands) && !a.unnamed) out.to.insert(out.to.begin(), a.address);   // addheader() puts one before the other of its name
  }
  if (anybody) return out;
  out.rcpts.clear();
  const std::string& postmaster = w.policy().double_bounce;
  const auto is_his = [&](const Noted& n) {
    const queue::Rcpt& r = e.rcpts[n.rcpt];
    return iequals(strip(r.address), postmaster) || iequals(strip(r.final_rcpt.empty() ? r.alias_of : r.final_rcpt), postmaster);
  };
  if (postmaster.empty() || (e.is_report && std::any_of(mine.begin(), mine.end(), is_his))) return out;
  out.rcpts = out.to = {postmaster};
  out.postmaster = true;
  return out;
}

}  // namespace

bool told_to_postmaster_too(const Work& w, const std::vector<Noted>& noted) {
  // sendmail: setstat(): the first fault stands: what its expansion met, as the command said it, then what its deliveries met, host by host
  const std::vector<std::string>& lines = w.job.envelope.said;
  const auto place = [&](const Noted& n) {
    const auto line = std::find(lines.begin(), lines.end(), w.fates[n.rcpt]->said);
    return std::tuple(w.mailers[n.rcpt] != nullptr, line - lines.begin(), lower(w.job.envelope.rcpts[n.rcpt].host));
  };
  const Noted* first = nullptr;
  for (const Noted& n : noted)
    if (n.ending == Ending::kFailed && w.fates[n.rcpt] && (first == nullptr || place(n) < place(*first))) first = &n;
  if (first == nullptr) return false;
  const int exit = w.fates[first->rcpt]->exit;
  return exit == EX_SOFTWARE || exit == EX_CONFIG;
}

Ending ending_of_multiple(const queue::Envelope& e, const queue::Rcpt& r) {
  if (r.state != queue::RcptState::kExpanded) return Ending::kNone;
  return queue::is_list(e, r) ? Ending::kListed : Ending::kExpanded;
}

bool wants_report(const queue::Rcpt& r, Ending ending) {
  if ((r.notify & queue::kNotifyNever) != 0) return false;
  switch (ending) {
    case Ending::kFailed: return queue::hears_of_failure(r);
    case Ending::kDelayed: return r.notify == 0 || (r.notify & queue::kNotifyDelay) != 0;
    case Ending::kDelivered:
    case Ending::kRelayed:
    case Ending::kExpanded:
    case Ending::kListed: return (r.notify & queue::kNotifySuccess) != 0;
    case Ending::kByNotify:
    case Ending::kByTrace: return true;
    default: return false;
  }
}

std::string interval_words(int64_t seconds) {
  if (seconds < 0) return "too long";
  if (seconds == 0) return "zero seconds";
  const auto many = [](int64_t n, const char* unit) { return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s"); };
  if (seconds >= 86400 && seconds % 86400 == 0) return many(seconds / 86400, "day");
  if (seconds >= 3600 && seconds % 3600 == 0) return many(seconds / 3600, "hour");
  if (seconds >= 60 && seconds % 60 == 0) return many(seconds / 60, "minute");
  return many(seconds, "second");
}

std::string late_words(const Work& w, bool given_up) {
  const queue::RetryOptions& retry = w.policy().retry;
  const std::string how_long = interval_words(queue::time_of(given_up ? retry.queue_return : retry.queue_warn, w.job.envelope));
  return (given_up ? "Cannot send message for " : "Warning: could not send message for past ") + how_long;
}

namespace {

// sendmail: dropenvelope(): a warning tells of failures, too; success has a report of its own only where there is none it could be told in.
std::vector<Noted> noted_for(const Work& w, const ReportRequest& request, mail::ReportKind kind, bool success_told) {
  std::vector<Noted> mine;
  bool own = false;
  for (const Noted& n : request.noted) {
    const bool besides = (n.ending == Ending::kListed || n.ending == Ending::kExpanded) && kind != mail::ReportKind::kSuccess;
    if (n.ending == Ending::kNone || (!besides && !wants_report(w.job.envelope.rcpts[n.rcpt], n.ending))) continue;
    const mail::ReportKind its = kind_of(n.ending);
    const bool success = its == mail::ReportKind::kSuccess, warned_of = kind == mail::ReportKind::kDelay && its == mail::ReportKind::kFailure && !request.told_already;
    if (success ? success_told : its != kind && !warned_of) continue;
    own = own || its == kind;
    mine.push_back(n);
  }
  if (!own) mine.clear();
  // sendmail: the send queue's order
  const auto host = [&w](const Noted& n) { return lower(w.job.envelope.rcpts[n.rcpt].host); };
  std::stable_sort(mine.begin(), mine.end(), [&host](const Noted& a, const Noted& b) { return host(a) < host(b); });
  return mine;
}

}  // namespace

std::vector<OutgoingReport> make_reports(Work& w, const ReportRequest& request, const std::function<std::string()>& new_id) {
  std::vector<OutgoingReport> out;
  bool success_told = false;
  std::vector<mail::ReportKind> kinds{mail::ReportKind::kDelay, mail::ReportKind::kFailure, mail::ReportKind::kSuccess};
  if (!request.told_already && !noted_for(w, request, mail::ReportKind::kDelay, true).empty()) kinds = {mail::ReportKind::kDelay, mail::ReportKind::kSuccess};
  if (w.policy().no_receipts) kinds.pop_back();   // none of its own
  for (const mail::ReportKind kind : kinds) {
    const bool told_already = request.told_already && kind == mail::ReportKind::kFailure;
    std::vector<Noted> mine = noted_for(w, request, kind, success_told || told_already);
    if (mine.empty()) continue;
    success_told = success_told || !told_already;
    const bool failed = std::any_of(mine.begin(), mine.end(), [](const Noted& n) { return n.ending == Ending::kFailed; });
    Addressees whose = addressees(w, mine, kind, request);
    if (whose.rcpts.empty()) continue;
    mail::Report report = base_report(w, kind, new_id(), request);
    for (const Noted& n : mine) report.rcpts.push_back(describe(w, n, request, report.host));
    report.transcript = transcript_of(w, mine, kind, request);
    report.to_postmaster = whose.postmaster;
    report.to = std::move(whose.to);
    // sendmail: EF_PM_NOTIFY: not of bulk mail
    const bool copied = failed && w.job.envelope.msg_class >= 0 && !w.policy().post_master_copy.empty() && !w.job.envelope.is_report;
    if (!told_already) {
      out.push_back(finished(w, report, whose.rcpts, request));
      out.back().logged = logged_as(w, report, request, report.to_postmaster);
    }
    if (copied) {
      out.push_back(postmasters_copy(w, report, new_id(), request));
      out.back().logged = logged_as(w, report, request, true);
    }
  }
  return out;
}

}  // namespace hky::deliver
