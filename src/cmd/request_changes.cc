#include "cmd/request_changes.h"

#include "admin/json_field.h"
#include "cf/options.h"

namespace hky::cmd {

using nlohmann::json;

Error not_yours(const std::string& what) {
  return permanent_error("only root and the mail system's own user may use " + what, 550, "5.7.0");
}

void write_changes(json& request, const std::string& config_file, const std::vector<OptionWord>& options,
                   const std::vector<std::pair<std::string, std::string>>& macros) {
  request["config_file"] = config_file;
  for (const OptionWord& word : options) {
    const int letter = word.by_letter && !word.name.empty() ? static_cast<unsigned char>(word.name[0]) : 0;
    request["options"].push_back({{"letter", letter}, {"name", word.by_letter ? "" : word.name}, {"value", word.value}});
  }
  for (const auto& [name, value] : macros) request["macros"].push_back({name, value});
}

bool has_changes(const json& j) {
  return !admin::field(j, "config_file", "").empty() || !admin::list_field(j, "options").empty() || !admin::list_field(j, "macros").empty();
}

Result<bool> take_changes(const json& j, bool privileged, RuntimeRequest& request) {
  bool changed = false;
  if (const std::string file = admin::field(j, "config_file", ""); !file.empty()) {
    if (!privileged) return not_yours("another configuration file (-C " + file + ")");
    request.config_file = file;
    changed = true;
  }
  for (const json& word : admin::list_field(j, "options")) {
    cf::Override o;
    o.letter = static_cast<unsigned char>(admin::field(word, "letter", 0));
    o.name = admin::field(word, "name", "");
    o.value = admin::field(word, "value", "");
    const cf::OptionInfo* spec = o.letter != 0 ? cf::option_by_code(o.letter) : cf::find_option(o.name).option;
    if (!privileged && (spec == nullptr || !spec->safe)) return not_yours("option " + (o.letter != 0 ? std::string(1, static_cast<char>(o.letter)) : o.name));
    request.options.push_back(std::move(o));
    changed = true;
  }
  for (const json& pair : admin::list_field(j, "macros")) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) continue;
    if (!privileged) return not_yours("a macro (-M)");
    request.macros.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
    changed = true;
  }
  return changed;
}

}  // namespace hky::cmd
