#include "receive/submit.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "proto/mail/address_list.h"
#include "receive/envelope_macros.h"
#include "receive/message.h"
#include "route/address.h"

namespace hky::receive {
namespace {

uint8_t notify_of(const std::string& words) {
  uint8_t bits = 0;
  for (const auto word : split(words, ',')) {
    if (iequals(word, "never")) bits |= queue::kNotifyNever;
    if (iequals(word, "success")) bits |= queue::kNotifySuccess;
    if (iequals(word, "failure")) bits |= queue::kNotifyFailure;
    if (iequals(word, "delay")) bits |= queue::kNotifyDelay;
  }
  return bits;
}

// sendmail: -t takes To, Cc, Bcc, or their Resent- forms where there is one; addresses of the command line are left out.
std::vector<std::string> header_rcpts(const Collected& m) {
  std::vector<std::string> out;
  for (const mail::Field& f : m.header.fields) {
    std::string_view name = f.name;
    if (m.resent != starts_with_i(name, "Resent-")) continue;
    if (m.resent) name.remove_prefix(7);
    if (!iequals(name, "To") && !iequals(name, "Cc") && !iequals(name, "Bcc")) continue;
    const std::string list = mail::unfold(f.value);
    for (const std::string_view address : mail::split_addresses(list)) out.emplace_back(address);
  }
  return out;
}

net::Task<std::string> envelope_sender(rewrite::Context& ctx, std::string address) {
  rewrite::PrescanResult in = rewrite::prescan(address, '\0', ctx.config, rewrite::TokenTable::kExternal);
  rewrite::Outcome out = co_await rewrite::evaluate(ctx, "3", std::move(in.tokens));
  out = co_await rewrite::evaluate(ctx, "1", std::move(out.tokens));
  out = co_await rewrite::evaluate(ctx, "4", std::move(out.tokens));
  std::string text = rewrite::cataddr(out.tokens, ctx.config);
  if (text == "<>") text.clear();
  co_return text;
}

Error of_reply(const smtp::Reply& reply) {
  const ErrorKind kind = reply.code < 500 ? ErrorKind::kTemporary : ErrorKind::kPermanent;
  return Error(kind, reply.code, reply.enhanced, reply.lines.empty() ? "refused" : reply.lines[0]);
}

struct Submitted {
  Submitted(Services& services, std::shared_ptr<const Settings> s)
      : settings(std::move(s)), scope(*settings->config), ctx{services.loop, settings->program, *settings->config, *settings->maps, scope} {}
  std::shared_ptr<const Settings> settings;
  cf::MacroScope scope;
  rewrite::Context ctx;
  queue::Envelope envelope;
  Collected message;
};

void set_macros(Submitted& s, const Services& services, const SubmitRequest& r) {
  const Client client = local_client(r.user);
  Daemon daemon;
  daemon.flags = "c u";
  set_session_macros(s.scope, client, daemon, policy::Rates::Counts(), "", r.protocol);
  set_dates(s.scope, unix_seconds(services.clock.wall()), s.settings->gmt_offset_minutes);
  s.scope.set('i', s.envelope.id);
  if (!r.full_name.empty()) s.scope.set('x', r.full_name);
}

// The recipients that parse; one that does not is the submission's error, as sendmail refuses it while it still can.
net::Task<Result<>> take_rcpts(Submitted& s, std::vector<std::string> addresses, uint8_t notify) {
  for (std::string& address : addresses) {
    route::Address to = co_await route::parse_address(s.ctx, address, route::Role::kEnvelopeRcpt);
    if (!to.messages.empty()) co_return of_reply(policy::reply_of_line(to.messages.front()));
    if (to.unparsable) co_return permanent_error(address + "... Unbalanced or invalid address", 553, "5.1.3");
    queue::Rcpt r;
    r.address = std::move(address);
    r.notify = notify;
    bool known = false;
    for (const auto& other : s.envelope.rcpts) known = known || other.address == r.address;
    if (!known) s.envelope.rcpts.push_back(std::move(r));
  }
  co_return Result<>();
}

}  // namespace

net::Task<Result<std::string>> submit_message(Services& services, SubmitRequest request, std::string message) {
  auto s = std::make_unique<Submitted>(services, services.settings());
  queue::Envelope& e = s->envelope;
  e.id = services.queue.new_id();
  s->message.text = std::move(message);
  read_header(s->message, *s->settings->config);
  set_macros(*s, services, request);

  std::string sender_address = request.user;
  if (request.sender_given) sender_address = request.sender.empty() ? "<>" : request.sender;
  e.sender = co_await envelope_sender(s->ctx, sender_address);
  const std::string shown = e.sender.empty() ? "<>" : e.sender;
  s->scope.set('f', shown);
  s->scope.set('g', shown);

  std::vector<std::string> addresses = request.rcpts;
  if (request.read_rcpts) {
    addresses = header_rcpts(s->message);
    std::erase_if(addresses, [&](const std::string& a) {
      for (const auto& out : request.rcpts)
        if (a == out) return true;
      return false;
    });
  }
  if (addresses.empty()) co_return permanent_error("No recipient addresses found in header", 554, "5.1.3");
  auto taken = co_await take_rcpts(*s, std::move(addresses), notify_of(request.notify));
  if (!taken.ok()) co_return taken.error();

  const std::string first = e.rcpts.front().address;
  const auto bad = check_limits(s->message, *s->settings->config);
  if (bad) co_return of_reply(*bad);
  policy::Verdict verdict = co_await check_message(s->ctx, *s->settings, s->message);
  if (!verdict.accept) co_return of_reply(verdict.reply);
  e.quarantine_reason = verdict.quarantine;

  if (e.rcpts.size() == 1) s->scope.set('u', first);
  HeadStyle style;
  style.drop_bcc = request.read_rcpts;
  style.full_name = request.full_name;
  style.recipient = first;
  std::string whole = build_head(s->message, s->scope, style);
  whole += '\n';
  whole.append(s->message.text, s->message.header.body_offset);

  const cf::Options& o = s->settings->config->options;
  e.created = unix_seconds(services.clock.wall());
  e.hops = s->message.hops;
  e.msg_class = s->message.msg_class;
  e.urgency = s->message.urgency;
  e.size = s->message.text.size() - s->message.header.body_offset;
  e.priority = static_cast<long>(e.size) - e.msg_class * o.class_factor + static_cast<long>(e.rcpts.size()) * o.recipient_factor;
  e.macros = macros_to_keep(s->scope);
  e.envid = request.envid;
  e.drop = request.drop;
  e.body_type = request.body_type;
  if (iequals(request.ret, "full")) e.ret = queue::Envelope::Ret::kFull;
  if (iequals(request.ret, "hdrs")) e.ret = queue::Envelope::Ret::kHdrs;
  const char mode = request.delivery_mode != 0 ? request.delivery_mode : o.delivery_mode;
  if (mode == 'q' || mode == 'd' || hops_wait(s->message, *s->settings->config, mode)) e.next_try = queue::kOnlyByQueueRun;
  services.log.line(5, LogPriority::kInfo, e.id,
                    fmt::format("from={}, size={}, class={}, nrcpts={}, msgid={}, relay={}@localhost", shown, e.size, e.msg_class,
                                e.rcpts.size(), s->message.message_id, request.user));
  const std::string id = e.id;
  if (verdict.discard) co_return id;
  auto body = std::make_shared<const std::string>(std::move(whole));
  auto kept = co_await services.queue.submit(services.loop, std::move(e), std::move(body));
  if (!kept.ok()) co_return kept.error();
  co_return id;
}

}  // namespace hky::receive
