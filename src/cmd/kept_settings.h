// The configurations that commands go by, as the engine keeps them: read once, and anew when their file changes.
// Who makes one: submission.h, local_session.h. Engine thread.
#pragma once

#include <utility>

#include "cmd/file_stamp.h"
#include "cmd/snapshot.h"

namespace hky::cmd {

// A configuration as its file says now.
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

// The engine's own, without the options that the engine was started with: those are the daemon's. In sendmail commands are processes
// that read the file themselves.
class CommandSettings {
 public:
  // `engines`: how the engine's own configuration was asked for.
  explicit CommandSettings(const RuntimeRequest& engines);
  const RuntimeRequest& request() const { return request_; }
  // `ours`: the engine's, which are the file's where it has no options, and what it goes on with where the file is faulty now.
  BothSettings now(std::shared_ptr<const receive::Settings> ours);

 private:
  RuntimeRequest request_;
  bool engine_has_options_;
  KeptSettings of_file_;
};

}  // namespace hky::cmd
