// The two answers of the control socket. Who calls it: control_server, and those who take a connection over.
#pragma once

#include <nlohmann/json.hpp>

#include "admin/frame.h"
#include "base/error.h"

namespace hky::admin {

inline Frame success(nlohmann::json j = nlohmann::json::object()) {
  j["ok"] = true;
  return Frame(j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "");
}

inline Frame refusal(const Error& e) {
  nlohmann::json j{{"ok", false}, {"error", e.text}, {"code", e.smtp_code}, {"enhanced", e.enhanced}, {"temporary", e.temporary()}};
  return Frame(j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "");
}

}  // namespace hky::admin
