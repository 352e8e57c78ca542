#include "admin/check/safety.h"

#include <fmt/format.h>

namespace hky::admin::check {

using enum cf::Blame;

const Kind kConfigFile{"configuration file", {}, {}, {}, {}, ""};
const Kind kAliasFile{"alias file", {GroupWritableAliasFile}, {WorldWritableAliasFile}, {MapInUnsafeDirPath}, {MapInUnsafeDirPath}, "GroupWritableAliasFile"};
const Kind kClassFile{"class file", {}, {}, {ClassFileInUnsafeDirPath}, {ClassFileInUnsafeDirPath}, "ClassFileInUnsafeDirPath"};
const Kind kMapFile{"map file", {}, {}, {MapInUnsafeDirPath}, {MapInUnsafeDirPath}, "MapInUnsafeDirPath"};
const Kind kIncludeFile{":include: file",
                        {GroupWritableIncludeFile, GroupWritableIncludeFileSafe},
                        {WorldWritableIncludeFile},
                        {IncludeFileInUnsafeDirPath, IncludeFileInUnsafeDirPathSafe},
                        {IncludeFileInUnsafeDirPath, IncludeFileInUnsafeDirPathSafe, IncludeFileInGroupWritableDirPath},
                        "GroupWritableIncludeFile"};
const Kind kForwardFile{".forward file",
                        {GroupWritableForwardFile, GroupWritableForwardFileSafe},
                        {WorldWritableForwardFile},
                        {ForwardFileInUnsafeDirPath, ForwardFileInUnsafeDirPathSafe},
                        {ForwardFileInUnsafeDirPath, ForwardFileInUnsafeDirPathSafe, ForwardFileInGroupWritableDirPath},
                        "ForwardFileInUnsafeDirPath"};
const Kind kErrorHeader{"error header", {}, {}, {ErrorHeaderInUnsafeDirPath}, {ErrorHeaderInUnsafeDirPath}, "ErrorHeaderInUnsafeDirPath"};
const Kind kHelpFile{"help file", {}, {}, {HelpFileInUnsafeDirPath}, {HelpFileInUnsafeDirPath}, "HelpFileInUnsafeDirPath"};
const Kind kProgram{"program", {RunWritableProgram}, {RunWritableProgram}, {RunProgramInUnsafeDirPath}, {RunProgramInUnsafeDirPath}, "RunProgramInUnsafeDirPath"};

namespace {

constexpr uint32_t kGroupWrite = 020, kOtherWrite = 002, kSticky = 01000;

bool excused(const World& world, const std::initializer_list<cf::Blame>& flags) {
  for (const cf::Blame flag : flags) {
    if (world.config().options.blames(flag)) return true;
  }
  return false;
}

void the_file(const World& world, const Kind& kind, const std::string& path, const FileStat& st, Findings& out) {
  if ((st.mode & kOtherWrite) != 0 && !excused(world, kind.world_writable)) {
    out.error("writable-file", path, 0, fmt::format("this {} can be written by everybody on this host", kind.what), fmt::format("chmod o-w {}", path));
  } else if ((st.mode & kGroupWrite) != 0 && !excused(world, kind.group_writable)) {
    out.warning("writable-file", path, 0, fmt::format("this {} can be written by its group ({})", kind.what, st.gid), fmt::format("chmod g-w {}", path));
  }
}

void owner(const World& world, const Kind& kind, const std::string& path, const FileStat& st, Findings& out) {
  if (world.trusts(st.uid)) return;
  out.warning("file-owner", path, 0, fmt::format("this {} belongs to uid {}, who can change it at will", kind.what, st.uid),
              fmt::format("chown root {}, or make that user the TrustedUser.", path));
}

void folders(const World& world, const Kind& kind, const std::string& path, Findings& out) {
  const cf::Options& o = world.config().options;
  for (std::string dir = directory_of(path);; dir = directory_of(dir)) {
    const auto st = world.stat(dir);
    if (st.ok()) {
      const bool sticky = (st->mode & kSticky) != 0 && o.blames(TrustStickyBit);
      const std::string offer = kind.flag_name[0] == '\0' ? "" : fmt::format(", or where it must be so: define `confDONT_BLAME_SENDMAIL', `{}'", kind.flag_name);
      const bool by_all = (st->mode & kOtherWrite) != 0 && !sticky && !excused(world, kind.unsafe_folder);
      const bool by_group = (st->mode & kGroupWrite) != 0 && !sticky && !o.blames(GroupWritableDirPathSafe) && !excused(world, kind.group_folder);
      if ((by_all || by_group) && !out.first("folder " + dir)) {
        // told already
      } else if (by_all) {
        out.error("writable-folder", dir, 0, fmt::format("everybody may write this folder, and the {} {} stands in it or below", kind.what, path), fmt::format("chmod o-w {}{}", dir, offer));
      } else if (by_group) {
        out.warning("writable-folder", dir, 0, fmt::format("its group ({}) may write this folder, and the {} {} stands in it or below", st->gid, kind.what, path), fmt::format("chmod g-w {}{}", dir, offer));
      }
    }
    if (dir == "/" || dir == ".") return;
  }
}

}  // namespace

void check_path(const World& world, const Kind& kind, const std::string& path, Findings& out) {
  const auto st = world.stat(path);
  if (!st.ok() || path.empty() || path[0] != '/') return;
  the_file(world, kind, path, *st, out);
  // A list may belong to whoever keeps it: what it may do is decided by its owner.
  if (&kind != &kIncludeFile && &kind != &kForwardFile) owner(world, kind, path, *st, out);
  folders(world, kind, path, out);
}

}  // namespace hky::admin::check
