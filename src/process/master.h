// Master: the small root process of the design's decision 5. It binds ports, starts agent and engine, watches them, and
// ends them; it reads no byte from the network and no mail.
//
//   starting command ──fork──▶ master ──fork──▶ agent   (root: becomes each mailbox's owner)
//        ▲  waits for ready       ├────fork──▶ engine  (its own user; listeners, control socket, agent's socket pair)
//        └────────────────────────└────fork──▶ auth    (its own user; reads secrets; a socket pair to the engine)
//
// The starting command returns when the engine has said it is ready, or prints what went wrong and leaves with its exit
// code. The end of engine or agent (kill -9 too) restarts all, later each time they die young. The end of auth restarts auth
// alone: what a stranger may do to it by AUTH must not cost the others their sessions; the engine gets the new one's connection.
// A master that vanishes is noticed by the engine (EngineChannels::life), whose end the others notice.
// Who calls it: cmd (mode_bd, verb_serve, the one-shot engine). Threads: none yet running.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"

namespace hky::process {

struct ListenAt {
  std::string address;      // "" or "0.0.0.0": all of IPv4, "::": all of IPv6, and of IPv4 where that port is not listened on besides; "/path": a unix socket
  int port = 25;
  int backlog = 1024;       // sendmail: DaemonPortOptions Listen=
  size_t daemon = 0;        // which DaemonPortOptions entry it came from
  bool optional = false;    // sendmail: Modifiers=O: a start goes on without it where it cannot be had
  int send_buffer = 0, receive_buffer = 0;   // SndBufSize=, RcvBufSize=: what comes in there has them, too; 0: the system's
};

struct Listening { int fd = -1; size_t daemon = 0; };

// What the engine inherits. Descriptors are its own to close.
struct EngineChannels {
  std::vector<std::vector<Listening>> listeners;  // [loop][...]: each loop has its own socket of each port (SO_REUSEPORT)
  int control = -1;         // the control socket, listening
  int agent = -1;           // socket pair to the agent (ipc)
  int life = -1;            // end of file: the master is gone
  int broker = -1;          // file_broker.h, the engine's end
  int auth = -1;            // here a connection to each auth process arrives (pass_descriptor.h), the first before the start
  std::function<void()> ready;                                  // once, when mail can come in
  std::function<void(int exit_code, std::string text)> failed;  // once, instead: then return exit_code
};

struct MasterPlan {
  std::vector<ListenAt> listen;
  unsigned loops = 1;
  std::string control_path;                 // rooted
  std::string pid_file;                     // rooted; empty: none
  std::string command_line;                 // the PID file's second line, as sendmail writes it
  std::string engine_user;                  // not root or no such user: everything runs as who we are
  std::vector<std::string> engine_directories;  // made if missing, given to the engine's user, mode 0700
  bool daemonize = true;                    // false: stay (-bD); errors go to stderr all the same
  std::function<int(EngineChannels)> run_engine;
  std::function<int(int fd, int broker)> run_agent;
  std::string auth_user, auth_group;        // see auth_identity() in users.h
  std::function<int(int fd)> run_auth;      // empty: no such process
  std::function<void(const std::string& line)> log;   // a child that died, and of what; empty: nothing is written
};

// Returns the exit code of the command: at once in the starting command when daemonized, at the end with daemonize off.
// SIGTERM, SIGINT: end cleanly. SIGHUP: the engine is asked to reload (it gets the signal), and a new auth process reads its
// configuration; the old one ends with its last exchange. SIGUSR1: passed on likewise.
int run_master(MasterPlan plan);

}  // namespace hky::process
