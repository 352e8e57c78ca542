// AUTH (RFC 4954; sendmail: srvrsmtp.c CMDAUTH, CMDAUTHRESPONSE). Who may do what once authenticated is the rulesets' business:
// {auth_type}, {auth_authen}, {auth_author}. The secrets are the auth process's (auth/remote_sasl.h).
#include <fmt/format.h>

#include "base/strings.h"
#include "proto/mail/mime.h"
#include "receive/session.h"
#include "receive/transaction.h"

namespace hky::receive {
namespace {

constexpr unsigned kMostAuths = 25;   // dialogues begun in one session (as many as sendmail's MAXBADCOMMANDS); it ends there
constexpr unsigned kMostSteps = 32;   // answers of one dialogue; no mechanism needs ten

bool names(std::string_view list, std::string_view mechanism) {
  for (std::string_view word : split_words(list))
    if (iequals(word, mechanism)) return true;
  return false;
}

// Whole groups of four without blanks, as libsasl2 has it; mail::base64_decode() is more forgiving.
bool decode(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0 || text.find_first_of(" \t\r\n") != std::string_view::npos) return false;
  return mail::base64_decode(text, out);
}

// sendmail: xtextify(user, "<>\")"): nothing in {auth_authen} may upset a header line or a rule.
std::string xtext(std::string_view user) {
  std::string out;
  for (char c : user) {
    const auto u = static_cast<unsigned char>(c);
    if (u <= ' ' || u > '~' || std::string_view("+=<>\")").find(c) != std::string_view::npos) out += fmt::format("+{:02X}", u);
    else out += c;
  }
  return out;
}

}  // namespace

auth::SaslRequest Session::sasl_request() const {
  auth::SaslRequest r;
  r.host = host();
  r.realm = options().auth_realm;
  r.mechanisms = options().auth_mechanisms;
  r.options = options().auth_options;
  std::erase(r.options, 'p');
  if (features_.layer_needed) r.options += 'p';
  return r;
}

net::Task<auth::SaslOffer> Session::auth_offer() const {
  auth::SaslOffer offer;
  if (services_.sasl == nullptr || !features_.auth) {
    offer.known = true;
    co_return offer;
  }
  auth::SaslRequest request = sasl_request();
  offer = co_await services_.sasl->offered(services_.loop, std::move(request));
  co_return offer;
}

net::Task<> Session::on_auth(smtp::event::Auth command) {
  auth::SaslOffer offer = co_await auth_offer();
  if (!offer.known) co_return answer(454, "4.3.0", "Temporary authentication failure");
  if (offer.mechanisms.empty()) co_return answer(503, "5.3.3", "AUTH not available");
  if (!auth_type_.empty()) co_return answer(503, "5.5.0", "Already Authenticated");
  if (core_->in_transaction()) co_return answer(503, "5.5.0", "AUTH not permitted during a mail transaction");
  if (command.mechanism.empty()) co_return answer(501, "5.5.2", "AUTH mechanism must be specified");
  if (!names(offer.mechanisms, command.mechanism))
    co_return answer(504, "5.3.3", fmt::format("AUTH mechanism {} not available", route::shorten(command.mechanism, 32)));
  if (++auths_ > kMostAuths) co_return answer(421, "4.7.0", fmt::format("{} Too many AUTH commands; closing connection", host()));
  // RFC 4954 4: "=" is an empty initial response.
  std::optional<std::string> initial;
  if (command.initial) {
    initial.emplace();
    if (*command.initial != "=" && !decode(*command.initial, *initial)) {
      const std::string shown = route::shorten(*command.initial, 32);
      const int code = command.initial->size() % 4 == 0 ? -5 : 1;   // SASL_BADPROT, SASL_CONTINUE
      log(6, "", fmt::format("AUTH decode64 error [{} for \"{}\"], relay={}", code, shown, client_.shown));
      co_return answer(501, "5.5.4", fmt::format("cannot BASE64 decode '{}'", shown));
    }
  }
  const auth::SaslRequest request = sasl_request();
  exchange_ = services_.sasl->begin(request);
  mechanism_ = command.mechanism;
  auth_steps_ = 0;
  std::string library_name = upper(mechanism_);
  auth::SaslStep step = co_await exchange_->start(services_.loop, std::move(library_name), std::move(initial));
  take_auth_step(step);
}

net::Task<> Session::on_auth_response(smtp::event::AuthResponse response) {
  if (!exchange_) co_return answer(503, "5.3.3", "AUTH not available");
  if (response.line == "*") co_return end_auth(501, "5.0.0", "AUTH aborted");
  std::string bytes;
  if (++auth_steps_ > kMostSteps || !decode(response.line, bytes))
    co_return end_auth(501, "5.5.4", fmt::format("cannot decode AUTH parameter {}", route::shorten(response.line, route::kMaxShort)));
  auth::SaslStep step = co_await exchange_->step(services_.loop, std::move(bytes));
  take_auth_step(step);
}

void Session::end_auth(int code, const char* enhanced, std::string text) {
  exchange_.reset();
  answer(code, enhanced, std::move(text));
}

void Session::take_auth_step(const auth::SaslStep& step) {
  using Kind = auth::SaslStep::Kind;
  switch (step.kind) {
    case Kind::kChallenge: return core_->answer(smtp::Reply(334, "", mail::base64_encode(step.challenge, 0)));
    case Kind::kDone:
      auth_user_ = xtext(step.user);
      auth_type_ = mechanism_;
      auth_ssf_ = step.ssf;
      services_.log.line(9, LogPriority::kInfo, "", fmt::format("AUTH=server, relay={}, authid={}, mech={}, bits={}", client_.shown,
                                                                route::shorten(step.user, 128), route::shorten(auth_type_, 16), auth_ssf_));
      return end_auth(235, "2.0.0", "OK Authenticated");
    case Kind::kTempFail:
      log(5, "", fmt::format("AUTH temporary failure ({}): {}, relay={}", mechanism_, step.problem, client_.shown));
      return end_auth(454, "4.3.0", "Temporary authentication failure");
    case Kind::kNoMechanism: return end_auth(504, "5.3.3", fmt::format("AUTH mechanism {} not available", route::shorten(mechanism_, 32)));
    case Kind::kFailed:
      log(5, "", fmt::format("AUTH failure ({}): {}, user={}, relay={}", mechanism_, step.problem, step.user, client_.shown));
      return end_auth(535, "5.7.0", "authentication failed");
  }
}

// sendmail: mail_esmtp_args(): ruleset trust_auth says whether the client may speak for another; if not, the message is nobody's
// (RFC 4954 5), and no answer tells.
net::Task<> Session::take_author(Transaction& t) {
  if (!t.params.has_auth) co_return;
  t.scope.set(cf::kN_auth_author, t.params.auth);
  if (t.params.auth.empty() || t.params.auth == "<>") co_return;
  policy::Verdict v = co_await policy::rs_check(t.ctx, "trust_auth", policy::one_argument(t.params.auth));
  if (v.accept) co_return;
  const smtp::Reply said = policy::with_address(v.reply, t.sender_shown);
  std::string line = fmt::format("ruleset=trust_auth, arg1={}, relay={}, reject={} {} {}", t.params.auth, client_.shown, said.code,
                                 said.enhanced, said.lines[0]);
  services_.log.line(9, LogPriority::kInfo, "", line);
  t.params.auth = "<>";
}

}  // namespace hky::receive
