// FileBroker: how the engine, which is nobody, reads what its configuration names and only root may open: sendmail.cf,
// maps (makemap writes them 0640), alias files. The agent opens them and hands the descriptor over; the engine never gets
// a path opened outside the directories that were settled before it started, nor anything but a plain file, nor for writing.
// Threads: ask() from any (one question at a time); serve() runs on a thread of the agent until the engine goes.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"

namespace hky::process {

class FileBroker {
 public:
  explicit FileBroker(int fd) : fd_(fd) {}
  // A descriptor open for reading; EACCES where the agent will not. Blocks for one exchange on a local socket.
  Result<int> ask(const std::string& path);

 private:
  std::mutex mutex_;
  int fd_;
};

// `directories`: rooted, without a trailing slash; a file must lie right in one of them.
void serve_files(int fd, const std::vector<std::string>& directories);

}  // namespace hky::process
