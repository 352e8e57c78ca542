#include "cmd/queue_words.h"

#include <cstdlib>

#include <fmt/chrono.h>

#include "base/strings.h"
#include "cmd/runtime.h"

namespace hky::cmd {

bool knows_queue_group(const Invocation& call, const SendmailOptions& options) {
  if (!options.queue_group || iequals(*options.queue_group, cf::kDefaultQueueGroup)) return true;
  if (open_runtime(runtime_request(call, options))->config->find_queue_group(*options.queue_group) != nullptr) return true;
  fmt::print("Queue group {} unknown\n", *options.queue_group);
  return false;
}

void write_selection(nlohmann::json& request, const SendmailOptions& options) {
  if (options.queue_group) request["group"] = *options.queue_group;
  request["kind"] = options.queue_kind == 0 ? std::string() : std::string(1, options.queue_kind);
  for (const QueueSelect& w : options.queue_select)
    request["select"].push_back({{"field", std::string(1, w.field)}, {"negate", w.negate}, {"value", w.value}});
}

void write_run_rules(nlohmann::json& request, const SendmailOptions& options) {
  for (const OptionWord& word : options.options) {
    const cf::OptionInfo* known = known_option(word);
    const std::string_view name = known == nullptr ? std::string_view() : known->name;
    if (name == "MaxQueueRunSize") request["most"] = std::strtoul(word.value.c_str(), nullptr, 10);
    if (name == "QueueSortOrder") request["order"] = lower(word.value.substr(0, 1));
  }
}

std::string when(int64_t unix_seconds) { return fmt::format("{:%F %T}", fmt::localtime(static_cast<std::time_t>(unix_seconds))); }

}  // namespace hky::cmd
