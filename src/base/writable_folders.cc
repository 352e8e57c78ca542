#include "base/writable_folders.h"

#include <algorithm>

namespace hky {
namespace {

constexpr uint32_t kGroupWrite = 020, kOtherWrite = 002, kSticky = 01000;

}  // namespace

std::vector<WritableFolder> writable_folders(FileSystem& files, const std::string& path, FolderTrust trust, const std::string& base) {
  std::vector<WritableFolder> out;
  for (std::string dir = directory_of(path); dir != base; dir = directory_of(dir)) {
    const auto st = files.stat(dir);
    const bool safe = !st.ok() || (trust.sticky_is_safe && (st->mode & kSticky) != 0);
    const bool by_all = !safe && (st->mode & kOtherWrite) != 0;
    const bool by_group = !safe && (st->mode & kGroupWrite) != 0 && !trust.group_is_safe;
    if (by_all || by_group) out.push_back(WritableFolder{dir, by_all});
    if (dir == "/" || dir == ".") break;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

const char* link_fault(const FileStat& named, const FileStat& st) {
  if (named.type == FileStat::Type::kSymlink) return "Symbolic links not allowed";
  return st.links > 1 ? "Hard links not allowed" : nullptr;
}

}  // namespace hky
