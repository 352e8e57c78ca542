#include "cmd/kept_settings.h"

#include "admin/json_field.h"
#include "cmd/paths.h"
#include "cmd/request_changes.h"

namespace hky::cmd {
namespace {

RuntimeRequest without_options(RuntimeRequest request) {
  request.options.clear();
  return request;
}

RuntimeRequest of_file(RuntimeRequest request, std::string_view file) {
  request.config_file = std::string(file);
  return request;
}

}  // namespace

Result<BothSettings> KeptSettings::now() {
  const FileStamp stamp = stamp_of(config_path(request_));
  if (read_.receive && stamp == stamp_) return read_;
  auto made = read_both(request_);
  if (!made.ok()) return made.error();
  read_ = *made;
  stamp_ = stamp;
  return read_;
}

CommandSettings::CommandSettings(const RuntimeRequest& engines, bool listening)
    : request_(without_options(engines)), engine_has_options_(!engines.options.empty()), listening_(listening), of_file_(request_), of_submit_cf_(of_file(request_, kSubmitCf)) {}

Result<BothSettings> CommandSettings::of(const nlohmann::json& j, bool privileged, std::shared_ptr<const receive::Settings> ours) {
  RuntimeRequest wanted = request_;
  auto changed = take_changes(j, privileged, wanted);
  if (!changed.ok()) return changed.error();
  const bool submit_cf = listening_ && admin::field(j, "submit_cf", false) && wanted.config_file == request_.config_file;
  if (*changed) return read_both(submit_cf ? of_file(std::move(wanted), kSubmitCf) : wanted);
  if (submit_cf) return of_submit_cf_.now();
  if (engine_has_options_) {
    if (auto read = of_file_.now(); read.ok()) return *read;
  }
  return BothSettings{std::move(ours), nullptr};
}

}  // namespace hky::cmd
