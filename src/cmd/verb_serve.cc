// `hikyaku serve [--no-smtp] [--unconfined] [sendmail options]`: the daemon in the foreground, for service managers (--no-smtp: it
// delivers and takes what commands give it, and listens to no port); `hikyaku reload`: the new configuration.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/sysexits.h"
#include "cmd/engine_access.h"
#include "cmd/modes.h"

namespace hky::cmd {

int verb_serve(const Invocation& call) {
  Invocation with = call;
  for (; !with.args.empty() && with.args.front().starts_with("--"); with.args.erase(with.args.begin())) {
    if (with.args.front() == "--unconfined") {
      with.confined = false;
    } else if (with.args.front() == "--no-smtp") {
      with.receives = false;
    } else {
      fmt::print(stderr, "usage: hikyaku serve [--no-smtp] [--unconfined] [OPTIONS OF sendmail]\n");
      return EX_USAGE;
    }
  }
  with.args.insert(with.args.begin(), "-bD");
  return run_sendmail(with);
}

int verb_reload(const Invocation& call) {
  EngineAccess engine(call);
  auto reply = engine.ask_running(admin::Frame(R"({"verb":"reload"})", ""), std::chrono::seconds(60));
  if (!reply.ok()) {
    fmt::print(stderr, "hikyaku reload: {}\n", reply.error().text);
    return EX_TEMPFAIL;
  }
  const auto answer = nlohmann::json::parse(reply->json, nullptr, false);
  if (answer.is_object() && answer.value("ok", false)) return EX_OK;
  fmt::print(stderr, "hikyaku reload: {}\n", answer.is_object() ? answer.value("error", "refused") : "unreadable answer");
  return EX_CONFIG;
}

}  // namespace hky::cmd
