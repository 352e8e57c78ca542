// Appending to a mailbox or a file, so that nothing is lost, torn or glued (A4; design, section 3). Blocking: for workers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/world.h"

namespace hky::agent {

struct AppendJob {
  ipc::Who as;
  std::string path;
  std::vector<std::string_view> messages;  // each with its From_ line and final blank line
  bool dot_lock = true;                    // a mailbox; false: a file named in an alias (*file*)
  bool symlinks = false, hard_links = false, set_id = false;   // as ipc::AppendFile
  std::string below{};                     // as well
};

// One lock, one write, one sync for all messages; on success they are on the disk. On an error none is in the file.
Result<> append_messages(const World& world, const AppendJob& job);

// After a start: cuts off what a crash left half written. Logs what it does and what it leaves.
Result<> recover_appends(const World& world);

}  // namespace hky::agent
