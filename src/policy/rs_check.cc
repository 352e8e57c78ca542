#include "policy/rs_check.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/strings.h"
#include "rewrite/program.h"

namespace hky::policy {
namespace {

using rewrite::Token;
using rewrite::Tokens;

bool is_meta(const Token& t, cf::Meta meta) { return t.size() == 1 && t[0] == static_cast<char16_t>(meta); }

bool is_dsn(std::string_view s) {
  auto parts = split(s, '.');
  if (parts.size() != 3 || parts[0].size() != 1 || (parts[0] != "2" && parts[0] != "4" && parts[0] != "5")) return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view p) {
    return !p.empty() && p.size() <= 3 && std::all_of(p.begin(), p.end(), [](char c) { return is_digit(c); });
  });
}

bool has_code(std::string_view s) { return s.size() > 3 && (s[0] == '4' || s[0] == '5') && is_digit(s[1]) && is_digit(s[2]) && s[3] == ' '; }

// $# mailer $@ host $: user
struct Answer { std::string mailer, host, user; };

bool read_answer(const Tokens& tokens, const cf::Config& config, Answer& out) {
  if (tokens.size() < 2 || !is_meta(tokens[0], cf::kCanonNet)) return false;
  out.mailer = rewrite::to_bytes(tokens[1]);
  size_t i = 2;
  if (i < tokens.size() && is_meta(tokens[i], cf::kCanonHost)) ++i;
  Tokens host, user;
  while (i < tokens.size() && !is_meta(tokens[i], cf::kCanonUser)) host.push_back(tokens[i++]);
  if (i < tokens.size()) user.assign(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1, tokens.end());
  out.host = rewrite::cataddr(host, config);
  out.user = rewrite::strip_quotes(rewrite::cataddr(user, config, ' '));
  return true;
}

void note(rewrite::Context& ctx, const std::string& ruleset, const Verdict& v) {
  if (ctx.reasons == nullptr) return;
  hky::Verdict said;
  said.check = ruleset;
  said.accept = v.accept;
  said.code = v.accept ? 250 : v.reply.code;
  said.text = v.discard ? "discard" : !v.quarantine.empty() ? "quarantine: " + v.quarantine : v.accept ? "" : v.reply.enhanced + " " + v.reply.lines[0];
  ctx.reasons->add(std::move(said));
}

}  // namespace

cf::Text one_argument(std::string_view a) {
  cf::Text out;
  out.reserve(a.size());
  for (char c : a) out += static_cast<char16_t>(static_cast<unsigned char>(c));
  return out;
}

cf::Text two_arguments(std::string_view a, std::string_view b) {
  return one_argument(a) + u' ' + static_cast<char16_t>(cf::kCondElse) + u' ' + one_argument(b);
}

bool has_check(const rewrite::Context& ctx, std::string_view ruleset) { return ctx.program->find_ruleset(ruleset) >= 0; }

// sendmail: usrerr() and usrerrenh(): no enhanced code: "5.0.0" or "4.0.0".
smtp::Reply reply_of_line(std::string_view line) {
  int code = 553;
  if (has_code(line)) {
    code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    line.remove_prefix(4);
  }
  std::string enhanced = code < 500 ? "4.0.0" : "5.0.0";
  size_t blank = line.find(' ');
  if (blank != std::string_view::npos && is_dsn(line.substr(0, blank))) {
    enhanced = std::string(line.substr(0, blank));
    line.remove_prefix(blank + 1);
  }
  return smtp::Reply(code, std::move(enhanced), std::string(line));
}

smtp::Reply error_reply(std::string_view host, std::string_view text) {
  if (!has_code(text)) return smtp::Reply(553, is_dsn(host) ? std::string(host) : "5.3.0", std::string(text));
  std::string_view rest = text.substr(4);
  size_t blank = rest.find(' ');
  bool own = blank != std::string_view::npos && is_dsn(rest.substr(0, blank));
  smtp::Reply r = reply_of_line(text);
  if (!own && is_dsn(host)) r.enhanced = std::string(host);
  return r;
}

// sendmail: fmtmsg(): only where the code speaks of a mailbox.
smtp::Reply with_address(smtp::Reply reply, std::string_view address) {
  if (reply.code != 450 && reply.code != 550 && reply.code != 553) return reply;
  reply.lines[0] = fmt::format("{}... {}", address, reply.lines[0]);
  return reply;
}

net::Task<Verdict> rs_check(rewrite::Context& ctx, std::string ruleset, cf::Text argument, CheckArgument kind) {
  Verdict v;
  if (!has_check(ctx, ruleset)) co_return v;
  bool plain = kind == CheckArgument::kUnstructured;
  rewrite::PrescanResult in =
      rewrite::prescan(argument, '\0', ctx.config, plain ? rewrite::TokenTable::kKeepComments : rewrite::TokenTable::kExternal, plain);
  if (in.refused) {
    v.accept = false;
    v.reply = reply_of_line(in.error.empty() ? "553 5.1.0 Address too long" : in.error);
    co_return v;
  }
  rewrite::Outcome out = co_await rewrite::evaluate(ctx, ruleset, std::move(in.tokens));
  Answer a;
  if (!read_answer(out.tokens, ctx.config, a)) co_return v;
  v.said = a.mailer;
  if (a.mailer == "discard") {
    v.discard = true;
  } else if (a.mailer == "error" && a.host == "quarantine") {
    v.quarantine = a.user.empty() ? ruleset : a.user;
  } else if (a.mailer == "error") {
    v.accept = false;
    v.reply = error_reply(a.host, a.user);
    v.dsn = is_dsn(a.host) ? a.host : v.reply.enhanced;
  }
  note(ctx, ruleset, v);
  co_return v;
}

}  // namespace hky::policy
