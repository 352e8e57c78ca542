// AsUser: this thread acts as a user while the object lives (effective ids and groups of the thread, not the process, so
// that workers serve different owners side by side). Where the process is not root it does nothing: all is done as we are.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "ipc/agent.h"

namespace hky::agent {

bool can_change_user();
// The user's groups, its own gid among them.
std::vector<gid_t> groups_of(const ipc::Who& who);

class AsUser {
 public:
  explicit AsUser(const ipc::Who& who);
  ~AsUser() { leave(); }
  AsUser(const AsUser&) = delete;
  AsUser& operator=(const AsUser&) = delete;
  // Anything but success: do not go on.
  const Result<>& entered() const { return entered_; }
  void leave();

 private:
  bool changed_ = false;
  Result<> entered_;
};

}  // namespace hky::agent
