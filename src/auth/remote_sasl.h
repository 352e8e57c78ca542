// RemoteSasl: auth::Sasl by the auth process, over a socket pair. That process may go and come: attach() gives the connection to
// the new one. Exchanges of the old one answer kTempFail, or end with it where it is only being replaced.
#pragma once

#include <memory>

#include "auth/sasl.h"
#include "net/stream.h"

namespace hky::auth {

class RemoteSasl : public Sasl {
 public:
  // Connections live on `loop`.
  explicit RemoteSasl(net::Loop& loop);
  ~RemoteSasl() override;

  // On `loop`'s thread, or before it runs.
  void attach(std::unique_ptr<net::Stream> stream);
  bool connected() const;
  // How long the auth process is waited for. For tests; 60 s for an exchange, 10 s for an offer else.
  void set_patience(Duration most);

  net::Task<SaslOffer> offered(net::Loop& loop, SaslRequest request) override;
  std::unique_ptr<SaslExchange> begin(const SaslRequest& request) override;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace hky::auth
