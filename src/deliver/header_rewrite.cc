#include "deliver/header_rewrite.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "proto/mail/date.h"
#include "proto/mail/field_kind.h"
#include "proto/mail/from_line.h"
#include "proto/mail/header_writer.h"
#include "route/address.h"
#include "route/header_addresses.h"
#include "route/user_database.h"

namespace hky::deliver {
namespace {

using mail::FieldKind;

bool is_resent(const mail::Header& header) {
  return std::any_of(header.fields.begin(), header.fields.end(), [](const mail::Field& f) { return mail::is_resent_field(f.name); });
}

// Ours: it says "id <queue id>". A list's copies have another id than the message they are of, and no id here: the first is ours.
bool has_own_trace(const mail::Header& header, const std::string& queue_id) {
  const mail::Field* f = header.find("Received");
  return f != nullptr && (queue_id.empty() || f->value.find(queue_id) != std::string_view::npos);
}

// H?flags? and H?${macro}?.
bool wanted_by(const cf::HeaderRule& rule, const cf::Mailer& mailer, const cf::MacroScope& scope) {
  if (rule.macro_cond && scope.find(*rule.macro_cond) != nullptr) return true;
  if (rule.macro_cond && rule.mailer_flags.none()) return false;
  return rule.mailer_flags.none() || (rule.mailer_flags & mailer.flags).any();
}

class Writer {
 public:
  Writer(rewrite::Context& ctx, const mail::Header& header, const cf::Mailer& mailer, std::string queue_id, std::string author, bool of_list,
         OfSender of_sender)
      : ctx_(ctx),
        header_(header),
        mailer_(mailer),
        queue_id_(std::move(queue_id)),
        author_(std::move(author)),
        of_sender_(std::move(of_sender)),
        of_list_(of_list),
        resent_(is_resent(header)) {}

  net::Task<std::string> run() {
    if (has_own_trace(header_, queue_id_)) own_trace_ = header_.find("Received");
    for (const cf::HeaderRule& rule : ctx_.config.headers) co_await put_default(rule);
    for (size_t i = placed_; i < header_.fields.size(); ++i) co_await put_own(header_.fields[i]);
    out_ += '\n';
    co_return std::move(out_);
  }

 private:
  // A field that an H line adds where the message has none.
  net::Task<> put_default(const cf::HeaderRule& rule) {
    if (rule.is_default || rule.value.empty() || !rule.check_ruleset.empty()) co_return;
    if (!wanted_by(rule, mailer_, ctx_.scope)) co_return;
    const FieldKind kind = mail::kind_of_field(rule.name);
    if (mail::is_resent_field(rule.name) && !resent_) co_return;
    if (is_of_earlier_line(rule.name)) {
      co_await put_own(header_.fields[placed_++]);
      co_return;
    }
    if (kind == FieldKind::kTrace) {
      // sendmail: our own stands where its H line is
      if (own_trace_ != nullptr) {
        out_ += own_trace_->raw;
        co_return;
      }
    } else if (kind != FieldKind::kConditional && header_.find(rule.name) != nullptr) {
      co_return;
    }
    // sendmail: eatheader(): made when the message came; the mailer's rules are still to see it
    std::string value = kind == FieldKind::kSender ? expand_for_author(rule.value) : cf::expand_to_string(rule.value, ctx_.scope);
    // RFC 5322 3.6.2: who sends for <>, too
    if (trim(value).empty() && iequals(rule.name, "from")) value = cf::macro_value(ctx_.scope, u'n');
    if (trim(value).empty()) co_return;
    co_await put(rule.name, std::move(value), kind);
  }

  // What stands before our own Received: was made of the H lines before its own, in their order.
  bool is_of_earlier_line(std::string_view name) const {
    const mail::Field* next = header_.fields.data() + placed_;
    return own_trace_ != nullptr && next < own_trace_ && iequals(next->name, name);
  }

  std::string expand_for_author(const cf::Text& text) const {
    cf::MacroScope scope(ctx_.config, &ctx_.scope);
    scope.set('g', author_);
    return cf::expand_to_string(text, scope);
  }

  // sendmail: H_ACHECK: a Return-Path, Full-Name or Content-Length that came with the message is never passed on.
  net::Task<> put_own(const mail::Field& field) {
    const FieldKind kind = mail::kind_of_field(field.name);
    if (kind == FieldKind::kConditional || &field == own_trace_) co_return;
    // sendmail: H_RECEIPTTO: the recipient's host shall not answer it once more, and a list's members (EF_NORECEIPT) not at all
    if (iequals(field.name, "Return-Receipt-To") && (ctx_.config.options.rrt_implies_dsn || of_list_)) co_return;
    if (kind == FieldKind::kSender || kind == FieldKind::kRecipient) {
      co_await put(std::string(field.name), std::string(field.value), kind, mail::lead_of(field));
      co_return;
    }
    out_ += field.raw;
  }

