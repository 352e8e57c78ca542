// Master: the small parent of the host's processes (design, decision 5). It binds the listening sockets (as root where it
// is root), starts agent and engine, hands them their descriptors, restarts both when one died (with a growing pause),
// passes SIGTERM, SIGHUP and SIGUSR1 on, and writes the PID file. It reads no mail and no configuration.
// Called by cmd, which gives it what each process runs. Call before any thread exists: it forks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "net/stream.h"

namespace hky::process {

struct ListenAt {
  net::Endpoint at;
  int backlog = 511;
  unsigned copies = 1;   // sockets sharing the port, one for each loop of the engine
  unsigned mode = 0;     // of a unix socket, 0: as the umask says
  std::string name;      // the daemon's name (DaemonPortOptions Name=), handed on
};

struct Bound {
  ListenAt asked;
  std::vector<int> fds;  // as many as copies
};

// What the engine is born with. It closes them in the end by exiting.
struct EngineChannels {
  std::vector<Bound> listeners;
  int agent_fd = -1;      // adopt_stream + ipc::RemoteAgent
  int ready_fd = -1;      // tell_ready() once it serves
  unsigned restart = 0;   // how often children were started before
};
// The engine serves: the starting command may return. Idempotent.
void tell_ready(EngineChannels& channels);
// It cannot: the starting command prints `text` and ends with `exit_code` (sysexits).
void tell_failure(EngineChannels& channels, int exit_code, const std::string& text);

struct MasterOptions {
  std::vector<ListenAt> listen;
  std::string engine_user;      // users.h; ignored where we are not root
  std::string pid_file;         // empty: none
  std::string command_line;     // its second line (sendmail: for a restart by hand)
  bool stay = false;            // -bD: in the foreground
  Duration first_pause = std::chrono::milliseconds(100);  // before a restart; doubles up to last_pause
  Duration last_pause = std::chrono::seconds(30);
  Duration stop_wait = std::chrono::seconds(30);          // after SIGTERM, then SIGKILL
  std::function<int(EngineChannels)> run_engine;          // returns its exit code
  std::function<int(int fd)> run_agent;                   // serves the other end of agent_fd; returns at its end of file
  // Runs as root in the engine's process before it drops to its user: directories to make and give away.
  std::function<Result<>(unsigned uid, unsigned gid)> prepare;
};

// Returns the exit code of the command: at once for the starter when daemonized (0 when the engine is ready, else EX_OSERR
// for a used port and what tell_failure says, with the reason on stderr), at the end for the one that stays.
int run_master(MasterOptions options, Log& log);

}  // namespace hky::process
