// What the agent's file code needs of the world, gathered so that tests and the simulator can give it theirs.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "ipc/agent.h"

namespace hky::agent {

class AppendJournal;

struct World {
  World(FileSystem& f, const Clock& c, Log& l, std::string h) : files(f), clock(c), log(l), host(std::move(h)) {}

  FileSystem& files;
  const Clock& clock;
  Log& log;
  std::string host;
  int pid = 0;
  std::string nonce;                         // of this run: tells our lock files from those of an earlier process with our pid
  int64_t boot_seconds = 0;                  // when the machine started
  std::function<bool(int pid)> alive;        // is there such a process
  std::function<void(Duration)> pause;       // waiting for somebody's lock
  Duration lock_wait = std::chrono::seconds(20);
  AppendJournal* journal = nullptr;          // null: no record is kept
};

// The kernel's answers for the last five.
World kernel_world(FileSystem& files, const Clock& clock, Log& log, std::string host);

ipc::Outcome delivered();
// Permanent errors become EX_CANTCREAT, all others EX_TEMPFAIL, with their enhanced code and text.
ipc::Outcome failed(const Error& error);

}  // namespace hky::agent
