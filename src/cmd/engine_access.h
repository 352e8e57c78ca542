// EngineAccess: how a command reaches the engine: over the control socket of the one that runs; where none runs and the
// caller is root (or works under --root as himself), through a one-shot engine that is started for the purpose, does the
// work and leaves when the object goes. Commands never open the database (design, section 3).
#pragma once

#include <memory>
#include <string>

#include "admin/control.h"
#include "cmd/verbs.h"

namespace hky::cmd {

class EngineAccess {
 public:
  explicit EngineAccess(const Invocation& call);
  ~EngineAccess();

  bool runs();   // one answers, whoever started it
  // Only an engine that runs already; "no engine is running" else.
  Result<admin::Frame> ask_running(admin::Frame request, Duration limit);
  // Starts a one-shot engine where none runs and the caller may.
  Result<> ensure();
  // A one-shot engine that this command started goes on until it is idle, and the command need not wait for it.
  void finish_in_background();
  // ensure(), then the question.
  Result<admin::Frame> ask(admin::Frame request, Duration limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hky::cmd
