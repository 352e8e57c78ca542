// AUTH (RFC 4954; sendmail: srvrsmtp.c CMDAUTH, CMDAUTHRESPONSE). Who may do what once authenticated is the rulesets' business:
// {auth_type}, {auth_authen}, {auth_author}.
#include <fmt/format.h>

#include "base/strings.h"
#include "proto/mail/mime.h"
#include "receive/session.h"
#include "receive/transaction.h"

namespace hky::receive {

auth::SaslRequest Session::sasl_request() const {
  auth::SaslRequest r;
  r.host = host();
  r.realm = options().auth_realm;
  r.mechanisms = options().auth_mechanisms;
  r.options = options().auth_options;
  return r;
}

std::string Session::auth_offer() const {
  if (services_.sasl == nullptr) return "";
  return services_.sasl->offered(sasl_request());
}

void Session::on_auth(const smtp::event::Auth& command) {
  std::string offer = auth_offer();
  if (offer.empty()) return answer(503, "5.3.3", "AUTH not available");
  if (!auth_type_.empty()) return answer(503, "5.5.0", "Already Authenticated");
  if (core_->in_transaction()) return answer(503, "5.5.0", "AUTH not permitted during a mail transaction");
  if (command.mechanism.empty()) return answer(501, "5.5.2", "AUTH mechanism must be specified");
  bool known = false;
  for (std::string_view word : split_words(offer)) known = known || iequals(word, command.mechanism);
  exchange_ = known ? services_.sasl->begin(sasl_request()) : nullptr;
  if (!exchange_) return answer(504, "5.3.3", fmt::format("AUTH mechanism {} not available", route::shorten(command.mechanism, 32)));
  // RFC 4954 4: "=" is an empty initial response.
  std::optional<std::string> initial;
  if (command.initial) {
    initial.emplace();
    if (*command.initial != "=" && !mail::base64_decode(*command.initial, *initial)) {
      exchange_.reset();
      return answer(501, "5.5.4", fmt::format("cannot BASE64 decode '{}'", route::shorten(*command.initial, 32)));
    }
  }
  mechanism_ = upper(command.mechanism);
  take_auth_step(exchange_->start(mechanism_, initial));
}

void Session::on_auth_response(const smtp::event::AuthResponse& response) {
  if (!exchange_) return answer(503, "5.3.3", "AUTH not available");
  if (response.line == "*") {
    exchange_.reset();
    return answer(501, "5.0.0", "AUTH aborted");
  }
  std::string bytes;
  if (!mail::base64_decode(response.line, bytes)) {
    exchange_.reset();
    return answer(501, "5.5.4", fmt::format("cannot decode AUTH parameter {}", route::shorten(response.line, route::kMaxShort)));
  }
  take_auth_step(exchange_->step(bytes));
}

void Session::take_auth_step(auth::SaslStep step) {
  using Kind = auth::SaslStep::Kind;
  switch (step.kind) {
    case Kind::kChallenge: return core_->answer(smtp::Reply(334, "", mail::base64_encode(step.challenge, 0)));
    case Kind::kDone:
      auth_user_ = exchange_->user();
      auth_type_ = mechanism_;
      log(9, "", fmt::format("AUTH=server, relay={}, authid={}, mech={}, bits=0", client_.shown, auth_user_, auth_type_));
      answer(235, "2.0.0", "OK Authenticated");
      break;
    case Kind::kTempFail: answer(454, "4.3.0", "Temporary authentication failure"); break;
    case Kind::kNoMechanism: answer(504, "5.3.3", fmt::format("AUTH mechanism {} not available", mechanism_)); break;
    case Kind::kFailed:
      log(5, "", fmt::format("AUTH failure ({}): relay={}", mechanism_, client_.shown));
      answer(535, "5.7.0", "authentication failed");
      break;
  }
  exchange_.reset();
}

}  // namespace hky::receive
