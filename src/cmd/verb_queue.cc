// `hikyaku queue list|show|hold|release|flush|purge|idle`: the operator's hand on the queue (issue 3, requirement C2).
// Asks the engine; where none runs a one-shot one is started. Exit codes: 0 done, 64 usage, 69 no such message, 75 try later.
#include <cstdio>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/sysexits.h"
#include "cmd/engine_access.h"
#include "cmd/queue_words.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

constexpr const char* kUsage =
    "usage: hikyaku queue list [--json] [--rcpt TEXT] [--sender TEXT]\n"
    "       hikyaku queue show ID [--json]\n"
    "       hikyaku queue hold|release|flush|purge ID... | --all | --rcpt TEXT | --sender TEXT\n"
    "       hikyaku queue idle [--wait SECONDS]\n";

struct Words {
  std::string verb;
  std::vector<std::string> ids, rcpt, sender;
  bool json_out = false, all = false;
  double wait = 0;
  std::string problem;
};

Words parse(const std::vector<std::string>& args) {
  Words w;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& a = args[i];
    const bool has_next = i + 1 < args.size();
    if (a == "--json") w.json_out = true;
    else if (a == "--all") w.all = true;
    else if (a == "--rcpt" && has_next) w.rcpt.push_back(args[++i]);
    else if (a == "--sender" && has_next) w.sender.push_back(args[++i]);
    else if (a == "--wait" && has_next) w.wait = std::strtod(args[++i].c_str(), nullptr);
    else if (a.starts_with("--")) w.problem = "unknown option " + a;
    else if (w.verb.empty()) w.verb = a;
    else w.ids.push_back(a);
  }
  if (w.verb.empty()) w.problem = "which action?";
  return w;
}

json request(const Words& w) {
  json j{{"verb", "queue." + w.verb}};
  if (w.all) j["all"] = true;
  if (!w.ids.empty()) j["ids"] = w.ids;
  if (!w.rcpt.empty()) j["rcpt"] = w.rcpt;
  if (!w.sender.empty()) j["sender"] = w.sender;
  if (w.verb == "show" && !w.ids.empty()) j["id"] = w.ids.front();
  if (w.verb == "idle") j["wait"] = w.wait;
  return j;
}

void print_message(const json& m) {
  std::string flags;
  if (m.value("busy", false)) flags += " (being delivered)";
  if (m.value("held", false)) flags += " (held)";
  if (m.contains("quarantine")) flags += " (quarantined: " + m["quarantine"].get<std::string>() + ")";
  fmt::print("{}  {} bytes  since {}  from <{}>{}\n", m.value("id", ""), m.value("size", 0ull), when(m.value("created", 0ll)),
             m.value("sender", ""), flags);
  for (const auto& r : m["rcpts"]) {
    fmt::print("    {}  {}", r.value("address", ""), r.value("state", ""));
    if (r.contains("last_reply")) fmt::print("  last answer: {}", r.value("last_reply", ""));
    fmt::print("\n");
  }
  if (!m.value("held", false) && m.value("tries", 0) > 0) fmt::print("    next try {}\n", when(m.value("next_try", 0ll)));
}

void print_answer(const Words& w, const admin::Frame& frame, const json& answer) {
  if (w.verb == "list") {
    for (const auto& m : answer["messages"]) {
      if (w.json_out) fmt::print("{}\n", m.dump(-1, ' ', false, json::error_handler_t::replace));
      else print_message(m);
    }
  } else if (w.verb == "show") {
    if (w.json_out) fmt::print("{}\n", answer["message"].dump(-1, ' ', false, json::error_handler_t::replace));
    else print_message(answer["message"]);
    if (!w.json_out) std::fwrite(frame.blob.data(), 1, frame.blob.size(), stdout);
  } else if (w.verb != "idle") {
    if (w.json_out) fmt::print("{}\n", json{{"changed", answer["changed"]}}.dump());
    else fmt::print("{} message(s)\n", answer.value("changed", 0));
  }
}

}  // namespace

int verb_queue(const Invocation& call) {
  const Words w = parse(call.args);
  static constexpr std::string_view kActions[] = {"list", "show", "hold", "release", "flush", "purge", "idle"};
  bool known = false;
  for (auto action : kActions) known = known || w.verb == action;
  if (!w.problem.empty() || !known || (w.verb == "show" && w.ids.size() != 1)) {
    fmt::print(stderr, "hikyaku queue: {}\n{}", w.problem.empty() ? "bad arguments" : w.problem, kUsage);
    return EX_USAGE;
  }
  EngineAccess engine(call);
  const auto limit = std::chrono::seconds(60 + static_cast<int64_t>(w.wait));
  auto reply = engine.ask(admin::Frame(request(w).dump(), ""), limit);
  if (!reply.ok()) {
    fmt::print(stderr, "hikyaku queue: {}\n", reply.error().text);
    return EX_TEMPFAIL;
  }
  const json answer = json::parse(reply->json, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false)) {
    fmt::print(stderr, "hikyaku queue: {}\n", answer.is_object() ? answer.value("error", "refused") : "unreadable answer");
    return answer.is_object() && answer.value("temporary", false) ? EX_TEMPFAIL : EX_UNAVAILABLE;
  }
  print_answer(w, *reply, answer);
  if (w.verb == "idle" && !answer.value("idle", false)) return EX_TEMPFAIL;
  return EX_OK;
}

}  // namespace hky::cmd
