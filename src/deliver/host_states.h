// HostStates: what the last try said of each other host, kept below HostStatusDirectory in sendmail's form (host_status.h): a host that
// failed is left alone for Timeout.hoststatus, also after a restart, and hoststat and purgestat work on the same files. sendmail: mci.c.
// A host's file is read where a connection is to be made, at most once a second; it is written by write_out(), all that changed since
// the last call. Also who talks to a host: SingleThreadDelivery lets one connection at a time have it, and holds sendmail's lock on the
// file meanwhile. `directory` is the full path; without the option nobody calls. It is never created (sendmail's is not either).
// Who calls it: SmtpPool; the engine writes out. Threads: all, one object an engine.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/file_system.h"
#include "deliver/host_status.h"

namespace hky::deliver {

class HostStates {
 public:
  HostStates(FileSystem& files, const Clock& clock) : files_(files), clock_(clock) {}

  // What the last try said, as long as it is younger than `seconds` and not well. A file that another process has locked: a
  // temporary failure without a reason, as sendmail takes it.
  std::optional<HostStatus> failed_lately(const std::string& directory, std::string_view host, int64_t seconds);
  // Of a try that is over now; `tried` is set here.
  void remember(const std::string& directory, std::string_view host, HostStatus status);
  // The file that could not be written first, and why. Its status is known here all the same.
  Result<> write_out();

  // False: somebody else has the host, in this process or another one. True: it is the caller's until release().
  bool claim(const std::string& directory, std::string_view host);
  void release(const std::string& directory, std::string_view host);

 private:
  struct State {
    size_t below = 0;                  // where the path goes on after the directory
    std::optional<HostStatus> status;
    std::optional<MonoTime> read_at;
    bool locked = false;               // by another process, when it was read
    bool changed = false;              // the file does not say it yet
    bool kept_here = false;            // the file could not be written
    bool claimed = false;
    std::unique_ptr<File> held;        // with the lock, while claimed
  };
  State* state_of(const std::string& directory, std::string_view host, std::string& path);
  void read(const std::string& path, State& state);
  Result<> write(const std::string& path, State& state);
  Result<std::unique_ptr<File>> open_locked(const std::string& path, const State& state);

  FileSystem& files_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, State> states_;   // by path
};

}  // namespace hky::deliver
