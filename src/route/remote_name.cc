// sendmail: parseaddr.c remotename(): how an address is written when a message leaves by a given mailer.
#include <algorithm>

#include "route/address.h"

namespace hky::route {
namespace {

using rewrite::Tokens;

int mailer_ruleset(const cf::Mailer& m, Role role) {
  switch (role) {
    case Role::kEnvelopeSender: return m.sender_envelope_rwset;
    case Role::kHeaderSender: return m.sender_header_rwset;
    case Role::kEnvelopeRcpt: return m.rcpt_envelope_rwset;
    case Role::kHeaderRcpt: return m.rcpt_header_rwset;
  }
  return 0;
}

// One call of one ruleset; remembers a temporary failure.
net::Task<> apply(rewrite::Context& ctx, std::string ruleset, Tokens& tokens, RemoteName& result) {
  rewrite::Outcome out = co_await rewrite::evaluate(ctx, std::move(ruleset), std::move(tokens));
  tokens = std::move(out.tokens);
  if (out.status == rewrite::RewriteStatus::kTempFail) result.temp_fail = true;
}

bool has_at(const Tokens& tokens) {
  return std::any_of(tokens.begin(), tokens.end(), [](const rewrite::Token& t) { return t == u"@"; });
}

// The cracked form with $g filled in. The macro is set for the expansion only, as other uses of $g must not see it.
std::string fill_in(rewrite::Context& ctx, const cf::Text& fancy, const std::string& address) {
  cf::MacroScope inner(ctx.config, &ctx.scope);
  inner.set('g', address);
  return cf::expand_to_string(fancy, inner);
}

}  // namespace

net::Task<RemoteName> remote_name_of(rewrite::Context& ctx, std::string address, const cf::Mailer& mailer, Role role,
                                     Tokens from_domain, bool canonical) {
  RemoteName result;
  std::string addr_type = {is_header(role) ? 'h' : 'e', ' ', is_sender(role) ? 's' : 'r'};
  cf::NameId id = 0;
  if (ctx.config.names.find("addr_type", id)) ctx.scope.set(id, addr_type);
  cf::Text fancy = {cf::kMacroExpand, u'g'};
  if (!canonical && !mailer.flag('c')) {
    fancy = crack_address(address, ctx.config.options.must_quote_chars, ctx.config.options.colon_ok_in_addr);
  }
  rewrite::PrescanResult scanned = rewrite::prescan(address, '\0', ctx.config, rewrite::TokenTable::kExternal);
  for (std::string& error : scanned.errors) {
    if (ctx.trace != nullptr) ctx.trace->error(error);
    result.messages.push_back(std::move(error));
  }
  if (scanned.tokens.empty()) {
    result.address = std::move(address);
    co_return result;
  }
  Tokens tokens = std::move(scanned.tokens);
  co_await apply(ctx, "3", tokens, result);
  if (!from_domain.empty() && !has_at(tokens)) {
    // sendmail: M_CANONICAL: "eric" from decvax is "eric@decvax"
    tokens.insert(tokens.end(), from_domain.begin(), from_domain.end());
    co_await apply(ctx, "3", tokens, result);
  }
  std::string side(is_sender(role) ? "1" : "2");
  co_await apply(ctx, std::move(side), tokens, result);
  const int ruleset = mailer_ruleset(mailer, role);
  if (ruleset > 0) {
    std::string number = std::to_string(ruleset);
    co_await apply(ctx, std::move(number), tokens, result);
  }
  co_await apply(ctx, "4", tokens, result);
  const std::string plain = rewrite::cataddr(tokens, ctx.config);
  result.address = fill_in(ctx, fancy, plain);
  co_return result;
}

net::Task<std::string> remote_name(rewrite::Context& ctx, std::string address, const cf::Mailer& mailer, Role role, Tokens from_domain,
                                   bool canonical) {
  RemoteName named = co_await remote_name_of(ctx, std::move(address), mailer, role, std::move(from_domain), canonical);
  co_return std::move(named.address);
}

}  // namespace hky::route
