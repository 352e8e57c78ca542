#include "receive/submit.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "base/sysexits.h"
#include "cf/options.h"
#include "proto/mail/field_kind.h"
#include "receive/disk_space.h"
#include "receive/submit_impl.h"

namespace hky::receive {
namespace {

// sendmail: -t takes To, Cc, Bcc, or their Resent- forms where there is one; Apparently-To too.
std::vector<std::string> header_lists(const Collected& m) {
  std::vector<std::string> out;
  for (const mail::Field& f : m.header.fields) {
    std::string_view name = f.name;
    if (m.resent != mail::is_resent_field(name)) continue;
    if (m.resent) name.remove_prefix(7);
    if (!iequals(name, "To") && !iequals(name, "Cc") && !iequals(name, "Bcc") && !iequals(name, "Apparently-To")) continue;
    out.emplace_back(trim(f.value));
    std::replace(out.back().begin(), out.back().end(), '\n', ' ');   // who is refused is told with his folds
  }
  return out;
}

}  // namespace

Submitting::Submitting(Services& services, SubmitDoors d, SubmitRequest r)
    : s(services),
      doors(std::move(d)),
      request(std::move(r)),
      settings(services.settings()),
      scope(*settings->config),
      ctx{services.loop, settings->program, *settings->config, *settings->maps, scope} {
  const cf::Options& o = settings->config->options;
  mode = request.delivery_mode != 0 ? request.delivery_mode : o.delivery_mode;
  // sendmail: with -v the parent delivers itself.
  if (request.verbose) mode = 'i';
  if (request.watched && mode == 'b') mode = 'i';
  deferred = mode == 'd';
  error_mode = request.error_mode != 0 ? request.error_mode : o.error_mode;
}

// sendmail: HoldErrs: in every other error mode nothing is printed.
void Submitting::complain(const std::string& line) {
  if (error_mode == 'p' && doors.say) doors.say(line);
}

// sendmail: putoutmsg(), main() about collect(): what the message itself is blamed for is kept, the last word of it, and printed in
// every error mode; a temporary one does not replace a permanent one.
void Submitting::hold(std::string line, std::string_view coded) {
  if (unaddressed()) {   // sendmail: main() holds nothing then
    if (doors.say) doors.say(line);
    return;
  }
  const bool temporary = coded.starts_with('4');
  if (held_permanent && temporary) return;
  held = std::move(line);
  held_permanent = !temporary;
}

void Submitting::flush_held() {
  if (!held.empty() && doors.say) doors.say(held);
  held.clear();
}

void Submitting::set_macros() {
  const Client client = local_client(request.user);
  set_session_macros(scope, client, no_daemon(settings->config->options, request.gateway), policy::Rates::Counts(), request.protocol_host, request.protocol);
  scope.set(cf::kN_deliveryMode, std::string(1, mode));
  set_dates(scope, unix_seconds(s.clock.wall()), settings->gmt_offset_minutes);
  scope.set('i', envelope.id);
}

// What the expansion said since the last call; verbose lines only with -v.
void Submitting::tell_new(const route::RecipientList& list) {
  for (; told < list.said().size(); ++told) {
    const route::Said& said = list.said()[told];
    if (!said.verbose && reading_header) hold(said.text, said.coded);
    else if (!said.verbose) complain(said.text);
    else if (request.verbose && doors.say) doors.say(said.text);
  }
}

// Of the expansion's transcript, what came since the last call.
void Submitting::catch_up(const route::RecipientList& list) {
  for (; written < list.transcript().size(); ++written) transcript.push_back(list.transcript()[written]);
}

net::Task<> Submitting::expand_rcpts(route::RecipientList& list) {
  size_t words = 0;   // that name somebody
  for (const std::string& word : request.rcpts) {
    std::string one = word;
    const size_t first = list.all().size();
    const int named = co_await list.add(std::move(one), dsn());
    tell_new(list);
    if (named > 0) only = ++words == 1 && named == 1 ? list.all()[first].address.paddr : "";
  }
  if (exit_code == EX_OK) exit_code = list.exit_code();   // sendmail: setstat()
  if (mail::has_new_style_addresses(message.header)) list.end_old_style();
  if (message.errors_to) only.clear();
  catch_up(list);
}

// -t.
net::Task<> Submitting::expand_header(route::RecipientList& list) {
  reading_header = true;
  const size_t before = list.said().size();
  for (std::string& field : header_lists(message)) {
    co_await list.add(std::move(field), dsn());
    tell_new(list);
  }
  const auto said = list.said().begin() + static_cast<std::ptrdiff_t>(before);
  header_errors = std::any_of(said, list.said().end(), [](const route::Said& one) { return !one.verbose; });
  header_failed = std::any_of(said, list.said().end(), [](const route::Said& one) { return !one.verbose && one.coded.starts_with('5'); });
  // sendmail: main(): EX_USAGE only for what the command line named
  if (exit_code == EX_OK) exit_code = list.hard_exit();
  if (list.all().empty()) {
    hold("No recipient addresses found in header", "5");
    header_errors = true;
  }
}

route::DsnRequest Submitting::dsn() const {
  route::DsnRequest out;
  out.notify = queue::notify_bits(request.notify);
  ask_receipt(message, out.notify);
  return out;
}

// The queue's form of what an expansion came to. Refused ones bring their refusal, which their delivery reports.
queue::Rcpt Submitting::rcpt_of(const route::RecipientList& list, int i) const {
  const route::Recipient& r = list.all()[static_cast<size_t>(i)];
  queue::Rcpt out;
  out.address = r.address.paddr;
  out.notify = r.notify;
  const bool refused = r.state == route::RcptState::kBad;
  // a queue run asks the rules anew; what aliases and .forward gave stays
  const bool settled = refused || (r.state == route::RcptState::kOk && (!waits() || too_many_hops() || (r.address.mailer != nullptr && r.address.mailer->flag('l'))));
  if (settled && r.address.mailer != nullptr) {
    out.mailer = r.address.mailer->name;
    out.host = r.address.host;
  }
  if (r.address.mailer != nullptr) out.user = r.address.user;   // reports name it
  if (r.state == route::RcptState::kQueueUp) out.last_reply = r.error;
  if (refused) {
    out.refused_exit = route::refusal_exit(r);
    out.status = r.status;
    out.last_reply = r.error;
    if (r.address.is_error) {   // what $#error was given stands in reports, and its host orders them
      out.host = r.address.host;
      out.user = r.address.user;
    }
  }
  out.queue_group = r.address.queue_group;
  out.alias_of = list.alias_of(i);
  out.final_rcpt = list.final_of(i);
  if (r.parent >= 0) out.controlling_user = list.controller_of(i).user;
  return out;
}

// sendmail: eatheader(): with UseErrorsTo whom Errors-To: names is expanded as a recipient is; what is wrong with him is no reason to
// refuse mail here (doc/differences.md), and said where the message goes nowhere anyway.
net::Task<> Submitting::look_at_errors_to() {
  if (!message.errors_to) co_return;
  route::RecipientList list(ctx, s.agent, route::ExpandOptions());
  for (const mail::Field& f : message.header.fields) {
    if (!iequals(f.name, "errors-to")) continue;
    std::string field(trim(f.value));
    std::replace(field.begin(), field.end(), '\n', ' ');
    co_await list.add(std::move(field));
  }
  for (const route::Said& said : list.said())
    if (!said.verbose) hold(said.text, said.coded);
}

// Words that name nobody ("", ",") are no complaint, but to name none is one. The message is looked at all the same. sendmail: main(), collect().
net::Task<SubmitOutcome> Submitting::leave_with_nobody(const route::RecipientList& list) {
  if (unaddressed()) co_await look_at_errors_to();
  check_body(unaddressed() || request.read_rcpts);   // which has been told what it lacks
  flush_held();
  if (!request.read_rcpts && list.exit_code() == EX_OK) {
    fill_envelope();
    log_from(0);
  }
  SubmitOutcome out;
  out.exit_code = unaddressed() ? EX_USAGE : exit_code == EX_OK ? sender_exit() : exit_code;
  co_return out;
}

// sendmail: savemail() finds no queue for a report, and main() leaves with that. What the drop folder has stays there.
Result<SubmitOutcome> Submitting::leave_without_space() {
  if (!request.drop.empty()) return temporary_error(std::string(kNoSpace), 452, "4.4.5");
  const bool said = held == kNoSpace;
  flush_held();
  if (!said && doors.say) doors.say(std::string(kNoSpace));
  SubmitOutcome out;
  out.exit_code = exit_code == EX_OK && error_mode != 'q' ? EX_IOERR : exit_code;
  if (error_mode == 'e') out.exit_code = EX_OK;
  return out;
}

net::Task<> Submitting::begin() {
  envelope.id = s.queue.new_id();
  take_seven_bits(message.text, *settings->config, request.body_type);
  read_header(message, *settings->config);
  set_macros();
  const bool named = request.sender_given != '\0';   // one that is faulty counts as not given
  co_await find_sender();
  if (unaddressed() && named) hold("Recipient names must be specified", "5");   // else the command has said so
}

// Who is named, and what the header is blamed for on the way: sendmail: collect(): the header as it is read, then the addresses that -t
// finds in it.
net::Task<> Submitting::name_recipients(route::RecipientList& list) {
  co_await expand_rcpts(list);
  leave_with_senders();
  // sendmail: setnewqueue()
  no_space = !unaddressed() && low_on_space(s, settings->config->options, envelope.id, "SMTP-DAEMON");
  if (no_space) hold(std::string(kNoSpace), "452");
  co_await check_header();
  if (request.read_rcpts) co_await expand_header(list);
  old_style = list.old_style();
  list.leave_out(sender_address);
  multiple = list.take_success();
  catch_up(list);
}

net::Task<Result<SubmitOutcome>> Submitting::run() {
  co_await begin();
  SubmitOutcome out;
  out.id = envelope.id;
  route::ExpandOptions expand;
  expand.no_alias = request.no_alias;
  expand.old_style = settings->config->options.old_style_headers;
  route::RecipientList list(ctx, s.agent, expand);
  co_await name_recipients(list);
  if (list.all().empty()) {
    out = co_await leave_with_nobody(list);
    co_return out;
  }
  check_body(header_failed);
  if (no_space) co_return leave_without_space();
  for (const int i : list.order())
    if (const route::Recipient& r = list.all()[static_cast<size_t>(i)]; r.parent < 0) addressees.push_back(r.address.paddr);
  flush_held();
  if (discard) {
    out.exit_code = exit_code;
    co_return out;
  }
  // sendmail: main(): errors of which no recipient is guilty (an unbalanced quote, mended) are everybody's
  const bool permanent = std::any_of(list.said().begin(), list.said().end(), [](const route::Said& said) { return !said.verbose && said.coded[0] == '5'; });
  if (!refusal && header_errors && permanent && !list.any_refused()) refusal = smtp::Reply(554, "5.0.0", "");
  fill_envelope();
  for (const route::Said& said : sender_said) envelope.said.push_back(said.coded);
  envelope.said.insert(envelope.said.end(), transcript.begin(), transcript.end());
  look_at_load(list);
  std::vector<queue::Envelope> parts = split(list, !refusal && !waits() && !too_many_hops());
  Result<> done = co_await dispatch(std::move(parts));
  if (!done.ok()) co_return done.error();
  // sendmail: finis(): what waits is no failure, and -oee never is.
  if (exit_code == EX_TEMPFAIL) exit_code = EX_OK;
  if (exit_code == EX_OK) exit_code = sender_exit();
  if (error_mode == 'e') exit_code = EX_OK;
  out.exit_code = exit_code;
  co_return out;
}

net::Task<Result<SubmitOutcome>> submit_message(Services& services, SubmitDoors doors, SubmitRequest request, std::string message) {
  auto s = std::make_unique<Submitting>(services, std::move(doors), std::move(request));
  s->message.text = std::move(message);
  Result<SubmitOutcome> out = co_await s->run();
  co_return out;
}

}  // namespace hky::receive
