// Sasl: SASL mechanisms for our servers, by Cyrus SASL (design, section 7), behind an interface that knows no library.
// Configuration is the site's Sendmail.conf (pwcheck_method, mech_list, sasldb). Who calls it: receive; later serve.
// Exchanges with sasldb answer at once; pwcheck_method saslauthd waits for that daemon.
// Threads: cyrus_sasl() from any; one exchange from one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hky::auth {

struct SaslStep {
  enum class Kind { kChallenge, kDone, kFailed, kTempFail, kNoMechanism } kind = Kind::kFailed;
  std::string challenge;     // bytes, not base64
  SaslStep() = default;
};

// One AUTH command's dialogue.
class SaslExchange {
 public:
  virtual ~SaslExchange() = default;
  virtual SaslStep start(const std::string& mechanism, const std::optional<std::string>& initial) = 0;
  virtual SaslStep step(std::string_view response) = 0;
  virtual std::string user() const = 0;       // who it is, after kDone
};

struct SaslRequest {
  std::string host;          // $j
  std::string realm;         // AuthRealm, or "": the host
  std::string mechanisms;    // AuthMechanisms
  std::string options;       // AuthOptions letters (p: no plain text without protection, y: no anonymous, d: no dictionary ...)
};

class Sasl {
 public:
  virtual ~Sasl() = default;
  // What may be offered: those of request.mechanisms, in its order, that the library has; "" none.
  virtual std::string offered(const SaslRequest& request) = 0;
  virtual std::unique_ptr<SaslExchange> begin(const SaslRequest& request) = 0;   // null: SASL is out of order
};

// The library, initialised when first asked.
Sasl& cyrus_sasl();

}  // namespace hky::auth
