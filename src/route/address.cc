// sendmail: parseaddr.c parseaddr(), buildaddr(): from what was written to mailer, host and user.
#include "route/address.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/sysexits.h"

namespace hky::route {
namespace {

using rewrite::Token;
using rewrite::Tokens;

bool is_meta(const Token& token, cf::Meta meta) { return token.size() == 1 && token[0] == static_cast<char16_t>(meta); }

// sendmail: the words $#error $@ may hold instead of D.S.N.
int exit_of_word(std::string_view word) {
  struct Entry { std::string_view name; int code; };
  constexpr Entry kWords[] = {{"usage", EX_USAGE},       {"nouser", EX_NOUSER},     {"nohost", EX_NOHOST}, {"unavailable", EX_UNAVAILABLE},
                              {"software", EX_SOFTWARE}, {"tempfail", EX_TEMPFAIL}, {"protocol", EX_PROTOCOL}, {"config", EX_CONFIG}};
  if (word.find('.') != std::string_view::npos) return exit_of_dsn(word);
  if (!word.empty() && is_digit(word[0])) {
    int n = 0;
    for (size_t i = 0; i < word.size() && is_digit(word[i]) && n < 1000; ++i) n = n * 10 + (word[i] - '0');
    return n;
  }
  for (const Entry& e : kWords) {
    if (iequals(e.name, word)) return e.code;
  }
  return EX_UNAVAILABLE;
}

bool looks_like_dsn(std::string_view s) {
  const auto parts = split(s, '.');
  if (parts.size() != 3 || parts[0].size() != 1) return false;
  if (parts[0] != "2" && parts[0] != "4" && parts[0] != "5") return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && part.size() <= 3 && std::all_of(part.begin(), part.end(), [](char c) { return is_digit(c); });
  });
}

bool has_smtp_code(std::string_view s) {
  return s.size() > 3 && (s[0] == '4' || s[0] == '5') && is_digit(s[1]) && is_digit(s[2]) && s[3] == ' ';
}

void say(rewrite::Context& ctx, Address& a, std::string text) {
  if (ctx.trace != nullptr) ctx.trace->error(text);
  a.messages.push_back(std::move(text));
}

// What rulesets and maps said ("x.example: Name server timeout"); the trace has heard it already.
void keep(Address& a, const rewrite::Outcome& out) {
  a.messages.insert(a.messages.end(), out.errors.begin(), out.errors.end());
  if (a.deferral.empty()) a.deferral = out.deferral;
}

// sendmail: badaddr: of buildaddr().
void bad_address(rewrite::Context& ctx, Address& a, std::string text, int exit_code) {
  a.is_error = true;
  if (a.error_exit == 0) a.error_exit = exit_code;
  a.error_text = text;
  say(ctx, a, std::move(text));
}

// A ruleset 0 that does not resolve: nothing of the triple is kept (sendmail: syserr(), badaddr).
void unresolved(rewrite::Context& ctx, Address& a, std::string text) {
  a.mailer = nullptr;
  a.host.clear();
  a.user.clear();
  bad_address(ctx, a, std::move(text), EX_SOFTWARE);
}

// $#error $@ host $: user.
void error_address(rewrite::Context& ctx, Address& a, bool has_host) {
  if (has_host) {
    a.error_exit = exit_of_word(a.host);
    if (a.host.find('.') != std::string::npos) a.status = a.host;
  } else {
    a.error_exit = EX_UNAVAILABLE;
  }
  if (a.error_exit == EX_TEMPFAIL) a.temp_fail = true;
  const std::string text = rewrite::strip_quotes(a.user);
  if (!has_smtp_code(text)) return bad_address(ctx, a, "553 5.3.0 " + text, a.error_exit);
  if (text[0] == '4') a.temp_fail = true;
  const std::string_view rest = std::string_view(text).substr(4);
  const size_t blank = rest.find(' ');
  const bool own_dsn = blank != std::string_view::npos && looks_like_dsn(rest.substr(0, blank));
  if (!own_dsn && looks_like_dsn(a.host)) {
    return bad_address(ctx, a, fmt::format("{} {} {}", text.substr(0, 3), a.host, rest), a.error_exit);
  }
  bad_address(ctx, a, text, a.error_exit);
}

