// StatusFile: brings what was counted (base/traffic.h) into the file that the option of that name tells, in sendmail's layout and under
// its lock, added to what is there: mailstats -p empties it, others count too. sendmail: stats.c poststats().
// Only a file that exists and may be written is counted into; it is never created, and what nobody wants is forgotten.
// Who calls it: the engine, about once a second and when it stops. Threads: one at a time.
#pragma once

#include <string>

#include "admin/status_file_rights.h"
#include "base/file_system.h"
#include "base/traffic.h"
#include "cmd/statistics_file.h"

namespace hky::cmd {

class StatusFile {
 public:
  StatusFile(FileSystem& files, Traffic& traffic) : files_(files), traffic_(traffic) {}
  // Never waits: what is locked by another keeps its figures for the next call. `path` "": nothing is counted.
  void write_out(const std::string& path, int64_t now);

 private:
  bool add_to(const std::string& path, int64_t now);

  FileSystem& files_;
  Traffic& traffic_;
  Statistics pending_;
  bool has_pending_ = false;
};

// Who counts below `root` (kEngineUser, or whoever starts the engine), and whose file is taken over.
admin::StatusFileUsers status_file_users(const std::string& root);
// At the start, by root: a file that was root's or sendmail's own becomes the engine's; its group stays, its mode but for the owner's
// right to read and write. Anything else stays as it is. `path` with root. True: it was taken over.
bool take_over_status_file(FileSystem& files, const std::string& path, const admin::StatusFileUsers& users);
// Adds the numbers of `more` to those of `to`; `since` stays.
void add_statistics(Statistics& to, const Statistics& more);

}  // namespace hky::cmd
