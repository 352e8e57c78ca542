#include "deliver/bounce/report_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "deliver/mailer_flags.h"
#include "proto/mail/address_list.h"
#include "route/recipients.h"

namespace hky::deliver {
namespace {

mail::RcptAction action_of(Ending e) {
  switch (e) {
    case Ending::kDelayed: return mail::RcptAction::kDelayed;
    case Ending::kDelivered: return mail::RcptAction::kDelivered;
    case Ending::kRelayed: return mail::RcptAction::kRelayed;
    case Ending::kExpanded: return mail::RcptAction::kExpanded;
    case Ending::kListed: return mail::RcptAction::kListed;
    case Ending::kByNotify: return mail::RcptAction::kByNotify;
    case Ending::kByTrace: return mail::RcptAction::kByTrace;
    default: return mail::RcptAction::kFailed;
  }
}

std::string success_note(Ending e) {
  if (e == Ending::kDelivered) return "(successfully delivered to mailbox)";
  if (e == Ending::kRelayed) return "(relayed to non-DSN-aware mailer)";
  if (e == Ending::kByNotify) return "(Deliver-By notify: relayed)";
  if (e == Ending::kByTrace) return "(Deliver-By trace: relayed)";
  if (e == Ending::kListed) return "(successfully delivered to mailing list)";
  return e == Ending::kExpanded ? "(expanded by alias)" : "";
}

std::string bare(std::string_view s) {
  if (s.size() >= 2 && s.front() == '<' && s.back() == '>') s = s.substr(1, s.size() - 2);
  return std::string(s);
}

bool has_domain(std::string_view s) { return s.find('@') != std::string_view::npos; }

std::string at_host(const std::string& user, const std::string& host) { return has_domain(user) ? user : user + "@" + host; }

const cf::Mailer* mailer_of(const Work& w, size_t i) {
  if (i < w.mailers.size() && w.mailers[i] != nullptr) return w.mailers[i];
  return w.settings->config->find_mailer(w.job.envelope.rcpts[i].mailer);
}

// sendmail: q_user; a program or file that was named directly keeps its quotes.
std::string user_of(const queue::Rcpt& r) {
  const bool named = r.address.starts_with("\"|") || r.address.starts_with("\"/");
  if (r.user.empty() || (r.alias_of.empty() && named)) return bare(r.address);
  return r.user;
}

bool is_internet(const cf::Mailer* m) { return m == nullptr || m->addr_type.empty() || iequals(m->addr_type, "rfc822"); }

// RFC 3464 2.3.2: whom the sender wrote to. sendmail: q_finalrcpt: for a sender whose mailer has addresses of another kind, the user alone.
std::string final_recipient(const queue::Rcpt& r, const std::string& host, const cf::Mailer* senders) {
  if (!is_internet(senders)) return r.alias_of.empty() || r.final_rcpt.empty() ? user_of(r) : r.final_rcpt.substr(0, r.final_rcpt.find('@'));
  if (r.alias_of.empty()) return at_host(route::final_recipient(r.address, user_of(r)), host);
  return at_host(r.final_rcpt.empty() ? bare(r.alias_of) : r.final_rcpt, host);
}

// The Status: of a mailer that left with this code and said nothing more. sendmail: markfailure().
const char* status_of_exit(int exit) {
  switch (exit) {
    case EX_USAGE: return "5.5.4";
    case EX_DATAERR: return "5.5.2";
    case EX_NOUSER: return "5.1.1";
    case EX_NOHOST: return "5.1.2";
    case EX_NOINPUT: case EX_CANTCREAT: case EX_NOPERM: return "5.3.0";
    case EX_UNAVAILABLE: case EX_SOFTWARE: case EX_OSFILE: case EX_PROTOCOL: case EX_CONFIG: return "5.5.0";
    default: return "5.0.0";
  }
}

// What a mailer without a reply of its own left: its exit code. sendmail: markfailure(), exitstat().
void explain_exit(const Fate& f, mail::ReportRcpt& out) {
  const std::string_view words = exit_meaning(f.exit).text;
  out.diagnostic = std::to_string(f.exit);
  out.reason = words.empty() ? out.diagnostic : std::string(words);
  out.status = f.said.empty() ? status_of_exit(f.exit) : f.dsn;   // what was said names its own
}

void explain(const Fate& f, mail::ReportRcpt& out) {
  out.status = f.stated && exit_meaning(f.exit).text.empty() ? "5.0.0" : f.dsn;   // sendmail: of an unknown mailer error
  // sendmail: markfailure(): what MAIL was answered is no recipient's
  if (!f.of_mail && !f.lmtp) out.remote_mta = f.remote_mta;
  while (!out.remote_mta.empty() && out.remote_mta.back() == '.') out.remote_mta.pop_back();
  if (f.sent()) out.diagnostic = f.rcpt_reply;
  else if (!f.reply.empty()) {
    out.reason = out.diagnostic = f.reply;
    if (f.exit == EX_CANTCREAT && !f.heard) out.status = status_of_exit(f.exit);   // a file that cannot be written: why
  }
  else if (f.stated && !f.temporary() && iequals(out.diag_type, "X-Unix")) explain_exit(f, out);
}

// sendmail: giveresponse(): one statement for all that a transaction or a program failed; RCPT is answered one by one.
bool same_statement(const Fate& a, const Fate& b) {
  return a.stated && b.stated && !a.of_rcpt && !b.of_rcpt && a.exit == b.exit && a.text == b.text && a.command == b.command &&
         a.reply == b.reply && a.relay == b.relay && a.output == b.output;
}

class Transcript {
 public:
  explicit Transcript(Work& w) : w_(w) {}

