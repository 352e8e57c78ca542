// A submission's sender, its header, and the envelopes it is split into.
#include <algorithm>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/sysexits.h"
#include "cf/options.h"
#include "proto/mail/address_list.h"
#include "proto/mail/header_writer.h"
#include "queue/log_lines.h"
#include "receive/submit_impl.h"
#include "route/header_addresses.h"
#include "route/user_database.h"

namespace hky::receive {
namespace {

// mailq's line of what waits while others were refused: the last of them. sendmail: recipient(): giveresponse(), else usrerr()
std::string last_refusal(const route::RecipientList& list) {
  const auto last = std::find_if(list.said().rbegin(), list.said().rend(), [](const route::Said& said) { return !said.verbose; });
  if (last == list.said().rend()) return {};
  const bool unknown = std::any_of(list.all().begin(), list.all().end(), [&last](const route::Recipient& r) {
    return r.error == last->coded && r.status == "5.1.1" && !r.address.is_error;
  });
  return unknown ? "User unknown" : last->text;
}

bool met_fault(const route::RecipientList& list) {
  return std::any_of(list.said().begin(), list.said().end(), [](const route::Said& said) { return !said.verbose; });
}

bool any_in(const route::RecipientList& list, const route::RecipientList::Group& group, route::RcptState state) {
  return std::any_of(group.members.begin(), group.members.end(), [&](int i) { return list.all()[static_cast<size_t>(i)].state == state; });
}

}  // namespace

// sendmail: main(): who names himself, or is trusted; another sender is warned of, and not vouched for.
bool Submitting::speaks_for(const route::Address& named) const {
  if (request.trusted || !request.sender_given) return true;
  return named.mailer != nullptr && named.mailer->flag('l') && named.user == request.user;
}

// sendmail: setsender(): -f, or who runs the command; its full name is $x where -F says none.
net::Task<> Submitting::find_sender() {
  std::string address = request.user;
  if (request.sender_given) address = request.sender.empty() ? "<>" : request.sender;
  scope.set(cf::kN_addr_type, std::string_view("e s"));   // rules may take the detail off: joe+x is joe
  route::NamedSender named = co_await route::named_sender(ctx, address);
  for (const route::Said& said : route::complaints(ctx, named, address)) {
    complain(said.text);
    sender_said.push_back(said);
  }
  sender_mended = !sender_said.empty() && !named.nobody;
  if (named.address.is_error && named.nobody) exit_code = named.address.error_exit;   // what the rulesets said of it stands
  route::Address parsed = std::move(named.address);
  if (named.nobody) {
    address = request.user;
    request.sender_given = '\0';
    parsed = co_await route::parse_address(ctx, address, route::Role::kEnvelopeSender);
  }
  const bool vouched = speaks_for(parsed);
  if (!vouched && settings->config->options.privacy(cf::kPrivAuthWarnings))
    warnings.push_back(fmt::format("{} set sender to {} using -{}", request.user, address, request.sender_given));
  warnings.insert(warnings.end(), request.warnings.begin(), request.warnings.end());
  rewrite::PrescanResult in = rewrite::prescan(address, '\0', ctx.config, rewrite::TokenTable::kExternal);
  rewrite::Outcome out = co_await rewrite::evaluate(ctx, "3", std::move(in.tokens));
  out = co_await rewrite::evaluate(ctx, "1", std::move(out.tokens));
  out = co_await rewrite::evaluate(ctx, "4", std::move(out.tokens));
  scope.unset(cf::kN_addr_type);   // recipients keep theirs
  envelope.sender = rewrite::cataddr(out.tokens, ctx.config);
  if (envelope.sender == "<>") envelope.sender.clear();
  if (vouched && !envelope.sender.empty()) {
    const bool has_host = envelope.sender.find('@') != std::string::npos;
    envelope.auth_sender = mail::to_xtext(has_host ? envelope.sender : envelope.sender + "@" + cf::macro_value(scope, u'j'));
  }
  if (request.sender_given && !envelope.sender.empty()) author = co_await route::mail_name_of(ctx, parsed);   // sendmail: setsender(): udbsender()
  const std::string shown = !author.empty() ? author : envelope.sender.empty() ? "<>" : envelope.sender;
  scope.set('f', shown);
  scope.set('g', shown);

  if (parsed.mailer != nullptr) sender_mailer = parsed.mailer->index;
  const bool local = parsed.mailer != nullptr && parsed.mailer->flag('w');   // sendmail: M_HASPWENT
  if (local) {
    ipc::LookupUser question;
    question.name = parsed.user;
    sender = co_await s.agent.lookup_user(s.loop, std::move(question));
  }
  sender_address = std::move(parsed);
  const std::string full = !request.full_name.empty() ? request.full_name : sender.found ? sender.full_name : "";
  if (local && !full.empty()) scope.set('x', full);   // -F, too, is of users here
}

// sendmail: setsender() once more: what is wrong with a sender who was mended is said again.
void Submitting::leave_with_senders() {
  if (exit_code == EX_OK && sender_mended) exit_code = sender_exit();
}

// sendmail: rscheck(), collect(): markstats()
void Submitting::count(const policy::Verdict& verdict) {
  if (s.traffic == nullptr) return;
  if (!verdict.accept) s.traffic->rejected(sender_mailer);
  else if (verdict.discard) s.traffic->discarded(sender_mailer);
  if (!verdict.quarantine.empty()) s.traffic->quarantined(sender_mailer);
}

void Submitting::blame(smtp::Reply said) {
  too_large = too_large || is_too_large(said);
  if (!said.lines.empty()) {
    std::string coded = fmt::format("{} {} {}", said.code, said.enhanced, said.lines[0]);
    hold(said.lines[0], coded);
    transcript.push_back(std::move(coded));
  }
  refusal = std::move(said);
}

// What the message may be refused for when its header is read. sendmail: collect(): each refusal is said, rscheck(): and left with.
net::Task<> Submitting::check_header() {
  if (s.traffic != nullptr) s.traffic->collected(sender_mailer, message.text.size());
  if (std::optional<smtp::Reply> said = header_fault(message, *settings->config)) {
    blame(std::move(*said));
    co_return;
  }
  Checked checked = co_await check_message(ctx, *settings, message);
  for (policy::Verdict& v : checked.refusals) {
    if (exit_code == EX_OK) exit_code = v.dsn.empty() ? EX_UNAVAILABLE : route::exit_of_dsn(v.dsn);
    blame(std::move(v.reply));
  }
  envelope.quarantine_reason = checked.all.quarantine;
  discard = checked.all.discard && !refusal;
  count(checked.all);
}

// And when its body is. sendmail: collect(): its size is no matter where something failed for good since the header began.
void Submitting::check_body(bool failed_before) {
  const long max = settings->config->options.max_message_size;
  if (max > 0 && message.text.size() > static_cast<size_t>(max)) {
    if (!refusal && !failed_before) blame(smtp::Reply(552, "5.2.3", fmt::format("Message exceeds maximum fixed size ({})", max)));
    else if (!refusal) refusal = smtp::Reply(552, "5.2.3", "");
    too_large = true;
  }
  for (smtp::Reply& said : content_faults(message, *settings->config, request.body_type)) blame(std::move(said));
}

std::string Submitting::whole_message() {
  HeadStyle style;
  style.old_style = old_style;
  style.recipients = addressees;
  for (const std::string& w : warnings) {
    const cf::Text* j = scope.find('j');
    style.warnings.push_back((j == nullptr ? "localhost" : cf::expand_to_string(*j, scope)) + ": " + w);
  }
  Whole whole = receive::whole_message(message, scope, style);
  envelope.collected_size = envelope.queued_size = whole.queued_size;
  message_id = std::move(whole.message_id);
  return std::move(whole.text);
}

void Submitting::fill_envelope() {
  // The expansion left its own $u and $h behind.
  scope.unset('h');
  if (!only.empty()) scope.set('u', only);
  else scope.unset('u');
  if (!message.full_name.empty()) scope.set('x', message.full_name);   // sendmail: eatheader(): also where -F says another
  body = std::make_shared<const std::string>(whole_message());
  queue::Envelope& e = envelope;
  const cf::Options& o = settings->config->options;
  e.created = unix_seconds(s.clock.wall());
  e.hops = std::max(message.hops, request.hop_count - 1);   // sendmail: -h counts our own Received: too
  e.msg_class = message.msg_class;
  e.urgency = message.urgency;
  e.size = message.text.size() - message.header.body_offset;
  e.priority = static_cast<long>(message.text.size()) - e.msg_class * o.class_factor;
  e.macros = macros_to_keep(scope);
  if (!author.empty()) queue::set_author(e, author);
  if (request.sender_given && !e.sender.empty() && request.sender != queue::sender_as_given(e, e.sender)) e.macros.emplace_back("mail_from", request.sender);
  if (!request.envid.empty()) e.envid = request.envid;
  e.drop = request.drop;
  e.no_alias = request.no_alias;
  e.body_type = message.labelled_8bit ? "8BITMIME" : request.body_type;
  // sendmail: what -B8BITMIME promised and is not there goes as BODY=7BIT
  if (!e.body_type.empty() && !mail::has_8bit(message.text)) e.body_type = "7BIT";
  if (iequals(request.ret, "full")) e.ret = queue::Envelope::Ret::kFull;
  if (iequals(request.ret, "hdrs")) e.ret = queue::Envelope::Ret::kHdrs;
}

bool Submitting::too_many_hops() const { return envelope.hops + 1 > settings->config->options.max_hop_count; }

// mailq's line of what stays. sendmail: e_message: the last complaint; what is wrong with a sender who was mended is said again and again.
std::string Submitting::complaint_of(const route::RecipientList& list, bool apart) const {
  std::string last = apart && !sender_mended ? last_refusal(list) : "";
  if (!last.empty()) return last;
  return sender_said.empty() ? sender_address.deferral : sender_said.back().text;
}

// A message that fails as a whole. sendmail: sendall() takes apart what it may deliver, and knows then who is left, not for whom they stand.
bool Submitting::in_one_piece(const route::RecipientList& list) const { return refusal || (too_many_hops() && met_fault(list)); }

// Reports name whom others stand for, too: lists where the expansion met a fault.
bool Submitting::stands_for_others(const route::RecipientList& list, int i) const {
  const route::Recipient& r = list.all()[static_cast<size_t>(i)];
  if (r.parent >= 0) return false;
  return r.owner.empty() ? r.several && (waits() || in_one_piece(list)) : met_fault(list) || in_one_piece(list);
}

// A group's members; where it is all there is with those for whom they stand, in the send queue's order.
std::vector<int> Submitting::told_of(const route::RecipientList& list, const route::RecipientList::Group& group) const {
  if (!in_one_piece(list)) return group.members;
  std::vector<int> out;
  for (const int i : list.order())
    if (list.all()[static_cast<size_t>(i)].state < route::RcptState::kExpanded || stands_for_others(list, i)) out.push_back(i);
  return out;
}

// Lists whose members are their owners' are told of in the sender's reports: as sendmail has it, of those beside which the expansion met a fault.
void Submitting::note_lists(const route::RecipientList& list, const std::vector<route::RecipientList::Group>& groups) {
  if (in_one_piece(list) || header_errors)
    for (const route::Recipient& r : list.all())
      if (!r.owner.empty()) lists.push_back(r.address.paddr);
  if (!met_fault(list)) return;
  for (const route::RecipientList::Group& group : groups)
    for (const int i : group.members)
      if (!group.owner.empty()) lists.push_back(list.list_of(i));
}

void Submitting::name_lists(queue::Envelope& e) const {
  for (const std::string& list : lists) queue::add_list(e, list);
}

queue::Rcpt Submitting::multiple_of(const route::RecipientList& list, int i) const {
  const route::Recipient& named = list.all()[static_cast<size_t>(i)];
  queue::Rcpt rcpt;
  rcpt.address = named.address.paddr;
  rcpt.user = named.address.user;   // reports name it
  rcpt.notify = named.notify;
  rcpt.state = queue::RcptState::kExpanded;
  return rcpt;
}

// Whom a report of their own tells of, in the send queue's order.
std::vector<queue::Rcpt> Submitting::refused_apart(const route::RecipientList& list, const std::vector<int>& refused) const {
  std::vector<queue::Rcpt> out;
  if (refused.empty()) return out;
  for (const int i : list.order()) {
    if (std::find(refused.begin(), refused.end(), i) != refused.end()) out.push_back(rcpt_of(list, i));
    else if (stands_for_others(list, i)) out.push_back(multiple_of(list, i));
  }
  return out;
}

// The sender's own envelope, which so may have nobody else, tells of whom success is reported once.
void Submitting::name_multiple(const route::RecipientList& list, std::vector<queue::Envelope>& parts) const {
  if (multiple.empty() || refusal || header_errors || too_many_hops()) return;
  if (waits() && !bad.empty()) return;   // the refused ones' report tells
  if (parts.empty() || parts.front().list_copy) {
    parts.insert(parts.begin(), envelope);
    name_lists(parts.front());
  }
  for (const route::RecipientList::Multiple& m : multiple) queue::add_multiple(parts.front(), multiple_of(list, m.number), m.owned);
}

// One envelope for each list owner; those that are refused stay in an owner's (his report). Of ours they are tried, and reported, with
// what is delivered now (`together`), and go to `bad` where nothing is; an owner's report does not wait for a queue run either.
std::vector<queue::Envelope> Submitting::split(const route::RecipientList& list, bool together) {
  std::vector<queue::Envelope> parts;
  fault = met_fault(list);
  // sendmail: main(), sendall(): with errors in the message, or too many hops, owners are not looked for
  std::vector<route::RecipientList::Group> groups{list.together()};
  if (!refusal && !header_errors && !too_many_hops()) groups = list.groups(envelope.sender);
  note_lists(list, groups);
  // sendmail: queueup(), putheader(): what is wrong with the header is met last; of -t's recipients it was first
  const std::string of_header = header_errors ? std::string() : route::last_fault(message.header, *settings->config);
  std::vector<int> refused_ones;   // of ours, apart
  for (const route::RecipientList::Group& group : groups) {
    const bool ours = group.owner.empty();
    const bool some = any_in(list, group, route::RcptState::kOk);
    queue::Envelope e = envelope;
    if (ours) name_lists(e);
    e.message = of_header.empty() && ours ? complaint_of(list, waits() || !some) : of_header;
    if (!ours) {
      e.id = s.queue.new_id();
      queue::send_as(e, group.owner);
      e.list_copy = true;
      e.said.clear();
      queue::log_clone(envelope.id, e, s.log);
    }
    std::vector<queue::Rcpt> owners;   // his bad ones, of a message that waits
    for (const int i : told_of(list, group)) {
      if (!ours) queue::add_list(e, list.list_of(i));
      const route::RcptState state = list.all()[static_cast<size_t>(i)].state;
      const bool refused = state == route::RcptState::kBad;
      const bool apart = refused && (ours ? !(together && some) && !too_many_hops() : waits());
      if (apart && ours) refused_ones.push_back(i);
      else if (state >= route::RcptState::kExpanded) e.rcpts.push_back(multiple_of(list, i));
      else (apart ? owners : e.rcpts).push_back(rcpt_of(list, i));
    }
    if (!owners.empty()) {
      owners_bad.push_back(e);
      owners_bad.back().id = s.queue.new_id();
      owners_bad.back().rcpts = std::move(owners);
    }
    if (!e.rcpts.empty()) parts.push_back(std::move(e));
  }
  bad = refused_apart(list, refused_ones);
  name_multiple(list, parts);
  // sendmail: splitenv(), recipient(): each counts the recipients of all; also who was refused, but not what is no address
  const std::vector<int> all = list.together().members;
  const auto counted = std::count_if(all.begin(), all.end(), [&list](int i) { return !list.all()[static_cast<size_t>(i)].address.is_error; });
  for (queue::Envelope& e : parts) e.priority += static_cast<long>(counted) * settings->config->options.recipient_factor;
  return parts;
}

}  // namespace hky::receive
