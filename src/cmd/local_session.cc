#include "cmd/local_session.h"

#include <nlohmann/json.hpp>

#include "admin/json_field.h"
#include "admin/replies.h"
#include "cmd/request_changes.h"
#include "cmd/snapshot.h"
#include "cmd/submission.h"
#include "receive/envelope_macros.h"
#include "receive/session.h"

namespace hky::cmd {

using nlohmann::json;

net::Task<> LocalSessions::serve(admin::Caller caller, json j, std::unique_ptr<net::Stream> stream) {
  const Result<BothSettings> found = caller.uid ? own_.of(j, caller.privileged, services_.settings()) : Result<BothSettings>(not_yours("a connection without a user"));
  admin::Frame reply = found.ok() ? admin::success() : admin::refusal(found.error());
  const MonoTime until = services_.loop.clock().mono() + std::chrono::seconds(60);
  Result<> sent = co_await admin::write_frame(*stream, std::move(reply), until);
  if (!sent.ok() || !found.ok()) co_return;

  const std::shared_ptr<const receive::Settings> settings = found->receive;
  receive::Services own = services_;
  own.settings = [settings] { return settings; };
  own.deliver_later = deliver_later_by(deliverer_, services_.loop, found->deliver);
  own.deliver_shown = deliver_shown_by(deliverer_, found->deliver);
  receive::SessionShared shared(own);
  std::optional<receive::Client> client = receive::local_client(user_name(*caller.uid));
  client->address = "0";   // sendmail: anynet_ntoa() of a pipe
  if (caller.privileged && j.contains("peer") && j["peer"].is_object()) {
    net::Endpoint peer;
    peer.address = admin::field(j["peer"], "address", "");
    peer.port = static_cast<uint16_t>(admin::field(j["peer"], "port", 0));
    client = co_await receive::resolve_client(services_.loop, services_.names, std::move(peer), settings->config->options.use_compressed_ipv6_addresses);
  }
  receive::Session session(shared, *stream, receive::no_daemon(settings->config->options, false), std::move(client));
  co_await session.run();
}

}  // namespace hky::cmd
