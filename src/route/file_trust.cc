#include "route/file_trust.h"

namespace hky::route {
namespace {

using enum cf::Blame;

// Of each excuse the flag for .forward files, and the one for :include: files.
constexpr struct { bool ipc::FileTrust::*part; cf::Blame forward, include; } kExcuses[] = {
    {&ipc::FileTrust::group_file, GroupWritableForwardFile, GroupWritableIncludeFile},
    {&ipc::FileTrust::group_file_is_safe, GroupWritableForwardFileSafe, GroupWritableIncludeFileSafe},
    {&ipc::FileTrust::world_file, WorldWritableForwardFile, WorldWritableIncludeFile},
    {&ipc::FileTrust::folder, ForwardFileInUnsafeDirPath, IncludeFileInUnsafeDirPath},
    {&ipc::FileTrust::folder_is_safe, ForwardFileInUnsafeDirPathSafe, IncludeFileInUnsafeDirPathSafe},
    {&ipc::FileTrust::group_folder, ForwardFileInGroupWritableDirPath, IncludeFileInGroupWritableDirPath},
    {&ipc::FileTrust::links, LinkedForwardFileInWritableDir, LinkedIncludeFileInWritableDir},
    {&ipc::FileTrust::group_folders_are_safe, GroupWritableDirPathSafe, GroupWritableDirPathSafe},
    {&ipc::FileTrust::sticky_folders_are_safe, TrustStickyBit, TrustStickyBit},
};

}  // namespace

ipc::FileTrust forward_trust(const cf::Options& options) {
  ipc::FileTrust trust;
  for (const auto& excuse : kExcuses) trust.*excuse.part = options.blames(excuse.forward);
  trust.silent_where_missing = options.blames(DontWarnForwardFileInUnsafeDirPath);
  return trust;
}

ipc::FileTrust include_trust(const cf::Options& options) {
  ipc::FileTrust trust;
  for (const auto& excuse : kExcuses) trust.*excuse.part = options.blames(excuse.include);
  return trust;
}

}  // namespace hky::route