  net::Task<> put(std::string name, std::string value, FieldKind kind, std::string lead = " ") {
    if (kind != FieldKind::kSender && kind != FieldKind::kRecipient) {
      mail::put_field(out_, name, value);
      co_return;
    }
    const auto role = kind == FieldKind::kSender ? route::Role::kHeaderSender : route::Role::kHeaderRcpt;
    std::vector<std::string> list;
    for (std::string_view piece : route::addresses_of(value, ctx_.config)) {
      std::string one = std::string(trim(piece));   // its folds are kept
      if (one.empty()) continue;
      // sendmail: chompheader(): H_FROM
      if (kind == FieldKind::kSender && ctx_.config.options.single_line_from_header) std::replace(one.begin(), one.end(), '\n', ' ');
      if (kind == FieldKind::kRecipient && of_sender_.names_rcpts) co_await rename(one);
      rewrite::Tokens domain = of_sender_.domain;
      std::string rewritten = co_await route::remote_name(ctx_, std::move(one), mailer_, role, std::move(domain));
      mail::mend_folds(rewritten);
      if (!rewritten.empty()) list.push_back(std::move(rewritten));   // sendmail: what cannot be parsed is left out
    }
    mail::put_address_field(out_, name, list, lead);
  }

  // sendmail: commaize(): a bare name, as it is written
  net::Task<> rename(std::string& address) {
    route::Address user;
    user.mailer = ctx_.config.find_mailer("local");
    user.user = address;
    std::string name = co_await route::mail_name_of(ctx_, user);
    if (!name.empty()) address = std::move(name);
  }

  rewrite::Context& ctx_;
  const mail::Header& header_;
  const cf::Mailer& mailer_;
  std::string queue_id_, author_;
  OfSender of_sender_;
  bool of_list_, resent_;
  const mail::Field* own_trace_ = nullptr;
  size_t placed_ = 0;                        // fields of the message that are written already
  std::string out_;
};

void set(cf::MacroScope& scope, std::string_view name, std::string_view value) {
  if (name.size() > 2 && name.front() == '{') name = name.substr(1, name.size() - 2);
  cf::NameId id = 0;
  if (scope.config().names.find(name, id)) scope.set(id, value);
}

}  // namespace

void set_envelope_macros(cf::MacroScope& scope, const queue::Envelope& e, const Policy& policy) {
  const std::string now = mail::arpa_date(e.created, policy.gmt_offset_minutes);
  scope.set('a', now);
  scope.set('b', now);
  scope.set('d', mail::ctime_date(e.created, policy.gmt_offset_minutes));
  scope.set('t', mail::minute_date(e.created));
  scope.set('i', e.id);
  scope.set('f', e.sender);
  scope.set('g', e.sender);
  for (const auto& [name, value] : e.session_macros) set(scope, name, value);
  for (const auto& [name, value] : e.macros) set(scope, name, value);
  if (e.envid && !e.envid->empty()) set(scope, "envid", *e.envid);
  if (!e.body_type.empty()) set(scope, "bodytype", e.body_type);
  set(scope, "ntries", std::to_string(e.tries));
  set(scope, "nrcpts", std::to_string(queue::pending(e.rcpts)));
}

net::Task<std::string> outgoing_header(rewrite::Context& ctx, const mail::Header& header, const cf::Mailer& mailer,
                                       std::string queue_id, std::string author, bool of_list, OfSender of_sender) {
  Writer writer(ctx, header, mailer, std::move(queue_id), std::move(author), of_list, std::move(of_sender));
  co_return co_await writer.run();
}

std::string from_line_for(rewrite::Context& ctx, const cf::Mailer& mailer, const std::string& sender) {
  cf::MacroScope scope(ctx.config, &ctx.scope);
  const std::string g = sender.empty() || sender == "<>" ? "MAILER-DAEMON" : sender;
  scope.set('g', g);
  std::string line;
  // sendmail: putfromline(): UUCP's form names the host that the path begins at.
  if (mailer.flag('U')) {
    const size_t bang = g.find('!');
    const std::string host = bang == std::string::npos ? cf::macro_value(scope, u'k') : g.substr(0, bang);
    const std::string date = cf::macro_value(scope, u'd');
    line = fmt::format("From {}  {} remote from {}", bang == std::string::npos ? g : g.substr(bang + 1), date, host);
  } else if (const cf::Text& form = ctx.config.options.unix_from_line; !form.empty()) {
    line = cf::expand_to_string(form, scope);
  } else {
    line = mail::from_line(g, cf::macro_value(scope, u'd'));
  }
  while (!line.empty() && line.back() == '\n') line.pop_back();
  return line + "\n";
}

}  // namespace hky::deliver
