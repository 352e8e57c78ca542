// Runtime: one configuration made ready to run: sendmail.cf read and compiled, its maps opened, the resolver and the
// host's identity. Everything in it may be shared by all loops of a process; a reload makes another one.
// Who calls it: the modes (-bt -bv -bi), the engine, `hikyaku check` and `explain`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cf/reader.h"
#include "cmd/sendmail_options.h"
#include "cmd/verbs.h"
#include "dns/files.h"
#include "dns/names.h"
#include "dns/resolver.h"
#include "ipc/agent.h"
#include "maps/map_set.h"
#include "net/loop.h"
#include "rewrite/evaluate.h"

namespace hky::cmd {

struct RuntimeRequest {
  std::string root;                                    // --root
  std::string config_file;                             // as written, without root; empty: /etc/mail/sendmail.cf
  std::vector<cf::Override> options;                   // -o, -O
  std::vector<std::pair<std::string, std::string>> macros;
  std::optional<cf::HostIdentity> identity;            // found already; else it is asked for
  std::optional<std::map<std::string, std::string>> class_programs;   // what programs of classes (F{X}|program) printed; empty: they are run
  std::function<ipc::Agent*()> agent;                  // runs the programs of maps; empty: one of this process's own
  std::function<void(int priority, const std::string& text)> log;   // what maps say (syslog and dprintf maps, failures); may be empty
};
// Rules see the -b letter as ${opMode} while the file is read.
RuntimeRequest runtime_request(const Invocation& call, const SendmailOptions& options);

// Of the file it names, root included.
std::string config_path(const RuntimeRequest& request);

struct Runtime {
  std::string root;
  cf::HostIdentity identity;
  std::shared_ptr<cf::Config> config;                  // changed by nobody but -bt's own .D and .C
  std::shared_ptr<const rewrite::Program> program;
  std::unique_ptr<net::WorkerPool> workers;
  std::map<std::string, std::string> class_programs;   // those that were run for it, and what they printed
  std::unique_ptr<ipc::Agent> own_agent;               // where the request names none
  std::unique_ptr<dns::Resolver> resolver;
  dns::HostsTable hosts;
  dns::NameEnvironment names;
  std::unique_ptr<maps::MapSet> maps;
  int errors = 0;                                      // fatal diagnostics: sendmail would not have started

  rewrite::Context context(net::Loop& loop, cf::MacroScope& scope) const {
    return rewrite::Context{loop, program, *config, *maps, scope, nullptr, nullptr};
  }
};

// Never null. Blocks: reads files, asks for the host's names. Diagnostics stay in config->diagnostics.
std::unique_ptr<Runtime> open_runtime(const RuntimeRequest& request);
// Prints the file's diagnostics as sendmail does (standard output; for the command line's own see option_faults.h) and returns 0, or
// EX_SOFTWARE when there were errors, which is what sendmail's syserr() leaves behind. verbose: a host name without a dot is warned of too.
// replies: as SMTP has them ("554 5.0.0 ").
int report_diagnostics(const Runtime& runtime, bool verbose = false, bool replies = false);
// For commands that leave the file to the engine: what it is warned of. Of one that is faulty now nothing is said: the engine goes on with
// the one it has. Reads that file, asks no DNS.
void warn_of_file(const Invocation& call, const SendmailOptions& options);
// Of a configuration that others may write, on standard error. sendmail: readcf(), with -bd and -bi
void warn_of_writable_file(const Invocation& call, const SendmailOptions& options);
// `code`, or where that is EX_OK what a diagnostic that was no error leaves behind (an unknown time unit: EX_USAGE).
int exit_with(const Runtime& runtime, int code);

}  // namespace hky::cmd
