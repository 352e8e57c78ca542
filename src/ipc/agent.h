// Agent: what the engine asks of the agent, the process that touches users' own files and runs programs as them (design, decision 5).
// Deliveries to one file that wait at the same time are sent as one request: one lock, one sync.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/error.h"
#include "net/loop.h"

namespace hky::ipc {

struct Who { std::string user; unsigned uid = 0, gid = 0; std::string home; };

struct DeliverMbox { Who as; std::string path; std::string queue_id; std::string message; };      // "From " line, body, blank line: ready
struct DeliverMaildir { Who as; std::string path; std::string queue_id; std::string message; };
struct AppendFile {                 // *file* mailer
  Who as; std::string path; std::string queue_id; std::string message;
  bool symlinks = false, hard_links = false;   // may be written through. sendmail: DontBlameSendmail FileDeliveryTo...
  bool set_id = false;              // set-user-id and set-group-id bits of the file say as whom it is written (nobody controls the address)
  std::string below{};              // a folder out of which neither a link nor a .. in `path` leads. sendmail: SafeFileEnvironment
};
struct RunProgram {                                                                               // prog, uux, P=/path mailers
  Who as; std::string path; std::vector<std::string> argv; std::vector<std::string> env; std::string directory;
  std::string input; int nice = 0; int timeout_seconds = 3600;
  bool local = false;               // F=l: where it cannot be run the mail waits
  bool answers = false;             // its standard output alone is asked for, not what it complains of; not to be executed: EX_CONFIG
  std::string root{};               // its root folder. sendmail: /= of a mailer
};
// Which faults of a .forward or an :include: file are excused. sendmail: DontBlameSendmail (Operation Guide 4.10).
struct FileTrust {
  bool group_file = false, group_file_is_safe = false, world_file = false;   // writable by its group, by everybody
  bool folder = false, folder_is_safe = false;  // a folder on the way is writable by others
  bool group_folder = false;                    // ... by its group alone
  bool links = false;                           // in such a folder it is a link, or has a second name
  bool group_folders_are_safe = false, sticky_folders_are_safe = false;
  bool silent_where_missing = false;            // a file that is not there is no reason to speak of its folder
};
struct ReadForward { Who as; std::vector<std::string> paths; FileTrust trust; };   // the first that is there and is believed
struct ReadInclude { Who as; std::string path; FileTrust trust; };
struct LookupUser { std::string name; bool match_gecos = false; };

struct Outcome {                    // of a delivery
  int exit_code = 0;                // sysexits
  std::string output;               // what a program printed, or our words
  std::string dsn;                  // "2.0.0", "4.2.0", "5.3.0" ...
  int signal = 0;                   // what a program died of
};
struct User {
  bool found = false, temp_fail = false;
  std::string name, home, full_name;
  unsigned uid = 0, gid = 0;
  bool shell_listed = true;         // its shell is one of /etc/shells, or it has none, or any shell will do there
  bool any_shell = false;           // any shell will do: /SENDMAIL/ANY/SHELL/ stands in /etc/shells
};
struct NotBelieved { std::string path, why; };
struct FileText {
  bool found = false;               // what stands in `path` is believed
  std::string path, text;
  bool unsafe = false;              // it may name addresses, but neither programs nor files
  bool safe_folders = true;         // nobody else writes a folder on the way
  User owner;                       // of the file; not `found`: uid and gid alone, no account has them
  std::vector<NotBelieved> others;  // of a .forward: those that stood before it
  std::string problem;              // not found: why `path` is not read ("": there is none)
  bool passes = false;              // ... and that it may be over soon
};

// The agent as the engine sees it. Production: ipc over a socket pair; tests: in process.
class Agent {
 public:
  virtual ~Agent() = default;
  virtual net::Task<std::vector<Outcome>> deliver_mbox(net::Loop& loop, std::vector<DeliverMbox> batch) = 0;  // same path
  virtual net::Task<Outcome> deliver_maildir(net::Loop& loop, DeliverMaildir request) = 0;
  virtual net::Task<Outcome> append_file(net::Loop& loop, AppendFile request) = 0;
  virtual net::Task<Outcome> run_program(net::Loop& loop, RunProgram request) = 0;
  // A program whose standard input and output are these; whoever has their other ends speaks with it. `timeout_seconds`: how long it may
  // go on when those are closed. Answered when it has ended; `output`: why it could not be executed.
  virtual net::Task<Outcome> speak_to(net::Loop& loop, RunProgram request, Descriptor input, Descriptor output) = 0;
  virtual net::Task<FileText> read_forward(net::Loop& loop, ReadForward request) = 0;
  virtual net::Task<FileText> read_include(net::Loop& loop, ReadInclude request) = 0;
  virtual net::Task<User> lookup_user(net::Loop& loop, LookupUser request) = 0;
};

}  // namespace hky::ipc