  // sendmail: the transcript is the whole attempt's: also of those who are not reported on.
  void add(const std::vector<Noted>& noted) {
    const std::vector<size_t> order = spoken_order(w_);
    bool expanding = true;
    for (size_t k = 0; k < order.size(); ++k) {
      if (expanding && w_.mailers[order[k]] != nullptr) expanding = end_of_expansion();
      const queue::Rcpt& rcpt = w_.job.envelope.rcpts[order[k]];
      std::string who = rcpt.address;
      if (success(ending_of(noted, order[k]), rcpt)) continue;
      const std::optional<Fate>& f = w_.fates[order[k]];
      if (!f || f->sent()) continue;
      for (; k + 1 < order.size(); ++k) {
        const std::optional<Fate>& next = w_.fates[order[k + 1]];
        if (!next || !same_statement(*f, *next)) break;
        who += "," + w_.job.envelope.rcpts[order[k + 1]].address;
      }
      failure(*f, who);
    }
    if (expanding) end_of_expansion();
  }

  std::vector<std::string> lines;

 private:
  static Ending ending_of(const std::vector<Noted>& noted, size_t rcpt) {
    for (const Noted& n : noted)
      if (n.rcpt == rcpt) return n.ending;
    return Ending::kNone;
  }

  // sendmail: alias(): who looks after a list is told which. False: it is over.
  bool end_of_expansion() {
    const queue::Envelope& e = w_.job.envelope;
    if (queue::waited(e) || e.is_report) return false;   // of a report's own addressee the report says so
    for (const std::string& list : queue::lists_of(e)) listed(list);
    return false;
  }

  // "... while talking to mx.example.:", ">>> DATA", "<<< 550 ...", "550 5.1.1 <joe@x>... User unknown".
  void failure(const Fate& f, const std::string& who) {
    if (f.heard && !f.remote_mta.empty()) {
      const bool other_host = host_ != f.remote_mta;
      if (other_host) lines.push_back(fmt::format("... while talking to {}:", f.remote_mta));
      if (!f.command.empty() && (other_host || command_ != f.command)) lines.push_back(">>> " + f.command);
      host_ = f.remote_mta;
      command_ = f.command;
      lines.push_back("<<< " + f.reply);
    }
    std::string_view rest = f.output;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      lines.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(rest.size(), end + 1));
    }
    // the refusal of the message is everybody's, and said once
    const std::vector<std::string>& told = f.stated ? w_.complaints : lines;
    const std::string said = f.said.empty() ? std::string() : with_enhanced_code(f.said);
    const bool known = std::find(told.begin(), told.end(), said) != told.end();
    if (!said.empty() && !known) lines.push_back(said);
    if (!f.stated) return;
    const auto meaning = exit_meaning(f.exit);
    if (f.exit == EX_TEMPFAIL) lines.push_back(fmt::format("{}... {}", who, f.text));
    else if (meaning.named()) lines.push_back(fmt::format("{} {} {}... {}", meaning.smtp_code, meaning.dsn, who, f.text));
    else lines.push_back(fmt::format("{} {} {}", meaning.smtp_code, meaning.dsn, f.text));
    if (!f.then.empty()) lines.push_back("<<< " + f.then);   // sendmail: reply()
  }

