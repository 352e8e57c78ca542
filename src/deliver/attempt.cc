// One attempt: the message opened, its targets grouped by mailer and host, each group sent. sendmail: deliver.c sendenvelope(),
// deliver().
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/strings.h"
#include "deliver/deliverer_impl.h"
#include "deliver/grouping.h"
#include "deliver/header_rewrite.h"
#include "deliver/mailer_flags.h"
#include "deliver/mailer_program.h"
#include "deliver/mime_fields.h"
#include "policy/rs_check.h"
#include "route/address.h"

namespace hky::deliver {
namespace {

std::string without_angles(std::string s) {
  if (s.size() >= 2 && s.front() == '<' && s.back() == '>') s = s.substr(1, s.size() - 2);
  return s == "@" ? std::string() : s;
}

// An address literal, or a name in brackets, has its closing one.
bool closed(const std::string& host) { return !host.starts_with('[') || host.find(']') != std::string::npos; }

}  // namespace

void Deliverer::Impl::read_header(Work& w) {
  const std::string_view text = *w.job.body;
  w.header = mail::parse_header(text);
  w.body = text.substr(std::min(text.size(), w.header.body_offset));
  // sendmail: EF_HAS8BIT: also of the header that came
  const auto foreign = [](const mail::Field& f) { return !iequals(f.name, "Received") && mail::has_8bit(f.raw); };
  w.has_8bit = mail::has_8bit(w.body) || std::any_of(w.header.fields.begin(), w.header.fields.end(), foreign);
  for (const std::string& line : limit_mime_fields(w)) s.log.line(0, LogPriority::kAlert, w.envelope().id, line);
}

// Reads the body back where it has left memory. False: that failed; the message waits.
net::Task<bool> Deliverer::Impl::open_message(Work& w) {
  if (!w.job.body) {
    Result<queue::Body> read = co_await s.queue.body(s.loop, w.envelope());
    if (!read.ok()) {
      s.log.line(2, LogPriority::kCrit, w.envelope().id, fmt::format("SYSERR: cannot read the message: {}", read.error().text));
      const Result<> back = co_await s.queue.finish(s.loop, w.envelope());
      (void)back;
      co_return false;
    }
    w.job.body = std::move(*read);
  }
  read_header(w);
  // sendmail: EF_DONT_MIME: what nobody labelled passes as it is, unless EightBitMode is mimify
  w.pass_8bit = w.policy().eight_bit_mode == 'p' && !iequals(w.envelope().body_type, "8BITMIME") && w.header.find("MIME-Version") == nullptr;
  w.pass_8bit = w.pass_8bit || w.envelope().is_report;   // sendmail: errbody() does not convert
  for (const std::string& line : w.envelope().said) w.complaints.push_back(with_enhanced_code(line));
  set_envelope_macros(w.scope, w.envelope(), w.policy());
  co_await find_sender_mailer(w);
  co_return true;
}

// sendmail: setsender(), e_from.q_mailer: asked for only where it matters
net::Task<> Deliverer::Impl::find_sender_mailer(Work& w) {
  const cf::Config& config = *w.settings->config;
  const bool renames = !config.options.user_database_spec.empty();
  const auto matters = [renames](const cf::Mailer& m) {
    return m.flag(kAddDomain) || !m.charset.empty() || (renames && (m.flag(kUserDatabaseSender) || m.flag(kUserDatabaseRcpts)));
  };
  if (w.envelope().sender.empty() || std::none_of(config.mailers.begin(), config.mailers.end(), matters)) co_return;
  std::string sender = w.envelope().sender;
  const route::Address from = co_await route::parse_address(w.ctx, std::move(sender), route::Role::kEnvelopeSender);
  if (from.mailer == nullptr) co_return;
  w.sender_mailer = from.mailer;
  w.of_sender.names_rcpts = from.mailer->flag(kUserDatabaseRcpts);
  const size_t at = w.envelope().sender.rfind('@');
  if (at != std::string::npos && from.mailer->flag(kAddDomain))
    w.of_sender.domain = rewrite::prescan(w.envelope().sender.substr(at), '\0', config, rewrite::TokenTable::kExternal).tokens;
}

// -v and -X have connections of their own, whose words nobody else's are mixed with.
SmtpPool& Deliverer::Impl::pool_for(Work& w) {
  if (w.foreground == nullptr || (!w.foreground->verbose && !w.foreground->traffic_log)) return pool;
  if (!w.foreground->pool) {
    w.foreground->pool = std::make_shared<SmtpPool>(s, finder);
    if (w.foreground->traffic_log) w.foreground->pool->log_traffic(w.foreground->traffic_log);
    const auto say = w.foreground->say;
    if (w.foreground->verbose)
      w.foreground->pool->show([say](std::string line) {
        if (say) say(std::move(line));
      });
  }
  return *w.foreground->pool;
}

// sendmail: giveresponse(): those that went the same way in one line, the latest of the queue first.
void Deliverer::Impl::tell_fates(Work& w, const std::vector<size_t>& rcpts) {
  if (w.foreground == nullptr || !(w.foreground->verbose || w.foreground->tells_failures)) return;
  std::vector<bool> told(rcpts.size(), false);
  for (size_t i = rcpts.size(); i-- > 0;) {
    if (told[i] || !w.fates[rcpts[i]]) continue;
    const Fate& f = *w.fates[rcpts[i]];
    const bool failed = !f.sent() && f.exit != EX_TEMPFAIL;   // also what is tried again
    if (failed && !w.foreground->tells_failures) continue;   // the report tells
    const bool shown = f.heard && (f.of_rcpt || (f.lmtp && f.of_message && f.exit == EX_TEMPFAIL));   // by the dialogue, with the answer
    if (!f.sent() && shown && w.foreground->verbose) continue;
    std::string who;
    for (size_t k = i + 1; k-- > 0;) {
      if (told[k] || !w.fates[rcpts[k]] || w.fates[rcpts[k]]->text != f.text) continue;
      told[k] = true;
      who += (who.empty() ? "" : ",") + w.envelope().rcpts[rcpts[k]].address;
    }
    std::string line = failed && f.stated && !exit_meaning(f.exit).named() ? f.text : fmt::format("{}... {}", who, f.text);
    if (failed) w.foreground->tell_failure(std::move(line));
    else w.foreground->tell(std::move(line));
  }
}

// sendmail: sendall(): a new message of which nothing can be sent yet.
void Deliverer::Impl::tell_queued(Work& w, const std::vector<Target>& targets) {
  if (w.foreground == nullptr || !targets.empty() || queue::waited(w.envelope())) return;
  for (size_t i = 0; i < w.fates.size(); ++i) {
    const queue::Rcpt& r = w.envelope().rcpts[i];
    const bool waits = w.fates[i] ? w.fates[i]->temporary() : r.state == queue::RcptState::kPending;
    if (waits) w.foreground->tell(r.address + "... queued");
  }
}

// sendmail: deliver(): one markstats() for what goes to one host at once, where any of it went.
void Deliverer::Impl::count_sent(Work& w, const cf::Mailer& m, const std::vector<size_t>& rcpts) {
  if (s.traffic == nullptr) return;
  for (const size_t i : rcpts) {
    if (!w.fates[i] || !w.fates[i]->sent()) continue;
    s.traffic->delivered(m.index, w.envelope().size);
    return;
  }
}

net::Task<Copy> Deliverer::Impl::make_copy(Work& w, const cf::Mailer& m) {
  Copy copy;
  std::string author = queue::author(w.envelope());
  const bool renamed = w.sender_mailer != nullptr && w.sender_mailer->flag(kUserDatabaseSender);
  const std::string& sender = renamed && !author.empty() && !w.envelope().list_copy ? author : w.envelope().sender;
  std::string from = sender.empty() ? "<>" : sender;
  rewrite::Tokens domain = w.of_sender.domain;
  OfSender of_header = w.of_sender;
  std::string named = co_await route::remote_name(w.ctx, std::move(from), m, route::Role::kEnvelopeSender, std::move(domain), true);
  copy.sender = without_angles(std::move(named));
  w.scope.set('g', copy.sender);
  std::string id = queue::traced_id(w.envelope());
  if (author.empty()) author = w.envelope().sender;
  copy.head = co_await outgoing_header(w.ctx, w.header, m, std::move(id), std::move(author), w.envelope().list_copy, std::move(of_header));
  if (m.flag(kStripHeaders7))
    for (char& c : copy.head) c = static_cast<char>(c & 0x7f);
  if (!speaks(m)) {
    copy.from_line = from_line_for(w.ctx, m, copy.sender);
    co_return copy;
  }
  std::string path = copy.sender;
  copy.path = co_await path_of(w, m, std::move(path));
  co_return copy;
}

// sendmail: smtpmailfrom(). EF_RESPONSE: a report has none, also where a list with an owner sends it on; whatever local mailers call the
// null sender.
net::Task<std::string> Deliverer::Impl::path_of(Work& w, const cf::Mailer& m, std::string sender) {
  const queue::Envelope& e = w.envelope();
  if (e.sender.empty() || e.is_report) {
    if (!e.is_report || !m.flag(kGuest)) co_return "";
    std::string daemon = "MAILER-DAEMON";
    rewrite::Tokens domain;
    std::string named = co_await route::remote_name(w.ctx, std::move(daemon), m, route::Role::kEnvelopeSender, std::move(domain), true);
    co_return without_angles(std::move(named));
  }
  if (!m.flag(kReturnPathForm) || sender.empty()) co_return sender;
  std::string from = e.sender;
  const route::Address parsed = co_await route::parse_address(w.ctx, std::move(from), route::Role::kEnvelopeSender);
  if (parsed.mailer != nullptr && parsed.mailer->flag(kLocalMailer)) co_return sender;
  const std::string here = cf::macro_value(w.scope, 'j');
  co_return fmt::format("@{}{}{}", here, sender.starts_with('@') ? ',' : ':', sender);
}

// sendmail: deliver(): check_compat: sender and recipient, each pair; what it does not want is not sent.
net::Task<> Deliverer::Impl::check_compat(Work& w, std::vector<Target>& targets) {
  if (!policy::has_check(w.ctx, "check_compat")) co_return;
  const queue::Envelope& e = w.envelope();
  const std::string sender = e.sender.empty() ? "<>" : queue::sender_as_given(e, e.sender);
  std::vector<Target> wanted;
  for (Target& t : targets) {
    queue::Rcpt& rcpt = w.envelope().rcpts[t.rcpt];
    cf::Text pair = policy::two_arguments(sender, rcpt.address);
    const policy::Verdict v = co_await policy::rs_check(w.ctx, "check_compat", std::move(pair));
    if (v.accept && !v.discard) {
      wanted.push_back(std::move(t));
      continue;
    }
    if (v.discard) {
      w.fates[t.rcpt] = local_fate(EX_OK, "2.0.0", "discarded");
      rcpt.notify = queue::kNotifyNever;   // it is as if it had never been written to
      continue;
    }
    const smtp::Reply said = policy::with_address(v.reply, rcpt.address);
    Fate f = local_fate(EX_UNAVAILABLE, "5.5.0", std::string(exit_meaning(EX_UNAVAILABLE).text));
    f.said = fmt::format("{} {} {}", said.code, said.enhanced, said.lines.empty() ? "" : said.lines[0]);
    w.fates[t.rcpt] = std::move(f);
  }
  targets = std::move(wanted);
}

// sendmail: makeconnection()
void Deliverer::Impl::refuse_unclosed(Work& w, const std::vector<Target>& same) {
  const std::string& host = same.front().host;
  std::vector<size_t> places;
  for (const Target& t : same) {
    places.push_back(t.rcpt);
    Fate f = local_fate(EX_NOHOST, "5.1.2", "Host unknown");
    f.said = f.reply = fmt::format("553 5.1.2 {}... Invalid numeric domain spec \"{}\"", w.envelope().rcpts[t.rcpt].address, host);
    f.remote_mta = f.relay = host;
    w.fates[t.rcpt] = std::move(f);
  }
  if (w.foreground != nullptr) w.foreground->tell(fmt::format("{}... Connecting to {} via {}...", listed(w, places), host, same.front().mailer->name));
}

// Who waits for a queue run, and has nobody ask the network before. sendmail: HoldExpensive; M_HOLD; DeliveryMode=d.
void Deliverer::Impl::leave_resting(Work& w, std::vector<Target>& targets) const {
  const bool hold = w.settings->config->options.hold_expensive && w.envelope().tries == 0, offline = queue::deferred(w.envelope());
  std::erase_if(targets, [&](const Target& t) {
    return (hold && t.mailer->flag(kExpensive)) || (!w.job.demanded && t.mailer->flag(kHold)) || (offline && is_smtp_mailer(*t.mailer));
  });
}

net::Task<> Deliverer::Impl::attempt(Work& w, std::vector<Target> targets) {
  std::vector<std::shared_ptr<Shipment>> shipments;
  // sendmail rewrites anew for every host; rules that look at $h are UUCP's, so one copy serves all SMTP hosts of a mailer.
  std::map<std::pair<const cf::Mailer*, std::string>, Copy> copies;
  for (Target& t : targets) {
    w.mailers[t.rcpt] = t.mailer;
    if (t.mailer->flag(kStripBackslash)) t.user.erase(0, std::min(t.user.find_first_not_of('\\'), t.user.size()));
    if (t.mailer->flag(kStripQuotes)) t.user = rewrite::strip_quotes(t.user);
  }
  leave_resting(w, targets);
  tell_queued(w, targets);
  co_await check_compat(w, targets);
  std::vector<std::vector<Target>> groups = co_await group(s.loop, finder, w, std::move(targets));
  for (std::vector<Target>& same : groups) {
    const cf::Mailer& m = *same.front().mailer;
    if (m.max_size > 0 && w.job.body->size() > static_cast<size_t>(m.max_size)) {
      // sendmail: deliver(): m_maxsize
      Fate f = local_fate(EX_UNAVAILABLE, "5.3.4", std::string(exit_meaning(EX_UNAVAILABLE).text));
      f.said = fmt::format("552 5.3.4 Message is too large; {} bytes max", m.max_size);
      f.body_stays = true;
      for (const Target& t : same) w.fates[t.rcpt] = f;
      continue;
    }
    if (is_smtp_mailer(m) && !closed(same.front().host)) {
      refuse_unclosed(w, same);
      continue;
    }
    std::pair<const cf::Mailer*, std::string> key(&m, is_smtp_mailer(m) ? std::string() : same.front().host);
    auto found = copies.find(key);
    if (found == copies.end()) {
      w.scope.set('h', same.front().host);
      Copy made = co_await make_copy(w, m);
      found = copies.emplace(std::move(key), std::move(made)).first;
    }
    w.scope.set('g', found->second.sender);
    const bool told = w.foreground != nullptr && w.foreground->verbose;
    if (speaks(m)) {
      if (speaks_on_pipes(m)) co_await find_sender_owner(s, w, m);
      ship(w, same, found->second, shipments);
      if (told) co_await collect(w, shipments);   // one after the other, as sendmail goes about it
      continue;
    }
    std::vector<size_t> places;
    for (const Target& t : same) places.push_back(t.rcpt);
    const std::string& host = same.front().host;
    if (told && m.name != "*file*") w.foreground->tell(fmt::format("{}... Connecting to {}{}{}...", listed(w, places), host, host.empty() ? "" : " via ", m.name));
    co_await local.deliver(w, std::move(same), found->second.head, found->second.from_line);
    count_sent(w, m, places);
    tell_fates(w, places);
  }
  co_await collect(w, shipments);
}

}  // namespace hky::deliver
