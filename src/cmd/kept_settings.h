// The configurations that commands go by, as the engine keeps them: read once, and anew when their file changes.
// Who makes one: engine.cc, for submission.h and local_session.h. Engine thread.
#pragma once

#include <nlohmann/json.hpp>
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
  // `engines`: how the engine's own configuration was asked for. `listening`: submit.cf's way, over SMTP to ourselves, is open.
  CommandSettings(const RuntimeRequest& engines, bool listening);
  // What the request's "submit_cf" and changes (request_changes.h) make of it. `ours`: the engine's, which are the file's where it has no
  // options, and what it goes on with where the file is faulty now.
  Result<BothSettings> of(const nlohmann::json& request, bool privileged, std::shared_ptr<const receive::Settings> ours);

 private:
  RuntimeRequest request_;
  bool engine_has_options_, listening_;
  KeptSettings of_file_, of_submit_cf_;
};

}  // namespace hky::cmd