// The triple as ruleset 0 left it: $# mailer $@ host... $: user...
struct Triple {
  std::string mailer;
  Tokens host, user;
  bool has_host = false;
  std::string_view problem;  // "no mailer in parsed address"
};

Triple split_triple(const Tokens& tokens) {
  Triple t;
  size_t i = 0;
  if (tokens.empty() || !is_meta(tokens[0], cf::kCanonNet)) {
    t.problem = "no mailer in parsed address";
    return t;
  }
  if (++i >= tokens.size()) {
    t.problem = "no mailer name";
    return t;
  }
  t.mailer = rewrite::to_bytes(tokens[i++]);
  const bool at_host = i < tokens.size() && is_meta(tokens[i], cf::kCanonHost);
  if (at_host) ++i;
  const size_t host_from = i;
  while (i < tokens.size() && !is_meta(tokens[i], cf::kCanonUser)) ++i;
  if (i >= tokens.size()) {
    t.problem = "no user";
    return t;
  }
  if (at_host && i > host_from) {
    t.has_host = true;
    t.host.assign(tokens.begin() + static_cast<std::ptrdiff_t>(host_from), tokens.begin() + static_cast<std::ptrdiff_t>(i));
  }
  t.user.assign(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1, tokens.end());
  return t;
}

// sendmail: "do special mapping for local mailer". True: an :include:, which needs no rewriting.
bool map_special(const cf::Config& config, Address& a, std::string_view user) {
  const cf::Mailer& m = *a.mailer;
  if (user.starts_with('"')) user.remove_prefix(1);
  const auto become = [&](std::string_view name) {
    if (const cf::Mailer* other = config.find_mailer(name)) a.mailer = other;
  };
  if (user.starts_with('|') && m.flag('|')) {
    become("prog");
  } else if (user.starts_with('/') && m.flag('/')) {
    become("*file*");
  } else if (user.starts_with(':') && m.flag(':')) {
    const std::string plain = rewrite::strip_quotes(a.user);
    if (starts_with_i(plain, ":include:")) {
      become("*include*");
      a.user = plain.substr(9);
      return true;
    }
  }
  return false;
}

// sendmail: ruleset queuegroup: $# names the queue group of an envelope recipient; a group that there is not counts for nothing.
net::Task<> choose_queue_group(rewrite::Context& ctx, Address& a) {
  if (ctx.config.find_ruleset("queuegroup") == nullptr) co_return;
  rewrite::PrescanResult scanned = rewrite::prescan(a.user, '\0', ctx.config, rewrite::TokenTable::kExternal);
  if (scanned.tokens.empty()) co_return;
  rewrite::Outcome out = co_await rewrite::evaluate(ctx, "queuegroup", std::move(scanned.tokens));
  if (out.tokens.size() < 2 || !is_meta(out.tokens[0], cf::kCanonNet)) co_return;
  const std::string chosen = rewrite::to_bytes(out.tokens[1]);
  if (const cf::QueueGroup* group = ctx.config.find_queue_group(chosen)) a.queue_group = group->name;
  else if (ctx.reasons != nullptr) ctx.reasons->add(Remark{fmt::format("can't find queue group name {}, selection ignored", chosen)});
}

}  // namespace

