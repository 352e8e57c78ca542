// What commands that speak of the queue have in common: -q's words as the control socket takes them (admin/queue_select.h), times.
// Who calls it: mode_bd (queue runs), mode_bp (mailq), verb_queue, verb_explain.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cmd/sendmail_options.h"

namespace hky::cmd {

void write_selection(nlohmann::json& request, const SendmailOptions& options);
// "2026-11-25 10:00:00", local time.
std::string when(int64_t unix_seconds);

}  // namespace hky::cmd
