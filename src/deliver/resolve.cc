#include "deliver/resolve.h"

#include <algorithm>
#include <map>

#include "base/strings.h"
#include "queue/groups.h"

namespace hky::deliver {
namespace {

constexpr auto kRemember = std::chrono::seconds(10);
constexpr size_t kMaxKnown = 8192;

// "550 5.1.1 joe... User unknown" -> "User unknown" for the log.
std::string words_of_error(const std::string& coded) {
  std::string_view words = without_codes(coded);
  const size_t dots = words.find("... ");
  return std::string(dots == std::string_view::npos ? words : words.substr(dots + 4));
}

// What the aliases or the rulesets refused: `status`, and in `said` the words with their codes.
Fate refusal(int exit, const std::string& status, const std::string& said, bool by_ruleset) {
  Fate f = local_fate(exit, status.empty() ? "5.0.0" : status, words_of_error(said));
  f.said = said;
  f.stated = false;
  // sendmail: recipient(): an unknown local user is the mailbox's word, what a ruleset refused nobody's.
  if (!by_ruleset && status == "5.1.1") f.reply = "550 5.1.1 User unknown";
  return f;
}

Fate refusal(const route::Recipient& r, bool of_report) {
  Fate f = refusal(route::refusal_exit(r), r.status, r.error, r.address.is_error);
  if (of_report) f.said.clear();   // sendmail: savemail() found out about it, while the report was not there yet
  return f;
}

// Its triple, or why it has none, is known.
bool settled(const Work& w, const queue::Rcpt& r) { return r.refused_exit != 0 || (!r.mailer.empty() && w.settings->config->find_mailer(r.mailer) != nullptr); }

bool lives(const route::Recipient& r) {
  return r.state == route::RcptState::kOk || r.state == route::RcptState::kBad || r.state == route::RcptState::kQueueUp;
}

Fate later(const route::Recipient& r) {
  Fate f = local_fate(EX_TEMPFAIL, r.status.empty() ? "4.0.0" : r.status, words_of_error(r.error));
  f.reply = r.error;
  f.text = "queued";   // sendmail: sendall(): it was not tried
  f.stated = false;
  return f;
}

Target target_of(const route::RecipientList& list, size_t i, size_t place) {
  const route::Recipient& r = list.all()[i];
  Target t;
  t.rcpt = place;
  t.mailer = r.address.mailer;
  t.host = r.address.host;
  t.user = r.address.user;
  if (!r.address.home.empty()) t.owner = ipc::Who{r.address.user, r.address.uid, r.address.gid, r.address.home};
  t.controller = list.controller_of(static_cast<int>(i));
  return t;
}

queue::Rcpt rcpt_of(const route::RecipientList& list, size_t i, const queue::Rcpt& given) {
  const route::Recipient& r = list.all()[i];
  queue::Rcpt out = given;
  if (r.address.mailer != nullptr && r.state != route::RcptState::kQueueUp) {
    out.mailer = r.address.mailer->name;
    out.host = r.address.host;
  }
  if (r.address.mailer != nullptr || r.address.is_error) out.user = r.address.user;
  out.queue_group = r.address.queue_group;
  if (r.parent < 0) return out;
  out.address = r.address.paddr;
  if (const std::string alias = list.alias_of(static_cast<int>(i)); !alias.empty()) out.alias_of = alias;
  if (given.alias_of.empty()) out.final_rcpt = list.final_of(static_cast<int>(i));
  out.controlling_user = list.controller_of(static_cast<int>(i)).user;
  out.orcpt = r.orcpt;
  out.notify = r.notify;
  return out;
}

// sendmail: FallbackMXhost takes also what DNS has no answer about for now; {} where the recipient waits.
std::string fallback_of(const Work& w, const route::Recipient& r) {
  const std::string& fallback = w.settings->config->options.fallback_mx_host;
  const bool by_network = r.address.mailer != nullptr && r.address.mailer->path == "[IPC]";
  if (!r.address.queue_up || !by_network || fallback.empty() || w.settings->config->in_class('w', fallback)) return {};
  return "[" + fallback + "]";
}

// Numbers in [from, to) in the order of the send queue: what an alias stands for is taken from its end (sendmail: sendtolist()).
std::vector<size_t> in_queue_order(const route::RecipientList& list, size_t from, size_t to) {
  std::vector<size_t> out;
  std::vector<bool> taken(to - from, false);
  for (const int number : list.order()) {
    const size_t i = static_cast<size_t>(number);
    if (i < from || i >= to || taken[i - from]) continue;
    taken[i - from] = true;
    out.push_back(i);
  }
  for (size_t i = from; i < to; ++i)
    if (!taken[i - from]) out.push_back(i);
  return out;
}

// What was said of addresses and is no recipient's own refusal.
void note_complaints(Work& w, const route::RecipientList& list) {
  for (const route::Said& said : list.said()) {
    const bool of_one = std::any_of(list.all().begin(), list.all().end(), [&said](const route::Recipient& r) { return r.error == said.coded; });
    if (!said.verbose && !of_one && said.coded.starts_with('5')) w.complaints.push_back(with_enhanced_code(said.coded));
  }
}

// Whose members fail with the rest: the report tells that its owner had looked after them.
void tell_of_list(Work& w, const std::string& list) {
  const std::vector<std::string> known = queue::lists_of(w.envelope());
  if (std::find(known.begin(), known.end(), list) != known.end()) return;
  queue::Rcpt r;
  r.address = list;
  queue::add_multiple(w.envelope(), std::move(r), true);
  w.fates.emplace_back();
}

// What one recipient that was given came to, the numbers `of` = [first, second): into the envelope, or into those of lists' owners.
void take_members(Work& w, const route::RecipientList& list, const queue::Rcpt& given, std::pair<size_t, size_t> of, std::map<std::string, queue::Envelope>& owned,
                  Resolved& out) {
  queue::Envelope& e = w.envelope();
  size_t born = 0;
  for (size_t i = of.first; i < of.second; ++i)
    if (lives(list.all()[i])) ++born;
  for (const size_t i : in_queue_order(list, of.first, of.second)) {
    const route::Recipient& r = list.all()[i];
    if (!lives(r)) continue;
    queue::Rcpt next = rcpt_of(list, i, given);
    const std::string owner = list.owner_of(static_cast<int>(i));
    const bool owned_list = !owner.empty() && owner != e.sender;
    if (owned_list && w.loops) tell_of_list(w, list.list_of(static_cast<int>(i)));
    if (owned_list && !w.loops) {
      // A member that is refused is the owner's affair: his envelope finds that out again.
      if (r.state != route::RcptState::kOk) next.mailer.clear();
      queue::add_list(owned[owner], list.list_of(static_cast<int>(i)));
      owned[owner].rcpts.push_back(std::move(next));
      continue;
    }
    e.rcpts.push_back(std::move(next));
    w.fates.emplace_back();
    if (r.state == route::RcptState::kBad) w.fates.back() = refusal(r, e.is_report);
    if (r.state == route::RcptState::kBad) continue;
    const std::string instead = r.state == route::RcptState::kQueueUp ? fallback_of(w, r) : std::string();
    if (r.state == route::RcptState::kQueueUp && instead.empty()) {
      w.fates.back() = later(r);
      continue;
    }
    out.targets.push_back(target_of(list, i, e.rcpts.size() - 1));
    if (!instead.empty()) out.targets.back().host = instead;
  }
  if (born > 1) out.grown = true;
}

// A queue run's expansion, and of a report the remarks that are new; what a message's own expansion said was told as the command read it.
void tell_expansion(Work& w, const route::RecipientList& list) {
  if (w.foreground == nullptr) return;
  const bool all = queue::waited(w.envelope());
  const std::vector<std::string>& told = w.foreground->told_of_sender;
  const auto is_new = [&](const route::Said& said) { return w.envelope().is_report && said.verbose && std::find(told.begin(), told.end(), said.text) == told.end(); };
  for (const route::Said& said : list.said())
    if (all || is_new(said)) w.foreground->tell(said.text);
}

}  // namespace

net::Task<ipc::User> Resolver::user_named(std::string name) {
  const MonoTime now = s_.clock.mono();
  if (auto it = known_.find(name); it != known_.end() && it->second.until > now) co_return it->second.user;
  ipc::LookupUser request;
  request.name = name;
  ipc::User user = co_await s_.agent.lookup_user(s_.loop, request);
  if (!user.temp_fail) {
    if (known_.size() >= kMaxKnown) known_.clear();
    known_[name] = Known{user, now + kRemember};
  }
  co_return user;
}

// As whom its program or file runs. Who is no user any more leaves them to the default user: the number that a look-up without an answer
// has is root's.
net::Task<ipc::Who> Resolver::controller_of(const queue::Rcpt& rcpt) {
  ipc::Who who;
  if (rcpt.controlling_user.empty()) co_return who;
  const ipc::User user = co_await user_named(rcpt.controlling_user);
  if (user.found) who = ipc::Who{rcpt.controlling_user, user.uid, user.gid, user.home};
  co_return who;
}

net::Task<> Resolver::add(route::RecipientList& list, const queue::Rcpt& rcpt) {
  if (!rcpt.controlling_user.empty()) {
    const ipc::Who who = co_await controller_of(rcpt);
    co_await list.add_controlled(rcpt.address, who.user, who.uid, who.gid, who.home);
    co_return;
  }
  route::RecipientList::Dsn dsn;
  dsn.orcpt = rcpt.orcpt;
  dsn.notify = rcpt.notify;
  co_await list.add_one(rcpt.address, dsn);
}

// A recipient that is settled: an alias's outcome, or an address that RCPT parsed.
net::Task<> Resolver::from_triple(Work& w, size_t i, Resolved& out) {
  const queue::Rcpt& r = w.envelope().rcpts[i];
  if (r.refused_exit != 0) {
    w.fates[i] = refusal(r.refused_exit, r.status, r.last_reply, r.mailer.empty());
    co_return;
  }
  Target t;
  t.rcpt = i;
  t.mailer = w.settings->config->find_mailer(r.mailer);
  t.host = r.host;
  t.user = r.user;
  if (t.mailer->flag('l') && t.mailer->flag('w')) {
    ipc::User user = co_await user_named(lower(r.user));
    if (user.found) t.owner = ipc::Who{user.name, user.uid, user.gid, user.home};
  }
  t.controller = co_await controller_of(r);
  out.targets.push_back(std::move(t));
}

net::Task<Resolved> Resolver::resolve(Work& w) {
  Resolved out;
  bool all_known = true;
  for (const queue::Rcpt& r : w.envelope().rcpts)
    if (r.state == queue::RcptState::kPending && !settled(w, r)) all_known = false;
  if (!all_known) {
    co_await expand(w, out);
    co_return out;
  }
  w.fates.assign(w.envelope().rcpts.size(), std::nullopt);
  for (size_t i = 0; i < w.envelope().rcpts.size(); ++i)
    if (w.envelope().rcpts[i].state == queue::RcptState::kPending) co_await from_triple(w, i, out);
  co_return out;
}

net::Task<> Resolver::expand(Work& w, Resolved& out) {
  queue::Envelope& e = w.envelope();
  const std::vector<queue::Rcpt> given = std::move(e.rcpts);
  e.rcpts.clear();
  route::ExpandOptions how;
  how.no_alias = e.no_alias;
  route::RecipientList list(w.ctx, s_.agent, how);
  route::Address sender;
  if (!w.settings->config->options.me_too && !e.sender.empty())
    sender = co_await route::parse_address(w.ctx, queue::sender_as_given(e, e.sender), route::Role::kEnvelopeSender);
  std::vector<size_t> begins;              // of each given recipient in list.all()
  std::vector<bool> kept;                  // given recipients that are settled
  for (const queue::Rcpt& r : given) {
    begins.push_back(list.all().size());
    const bool pending = r.state == queue::RcptState::kPending;
    kept.push_back(pending && settled(w, r));
    if (pending && !kept.back()) co_await add(list, r);
  }
  begins.push_back(list.all().size());
  list.leave_out(sender);
  const std::vector<route::RecipientList::Multiple> multiple = list.take_success();
  w.fates.clear();
  if (e.said.empty()) note_complaints(w, list);   // else the command's expansion said it all
  tell_expansion(w, list);
  std::map<std::string, queue::Envelope> owned;
  for (size_t k = 0; k < given.size(); ++k) {
    if (kept[k]) {
      e.rcpts.push_back(given[k]);
      w.fates.emplace_back();
      co_await from_triple(w, e.rcpts.size() - 1, out);
      continue;
    }
    if (given[k].state != queue::RcptState::kPending) {
      e.rcpts.push_back(given[k]);
      w.fates.emplace_back();
      continue;
    }
    take_members(w, list, given[k], {begins[k], begins[k + 1]}, owned, out);
  }
  for (auto& [owner, part] : owned) {
    queue::Envelope own = e;
    own.rcpts = std::move(part.rcpts);
    queue::send_as(own, owner);
    own.macros.insert(own.macros.end(), part.macros.begin(), part.macros.end());
    own.list_copy = true;
    out.owned.push_back(std::move(own));
  }
  for (const route::RecipientList::Multiple& m : multiple) {
    const auto after = std::upper_bound(begins.begin(), begins.end(), static_cast<size_t>(m.number));
    queue::add_multiple(e, given[static_cast<size_t>(after - begins.begin()) - 1], m.owned);
    w.fates.emplace_back();
    out.grown = true;
  }
  if (queue::to_be_parted(e, *w.settings->config)) out.grown = true;
  else queue::settle(e, *w.settings->config);
  // sendmail: of what RCPT followed to its ends only beside a fault
  if (!read_anew(e) && !list.any_refused()) co_return;
  for (const auto& [owner, part] : owned)
    for (const std::string& name : queue::lists_of(part)) queue::add_list(e, name);
}

}  // namespace hky::deliver
