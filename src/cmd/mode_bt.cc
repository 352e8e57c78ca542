// sendmail -bt: address test mode on standard input.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "admin/test_mode.h"
#include "base/sysexits.h"
#include "cmd/caller_rights.h"
#include "cmd/host_identity.h"
#include "cmd/modes.h"
#include "cmd/runtime.h"
#include "proto/mail/date.h"
#include "route/file_trust.h"

namespace hky::cmd {
namespace {

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// One line of standard input, at most `limit` bytes of it a time (sendmail: fgets into buf[MAXLINE]).
bool read_line(std::string& line, size_t limit) {
  line.clear();
  int c = 0;
  while (line.size() < limit && (c = std::getc(stdin)) != EOF) {
    if (c == '\n') return true;
    line += static_cast<char>(c);
  }
  return !line.empty();
}

// sendmail: newenvelope(), initmacros(): what $b, $_ and the long names are when nothing was received.
std::vector<std::pair<std::string, std::string>> session_macros() {
  return {{"b", mail::arpa_date(unix_seconds(system_clock().wall()))},
          {"_", current_user() + "@localhost"},
          {"deliveryMode", "i"},
          {"quarantine", ""}};
}

// `echo` (-v): each line is shown as it was read, for whoever keeps what a script of them came to, and nothing is asked for.
net::Task<int> converse(admin::TestMode& mode, bool echo) {
  mode.banner();
  std::string line;
  for (;;) {
    if (!echo) mode.prompt();
    if (isatty(STDIN_FILENO) != 0) std::fflush(stdout);
    if (!read_line(line, admin::TestMode::kMaxLine)) break;
    if (echo) print(fmt::format("> {}\n", line));
    const size_t nul = line.find('\0');
    if (nul != std::string::npos) line.resize(nul);
    const bool more = co_await mode.line(line);
    if (!more) break;
  }
  co_return EX_OK;
}

}  // namespace

// sendmail -bC: the configuration is read, and what is wrong with it said.
int mode_bC(const Invocation& call, const SendmailOptions& options) {
  const auto runtime = open_runtime(runtime_request(call, options));
  if (const int rc = report_diagnostics(*runtime, options.verbose); rc != EX_OK) return rc;
  return exit_with(*runtime, may_submit(call, options));
}

int mode_bt(const Invocation& call, const SendmailOptions& options) {
  const auto runtime = open_runtime(runtime_request(call, options));
  // sendmail: main(): errors in the file do not stop a test of it; a file that is not there, or a mode that is none, does
  const int complaints = report_diagnostics(*runtime);
  if (complaints == EX_OSFILE || complaints == EX_USAGE) return complaints;
  net::Loop loop(system_clock());
  admin::TestWorld world{loop,
                         runtime->config,
                         *runtime->maps,
                         runtime->names,
                         [&call](const cf::Options& by, const std::string& path) {
                           return route::read_believed(kernel_file_system(), by, route::SystemFile::kHelp, call.root, path);
                         },
                         print,
                         current_user(),
                         session_macros()};
  admin::TestMode mode(std::move(world));
  if (options.debug_given) mode.debug(options.debug);
  const int rc = net::run_blocking(loop, converse(mode, options.verbose));
  std::fflush(stdout);
  return rc != EX_OK ? rc : complaints;
}

}  // namespace hky::cmd
