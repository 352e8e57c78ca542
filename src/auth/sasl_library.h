// SaslLibrary: Cyrus SASL itself, for the auth process only: it reads secrets (sasldb, keytabs) and waits for saslauthd, so its
// calls block. Configuration is the site's Sendmail.conf (pwcheck_method, mech_list, sasldb_path).
// Threads: the library from any; one dialogue from one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ipc/sasl.h"

namespace hky::auth {

class SaslDialogue {
 public:
  virtual ~SaslDialogue() = default;
  virtual ipc::SaslStep start(const std::string& mechanism, const std::optional<std::string>& initial) = 0;
  virtual ipc::SaslStep step(std::string_view response) = 0;
};

class SaslLibrary {
 public:
  virtual ~SaslLibrary() = default;
  virtual ipc::SaslMechanisms mechanisms(const ipc::SaslRequest& request) = 0;
  virtual std::unique_ptr<SaslDialogue> begin(const ipc::SaslRequest& request) = 0;   // null: SASL is out of order
};

// Initialised when first called. `config_path`: where Sendmail.conf is looked for, directories with ':' between; the library's own
// if empty. The first call's counts, since the library has one configuration a process.
SaslLibrary& cyrus_sasl(const std::string& config_path = "");
// What an operator should hear about that configuration; "" nothing.
std::string cyrus_sasl_warning();

}  // namespace hky::auth
