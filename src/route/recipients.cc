// The list of an envelope's recipients: splitting, duplicates, restrictions, loops. See recipients.h.
#include "route/recipients.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "base/sysexits.h"
#include "proto/smtp/notify.h"
#include "route/aliases.h"
#include "route/recipients_impl.h"

namespace hky::route {
namespace {

// What is asked for by one or by the other.
uint8_t both(uint8_t a, uint8_t b) {
  if (a == b) return a;
  const auto asked = [](uint8_t n) { return n == 0 ? smtp::kNotifyFailure | smtp::kNotifyDelay : n & ~smtp::kNotifyNever; };
  return static_cast<uint8_t>(asked(a) | asked(b));
}

// sendmail: hasctrlchar(): reports have what was refused without them.
void mask_controls(std::string& text) {
  for (char& c : text)
    if ((c >= 0 && c < ' ') || c == 0x7f) c = '?';
}

}  // namespace

RecipientList::RecipientList(rewrite::Context& ctx, ipc::Agent& agent, ExpandOptions options)
    : ctx_(ctx), agent_(agent), options_(std::move(options)) {}

net::Task<int> RecipientList::add(std::string list, Dsn dsn) {
  Expansion expansion(*this);
  int n = co_await expansion.send_list(std::move(list), -1, 0, std::move(dsn));
  co_return n;
}

net::Task<> RecipientList::add_one(std::string address, Dsn dsn) {
  Expansion expansion(*this);
  co_await expansion.send_one(std::move(address), std::move(dsn));
}

net::Task<int> RecipientList::add_controlled(std::string list, std::string controlling_user, unsigned uid, unsigned gid, std::string home) {
  Expansion expansion(*this);
  int parent = expansion.controller(std::move(controlling_user), uid, gid, std::move(home));
  Dsn dsn;
  int n = co_await expansion.send_list(std::move(list), parent, 0, std::move(dsn));
  co_return n;
}

void RecipientList::leave_out(const Address& sender) {
  if (ctx_.config.options.me_too || sender.mailer == nullptr || sender.is_error) return;
  for (const int i : order_) {
    Recipient& r = all_[static_cast<size_t>(i)];
    const bool him = r.address.mailer == sender.mailer && r.address.user == sender.user && r.address.host == sender.host;
    if (him && !r.primary && r.state < RcptState::kExpanded) r.state = RcptState::kDuplicate;
  }
}

std::vector<RecipientList::Multiple> RecipientList::take_success() {
  std::vector<Multiple> out;
  for (const int i : order_) {
    Recipient& r = all_[static_cast<size_t>(i)];
    const bool owned = !owner_of(i).empty();
    const int named = named_above(i);
    const Recipient& top = all_[static_cast<size_t>(named)];
    if (named == i || r.state >= RcptState::kExpanded || !(top.several || owned) || (top.notify & smtp::kNotifySuccess) == 0) continue;
    const auto known = std::find_if(out.begin(), out.end(), [named](const Multiple& m) { return m.number == named; });
    if (known == out.end()) out.push_back(Multiple{named, !top.several || !top.owner.empty()});
    if (r.primary || (r.notify & smtp::kNotifySuccess) == 0) continue;
    r.notify = static_cast<uint8_t>(r.notify & ~smtp::kNotifySuccess);
    if (r.notify == 0) r.notify = smtp::kNotifyNever;
  }
  return out;
}

bool RecipientList::any_refused() const {
  return std::any_of(all_.begin(), all_.end(), [](const Recipient& r) { return r.state == RcptState::kBad; });
}

int RecipientList::hard_exit() const { return hard_exit_ == EX_TEMPFAIL ? EX_OK : hard_exit_; }

int RecipientList::exit_code() const {
  if (hard_exit_ == EX_TEMPFAIL) return EX_OK;  // sendmail: finis(): what will be tried again is no failure
  return hard_exit_ != 0 ? hard_exit_ : errors_ ? EX_USAGE : EX_OK;
}

const Recipient* RecipientList::owned_above(int i) const {
  for (int p = all_[static_cast<size_t>(i)].parent; p >= 0; p = all_[static_cast<size_t>(p)].parent)
    if (!all_[static_cast<size_t>(p)].owner.empty()) return &all_[static_cast<size_t>(p)];
  return nullptr;
}

std::string RecipientList::owner_of(int i) const {
  const Recipient* list = owned_above(i);
  return list == nullptr ? std::string() : list->owner;
}

std::string RecipientList::list_of(int i) const {
  const Recipient* list = owned_above(i);
  return list == nullptr ? std::string() : list->address.paddr;
}

std::string RecipientList::alias_of(int i) const {
  const int parent = all_[static_cast<size_t>(i)].parent;
  return parent < 0 ? std::string() : all_[static_cast<size_t>(parent)].address.paddr;
}

int RecipientList::named_above(int i) const {
  while (all_[static_cast<size_t>(i)].parent >= 0) i = all_[static_cast<size_t>(i)].parent;
  return i;
}

std::string RecipientList::final_of(int i) const {
  const int named = named_above(i);
  if (named == i) return {};
  const Recipient& top = all_[static_cast<size_t>(named)];
  return final_recipient(top.address.paddr, top.address.user);
}

std::string final_recipient(std::string_view address, std::string_view user) {
  const bool own_domain = user.find('@') != std::string_view::npos || address.find('@') == std::string_view::npos;
  if (own_domain) return std::string(user);
  const bool brackets = address.front() == '<' && address.back() == '>';
  return std::string(brackets ? address.substr(1, address.size() - 2) : address);
}

int refusal_exit(const Recipient& r) {
  const bool by_ruleset = r.address.error_exit != 0;
  const int exit = by_ruleset ? r.address.error_exit : r.status.empty() ? EX_UNAVAILABLE : exit_of_dsn(r.status);
  const bool tried_again = exit == EX_TEMPFAIL || exit == EX_IOERR || exit == EX_OSERR;
  // an alias that leads back to itself (5.4.6) is no fault of the configuration. sendmail: usrerr(), not syserr()
  return tried_again || (exit == EX_CONFIG && !by_ruleset) ? EX_UNAVAILABLE : exit;
}

RecipientList::Group RecipientList::together() const {
  Group out;
  for (int i : order_)
    if (all_[static_cast<size_t>(i)].state < RcptState::kExpanded) out.members.push_back(i);
  return out;
}

std::vector<RecipientList::Group> RecipientList::groups(std::string_view sender) const {
  Group rest = together();
  std::vector<std::string> owners;
  for (int i : rest.members) {
    owners.push_back(owner_of(i));
    if (owners.back() == sender) owners.back().clear();
  }
  std::vector<Group> out;
  while (true) {
    // the last owner in the queue is split off, as long as somebody else remains
    auto last = std::find_if(owners.rbegin(), owners.rend(), [](const std::string& o) { return !o.empty(); });
    if (last == owners.rend()) break;
    Group split;
    split.owner = *last;
    if (std::all_of(owners.begin(), owners.end(), [&](const std::string& o) { return o == split.owner; })) {
      rest.owner = split.owner;
      break;
    }
    Group keep;
    std::vector<std::string> kept_owners;
    for (size_t k = 0; k < owners.size(); ++k) {
      const bool mine = owners[k] == split.owner;
      (mine ? split : keep).members.push_back(rest.members[k]);
      if (!mine) kept_owners.push_back(owners[k]);
    }
    rest = std::move(keep);
    owners = std::move(kept_owners);
    out.insert(out.begin(), std::move(split));
  }
  out.insert(out.begin(), std::move(rest));
  return out;
}

std::string Expansion::place() const { return file_.empty() ? std::string() : fmt::format("{}: line {}: ", file_, line_); }

void Expansion::message(std::string_view to, std::string text) {
  Said said;
  said.verbose = true;
  said.text = place() + (to.empty() ? text : fmt::format("{}... {}", to, text));
  said.coded = "050 " + said.text;
  l_.said_.push_back(std::move(said));
}

void Expansion::complain(std::string_view to, std::string coded) {
  Said said;
  said.verbose = coded.empty() || (coded[0] != '4' && coded[0] != '5');
  said.text = place() + user_line(coded, to);
  if (!said.verbose) l_.errors_ = true;
  said.coded = coded_line(coded, to, place());
  if (!said.verbose) l_.transcript_.push_back(said.coded);
  else if (coded.ends_with(": Name server timeout")) l_.transcript_.push_back("451 " + said.coded);   // sendmail: code 851, a 4 here
  l_.said_.push_back(std::move(said));
}

void Expansion::refuse(int i, std::string status, std::string text, bool with_name) {
  at(i).state = RcptState::kBad;
  at(i).status = status;
  const int code = status == "5.4.6" ? 554 : 550;
  std::string paddr = with_name ? at(i).address.paddr : std::string();
  complain(paddr, fmt::format("{} {} {}", code, status, text));
  at(i).error = l_.said_.back().coded;
}

// sendmail: sendtolist(): where an address ends.
net::Task<int> Expansion::send_list(std::string list, int parent, int level, RecipientList::Dsn dsn) {
  // sendmail: EF_OLDSTYLE is lost for good where the sender uses any of these
  if (parent < 0 && list.find_first_of(",;<(") != std::string::npos) l_.options_.old_style = false;
  const char delimiter = parent >= 0 || !l_.options_.old_style ? ',' : ' ';
  std::vector<int> found;
  size_t at_byte = 0;
  while (true) {
    while (at_byte < list.size() && (is_space(list[at_byte]) || list[at_byte] == ',')) ++at_byte;
    if (at_byte >= list.size()) break;
    std::string_view rest = std::string_view(list).substr(at_byte);
    size_t length = rewrite::prescan(rest, delimiter, ctx_.config, rewrite::TokenTable::kExternal).consumed;
    if (length == 0 || length > rest.size()) length = rest.size();
    std::string one(rest.substr(0, length));
    at_byte += length;
    RecipientList::Dsn mine = dsn;
    std::string from_here(rest);
    int i = co_await take_address(std::move(one), std::move(from_here), parent, std::move(mine));
    if (i >= 0) found.push_back(i);
  }
  // sendmail works from the last to the first
  for (auto it = found.rbegin(); it != found.rend(); ++it) {
    int number = *it;
    co_await recipient(number, level);
  }
  co_return static_cast<int>(found.size());
}

net::Task<> Expansion::send_one(std::string address, RecipientList::Dsn dsn) {
  std::string rest = address;
  const int i = co_await take_address(std::move(address), std::move(rest), -1, std::move(dsn));
  if (i >= 0) co_await recipient(i, 0);
}

void Expansion::inherit(int i, int parent) {
  Recipient& r = at(i);
  const Recipient& from = at(parent);
  r.parent = parent;
  r.orcpt = from.orcpt;
  r.notify = from.notify;
}

net::Task<int> Expansion::take_address(std::string text, std::string rest, int parent, RecipientList::Dsn dsn) {
  Address address = co_await parse_address(ctx_, text, Role::kEnvelopeRcpt);
  const auto told_before = static_cast<std::ptrdiff_t>(l_.said_.size());
  for (const std::string& said : address.messages) {
    const bool coded = (!said.empty() && is_digit(said[0])) || said.starts_with("DNS failure: ");
    const bool unbalanced = said.find(" Unbalanced '") != std::string::npos;
    complain(!coded ? std::string_view() : unbalanced ? std::string_view(rest) : std::string_view(address.paddr), said);
  }
  if (address.unparsable) co_return -1;
  if (address.error_exit != 0) hard_exit(address.error_exit);
  Recipient r;
  r.address = std::move(address);
  if (r.address.is_error || r.address.error_exit != 0) mask_controls(r.address.paddr);
  r.primary = parent < 0;
  r.orcpt = dsn.orcpt;
  r.notify = dsn.notify;
  if (r.address.is_error || r.address.error_exit != 0) {
    r.state = r.address.temp_fail ? RcptState::kQueueUp : RcptState::kBad;
    r.status = r.address.status;
    r.error = r.address.error_text;
    const auto last = std::find_if(l_.said_.rbegin(), l_.said_.rend() - told_before, [](const Said& said) { return !said.verbose; });
    if (last != l_.said_.rend() - told_before) r.error = last->coded;
  } else if (r.address.queue_up) {
    r.status = r.address.status;
    r.state = RcptState::kQueueUp;   // sendmail: parseaddr(): QS_QUEUEUP
    r.error = r.address.deferral;
  }
  l_.all_.push_back(std::move(r));
  const int i = static_cast<int>(l_.all_.size()) - 1;
  if (parent < 0) co_return i;
  inherit(i, parent);
  // sendmail: an address that names its own parent keeps the parent alive; one that closes a larger circle is left out
  // where somebody in the circle has a mailbox
  if (same(at(parent), at(i))) at(parent).self_reference = true;
  const int breaker = co_await self_reference(i);
  if (breaker >= 0) {
    at(breaker).self_reference = true;
    if (breaker != i) {
      at(i).state = RcptState::kDuplicate;
      co_return -1;
    }
  }
  co_return i;
}

net::Task<int> Expansion::self_reference(int i) {
  int origin = at(i).parent;
  while (origin >= 0 && !same(at(i), at(origin))) origin = at(origin).parent;
  if (origin < 0) co_return -1;
  for (int c = i; c >= 0; c = at(c).parent) {
    const cf::Mailer* m = at(c).address.mailer;
    if (m != nullptr && m->flag('w')) {
      ipc::LookupUser question;
      question.name = at(c).address.user;
      ipc::User user = co_await l_.agent_.lookup_user(ctx_.loop, std::move(question));
      if (user.found) co_return c == i ? origin : c;
    }
    if (c == origin) break;
  }
  co_return -1;
}

// sendmail: sameaddr().
bool Expansion::same(const Recipient& a, const Recipient& b) const {
  if (a.address.mailer != b.address.mailer || a.address.user != b.address.user || a.address.host != b.address.host) return false;
  if (a.address.mailer == nullptr) return a.address.is_error == b.address.is_error && a.address.paddr == b.address.paddr;
  if (a.address.mailer->name != "prog") return true;
  const int ca = controlled_by(a.parent), cb = controlled_by(b.parent);
  return ca < 0 || cb < 0 || at(ca).uid == at(cb).uid;
}

// sendmail: sorthost(), sortexpensive().
bool Expansion::before(int a, int b) const {
  const Address& x = at(a).address;
  const Address& y = at(b).address;
  if (ctx_.config.options.hold_expensive) {
    const bool xe = x.mailer != nullptr && x.mailer->flag('e'), ye = y.mailer != nullptr && y.mailer->flag('e');
    if (xe != ye) return ye;
  }
  return lower(x.host) < lower(y.host);
}

int Expansion::enqueue(int i) {
  auto& order = l_.order_;
  auto it = order.begin();
  for (; it != order.end(); ++it) {
    if (before(i, *it)) break;
    if (!same_place(i, *it)) continue;
    Recipient& q = at(*it);
    if (!same(q, at(i)) || (!q.complete && q.primary)) continue;
    if (!q.primary) {
      if (!dead(at(i).state)) message(at(i).address.paddr, "duplicate suppressed");
      else q.state = RcptState::kDuplicate;
      q.notify = both(q.notify, at(i).notify);
      q.primary = q.primary || at(i).primary;
      q.complete = q.complete || at(i).complete;
    } else if (q.self_reference) {
      q.state = at(i).state;
    }
    at(i).state = RcptState::kDuplicate;
    return *it;
  }
  order.insert(it, i);
  return i;
}

// sendmail: what the sender named came to exactly one address, with no list owner on the way: that one counts as named.
void Expansion::inherit_primary(int named) {
  int only = -1, sendable = 0;
  for (int q : l_.order_) {
    if (at(q).this_pass && (at(q).state == RcptState::kOk || at(q).state == RcptState::kQueueUp)) {
      ++sendable;
      only = q;
    }
    at(q).this_pass = false;
  }
  if (sendable == 1 && l_.owner_of(only).empty()) at(only).primary = true;
  if (sendable <= 1) return;
  at(named).several = true;
  if ((at(named).notify & smtp::kNotifySuccess) != 0) l_.transcript_.push_back(at(named).address.paddr + "... expanded to multiple addresses");
}

// sendmail: recipient().
net::Task<int> Expansion::recipient(int i, int level) {
  const long limit = ctx_.config.options.max_alias_recursion;
  if (level > limit && at(i).parent >= 0) {   // it stands in no list; what led to it is refused
    at(i).state = RcptState::kDuplicate;
    refuse(at(i).parent, "5.4.6", fmt::format("aliasing/forwarding loop broken ({} aliases deep; {} max)", level, limit), false);
    co_return i;
  }
  restricted(i);
  const int kept = enqueue(i);
  if (kept == i) {
    if (at(i).state == RcptState::kOk) co_await resolve(i, level);
    // sendmail: testselfdestruct: everything the sender named has dissolved into nothing
    if (at(i).parent < 0 && dead(at(i).state)) {
      const bool any = std::any_of(l_.order_.begin(), l_.order_.end(), [this](int q) { return !dead(at(q).state); });
      if (!any) refuse(i, "5.4.6", "aliasing/forwarding loop broken", false);
    }
    at(i).this_pass = true;
  }
  if (level == 0) inherit_primary(i);
  at(kept).complete = true;
  co_return kept;
}

}  // namespace hky::route
