#include "route/file_trust.h"

#include <optional>

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

constexpr uint32_t kGroupWrite = 020, kOtherWrite = 002;

// What excuses a folder on the way that others may write, a link there, and a file that its group or everybody may write.
struct Excuses { std::optional<cf::Blame> folder, link, group, world; };
constexpr std::optional<cf::Blame> kNeedsNone = std::nullopt;

const Excuses& excuses_of(SystemFile what) {
  static constexpr Excuses kOf[] = {
      {ClassFileInUnsafeDirPath, LinkedClassFileInWritableDir, kNeedsNone, kNeedsNone},
      {MapInUnsafeDirPath, LinkedMapInWritableDir, kNeedsNone, kNeedsNone},
      {kNeedsNone, LinkedAliasFileInWritableDir, GroupWritableAliasFile, WorldWritableAliasFile},
      {HelpFileInUnsafeDirPath, kNeedsNone, kNeedsNone, kNeedsNone},
      {ErrorHeaderInUnsafeDirPath, kNeedsNone, kNeedsNone, kNeedsNone},
  };
  return kOf[static_cast<size_t>(what)];
}

}  // namespace

ipc::FileTrust forward_trust(const cf::Options& options) {
  ipc::FileTrust trust;
  for (const auto& excuse : kExcuses) trust.*excuse.part = options.blames(excuse.forward);
  trust.group_file_is_safe |= !options.unsafe_group_writes;
  trust.silent_where_missing = options.blames(DontWarnForwardFileInUnsafeDirPath);
  return trust;
}

ipc::FileTrust include_trust(const cf::Options& options) {
  ipc::FileTrust trust;
  for (const auto& excuse : kExcuses) trust.*excuse.part = options.blames(excuse.include);
  trust.group_file_is_safe |= !options.unsafe_group_writes;
  return trust;
}

std::vector<WritableFolder> folders_of(FileSystem& files, const cf::Options& options, const std::string& root, const std::string& path) {
  return writable_folders(files, root + path, {options.blames(GroupWritableDirPathSafe), options.blames(TrustStickyBit)}, root);
}

// sendmail: safefile()
std::string why_not_believed(FileSystem& files, const cf::Options& options, SystemFile what, const std::string& root, const std::string& path) {
  const Excuses& excuses = excuses_of(what);
  const auto counts = [&options](const std::optional<cf::Blame>& flag) { return flag && !options.blames(*flag); };
  const auto folders = folders_of(files, options, root, path);
  if (!folders.empty() && counts(excuses.folder)) return folders.front().fault();
  const auto named = files.lstat(root + path), st = files.stat(root + path);
  if (!named.ok() || !st.ok()) return "";
  if (const char* why = link_fault(*named, *st); why != nullptr && !folders.empty() && counts(excuses.link)) return why;
  if ((st->mode & kGroupWrite) != 0 && counts(excuses.group)) return "Group writable file";
  if ((st->mode & kOtherWrite) != 0 && counts(excuses.world)) return "World writable file";
  return "";
}

Result<std::string> read_believed(FileSystem& files, const cf::Options& options, SystemFile what, const std::string& root, const std::string& path, uint64_t limit) {
  const std::string why = why_not_believed(files, options, what, root, path);
  if (!why.empty()) return permanent_error(why);
  return files.read_file(root + path, limit);
}

}  // namespace hky::route
