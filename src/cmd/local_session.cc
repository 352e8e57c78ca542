#include "cmd/local_session.h"

#include <nlohmann/json.hpp>

#include "admin/json_field.h"
#include "cmd/request_changes.h"
#include "cmd/submission.h"
#include "receive/session.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

net::Task<> answer(net::Loop& loop, net::Stream& stream, Result<> how) {
  json j{{"ok", how.ok()}};
  if (!how.ok()) {
    j["error"] = how.error().text;
    j["temporary"] = how.error().temporary();
  }
  admin::Frame frame(j.dump(-1, ' ', false, json::error_handler_t::replace), "");
  const MonoTime until = loop.clock().mono() + std::chrono::seconds(60);
  auto sent = co_await admin::write_frame(stream, std::move(frame), until);
  (void)sent;
}

}  // namespace

net::Task<> LocalSessions::serve(admin::Caller caller, std::string request, std::unique_ptr<net::Stream> stream) {
  const json j = json::parse(request, nullptr, false);
  std::shared_ptr<const receive::Settings> settings = services_.settings();
  RuntimeRequest changed = base_;
  Result<bool> other = caller.uid ? take_changes(j, caller.privileged, changed) : Result<bool>(not_yours("a connection without a user"));
  Result<> verdict;
  if (!other.ok()) {
    verdict = other.error();
  } else if (*other) {
    auto made = read_(changed);
    if (made.ok()) settings = *made;
    else verdict = made.error();
  }
  co_await answer(services_.loop, *stream, verdict);
  if (!verdict.ok()) co_return;

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
