#include "receive/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

#include "base/strings.h"
#include "proto/mail/address_list.h"
#include "proto/mail/field_kind.h"
#include "proto/mail/header_writer.h"
#include "route/header_addresses.h"

namespace hky::receive {
namespace {

using mail::Field;

bool is_blind(std::string_view name) { return iequals(name, "bcc") || iequals(name, "resent-bcc"); }

int class_of(const cf::Config& config, std::string_view precedence) {
  for (const cf::Priority& p : config.priorities)
    if (iequals(p.name, precedence)) return p.value;
  return 0;
}

// sendmail: fields that are always added (trace fields), whatever the message has.
bool is_forced(std::string_view name) { return iequals(name, "received"); }

// The flags whose fields every mailer wants. D, F and M go together, so that their fields keep the order of the H lines.
std::bitset<128> wanted_by_all(const cf::Config& config) {
  std::bitset<128> usual;
  for (const char flag : {'D', 'F', 'M'}) usual.set(static_cast<size_t>(flag));
  const auto wants_all = [&usual](const cf::Mailer& m) { return (m.flags & usual) == usual || m.name == "*include*"; };
  return std::all_of(config.mailers.begin(), config.mailers.end(), wants_all) ? usual : std::bitset<128>();
}

// What every mailer wants is decided here; the rest waits for the mailer.
bool belongs_here(const cf::HeaderRule& rule, const std::bitset<128>& wanted) { return !rule.macro_cond && (rule.mailer_flags & ~wanted).none(); }

// sendmail: H_FORCE|H_ACHECK: never the message's own.
bool is_made_anew(std::string_view name) { return iequals(name, "return-path") || iequals(name, "full-name"); }

// sendmail: an empty field does not take the place of one that an H line has a value for.
bool gives_way(const Field& f, const cf::Config& config) {
  if (f.value.find_first_not_of(" \t\r\n") != std::string_view::npos || is_forced(f.name)) return false;
  return std::any_of(config.headers.begin(), config.headers.end(), [&f](const cf::HeaderRule& rule) { return !rule.is_default && !rule.value.empty() && iequals(rule.name, f.name); });
}

bool has_own(const Collected& m, std::string_view name, const cf::Config& config) {
  return std::any_of(m.header.fields.begin(), m.header.fields.end(), [&](const Field& f) { return iequals(f.name, name) && !gives_way(f, config); });
}

// Where the address that begins at `at` ends: at a blank, unless an @ follows that. sendmail: commaize().
size_t end_of_address(std::string_view list, size_t at, const cf::Config& config) {
  for (;;) {
    const size_t from = std::min(list.find_first_not_of(" \t", at), list.size());
    at = std::min(from + rewrite::prescan(list.substr(from), ' ', config, rewrite::TokenTable::kExternal).consumed, list.size());
    const size_t next = list.find_first_not_of(" \t", at);
    if (next == std::string_view::npos || list[next] != '@') return at;
    at = next + 1;
  }
}

// OldStyleHeaders: "To: a b" leaves as "To: a, b". A list of one stays as it was written.
void put_parted_field(std::string& out, const Field& f, const cf::Config& config) {
  const std::string value = mail::unfold(f.value);
  std::vector<std::string_view> parts;
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::max(end_of_address(value, at, config), at + 1);
    parts.push_back(std::string_view(value).substr(at, end - at));
    at = std::min(value.find_first_not_of(" \t", end), value.size());
  }
  if (parts.size() < 2) {
    out += f.raw;
    return;
  }
  const size_t first = std::min(f.raw.find_first_not_of(" \t\n", f.raw.find(':') + 1), f.raw.size());
  out += fmt::format("{}{}\n", f.raw.substr(0, first), fmt::join(parts, ", "));
}

// Other fields than Bcc: do.
bool names_recipient(const Collected& m) {
  return m.header.find("To") != nullptr || m.header.find("Cc") != nullptr || m.header.find("Apparently-To") != nullptr;
}

// sendmail: addheader() puts each before the one before it.
void put_named(std::string& out, std::string_view name, const HeadStyle& style) {
  for (auto r = style.recipients.rbegin(); r != style.recipients.rend(); ++r) mail::put_field(out, name, *r);
}

void put_own_fields(std::string& out, const Collected& m, const HeadStyle& style, const cf::Config& config) {
  // sendmail: EF_DELETE_BCC: nobody sees who else was written to; where no other field names a recipient it stays, empty.
  const bool addressed = names_recipient(m);
  for (const Field& f : m.header.fields) {
    if (is_blind(f.name)) {
      if (!addressed) out += std::string(f.name) + ":\n";
      continue;
    }
    if (is_made_anew(f.name) || gives_way(f, config)) continue;
    // sendmail: chompheader(): blanks between a name and its colon are left out
    if (f.raw.size() > f.name.size() && f.raw[f.name.size()] != ':') {
      out += f.name;
      out += f.raw.substr(std::min(f.raw.find(':'), f.raw.size()));
    } else if (style.old_style && mail::kind_of_field(f.name) == mail::FieldKind::kRecipient) {
      put_parted_field(out, f, config);
    } else {
      out += f.raw;
    }
    if (out.back() != '\n') out += '\n';
  }
  if (addressed || m.header.find("Bcc") != nullptr) return;
  switch (config.options.no_recipient_action) {
    case cf::NoRcptAction::kAddTo: put_named(out, "To", style); break;
    case cf::NoRcptAction::kAddApparentlyTo: put_named(out, "Apparently-To", style); break;
    case cf::NoRcptAction::kAddBcc: mail::put_field(out, "Bcc", ""); break;
    case cf::NoRcptAction::kAddToUndisclosed: mail::put_field(out, "To", "undisclosed-recipients:;"); break;
    case cf::NoRcptAction::kNone: break;
  }
}

// What a queue file has of a field: its addresses as commaize() writes them.
uint64_t queued_size_of(const Field& f, const cf::Config& config) {
  const std::string_view value = f.value;
  if (value.find_first_of(",\n") == std::string_view::npos && (value.empty() || !is_space(value.back()))) return mail::size_without_field_ends(f.raw);
  const mail::FieldKind kind = mail::kind_of_field(f.name);
  if (kind != mail::FieldKind::kSender && kind != mail::FieldKind::kRecipient) return mail::size_without_field_ends(f.raw);
  std::vector<std::string> list;
  for (const std::string_view one : route::addresses_of(value, config)) list.emplace_back(one);
  std::string text;
  mail::put_address_field(text, f.name, list, mail::lead_of(f));
  return mail::size_without_field_ends(text);
}

}  // namespace

