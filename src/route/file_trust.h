// What DontBlameSendmail excuses in files that others may write: in .forward and :include: files, which the agent judges by it, and in files
// of the system's own, judged here. sendmail: Operation Guide 4.10.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/writable_folders.h"
#include "cf/options.h"
#include "ipc/agent.h"

namespace hky::route {

ipc::FileTrust forward_trust(const cf::Options& options);
ipc::FileTrust include_trust(const cf::Options& options);

enum class SystemFile { kClass, kMap, kAliasText, kHelp, kErrorHeader };
// Why such a file below `root` is not believed: "Group writable directory" ...; "": it is, or it is not there.
std::string why_not_believed(FileSystem& files, const cf::Options& options, SystemFile what, const std::string& root, const std::string& path);
// Its text, or why there is none. kAliasText: as newaliases reads it.
Result<std::string> read_believed(FileSystem& files, const cf::Options& options, SystemFile what, const std::string& root, const std::string& path, uint64_t limit = 64u << 20);
// The folders on its way that others may write, whatever excuses them.
std::vector<WritableFolder> folders_of(FileSystem& files, const cf::Options& options, const std::string& root, const std::string& path);

}  // namespace hky::route
