// sendmail -bh, -bH (hoststat, purgestat): the files below HostStatusDirectory, listed, and deleted where they are as old as
// Timeout.hoststatus. Without that option sendmail has nothing to list or to forget and says so by silence; so do we. The engine
// writes them (deliver/host_states.h), or a sendmail did. sendmail: mci.c mci_traverse_persistent(), mci_print_persistent(),
// mci_purge_persistent().
#include <sys/file.h>

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <system_error>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/sysexits.h"
#include "cmd/caller_rights.h"
#include "cmd/modes.h"
#include "cmd/runtime.h"
#include "deliver/host_status.h"
#include "deliver/log_line.h"

namespace hky::cmd {
namespace {

constexpr int kMaxDepth = 128;         // labels of a host's name
constexpr uint64_t kMaxStatus = 64 * 1024;
constexpr size_t kNarrow = 25, kWide = 78;

struct StatusFolder {
  std::string named, path;             // as the configuration has it; where it is
};

using EachFile = std::function<void(const std::string& below)>;

// Files in the order of their folders' names; symbolic links are not followed.
void each_file(const StatusFolder& folder, const std::string& below, int depth, const EachFile& f) {
  const auto names = kernel_file_system().list(folder.path + "/" + below);
  if (!names.ok() || depth > kMaxDepth) return;
  for (const std::string& name : *names) {
    if (name.empty() || name.front() == '.') continue;
    const std::string at = below.empty() ? name : below + "/" + name;
    const auto what = kernel_file_system().lstat(folder.path + "/" + at);
    if (!what.ok()) continue;
    if (what->is_directory()) each_file(folder, at, depth + 1, f);
    else if (what->is_file()) f(at);
  }
}

// Another process writes to it, or talks to the host.
bool busy(File& file) {
  const int fd = file.descriptor();
  return fd >= 0 && ::flock(fd, LOCK_SH | LOCK_NB) != 0;
}

void print_one(const StatusFolder& folder, const std::string& below, bool verbose, int64_t now) {
  OpenHow how = open_to_read();
  how.no_follow = how.non_block = true;
  auto file = kernel_file_system().open(folder.path + "/" + below, how);
  const auto text = kernel_file_system().read_file(folder.path + "/" + below, kMaxStatus);
  if (!file.ok() || !text.ok()) return;
  const auto status = deliver::HostStatus::read(*text);
  if (!status.ok()) {
    fmt::print("{}/{}: {}\n", folder.named, below, status.error().text);
    return;
  }
  fmt::print("{}{:<39.39} {:>12} {}\n", busy(**file) ? '*' : ' ', deliver::host_of_status_path(below), deliver::short_interval(now - status->tried),
             status->words(verbose ? kWide : kNarrow));
}

// No path: there is nothing to do. sendmail: main(): HostStatDir must be there and open to us.
StatusFolder folder_of(const Runtime& runtime) {
  StatusFolder folder;
  const cf::Options& o = runtime.config->options;
  if (o.host_status_directory.empty()) return folder;
  folder.named = o.host_status_directory;
  const std::string path = runtime.root + deliver::host_status_directory(o);
  if (const auto there = kernel_file_system().list(path); !there.ok()) {
    fmt::print("Warning: Cannot use HostStatusDirectory = {}: {}\n", folder.named, std::generic_category().message(there.error().sys));
    return folder;
  }
  folder.path = path;
  return folder;
}

int for_each_status(const Invocation& call, const SendmailOptions& options, const std::function<void(const Runtime&, const StatusFolder&, const std::string&)>& f) {
  const auto runtime = open_runtime(runtime_request(call, options));
  const int code = report_diagnostics(*runtime, options.verbose);
  if (const int rc = may_submit(call, options); rc != EX_OK) return rc;
  const StatusFolder folder = folder_of(*runtime);
  if (!folder.path.empty()) each_file(folder, "", 0, [&](const std::string& below) { f(*runtime, folder, below); });
  return code;
}

}  // namespace

int mode_bh(const Invocation& call, const SendmailOptions& options) {
  const int64_t now = unix_seconds(system_clock().wall());
  bool first = true;
  return for_each_status(call, options, [&](const Runtime&, const StatusFolder& folder, const std::string& below) {
    if (first) fmt::print(" -------------- Hostname --------------- How long ago ---------Results---------\n");
    first = false;
    print_one(folder, below, options.verbose, now);
  });
}

int mode_bH(const Invocation& call, const SendmailOptions& options) {
  const int64_t now = unix_seconds(system_clock().wall());
  return for_each_status(call, options, [now](const Runtime& runtime, const StatusFolder& folder, const std::string& below) {
    const std::string path = folder.path + "/" + below;
    const auto what = kernel_file_system().lstat(path);
    const int64_t kept = runtime.config->options.timeout.hoststatus.count();
    if (what.ok() && now - what->mtime_ns / 1'000'000'000 >= kept) (void)kernel_file_system().unlink(path);
  });
}

}  // namespace hky::cmd
