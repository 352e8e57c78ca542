#include "proto/smtp/params.h"

#include <fmt/format.h>

#include <charconv>

#include "proto/mail/address_list.h"
#include "proto/smtp/command_line.h"

namespace hky::smtp {
namespace {

using Refusal = std::optional<Reply>;

Refusal needs_value(const char* name) { return Reply(501, "5.5.2", std::string(name) + " requires a value"); }

Refusal take_size(const Param& p, MailParams& out) {
  if (!p.has_value) return needs_value("SIZE");
  uint64_t n = 0;  // sendmail: strtol(): what is no number counts as 0
  std::from_chars(p.value.data(), p.value.data() + p.value.size(), n);
  out.size = n;
  return std::nullopt;
}

Refusal take_body(const Param& p, MailParams& out) {
  if (!p.has_value) return needs_value("BODY");
  if (same_word(p.value, "8bitmime")) out.body = "8BITMIME";
  else if (same_word(p.value, "7bit")) out.body = "7BIT";
  else return Reply(501, "5.5.4", "Unknown BODY type " + echo(p.value));
  return std::nullopt;
}

Refusal take_envid(const Param& p, MailParams& out) {
  if (!p.has_value) return needs_value("ENVID");
  if (!mail::is_xtext(p.value)) return Reply(501, "5.5.4", "Syntax error in ENVID parameter value");
  if (out.envid) return Reply(501, "5.5.0", "Duplicate ENVID parameter");
  out.envid = p.value;
  return std::nullopt;
}

Refusal take_ret(const Param& p, MailParams& out) {
  if (!p.has_value) return needs_value("RET");
  if (!out.ret.empty()) return Reply(501, "5.5.0", "Duplicate RET parameter");
  if (same_word(p.value, "full")) out.ret = "FULL";
  else if (same_word(p.value, "hdrs")) out.ret = "HDRS";
  else return Reply(501, "5.5.2", "Bad argument \"" + echo(p.value) + "\" to RET");
  return std::nullopt;
}

Refusal take_auth(const Param& p, MailParams& out) {
  if (!p.has_value) return needs_value("AUTH=");
  if (out.has_auth) return Reply(501, "5.5.0", "Duplicate AUTH parameter");
  if (!mail::is_xtext(p.value)) return Reply(501, "5.5.4", "Syntax error in AUTH parameter value");
  out.auth = p.value;
  out.has_auth = true;
  return std::nullopt;
}

// RFC 2852 4: BY=seconds;mode[T]
Refusal take_by(const Param& p, MailParams& out) {
  if (!p.has_value) return needs_value("BY=");
  const char* end = p.value.data() + p.value.size();
  auto [at, bad] = std::from_chars(p.value.data(), end, out.deliver_by);
  if (bad != std::errc() || at == end || *at != ';') return Reply(501, "5.5.2", "BY= missing ';'");
  if (at + 1 == end) return Reply(501, "5.5.2", "illegal by-mode '?'");
  char mode = at[1] >= 'a' ? static_cast<char>(at[1] - 32) : at[1];
  bool trace = at + 2 < end && (at[2] == 'T' || at[2] == 't');
  if ((mode != 'N' && mode != 'R') || at + 2 + trace != end) return Reply(501, "5.5.2", "illegal by-mode '" + echo(std::string_view(at + 1, 1)) + "'");
  if (mode == 'R' && out.deliver_by <= 0) return Reply(501, "5.5.4", "mode R requires BY time > 0");
  out.deliver_by_mode = mode;
  out.deliver_by_trace = trace;
  return std::nullopt;
}

Refusal unrecognized(const Param& p) { return Reply(555, "5.5.4", echo(p.key) + " parameter unrecognized"); }
Refusal no_dsn(const char* what) { return Reply(504, "5.7.0", fmt::format("Sorry, {} not supported, we do not allow DSN", what)); }

uint8_t notify_bit(std::string_view word) {
  if (same_word(word, "never")) return kNotifyNever;
  if (same_word(word, "success")) return kNotifySuccess;
  if (same_word(word, "failure")) return kNotifyFailure;
  if (same_word(word, "delay")) return kNotifyDelay;
  return 0;
}

Refusal take_notify(const Param& p, RcptParams& out) {
  if (!p.has_value) return needs_value("NOTIFY");
  if (out.has_notify) return Reply(501, "5.5.0", "Duplicate NOTIFY parameter");
  out.has_notify = true;
  std::string_view left = p.value;
  while (true) {
    size_t comma = left.find(',');
    std::string_view word = left.substr(0, comma);
    uint8_t bit = notify_bit(word);
    bool lonely = bit != kNotifyNever || (left.size() == word.size() && out.notify == 0);  // RFC 3461 4.1: NEVER stands alone
    if (bit == 0 || !lonely) return Reply(501, "5.5.4", "Bad argument \"" + echo(word) + "\"  to NOTIFY");
    out.notify = static_cast<uint8_t>(out.notify | bit);
    if (comma == std::string_view::npos) return std::nullopt;
    left.remove_prefix(comma + 1);
  }
}

Refusal take_orcpt(const Param& p, RcptParams& out) {
  if (!p.has_value) return needs_value("ORCPT");
  size_t semicolon = p.value.find(';');
  std::string decoded;
  if (semicolon == std::string::npos || !mail::from_xtext(std::string_view(p.value).substr(semicolon + 1), decoded))
    return Reply(501, "5.5.4", "Syntax error in ORCPT parameter value");
  if (!out.orcpt.empty()) return Reply(501, "5.5.0", "Duplicate ORCPT parameter");
  out.orcpt = p.value;
  return std::nullopt;
}

}  // namespace

std::optional<Reply> parse_mail_params(const std::vector<Param>& params, const ParamRules& rules, MailParams& out) {
  for (const Param& p : params) {
    Refusal bad;
    if (rules.size && same_word(p.key, "size")) bad = take_size(p, out);
    else if (same_word(p.key, "body")) bad = take_body(p, out);
    else if (same_word(p.key, "envid")) bad = rules.dsn ? take_envid(p, out) : no_dsn("ENVID");
    else if (same_word(p.key, "ret")) bad = rules.dsn ? take_ret(p, out) : no_dsn("RET");
    else if (same_word(p.key, "auth")) bad = take_auth(p, out);
    else if (rules.deliver_by && same_word(p.key, "by")) bad = take_by(p, out);
    else bad = unrecognized(p);
    if (bad) return bad;
  }
  return std::nullopt;
}

std::optional<Reply> parse_rcpt_params(const std::vector<Param>& params, const ParamRules& rules, RcptParams& out) {
  for (const Param& p : params) {
    Refusal bad;
    if (same_word(p.key, "notify")) bad = rules.dsn ? take_notify(p, out) : no_dsn("NOTIFY");
    else if (same_word(p.key, "orcpt")) bad = rules.dsn ? take_orcpt(p, out) : no_dsn("ORCPT");
    else bad = unrecognized(p);
    if (bad) return bad;
  }
  return std::nullopt;
}

}  // namespace hky::smtp
