// LocalSessions: the control socket's "smtp": the connection becomes an SMTP session of the command at its other end
// (sendmail -bs, also under inetd). mode_bs.cc asks:
//   {"verb":"smtp","config_file":F,"options":[{"letter":100,"name":"","value":"q"}],"macros":[["opMode","s"]],
//    "peer":{"address":A,"port":N}}     -> {"ok":true}, then the session's bytes; or a refusal and the end
// The session goes by the configuration file as it is, and by the options named here: those that the daemon was started with are the daemon's.
// Who the user is comes from the kernel's uid. Another configuration, options that are not safe, and a peer to speak for
// (inetd's client) are root's to name. sendmail: main.c MD_SMTP, OPTIONS safe for ordinary users.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "admin/control.h"
#include "cmd/kept_settings.h"
#include "receive/services.h"

namespace hky::cmd {

class LocalSessions {
 public:
  // `services` lends doors and the configuration of now; `engines` is how the engine's own was asked for.
  LocalSessions(receive::Services& services, const RuntimeRequest& engines) : services_(services), own_(engines) {}
  net::Task<> serve(admin::Caller caller, nlohmann::json request, std::unique_ptr<net::Stream> stream);

 private:
  Result<std::shared_ptr<const receive::Settings>> settings_for(const nlohmann::json& request, const admin::Caller& caller);

  receive::Services& services_;
  CommandSettings own_;
};

}  // namespace hky::cmd
