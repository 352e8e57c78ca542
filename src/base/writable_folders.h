// The folders on the way to a file that others than their owner may write: whoever may can put another file in its place.
// Asked by route (files of the system's own) and the agent (.forward and :include: files). sendmail: safedirpath().
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"

namespace hky {

struct WritableFolder {
  std::string path;
  bool by_all = false;   // not by its group alone
  const char* fault() const { return by_all ? "World writable directory" : "Group writable directory"; }
};
struct FolderTrust { bool group_is_safe = false, sticky_is_safe = false; };

// From the root down. `base`: the folder where the way begins (--root), not looked at itself; "": at "/".
std::vector<WritableFolder> writable_folders(FileSystem& files, const std::string& path, FolderTrust trust, const std::string& base = "");

// Why a file that is a link, or has a second name, is not believed in such a folder; null: it is neither. `named` is lstat's.
const char* link_fault(const FileStat& named, const FileStat& st);

}  // namespace hky
