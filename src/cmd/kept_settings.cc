#include "cmd/kept_settings.h"

namespace hky::cmd {
namespace {

RuntimeRequest without_options(RuntimeRequest request) {
  request.options.clear();
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

CommandSettings::CommandSettings(const RuntimeRequest& engines)
    : request_(without_options(engines)), engine_has_options_(!engines.options.empty()), of_file_(request_) {}

BothSettings CommandSettings::now(std::shared_ptr<const receive::Settings> ours) {
  if (engine_has_options_) {
    if (auto read = of_file_.now(); read.ok()) return *read;
  }
  return BothSettings{std::move(ours), nullptr};
}

}  // namespace hky::cmd
