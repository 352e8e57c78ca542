#include "receive/features.h"

#include "base/strings.h"
#include "policy/rs_check.h"

namespace hky::receive {
namespace {

bool* feature_of(Features& f, char letter) {
  switch (letter) {
    case 'a': return &f.auth;
    case 'b': return &f.verb;
    case 'c': return &f.layer_needed;
    case 'd': return &f.dsn;
    case 'e': return &f.etrn;
    case 'l': return &f.auth_needed;
    case 'p': return &f.pipelining;
    case 'x': return &f.expn;
    default: return nullptr;
  }
}

}  // namespace

Features features_of(const cf::Options& options, const Daemon& daemon) {
  const auto modified = [&daemon](char flag) { return daemon.flags.find(flag) != std::string::npos; };
  Features f;
  f.expn = !options.privacy(cf::kPrivNoExpn);
  f.verb = !options.privacy(cf::kPrivNoVerb);
  f.etrn = !options.privacy(cf::kPrivNoEtrn) && !modified('E');
  f.dsn = !options.privacy(cf::kPrivNoReceipts);
  f.auth = !modified('A');
  f.auth_needed = modified('a');
  f.layer_needed = options.auth_options.find('p') != std::string::npos;
  return f;
}

net::Task<bool> ask_features(rewrite::Context& ctx, cf::Text client, Features& features) {
  if (!policy::has_check(ctx, "srv_features")) co_return true;
  rewrite::PrescanResult in = rewrite::prescan(client, '\0', ctx.config, rewrite::TokenTable::kExternal);
  const rewrite::Outcome out = co_await rewrite::evaluate(ctx, "srv_features", std::move(in.tokens));
  const rewrite::Token call(1, cf::kCanonNet);
  if (out.tokens.size() < 2 || out.tokens[0] != call) co_return true;
  if (rewrite::to_bytes(out.tokens[1]) == "temp") co_return false;
  for (size_t i = 1; i < out.tokens.size(); ++i) {
    const std::string word = rewrite::to_bytes(out.tokens[i]);
    bool* const feature = word.size() == 1 ? feature_of(features, lower(word[0])) : nullptr;
    if (feature != nullptr) *feature = lower(word[0]) == word[0];
  }
  co_return true;
}

}  // namespace hky::receive
