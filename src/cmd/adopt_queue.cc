#include "cmd/adopt_queue.h"

#include <chrono>

#include <nlohmann/json.hpp>

#include "cmd/engine_access.h"
#include "queue/drop.h"

namespace hky::cmd {
namespace {

using nlohmann::json;
namespace adopt = admin::adopt;

constexpr auto kLimit = std::chrono::seconds(120);

// The engine's answer, or its refusal as an Error.
Result<json> asked(EngineAccess& engine, json request, std::string blob = "") {
  HKY_TRY_ASSIGN(const admin::Frame reply, engine.ask(admin::Frame(request.dump(), std::move(blob)), kLimit));
  json answer = json::parse(reply.json, nullptr, false);
  if (!answer.is_object()) return temporary_error("unreadable answer of the engine");
  if (!answer.value("ok", false)) {
    const std::string why = answer.value("error", "refused");
    return answer.value("temporary", false) ? temporary_error(why) : permanent_error(why, 550, "5.0.0");
  }
  return answer;
}

json one_message(const char* verb, const std::string& id) { return json{{"verb", verb}, {"ids", json::array({id})}}; }

Result<> release_all(EngineAccess& engine, adopt::Keeper& keeper) {
  HKY_TRY_ASSIGN(const std::vector<std::string> ids, keeper.to_release());
  for (const std::string& id : ids) {
    HKY_TRY_ASSIGN(const json shown, asked(engine, json{{"verb", "queue.list"}}));
    for (const json& m : shown.value("messages", json::array())) {
      // releasing would end a quarantine, too
      if (m.value("id", "") == id && !m.contains("quarantine")) HKY_TRY(asked(engine, one_message("queue.release", id)));
    }
    HKY_TRY(keeper.note_released(id));
  }
  return {};
}

// As it came: nothing tried, nobody dropped. It is held from here on.
Result<bool> hold_untouched(EngineAccess& engine, const std::string& id, int tries, size_t rcpts) {
  HKY_TRY(asked(engine, one_message("queue.hold", id)));
  HKY_TRY_ASSIGN(const json all, asked(engine, json{{"verb", "queue.list"}}));
  for (const json& m : all.value("messages", json::array())) {
    if (m.value("id", "") != id) continue;
    if (!m.value("busy", false) && m.value("tries", 0) == tries && m.value("rcpts", json::array()).size() == rcpts) return true;
    if (!m.contains("quarantine")) HKY_TRY(asked(engine, one_message("queue.release", id)));
  }
  return false;
}

}  // namespace

Result<> take_over_queue(const Invocation& call, adopt::Keeper& keeper, const std::vector<adopt::Waiting>& waiting) {
  HKY_TRY_ASSIGN(const std::vector<std::string> left, keeper.to_release());
  bool any = !left.empty();
  for (const adopt::Waiting& w : waiting) any = any || w.problem.empty();
  if (!any) return {};
  EngineAccess engine(call);
  for (const adopt::Waiting& w : waiting) {
    if (!w.problem.empty()) continue;
    queue::Envelope envelope = w.file.envelope;
    envelope.held = envelope.quarantine_reason.empty();
    std::string blob = queue::encode_drop(envelope, w.message());
    if (blob.empty()) return permanent_error(w.qf + ": its envelope is too large", 552, "5.3.4");
    HKY_TRY_ASSIGN(const json answer, asked(engine, json{{"verb", "queue.take"}}, std::move(blob)));
    HKY_TRY(keeper.take_over(answer.value("id", ""), {w.qf, w.df}, envelope.tries, envelope.rcpts.size()));
  }
  return release_all(engine, keeper);
}

Result<std::vector<std::string>> give_back_all(const Invocation& call, adopt::Keeper& keeper) {
  EngineAccess engine(call);
  adopt::Keeper::QueueDoors doors;
  doors.hold = [&engine](const std::string& id, int tries, size_t rcpts) { return hold_untouched(engine, id, tries, rcpts); };
  doors.purge = [&engine](const std::string& id) -> Result<> {
    HKY_TRY(asked(engine, one_message("queue.purge", id)));
    return {};
  };
  return keeper.undo(doors);
}

}  // namespace hky::cmd
