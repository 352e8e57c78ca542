#include "cmd/local_session.h"

#include <nlohmann/json.hpp>

#include "admin/json_field.h"
#include "admin/replies.h"
#include "cmd/request_changes.h"
#include "cmd/snapshot.h"
#include "cmd/submission.h"
#include "receive/session.h"

namespace hky::cmd {

using nlohmann::json;
net::Task<> LocalSessions::serve(admin::Caller caller, json j, std::unique_ptr<net::Stream> stream) {
  std::shared_ptr<const receive::Settings> settings = services_.settings();
  RuntimeRequest changed = base_;
  Result<bool> other = caller.uid ? take_changes(j, caller.privileged, changed) : Result<bool>(not_yours("a connection without a user"));
  Result<> verdict;
  if (!other.ok()) {
    verdict = other.error();
  } else if (*other) {
    auto made = read_both(changed);
    if (made.ok()) settings = made->receive;
    else verdict = made.error();
  }
  admin::Frame reply = verdict.ok() ? admin::success() : admin::refusal(verdict.error());
  const MonoTime until = services_.loop.clock().mono() + std::chrono::seconds(60);
  Result<> sent = co_await admin::write_frame(*stream, std::move(reply), until);
  if (!sent.ok() || !verdict.ok()) co_return;

  receive::Services own = services_;
  own.settings = [settings] { return settings; };
  receive::SessionShared shared(own);
  std::optional<receive::Client> client = receive::local_client(user_name(*caller.uid));
  if (caller.privileged && j.contains("peer") && j["peer"].is_object()) {
    net::Endpoint peer;
    peer.address = admin::field(j["peer"], "address", "");
    peer.port = static_cast<uint16_t>(admin::field(j["peer"], "port", 0));
    client = co_await receive::resolve_client(services_.loop, services_.names, std::move(peer));
  }
  receive::Session session(shared, *stream, receive::Daemon(), std::move(client));
  co_await session.run();
}

}  // namespace hky::cmd
