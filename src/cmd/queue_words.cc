#include "cmd/queue_words.h"

#include <fmt/chrono.h>

namespace hky::cmd {

void write_selection(nlohmann::json& request, const SendmailOptions& options) {
  request["kind"] = options.queue_kind == 0 ? std::string() : std::string(1, options.queue_kind);
  for (const QueueSelect& w : options.queue_select)
    request["select"].push_back({{"field", std::string(1, w.field)}, {"negate", w.negate}, {"value", w.value}});
}

std::string when(int64_t unix_seconds) { return fmt::format("{:%F %T}", fmt::localtime(static_cast<std::time_t>(unix_seconds))); }

}  // namespace hky::cmd
