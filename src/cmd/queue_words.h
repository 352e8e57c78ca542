// -q's words as the control socket takes them (admin/queue_select.h). Who calls it: mode_bd (queue runs), mode_bp (mailq).
#pragma once

#include <nlohmann/json.hpp>

#include "cmd/sendmail_options.h"

namespace hky::cmd {

void write_selection(nlohmann::json& request, const SendmailOptions& options);

}  // namespace hky::cmd
