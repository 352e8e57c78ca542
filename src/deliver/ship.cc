// What is spoken of in SMTP and LMTP, to hosts and to programs: groups of recipients as the pool's shipments. sendmail: deliver.c deliver(),
// usersmtp.c smtpmailfrom().
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "deliver/deliverer_impl.h"
#include "deliver/mailer_flags.h"
#include "deliver/mailer_program.h"
#include "dns/files.h"

namespace hky::deliver {
namespace {

constexpr int kProgramLinger = 60;   // seconds that a program without W= has when its session is over

// RFC 3461 4.1.
std::string notify_words(uint8_t notify) {
  if ((notify & queue::kNotifyNever) != 0) return "NEVER";
  std::string out;
  const auto add = [&](uint8_t bit, const char* word) {
    if ((notify & bit) == 0) return;
    if (!out.empty()) out += ',';
    out += word;
  };
  add(queue::kNotifySuccess, "SUCCESS");
  add(queue::kNotifyFailure, "FAILURE");
  add(queue::kNotifyDelay, "DELAY");
  return out;
}

uint16_t port_of(const std::string& word, uint16_t otherwise) {
  if (word.empty()) return otherwise;
  if (is_digit(word.front())) return static_cast<uint16_t>(std::strtoul(word.c_str(), nullptr, 10));
  if (iequals(word, "submission")) return 587;
  if (iequals(word, "lmtp")) return 24;
  return iequals(word, "smtp") ? 25 : otherwise;
}

// A=TCP host port, A=FILE path
void set_destination(Work& w, const Target& t, Load& load) {
  load.host = t.host;
  if (!is_smtp_mailer(*t.mailer)) return;
  cf::MacroScope scope(*w.settings->config, &w.scope);
  scope.set('h', t.host);
  std::vector<std::string> words;
  for (const cf::Text& word : t.mailer->argv) words.push_back(cf::expand_to_string(word, scope));
  load.unix_socket = !words.empty() && iequals(words[0], "FILE");
  if (words.size() > 1) load.host = words[1];
  load.port = port_of(words.size() > 2 ? words[2] : std::string(), w.policy().smtp_port);
}

void set_text(Work& w, const Copy& copy, Load& load) {
  const cf::Mailer& m = *load.mailer;
  const queue::Envelope& e = w.envelope();
  load.head = copy.head;
  load.body_owner = w.job.body;
  load.body = w.body;
  load.has_8bit = w.has_8bit;
  load.pass_8bit = w.pass_8bit;
  if (w.has_8bit) load.charset = w.charset();
  // sendmail: smtpmailfrom(): what nobody labelled is labelled by mimify only, and not where F=8 sends 8 bits to anybody
  load.label_8bit = iequals(e.body_type, "8BITMIME") || (e.is_report && w.header.find("MIME-Version") != nullptr) ||
                    (w.policy().eight_bit_mode == 'm' && !m.flag(kEightBit));
  if (w.has_8bit) load.converted_by = fmt::format("by {} id {}", cf::macro_value(w.scope, 'j'), e.id);
  load.said_8bit = e.is_report && iequals(e.body_type, "8BITMIME");
  load.said_7bit = iequals(e.body_type, "7BIT");
  if (!speaks_on_pipes(m)) return;
  // sendmail: MAIL says what the message was before
  if (auto eight = decoded(w, m, copy.head)) {
    load.head = std::move(eight->head);
    load.body_owner = std::make_shared<const std::string>(std::move(eight->body));
    load.body = *load.body_owner;
  }
}

void set_words(Work& w, Load& load) {
  const queue::Envelope& e = w.envelope();
  load.mail.envid = e.envid;
  // sendmail: smtpmailfrom(): AuthOptions=A: only where we have authenticated, which we do not yet
  if (w.settings->config->options.auth_options.find('A') == std::string::npos) load.mail.auth_sender = e.auth_sender;
  load.mail.size = e.collected_size == queue::kSizeUnsaid ? smtp::kNoSize : e.collected_size;
  if (!e.is_report) load.mail.ret = e.ret == queue::Envelope::Ret::kFull ? "FULL" : e.ret == queue::Envelope::Ret::kHdrs ? "HDRS" : "";
}

}  // namespace

std::string listed(Work& w, const std::vector<size_t>& rcpts) {
  std::string out;
  for (auto it = rcpts.rbegin(); it != rcpts.rend(); ++it) out += (out.empty() ? "" : ",") + w.envelope().rcpts[*it].address;
  return out;
}

Load Deliverer::Impl::load_of(Work& w, const Target& first, const Copy& copy) {
  const queue::Envelope& e = w.envelope();
  const std::string daemon_flags = cf::macro_value(w.scope, cf::kN_daemon_flags);
  Load load;
  load.settings = w.settings;
  load.mailer = first.mailer;
  set_destination(w, first, load);
  load.helo_name = w.settings->config->options.helo_name.empty() ? cf::macro_value(w.scope, 'j') : w.settings->config->options.helo_name;
  load.helo_by_interface = daemon_flags.find('h') != std::string::npos;
  if (daemon_flags.find('b') != std::string::npos) load.came_in = dns::canonical_address(cf::macro_value(w.scope, cf::kN_if_addr));
  load.sender = copy.path;
  load.first_try = e.tries == 0;
  set_text(w, copy, load);
  set_words(w, load);
  if (e.deliver_by != 0) load.mail.deliver_by = fmt::format("{};{}{}", e.deliver_by - now(), e.deliver_by_mode, queue::deliver_by_trace(e) ? "T" : "");
  load.later = e.list_copy || e.is_report || read_anew(e);
  return load;
}

// One group as shipments of at most r= recipients (one without F=m).
void Deliverer::Impl::ship(Work& w, const std::vector<Target>& same, const Copy& copy, std::vector<std::shared_ptr<Shipment>>& out) {
  const cf::Mailer& m = *same.front().mailer;
  const size_t limit = m.flag('m') ? static_cast<size_t>(std::max(1, m.max_rcpts)) : 1;
  const queue::Envelope& e = w.envelope();
  const Load load = load_of(w, same.front(), copy);
  for (size_t from = 0; from < same.size(); from += limit) {
    const size_t end = from + std::min(limit, same.size() - from);
    auto sh = std::make_shared<Shipment>(s.loop, load);
    for (size_t i = end; i-- > from;) {   // sendmail: deliver()'s tochain: the last address of the queue is the first RCPT
      const Target& target = same[i];
      const queue::Rcpt& r = e.rcpts[target.rcpt];
      smtp::TransactionRcpt t;
      t.address = target.user;
      if (!e.list_copy) t.notify = notify_words(r.notify);   // RFC 3461 5.2.7.4: the list is another message
      t.orcpt = r.orcpt;
      sh->rcpts.push_back(std::move(t));
      sh->rcpt_index.push_back(target.rcpt);
    }
    if (speaks_on_pipes(m)) {
      const auto place = [&same](size_t i) { return std::make_reverse_iterator(same.begin() + static_cast<std::ptrdiff_t>(i)); };
      ipc::RunProgram run = program_for(w, {place(end), place(from)});
      if (m.wait <= 0) run.timeout_seconds = kProgramLinger;
      sh->program = std::make_shared<const ipc::RunProgram>(std::move(run));
    }
    if (w.foreground != nullptr && w.foreground->verbose) {
      std::vector<size_t> places(sh->rcpt_index.rbegin(), sh->rcpt_index.rend());
      sh->shown_rcpts = listed(w, places);
      for (const size_t place : sh->rcpt_index) sh->rcpt_names.push_back(w.envelope().rcpts[place].address);
      sh->refusals_shown = w.foreground->tells_failures;
    }
    out.push_back(std::move(sh));
    pool_for(w).send(out.back());
  }
}

net::Task<> Deliverer::Impl::collect(Work& w, std::vector<std::shared_ptr<Shipment>>& shipments) {
  for (auto& shipment : shipments) {
    const bool done = co_await shipment->done.wait();
    for (size_t i = 0; done && i < shipment->rcpts.size(); ++i) w.fates[shipment->rcpt_index[i]] = std::move(shipment->fates[i]);
    std::vector<size_t> places(shipment->rcpt_index.rbegin(), shipment->rcpt_index.rend());
    count_sent(w, *shipment->mailer, places);
    tell_fates(w, places);
  }
  shipments.clear();
}

}  // namespace hky::deliver
