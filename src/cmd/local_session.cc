#include "cmd/local_session.h"

#include <nlohmann/json.hpp>

#include "admin/json_field.h"
#include "cf/options.h"
#include "cmd/submission.h"
#include "receive/session.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

Error not_yours(const std::string& what) {
  return permanent_error("only root and the mail system's own user may use " + what + " with -bs", 550, "5.7.0");
}

// What the command line changes of the configuration, in `request`; false where it changes nothing.
Result<bool> take_changes(const json& j, bool privileged, RuntimeRequest& request) {
  bool changed = false;
  if (const std::string file = admin::field(j, "config_file", ""); !file.empty()) {
    if (!privileged) return not_yours("another configuration file (-C " + file + ")");
    request.config_file = file;
    changed = true;
  }
  for (const json& word : admin::list_field(j, "options")) {
    cf::Override o;
    o.letter = static_cast<unsigned char>(admin::field(word, "letter", 0));
    o.name = admin::field(word, "name", "");
    o.value = admin::field(word, "value", "");
    const cf::OptionInfo* spec = o.letter != 0 ? cf::option_by_code(o.letter) : cf::find_option(o.name).option;
    if (!privileged && (spec == nullptr || !spec->safe)) return not_yours("option " + (o.letter != 0 ? std::string(1, static_cast<char>(o.letter)) : o.name));
    request.options.push_back(std::move(o));
    changed = true;
  }
  for (const json& pair : admin::list_field(j, "macros")) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) continue;
    if (!privileged) return not_yours("a macro (-M)");
    request.macros.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
    changed = true;
  }
  return changed;
}

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
