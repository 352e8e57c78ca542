// What a session offers its client, and asks of him: by PrivacyOptions, the daemon's M=, and, for this client, ruleset srv_features (entries
// Srv_Features: of the access map). sendmail: srvrsmtp.c srvfeatures().
#pragma once

#include "receive/services.h"

namespace hky::receive {

struct Features {
  bool expn = true, verb = true, etrn = true, dsn = true, pipelining = true;
  bool auth = true;
  bool auth_needed = false;      // MAIL only after AUTH
  bool layer_needed = false;     // no mechanism that shows the password without a security layer
  bool shows() const { return expn && verb; }   // VERB tells what EXPN does
};

Features features_of(const cf::Options& options, const Daemon& daemon);

// `client`: "name $| address". The ruleset's words: single letters, small ones give or demand, capitals take away: a AUTH, b VERB, c security layer, d DSN, e ETRN, l AUTH
// before MAIL, p PIPELINING, x EXPN. Others are left alone. False: it cannot be told for now; nothing is taken from this client.
net::Task<bool> ask_features(rewrite::Context& ctx, cf::Text client, Features& features);

}  // namespace hky::receive