void take_seven_bits(std::string& text, const cf::Config& config, std::string_view body_type) {
  if (body_type != "7BIT" && (!config.options.seven_bit_input || body_type == "8BITMIME")) return;
  for (char& c : text) c = static_cast<char>(c & 0x7f);
}

namespace {

// sendmail: collect(): of the body they stay.
void drop_header_nuls(std::string& text) {
  const size_t head = std::min(text.find("\n\n"), text.size());
  if (std::string_view(text).substr(0, head).find('\0') == std::string_view::npos) return;
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(head);
  text.erase(std::remove(text.begin(), end, '\0'), end);
}

}  // namespace

void read_header(Collected& m, const cf::Config& config) {
  m.nul = config.options.reject_nul && m.text.find('\0') != std::string::npos;
  drop_header_nuls(m.text);
  m.header = mail::parse_header(m.text);
  if (config.options.save_from_line && !m.header.unix_from.empty()) m.header = mail::Header();   // sendmail: it is no field, so the body begins with it
  for (const Field& f : m.header.fields) {
    if (iequals(f.name, "message-id")) m.message_id = mail::unfold(f.value);
    if (iequals(f.name, "precedence")) m.msg_class = class_of(config, mail::unfold(f.value));
    if (iequals(f.name, "full-name")) m.full_name = mail::as_phrase(trim(mail::unfold(f.value)), config.options.must_quote_chars);
    if (mail::is_resent_field(f.name)) m.resent = true;
    if (config.options.use_errors_to && iequals(f.name, "errors-to")) m.errors_to = m.errors_to || !mail::unfold(f.value).empty();
    if (config.options.rrt_implies_dsn && iequals(f.name, "return-receipt-to")) m.receipt = true;
    if (iequals(f.name, "priority")) {
      std::string p = lower(mail::unfold(f.value));
      if (p == "urgent") m.urgency = queue::Envelope::Urgency::kUrgent;
      if (p == "non-urgent") m.urgency = queue::Envelope::Urgency::kNonUrgent;
    }
  }
  m.hops = static_cast<int>(mail::count_hops(m.header));
  // sendmail: eatheader(): HasEightBits, when the body is still to be read
  m.labelled_8bit = m.header.find("MIME-Version") != nullptr && mail::has_8bit(std::string_view(m.text).substr(0, m.header.body_offset));
}

void ask_receipt(const Collected& m, uint8_t& notify) {
  if (m.receipt && notify == 0) notify = queue::kNotifySuccess | queue::kNotifyFailure | queue::kNotifyDelay;
}

std::optional<smtp::Reply> header_fault(const Collected& m, const cf::Config& config) {
  const long max = config.options.max_headers_length;
  if (max <= 0 || m.header.body_offset <= static_cast<size_t>(max)) return std::nullopt;
  return smtp::Reply(552, "5.6.0", fmt::format("Headers too large ({} max)", max));
}