  bool success(Ending e, const queue::Rcpt& rcpt) {
    const std::string& who = rcpt.address;
    if (e == Ending::kDelivered) lines.push_back(who + "... Successfully delivered");
    else if (e == Ending::kRelayed) lines.push_back(who + "... relayed; expect no further notifications");
    else if (e == Ending::kListed) listed(who);
    else if (e == Ending::kByNotify) lines.push_back(who + "... Deliver-by notify: relayed");
    else if (e == Ending::kByTrace) lines.push_back(who + "... Deliver-By trace: relayed");
    else if (e != Ending::kExpanded) return false;
    else if (wants_report(rcpt, e)) once(who + "... expanded to multiple addresses");   // sendmail: recipient()
    return true;
  }

  void listed(const std::string& who) { once("Message delivered to mailing list " + who); }

  // A command's expansion has said so in its place.
  void once(std::string line) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
  }

  Work& w_;
  std::string host_, command_;   // last shown
};

}  // namespace

std::vector<size_t> spoken_order(const Work& w) {
  std::vector<size_t> order;
  std::vector<std::vector<size_t>> groups;
  const std::vector<queue::Rcpt>& rcpts = w.job.envelope.rcpts;
  for (size_t i = 0; i < w.fates.size(); ++i) {
    if (w.mailers[i] == nullptr) {
      order.push_back(i);
      continue;
    }
    const auto talked_to = [&w](size_t k) { return w.fates[k] ? std::string_view(w.fates[k]->remote_mta) : std::string_view(); };
    const auto same = [&](const std::vector<size_t>& g) {
      return w.mailers[g[0]] == w.mailers[i] && iequals(rcpts[g[0]].host, rcpts[i].host) && talked_to(g[0]) == talked_to(i);
    };
    const auto mine = w.mailers[i]->flag(kManyRcpts) ? std::find_if(groups.begin(), groups.end(), same) : groups.end();
    if (mine == groups.end()) groups.push_back({i});
    else mine->insert(mine->begin(), i);
  }
  // of one host's the MX that answered RCPT, then the next that was tried for the rest
  const auto place = [&](const std::vector<size_t>& g) {
    const bool answered = std::any_of(g.begin(), g.end(), [&w](size_t i) { return w.fates[i] && w.fates[i]->of_rcpt; });
    return std::pair(lower(rcpts[g[0]].host), !answered);
  };
  std::stable_sort(groups.begin(), groups.end(), [&place](const auto& a, const auto& b) { return place(a) < place(b); });
  for (std::vector<size_t>& g : groups) {
    // sendmail: smtprcptstat(): RCPT is answered before DATA
    std::stable_partition(g.begin(), g.end(), [&w](size_t i) { return w.fates[i] && w.fates[i]->of_rcpt; });
    order.insert(order.end(), g.begin(), g.end());
  }
  return order;
}