net::Task<> build_address(rewrite::Context& ctx, Address& a, Tokens tokens) {
  Triple t = split_triple(tokens);
  if (!t.problem.empty()) {
    unresolved(ctx, a, fmt::format("554 5.3.5 buildaddr: {}", t.problem));
    co_return;
  }
  if (t.has_host) a.host = rewrite::cataddr(t.host, ctx.config);
  a.user = rewrite::cataddr(t.user, ctx.config, ' ');
  if (iequals(t.mailer, "error")) {
    error_address(ctx, a, t.has_host);
    co_return;
  }
  a.mailer = ctx.config.find_mailer(t.mailer);
  if (a.mailer == nullptr) {
    unresolved(ctx, a, fmt::format("554 5.3.5 buildaddr: unknown mailer {}", t.mailer));
    co_return;
  }
  if (!t.has_host && !a.mailer->flag('l')) {
    unresolved(ctx, a, "554 5.3.5 buildaddr: no host");
    co_return;
  }
  std::string_view user = a.user;
  if (a.mailer->flag('@') && user.starts_with('@')) {
    user.remove_prefix(1);
    t.user.erase(t.user.begin());
    a.no_rule5 = true;
  }
  if (map_special(ctx.config, a, user)) co_return;
  a.queue_group = a.mailer->queue_group;

  cf::NameId host_macro = 'h';
  if (t.has_host) {
    ctx.scope.set(host_macro, a.host);
  } else {
    ctx.scope.unset(host_macro);
  }
  rewrite::Outcome out = co_await rewrite::evaluate(ctx, "2", std::move(t.user));
  keep(a, out);
  if (a.mailer->rcpt_envelope_rwset > 0) {
    std::string ruleset = std::to_string(a.mailer->rcpt_envelope_rwset);
    out = co_await rewrite::evaluate(ctx, std::move(ruleset), std::move(out.tokens));
    keep(a, out);
  }
  out = co_await rewrite::evaluate(ctx, "4", std::move(out.tokens));
  keep(a, out);
  a.user = rewrite::cataddr(out.tokens, ctx.config);
  if (!a.mailer->flag('h')) lower_in_place(a.host);
  if (!a.mailer->flag('u')) lower_in_place(a.user);
}

std::string_view Address::mailer_name() const {
  if (mailer != nullptr) return mailer->name;
  return is_error ? "*error*" : "";
}

net::Task<Address> parse_address(rewrite::Context& ctx, std::string address, Role role) {
  Address a;
  a.paddr = address;
  rewrite::PrescanResult scanned = rewrite::prescan(address, '\0', ctx.config, rewrite::TokenTable::kExternal);
  for (std::string& error : scanned.errors) say(ctx, a, std::move(error));
  if (scanned.tokens.empty()) {
    a.unparsable = true;
    a.error_exit = EX_USAGE;
    if (!a.messages.empty()) a.error_text = a.messages.back();
    co_return a;
  }
  std::string invalid = invalid_address(address, !is_sender(role));
  if (!invalid.empty()) {
    a.unparsable = true;
    bad_address(ctx, a, std::move(invalid), EX_USAGE);
    co_return a;
  }
  rewrite::Outcome out = co_await rewrite::evaluate(ctx, "3", std::move(scanned.tokens));
  keep(a, out);
  bool queue_up = out.status == rewrite::RewriteStatus::kTempFail;
  out = co_await rewrite::evaluate(ctx, "0", std::move(out.tokens));
  keep(a, out);
  queue_up |= out.status == rewrite::RewriteStatus::kTempFail;
  co_await build_address(ctx, a, std::move(out.tokens));

  std::string control = control_characters(a.user, !is_sender(role));
  if (!control.empty()) {
    a.error_exit = EX_USAGE;
    a.error_text = control;
    say(ctx, a, std::move(control));
  }
  if (role == Role::kEnvelopeRcpt && !a.is_error) co_await choose_queue_group(ctx, a);
  if (queue_up) {
    a.queue_up = true;
    if (!a.is_error) {   // of one that is, its error is said
      a.status = "4.4.3";
      const bool deferred = ctx.config.options.delivery_mode == 'd';
      say(ctx, a, deferred ? "050 Deferring message until queue run" : "050 Transient parse error -- message queued for future delivery");
    }
  }
  if (ctx.reasons != nullptr) {
    AddressResolved resolved{a.paddr, std::string(a.mailer_name()), a.host, a.user};
    ctx.reasons->add(std::move(resolved));
  }
  co_return a;
}

}  // namespace hky::route