std::vector<smtp::Reply> content_faults(const Collected& m, const cf::Config& config, std::string_view body_type) {
  std::vector<smtp::Reply> out;
  const bool labelled = !body_type.empty() || m.header.find("MIME-Version") != nullptr;
  if (config.options.eight_bit_mode == 's' && !labelled && mail::has_8bit(m.text)) out.emplace_back(554, "5.6.1", "Eight bit data not allowed");
  if (m.nul) out.emplace_back(554, "5.6.1", "NUL byte not allowed");
  return out;
}

bool hops_wait(const Collected& m, const cf::Config& config, char delivery_mode, bool look_up) {
  const long max = config.options.max_hop_count;
  const bool mode_waits = delivery_mode == 'i' || (delivery_mode == 'b' ? !look_up : look_up);
  return mode_waits && m.hops + 1 > max;
}

net::Task<Checked> check_message(rewrite::Context& ctx, const Settings& settings, Collected& m) {
  Checked out;
  const auto take = [&out](const policy::Verdict& v) {
    out.all.discard = out.all.discard || v.discard;
    if (!v.quarantine.empty()) out.all.quarantine = v.quarantine;
    if (v.accept) return;
    // sendmail: putoutmsg(): a temporary one does not take the place of a permanent one
    if (out.all.accept || out.all.reply.code < 500 || v.reply.code >= 500) out.all.reply = v.reply;
    out.all.accept = false;
    out.refusals.push_back(v);
  };
  for (size_t i = 0; !settings.header_checks.empty() && i < m.header.fields.size(); ++i) {
    const cf::HeaderRule* rule = settings.header_checks.find(m.header.fields[i].name);
    if (rule == nullptr) continue;
    const policy::Verdict v = co_await policy::check_field(ctx, *rule, m.header.fields[i]);
    take(v);
  }
  if (policy::has_check(ctx, "check_eoh")) {
    std::string count = std::to_string(m.header.fields.size()), size = std::to_string(m.header.body_offset);
    const policy::Verdict v = co_await policy::rs_check(ctx, "check_eoh", policy::two_arguments(count, size), policy::CheckArgument::kUnstructured);
    take(v);
  }
  co_return out;
}

Whole whole_message(const Collected& m, const cf::MacroScope& scope, const HeadStyle& style) {
  constexpr size_t kAddedFields = 512;   // about what they take
  Whole whole;
  std::string& out = whole.text;
  out.reserve(m.text.size() + kAddedFields);
  whole.message_id = m.message_id;
  const std::bitset<128> wanted = wanted_by_all(scope.config());
  for (const cf::HeaderRule& rule : scope.config().headers) {
    if (rule.value.empty() || rule.is_default || (mail::is_resent_field(rule.name) && !m.resent)) continue;
    if (!is_forced(rule.name) && !is_made_anew(rule.name) && has_own(m, rule.name, scope.config())) continue;
    // sendmail: H_BINDLATE: the sender as its mailer rewrites it is not known yet
    std::string value = iequals(rule.name, "return-path") ? cf::to_display(rule.value, scope.config().names) : cf::expand_to_string(rule.value, scope);
    if ((iequals(rule.name, "from") || iequals(rule.name, "resent-from")) && (value.empty() || value == "<>")) {
      if (!style.add_missing) continue;   // sendmail: of nobody, which is no address
      value = cf::macro_value(scope, u'n');
    }
    if (trim(value).empty()) continue;
    if (iequals(rule.name, "message-id")) whole.message_id = value;
    whole.queued_size += rule.mailer_flags.count();
    if (belongs_here(rule, wanted) && (is_forced(rule.name) || style.add_missing)) mail::put_field(out, rule.name, value);
    else whole.queued_size += rule.name.size() + 2 + trim(value).size();
  }
  for (const std::string& warning : style.warnings) mail::put_field(out, "X-Authentication-Warning", warning);
  put_own_fields(out, m, style, scope.config());
  // sendmail: its value is a blank, and commaize() leads it in with another
  if (scope.config().options.no_recipient_action == cf::NoRcptAction::kAddBcc && !names_recipient(m) && m.header.find("Bcc") == nullptr) whole.queued_size += 2;
  for (const Field& f : m.header.fields) {
    if (is_blind(f.name)) whole.queued_size += queued_size_of(f, scope.config()) - (names_recipient(m) ? 0 : f.name.size() + 1);   // nobody shall see it, and it is there
    else if (!is_made_anew(f.name) && !gives_way(f, scope.config())) whole.queued_size += queued_size_of(f, scope.config()) - mail::size_without_field_ends(f.raw);
  }
  whole.queued_size += mail::size_without_field_ends(out) + m.text.size() - m.header.body_offset;
  out += '\n';
  out.append(m.text, m.header.body_offset);
  return whole;
}

}  // namespace hky::receive