mail::ReportRcpt describe(Work& w, const Noted& n, const ReportRequest& request, const std::string& host) {
  const queue::Rcpt& r = w.job.envelope.rcpts[n.rcpt];
  mail::ReportRcpt out;
  out.address = r.address;   // sendmail: as it was given, with its brackets or without
  out.alias_of = r.alias_of;
  if (!r.orcpt.empty()) {
    std::string plain;
    out.orcpt = mail::from_xtext(r.orcpt, plain) ? plain : r.orcpt;
  }
  const cf::Mailer* m = mailer_of(w, n.rcpt);
  if (m != nullptr) {
    out.mta_type = m->mta_type;
    out.diag_type = m->diag_type;
  }
  const std::optional<Fate>& fate = w.fates[n.rcpt];
  const bool untried = fate && !fate->stated;
  const bool userless = r.user.empty() && (!r.mailer.empty() || r.refused_exit == EX_SOFTWARE /* its rules came to no mailer */);
  out.final_recipient = final_recipient(r, host, request.sender.mailer);
  if (!is_internet(request.sender.mailer) && !is_internet(m) && r.alias_of.empty()) {
    out.addr_type = m->addr_type;
    if (userless) out.final_recipient.emplace();
  }
  if (!w.policy().no_actual_rcpt && !userless) {
    // sendmail: deliver() takes the quotes of a user from him, where the mailer wants it so
    const bool plain = !r.alias_of.empty() && !untried && m != nullptr && m->flag(kStripQuotes);
    const std::string user = plain ? rewrite::strip_quotes(user_of(r)) : user_of(r);
    out.actual_recipient = is_internet(m) ? "rfc822; " + at_host(user, host) : m->addr_type + "; " + user;
  }
  out.action = action_of(n.ending);
  out.success_note = success_note(n.ending);
  out.in_words = (n.ending != Ending::kListed && n.ending != Ending::kExpanded) || (r.notify & queue::kNotifySuccess) != 0;
  out.last_attempt = request.now;
  // sendmail: QS_QUEUEUP
  const int64_t limit = queue::time_of(w.policy().retry.queue_return, w.job.envelope);
  if (n.ending == Ending::kDelayed && limit > 0 && (!fate || !fate->of_rcpt)) out.will_retry_until = w.job.envelope.created + limit;
  if (!fate) {
    out.status = n.ending == Ending::kExpanded || n.ending == Ending::kListed ? "2.0.0" : n.ending == Ending::kFailed && request.expired ? "4.4.7" : "4.0.0";
    return out;
  }
  explain(*fate, out);
  // RFC 3463 3.2, sendmail: the mailbox was there
  if (n.ending == Ending::kDelivered && out.status == "2.0.0") out.status = "2.1.5";
  // sendmail: dropenvelope(): a message that grew too old.
  if (n.ending == Ending::kFailed && request.expired && fate->temporary()) out.status = "4.4.7";
  return out;
}

namespace {

// sendmail: what it says itself is 7-bit, and by SoftBounce for now.
void as_said(std::string& line, bool soft_bounce) {
  for (char& c : line) c = static_cast<char>(c & 0x7f);
  if (!soft_bounce || line[0] != '5') return;
  line[0] = '4';
  if (std::string_view(line).substr(3).starts_with(" 5.")) line[4] = '4';
}

}  // namespace

std::vector<std::string> transcript_of(Work& w, const std::vector<Noted>& noted, mail::ReportKind kind, const ReportRequest& request) {
  Transcript t(w);
  t.lines = w.complaints;
  t.add(noted);
  t.lines.insert(t.lines.end(), w.transcript.begin(), w.transcript.end());
  const auto failed = [](const Noted& n) { return n.ending == Ending::kFailed; };
  const bool too_old = request.expired && std::any_of(noted.begin(), noted.end(), [&](const Noted& n) {
    return failed(n) && (!w.fates[n.rcpt] || w.fates[n.rcpt]->temporary());
  });
  const std::vector<std::string>& of_sender = request.sender.said;
  // sendmail: dropenvelope(): he is looked at with the first that failed, else behind the warning
  const bool sender_first = std::any_of(noted.begin(), noted.end(), failed);
  if (sender_first) t.lines.insert(t.lines.end(), of_sender.begin(), of_sender.end());
  const queue::RetryOptions& retry = w.policy().retry;
  const std::string limit = interval_words(queue::time_of(retry.queue_return, w.job.envelope));
  if (too_old) {
    t.lines.push_back("Message could not be delivered for " + limit);
    t.lines.emplace_back("Message will be deleted from queue");
  }
  if (kind == mail::ReportKind::kDelay) {
    t.lines.push_back("Warning: message still undelivered after " + interval_words(queue::time_of(retry.queue_warn, w.job.envelope)));
    t.lines.push_back(fmt::format("Will keep trying until message is {} old", limit));
  }
  if (!sender_first) t.lines.insert(t.lines.end(), of_sender.begin(), of_sender.end());
  const bool soft = w.settings->config->options.soft_bounce;
  for (std::string& line : t.lines)
    if (line.starts_with('4') || line.starts_with('5')) as_said(line, soft);
  return t.lines;
}

}  // namespace hky::deliver
