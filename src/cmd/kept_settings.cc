#include "cmd/kept_settings.h"

namespace hky::cmd {

RuntimeRequest without_options(RuntimeRequest request) {
  request.options.clear();
  return request;
}

Result<BothSettings> KeptSettings::now() {
  const FileStamp stamp = stamp_of(config_path(request_));
  if (read_.receive && stamp == stamp_) return read_;
  auto made = read_both(request_);
  if (!made.ok()) return made.error();
  read_ = *made;
  stamp_ = stamp;
  return read_;
}

}  // namespace hky::cmd
