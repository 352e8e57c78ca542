// Whom a report of failures goes to, in the order in which sendmail queues them. sendmail: savemail(), eatheader(): e_errorqueue.
#include <algorithm>

#include "base/strings.h"
#include "deliver/deliverer_impl.h"
#include "deliver/send_queue.h"
#include "proto/mail/address_list.h"
#include "route/recipients.h"

namespace hky::deliver {
namespace {

bool deliverable(const route::Recipient& r) { return r.state == route::RcptState::kOk || r.state == route::RcptState::kQueueUp; }

// That address, or what it stands for, can be told.
bool anybody(const route::RecipientList& list) {
  return std::any_of(list.order().begin(), list.order().end(), [&list](int i) { return deliverable(list.all()[static_cast<size_t>(i)]); });
}

bool same_mailbox(const route::Address& a, const route::Address& b) {
  return a.mailer == b.mailer && iequals(a.host, b.host) && a.user == b.user;
}

// sendmail: savemail(): what -v shows of him is said before the rest, and not again on his report's way; a queue run says why he cannot be told.
// Of failures that the command tells itself it has shown him.
void tell_of_sender(const Work& w, const ReportRequest& request, const route::RecipientList& list) {
  const auto reported = [&](const Noted& n) {
    return wants_report(w.job.envelope.rcpts[n.rcpt], n.ending) && !(n.ending == Ending::kFailed && request.told_already);
  };
  if (w.foreground == nullptr || std::none_of(request.noted.begin(), request.noted.end(), reported)) return;
  Foreground& f = *w.foreground;
  f.told_of_sender.clear();
  for (const route::Said& said : list.said()) {
    if (!said.verbose) f.tell_failure(said.text);
    else f.tell(said.text);
    if (said.verbose) f.told_of_sender.push_back(said.text);
  }
  if (f.of_queue_run && f.exit == EX_OK && !list.all().empty() && !anybody(list)) f.exit = route::refusal_exit(list.all().front());
}

bool comes_to(const route::RecipientList& list, const route::Address& a) {
  return std::any_of(list.all().begin(), list.all().end(), [&a](const route::Recipient& r) { return same_mailbox(r.address, a); });
}

}  // namespace

// sendmail: sortbysignature()
net::Task<> Deliverer::Impl::enqueue_error(Work& w, std::vector<ErrorAddress>& queue, ErrorAddress one) {
  std::erase_if(queue, [&one](const ErrorAddress& q) { return same_mailbox(q.parsed, one.parsed); });
  std::vector<Addressed> addresses;
  for (const ErrorAddress& q : queue) addresses.push_back({q.parsed.mailer, q.parsed.host, q.parsed.user});
  addresses.push_back({one.parsed.mailer, one.parsed.host, one.parsed.user});
  const std::vector<Place> places = co_await find_places(s.loop, finder, w, std::move(addresses));
  const auto after = std::find_if(places.begin(), places.end() - 1, [&places](const Place& p) { return places.back().before(p); });
  queue.insert(queue.begin() + (after - places.begin()), std::move(one));
}

// Option UseErrorsTo: the addresses of Errors-To: that we know, as they stand there. sendmail's queue files do not keep them.
net::Task<> Deliverer::Impl::read_errors_to(Work& w, std::vector<ErrorAddress>& queue) {
  if (!w.settings->config->options.use_errors_to || queue::waited(w.envelope())) co_return;
  for (const mail::Field& field : w.header.fields) {
    if (!iequals(field.name, "Errors-To")) continue;
    const std::string value = mail::unfold(field.value);
    std::vector<std::string_view> named = mail::split_addresses(value);
    std::reverse(named.begin(), named.end());   // sendmail: sendtolist()
    for (const std::string_view one : named) {
      route::RecipientList list(w.ctx, s.agent);
      co_await list.add(std::string(one));
      if (list.all().empty() || !anybody(list)) continue;
      ErrorAddress found;
      found.parsed = list.all().front().address;
      found.address = found.parsed.paddr;
      const auto after = std::find_if(queue.begin(), queue.end(), [&found](const ErrorAddress& q) { return lower(q.parsed.host) > lower(found.parsed.host); });
      queue.insert(after, std::move(found));
    }
  }
}

// sendmail: savemail(): a report's own sender is looked at, too, before the postmaster is told.
net::Task<> Deliverer::Impl::show_daemon(Work& w) {
  if (w.foreground == nullptr || !w.foreground->verbose) co_return;
  route::RecipientList list(w.ctx, s.agent);
  std::string daemon = "MAILER-DAEMON";
  co_await list.add_one(std::move(daemon));
  for (const route::Said& said : list.said())
    if (said.verbose) w.foreground->tell(said.text);
}

net::Task<ReportSender> Deliverer::Impl::look_at_sender(Work& w, const ReportRequest& request) {
  ReportSender out;
  const std::vector<Noted>& noted = request.noted;
  const bool failed = std::any_of(noted.begin(), noted.end(), [](const Noted& n) { return n.ending == Ending::kFailed; });
  if (failed) co_await read_errors_to(w, out.errors);
  const queue::Envelope& e = w.envelope();
  const bool of_report = failed && e.is_report;   // also where a list's owner has sent it on: nobody's but the postmaster's
  if (of_report && !e.list_copy) co_await show_daemon(w);
  ErrorAddress postmaster;
  const bool mended = !of_report && told_to_postmaster_too(w, noted);
  if (mended) {
    postmaster.address = "postmaster";
    postmaster.parsed = co_await route::parse_address(w.ctx, postmaster.address, route::Role::kEnvelopeRcpt);
  }
  if (e.sender.empty() || of_report) {
    if (mended) co_await enqueue_error(w, out.errors, std::move(postmaster));
    co_return out;
  }
  ErrorAddress sender;
  sender.address = queue::sender_as_given(e, e.sender);
  sender.address.erase(0, sender.address.find_first_not_of(" \t,"));   // sendmail: sendtolist(): it begins there
  route::ExpandOptions how;
  how.no_alias = e.no_alias;
  route::RecipientList list(w.ctx, s.agent, how);
  co_await list.add_one(sender.address);
  for (const std::string& line : list.transcript()) out.said.push_back(with_enhanced_code(line));
  tell_of_sender(w, request, list);
  out.address = sender.address;
  if (!list.all().empty()) {
    sender.parsed = list.all().front().address;
    out.mailer = sender.parsed.mailer;
    out.refused = sender.refused = !anybody(list);
    sender.stands = list.all().front().state == route::RcptState::kExpanded;
  }
  postmaster.unnamed = mended && !out.refused && comes_to(list, postmaster.parsed);
  if (mended) co_await enqueue_error(w, out.errors, std::move(postmaster));
  co_await enqueue_error(w, out.errors, std::move(sender));
  co_return out;
}

}  // namespace hky::deliver
