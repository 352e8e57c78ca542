// What a command line changes of the engine's configuration for its own message or session (-C, -o, -O, -M), as the control
// socket carries it:
//   "config_file":F, "options":[{"letter":100,"name":"","value":"q"}], "macros":[["opMode","s"]]
// Another file, macros, and options that are not safe are root's to name (sendmail: OPTIONS safe for ordinary users).
// Who calls it: mode_bs, mode_bm, mode_bd write; local_session, submission, queue runs read.
#pragma once

#include <nlohmann/json.hpp>

#include "cmd/runtime.h"

namespace hky::cmd {

void write_changes(nlohmann::json& request, const std::string& config_file, const std::vector<OptionWord>& options,
                   const std::vector<std::pair<std::string, std::string>>& macros);
bool has_changes(const nlohmann::json& request);
// Into `request`; false where nothing changes.
Result<bool> take_changes(const nlohmann::json& j, bool privileged, RuntimeRequest& request);
// The refusal of something an ordinary user may not name.
Error not_yours(const std::string& what);

}  // namespace hky::cmd
