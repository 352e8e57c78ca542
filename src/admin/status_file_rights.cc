#include "admin/status_file_rights.h"

#include <fmt/format.h>

namespace hky::admin {

bool engine_may(const FileStat& st, uint32_t bits, const StatusFileUsers& users) {
  if (users.uid == 0) return true;
  const uint32_t shift = st.uid == users.uid ? 6 : users.groups.count(st.gid) != 0 ? 3 : 0;
  return (st.mode >> shift & bits) == bits;
}

std::string closed_folder(FileSystem& disk, const std::string& root, const std::string& path, const StatusFileUsers& users) {
  for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
    const auto st = disk.stat(root + folder);
    if (st.ok() && !engine_may(*st, 1, users)) return folder;
  }
  return {};
}

StatusFileState judge_status_file(const FileStat& file, const StatusFileUsers& users) {
  if (!file.is_file() || file.links > 1) return StatusFileState::kNoFile;
  if (engine_may(file, 6, users)) return StatusFileState::kCounts;
  return users.predecessors.count(file.uid) != 0 ? StatusFileState::kTakenOver : StatusFileState::kRefused;
}

StatusFileState status_file_state(FileSystem& disk, const std::string& root, const std::string& path, const StatusFileUsers& users) {
  const auto file = disk.lstat(root + path);
  if (!file.ok()) return StatusFileState::kMissing;
  if (!closed_folder(disk, root, path, users).empty()) return StatusFileState::kUnreachable;
  return judge_status_file(*file, users);
}

StatusFileWords status_file_words(StatusFileState state, const std::string& path, const StatusFileUsers& users) {
  switch (state) {
    case StatusFileState::kMissing:
    case StatusFileState::kCounts: break;
    case StatusFileState::kTakenOver:
      return {fmt::format("the user {} may not write this StatusFile yet: the next start makes it {}'s, its group and mode stay", users.engine, users.engine),
              fmt::format("chown {} {}, or start Hikyaku anew.", users.engine, path)};
    case StatusFileState::kRefused:
      return {fmt::format("the user {} may not write this StatusFile: nothing is counted", users.engine), fmt::format("chown {} {}; chmod u+rw {}", users.engine, path, path)};
    case StatusFileState::kUnreachable:
      return {fmt::format("the user {} may not enter the folder of this StatusFile: nothing is counted", users.engine),
              "Let everybody enter the folder (chmod o+x), or define `STATUS_FILE' elsewhere."};
    case StatusFileState::kNoFile:
      return {"this StatusFile is a link, has a second name, or is no file: nothing is counted", fmt::format("Put an empty file in its place: rm {0}; touch {0}", path)};
  }
  return {};
}

}  // namespace hky::admin
