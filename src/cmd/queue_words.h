// What commands that speak of the queue have in common: -q's words as the control socket takes them (admin/queue_select.h), times.
// Who calls it: mode_bd (queue runs), mode_bp (mailq), verb_queue, verb_explain.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cmd/sendmail_options.h"
#include "cmd/verbs.h"

namespace hky::cmd {

// What the command's own options say of the list instead.
void write_run_rules(nlohmann::json& request, const SendmailOptions& options);
void write_selection(nlohmann::json& request, const SendmailOptions& options);
// -qGname: false, and it is said, where the configuration has no such group. sendmail: main(); it ends well all the same.
bool knows_queue_group(const Invocation& call, const SendmailOptions& options);
// "2026-11-25 10:00:00", local time.
std::string when(int64_t unix_seconds);

}  // namespace hky::cmd
