// Sasl: SASL mechanisms for our servers, as receive (later serve) sees them. The work is done by Cyrus SASL in the auth process
// (remote_sasl.h asks it, serve_sasl.h answers); whoever uses this sees neither the library nor a secret.
// Threads: Sasl from any loop; one exchange on the loop of its session.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ipc/sasl.h"
#include "net/loop.h"

namespace hky::auth {

using ipc::SaslRequest;
using ipc::SaslStep;

// One AUTH command's dialogue. When it goes, the other end forgets it.
class SaslExchange {
 public:
  virtual ~SaslExchange() = default;
  // Both answer within a minute; kTempFail where nobody does.
  virtual net::Task<SaslStep> start(net::Loop& loop, std::string mechanism, std::optional<std::string> initial) = 0;
  virtual net::Task<SaslStep> step(net::Loop& loop, std::string response) = 0;
};

struct SaslOffer {
  bool known = false;        // false: SASL is out of order, and what it would have is not known
  std::string mechanisms;    // those of request.mechanisms, in its order, that there are: "DIGEST-MD5 CRAM-MD5"; "" none
};

class Sasl {
 public:
  virtual ~Sasl() = default;
  // Answered from memory but for the first time.
  virtual net::Task<SaslOffer> offered(net::Loop& loop, SaslRequest request) = 0;
  virtual std::unique_ptr<SaslExchange> begin(const SaslRequest& request) = 0;
};

}  // namespace hky::auth
