// LocalSessions: the control socket's "smtp": the connection becomes an SMTP session of the command at its other end
// (sendmail -bs, also under inetd). mode_bs.cc asks:
//   {"verb":"smtp","config_file":F,"options":[{"letter":100,"name":"","value":"q"}],"macros":[["opMode","s"]],
//    "submit_cf":bool,"peer":{"address":A,"port":N}}     -> {"ok":true}, then the session's bytes; or a refusal and the end
// The session goes by the configuration file as it is, and by the options named here: those that the daemon was started with are the daemon's.
// Who the user is comes from the kernel's uid. Another configuration, options that are not safe, and a peer to speak for
// (inetd's client) are root's to name. sendmail: main.c MD_SMTP, OPTIONS safe for ordinary users.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "admin/control.h"
#include "cmd/kept_settings.h"
#include "deliver/deliverer.h"
#include "receive/services.h"

namespace hky::cmd {

class LocalSessions {
 public:
  // `services` lends doors and the configuration of now.
  LocalSessions(receive::Services& services, deliver::Deliverer& deliverer, CommandSettings& own) : services_(services), deliverer_(deliverer), own_(own) {}
  net::Task<> serve(admin::Caller caller, nlohmann::json request, std::unique_ptr<net::Stream> stream);

 private:
  receive::Services& services_;
  deliver::Deliverer& deliverer_;
  CommandSettings& own_;
};

}  // namespace hky::cmd
