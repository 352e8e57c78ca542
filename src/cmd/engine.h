// The engine: all network protocols, the queue and the deliverers, joined from their parts; and the agent beside it.
// One thread a loop; each loop has its own listeners, sessions and deliverer; queue, storage, maps, resolver are shared.
// Who calls it: mode_bd and verb_serve (a daemon), engine_access (one-shot), through process::Master.
#pragma once

#include <string>

#include "cmd/runtime.h"
#include "process/master.h"

namespace hky::cmd {

struct EngineOptions {
  RuntimeRequest runtime;
  std::string command_line;          // for the PID file
  int64_t queue_interval = 0;        // -q30m in seconds; 0: only when asked
  bool listen = true;                // false: no SMTP (queue daemon, one-shot engine)
  bool daemonize = true;
  bool write_pid = true;
  bool one_shot = false;             // started by a command: leaves when a daemon starts
  int traffic_fd = -1;               // -X: where all that goes in and out is written down
  bool confined = true;              // process/confine.h; `hikyaku serve --unconfined` to look for a fault
};

// What a start needs to know of the configuration, read in a child process (reading it starts threads, and the master forks).
struct StartFacts {
  int exit_code = 0;                 // not 0: `problem` says why
  std::string problem;
  std::vector<process::ListenAt> listen;
  std::vector<std::string> not_served;   // why a daemon of the configuration has no port
  std::string pid_file;
  std::vector<std::string> directories;  // rooted: where the files lie that the configuration names (process/file_broker.h)
  std::vector<std::string> written;  // rooted: folders that the configuration has the engine write to
  std::string status_file;           // without root; empty where none is
  std::map<std::string, std::string> class_programs;   // the engine may run none (RuntimeRequest)
  cf::HostIdentity identity;         // the engine need not ask for the host's names once more
};
StartFacts find_start_facts(const EngineOptions& options);

// Reads the configuration, binds, starts; the exit code of the command.
int start_system(const EngineOptions& options);

// "30m", "1h30m", "90" (minutes) as sendmail's -q takes them; 0 when it is none.
int64_t seconds_of_interval(const std::string& text);

}  // namespace hky::cmd
