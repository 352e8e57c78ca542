// KeptSettings: a configuration as its file says now: read once, and anew when the file changes. For commands, which in sendmail are
// processes of their own and read the file themselves, not with the options that a daemon was started with.
// Who makes one: submission.h, local_session.h. Engine thread.
#pragma once

#include <utility>

#include "cmd/file_stamp.h"
#include "cmd/snapshot.h"

namespace hky::cmd {

// As a command asks for it: what the engine's options are about stays the engine's.
RuntimeRequest without_options(RuntimeRequest request);

class KeptSettings {
 public:
  explicit KeptSettings(RuntimeRequest request) : request_(std::move(request)) {}
  // An Error names file, line and reason.
  Result<BothSettings> now();

 private:
  RuntimeRequest request_;
  BothSettings read_;
  FileStamp stamp_;
};

}  // namespace hky::cmd
