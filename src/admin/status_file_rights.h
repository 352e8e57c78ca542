// Whether the engine may count into StatusFile, and whose it has to be for the start to take it over (cmd/status_file.h). sendmail
// wrote it as root or as an account of its own; the engine has another user, and stands in for those. Only the owner changes: group
// and mode stay, so that whoever reads the file goes on reading it.
// What the engine may do with a file is asked of HostStatusDirectory, too.
// Who calls it: the start, `hikyaku check`, `hikyaku adopt`. Threads: any.
#pragma once

#include <set>
#include <string>

#include "base/file_system.h"

namespace hky::admin {

// Accounts that only sendmail has (Debian, FreeBSD and their kin).
inline constexpr const char* kSendmailAccounts[] = {"smmta", "smmsp"};

struct StatusFileUsers {
  std::string engine = "hikyaku";     // its name, for sentences
  unsigned uid = 0;                   // the engine's; 0: it runs as root and may write everything
  std::set<unsigned> groups;          // the engine's
  std::set<unsigned> predecessors{0}; // whose file the start takes over
};

enum class StatusFileState {
  kMissing,      // nothing is counted, as with sendmail
  kCounts,       // the engine may write it
  kTakenOver,    // a predecessor's: the next start makes it the engine's
  kRefused,      // somebody else's, and the engine may not write it
  kUnreachable,  // the engine may not enter a folder on the way
  kNoFile,       // a link, a folder, a device, or it has a second name
};
// `bits`: 4 read, 2 write, 1 enter.
bool engine_may(const FileStat& st, uint32_t bits, const StatusFileUsers& users);
// The first folder above `path` that it may not enter; "": none. `path` without root.
std::string closed_folder(FileSystem& disk, const std::string& root, const std::string& path, const StatusFileUsers& users);
// The file itself, as lstat() or fstat() tell it.
StatusFileState judge_status_file(const FileStat& file, const StatusFileUsers& users);
// ... and the folders above it. `path` without root.
StatusFileState status_file_state(FileSystem& disk, const std::string& root, const std::string& path, const StatusFileUsers& users);

// What is said of it, and how it is mended; both empty where nothing is.
struct StatusFileWords { std::string text, cure; };
StatusFileWords status_file_words(StatusFileState state, const std::string& path, const StatusFileUsers& users);

}  // namespace hky::admin
