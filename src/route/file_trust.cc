#include "route/file_trust.h"

namespace hky::route {

using enum cf::Blame;

ipc::FileTrust forward_trust(const cf::Options& o) {
  ipc::FileTrust t;
  t.group_file = o.blames(GroupWritableForwardFile);
  t.group_file_is_safe = o.blames(GroupWritableForwardFileSafe);
  t.world_file = o.blames(WorldWritableForwardFile);
  t.folder = o.blames(ForwardFileInUnsafeDirPath);
  t.folder_is_safe = o.blames(ForwardFileInUnsafeDirPathSafe);
  t.group_folder = o.blames(ForwardFileInGroupWritableDirPath);
  t.links = o.blames(LinkedForwardFileInWritableDir);
  t.group_folders_are_safe = o.blames(GroupWritableDirPathSafe);
  t.sticky_folders_are_safe = o.blames(TrustStickyBit);
  t.silent_where_missing = o.blames(DontWarnForwardFileInUnsafeDirPath);
  return t;
}

ipc::FileTrust include_trust(const cf::Options& o) {
  ipc::FileTrust t;
  t.group_file = o.blames(GroupWritableIncludeFile);
  t.group_file_is_safe = o.blames(GroupWritableIncludeFileSafe);
  t.world_file = o.blames(WorldWritableIncludeFile);
  t.folder = o.blames(IncludeFileInUnsafeDirPath);
  t.folder_is_safe = o.blames(IncludeFileInUnsafeDirPathSafe);
  t.group_folder = o.blames(IncludeFileInGroupWritableDirPath);
  t.links = o.blames(LinkedIncludeFileInWritableDir);
  t.group_folders_are_safe = o.blames(GroupWritableDirPathSafe);
  t.sticky_folders_are_safe = o.blames(TrustStickyBit);
  return t;
}

}  // namespace hky::route
