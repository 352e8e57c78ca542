#include "agent/safe_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "agent/identity.h"
#include "agent/user_lookup.h"
#include "base/writable_folders.h"

namespace hky::agent {
namespace {

constexpr uint64_t kTextLimit = 4u << 20;
constexpr uint32_t kGroupWrite = 020, kOtherWrite = 002;

// The folders on the way to a file that others may write.
struct Folders {
  const char* first = nullptr;   // what is wrong with the one nearest to the root; null: nothing
  bool world = false;            // one of them is everybody's
};

Folders folders_of(FileSystem& files, const std::string& path, const ipc::FileTrust& trust) {
  const auto bad = writable_folders(files, path, {trust.group_folders_are_safe, trust.sticky_folders_are_safe});
  Folders out;
  if (!bad.empty()) out.first = bad.front().fault();
  out.world = std::any_of(bad.begin(), bad.end(), [](const WritableFolder& folder) { return folder.by_all; });
  return out;
}

const char* folder_fault(const Folders& folders, const ipc::FileTrust& trust) {
  if (trust.folder || (trust.group_folder && !folders.world)) return nullptr;
  return folders.first;
}

const char* fault_as_link(const FileStat& named, const FileStat& st, const Folders& folders, const ipc::FileTrust& trust) {
  return folders.first == nullptr || trust.links ? nullptr : link_fault(named, st);
}

const char* file_fault(const FileStat& st, const ipc::FileTrust& trust) {
  if (!st.is_file()) return "Regular files only";
  if ((st.mode & kGroupWrite) != 0 && !trust.group_file) return "Group writable file";
  if ((st.mode & kOtherWrite) != 0 && !trust.world_file) return "World writable file";
  return nullptr;
}

// Believed for addresses, but not for programs and files.
bool unsafe(const FileStat& st, const Folders& folders, const ipc::FileTrust& trust) {
  if (folders.first != nullptr && trust.folder && !trust.folder_is_safe) return true;
  return (st.mode & kOtherWrite) != 0 || ((st.mode & kGroupWrite) != 0 && !trust.group_file_is_safe);
}

// sendmail: transienterror().
bool passes_by_itself(int err) {
  return err == EIO || err == ENFILE || err == EMFILE || err == ENOMEM || err == EAGAIN || err == ESTALE || err == EINTR;
}

std::string words_of(const Error& error) {
  const size_t colon = error.text.rfind(": ");
  return colon == std::string::npos ? error.text : error.text.substr(colon + 2);
}

bool is_missing(const Error& error) { return error.sys == ENOENT || error.sys == ENOTDIR; }

// One file, judged before it is opened and again as it was opened. out.found where it is believed; else out.problem, "" where it is not there.
class Reading {
 public:
  Reading(const World& world, const std::string& path, const ipc::FileTrust& trust, ipc::FileText& out)
      : files_(world.files), path_(path), trust_(trust), out_(out), folders_(folders_of(files_, path, trust)) {
    out_.path = path;
    out_.safe_folders = folders_.first == nullptr;
  }

  // `owner`: the only one but root whose file it may be; null: anybody's.
  void read(const ipc::Who* owner) {
    const auto named = files_.lstat(path_);
    if (const char* why = folder_fault(folders_, trust_); why != nullptr) {
      const bool silent = trust_.silent_where_missing && !named.ok() && is_missing(named.error());
      if (!silent) out_.problem = why;
      return;
    }
    if (!named.ok()) return refuse(named.error());
    const auto before = files_.stat(path_);
    if (!before.ok()) return refuse(before.error());
    if (judged(*named, *before, owner)) read_text(*before);
  }

 private:
  void refuse(const Error& error) {
    if (is_missing(error)) return;
    out_.problem = words_of(error);
    out_.passes = passes_by_itself(error.sys);
  }

  bool judged(const FileStat& named, const FileStat& st, const ipc::Who* owner) {
    const char* why = fault_as_link(named, st, folders_, trust_);
    if (why == nullptr) why = file_fault(st, trust_);
    if (why == nullptr && owner != nullptr && can_change_user() && st.uid != owner->uid && st.uid != 0) why = "Permission denied";
    if (why != nullptr) out_.problem = why;
    return why == nullptr;
  }

  void read_text(const FileStat& before) {
    OpenHow how = open_to_read();
    how.non_block = true;  // nobody may stop the mail with a FIFO
    auto file = files_.open(path_, how);
    if (!file.ok()) return refuse(file.error());
    const auto st = (*file)->stat();
    if (!st.ok()) return refuse(st.error());
    if (st->device != before.device || st->inode != before.inode || st->mode != before.mode) {
      out_.problem = "File changed after open";
      return;
    }
    auto text = read_rest(**file, path_, kTextLimit);
    if (!text.ok()) return refuse(text.error());
    out_.found = true;
    out_.text = std::move(*text);
    out_.unsafe = unsafe(*st, folders_, trust_);
    out_.owner = account_of(st->uid);
    out_.owner.gid = st->gid;
  }

  FileSystem& files_;
  const std::string& path_;
  const ipc::FileTrust& trust_;
  ipc::FileText& out_;
  const Folders folders_;
};

// True: `out` says why nobody can be acted for.
bool cannot_act(const AsUser& user, ipc::FileText& out) {
  if (user.entered().ok()) return false;
  out.problem = user.entered().error().text;
  out.passes = true;
  return true;
}

}  // namespace

ipc::FileText read_forward(const World& w, const ipc::ReadForward& request) {
  ipc::FileText out;
  const AsUser owner(request.as);
  if (cannot_act(owner, out)) return out;
  for (const std::string& path : request.paths) {
    Reading(w, path, request.trust, out).read(&request.as);
    if (out.found || out.passes) return out;
    if (out.problem.empty()) continue;
    w.log.line(3, LogPriority::kWarning, "", fmt::format("forward {}: {}", path, out.problem));
    out.others.push_back(ipc::NotBelieved{path, std::move(out.problem)});
    out.problem.clear();
  }
  return out;
}

ipc::FileText read_include(const World& w, const ipc::ReadInclude& request) {
  ipc::FileText out;
  const AsUser owner(request.as);
  if (cannot_act(owner, out)) return out;
  Reading(w, request.path, request.trust, out).read(nullptr);
  if (!out.found && out.problem.empty()) out.problem = "No such file or directory";
  return out;
}

}  // namespace hky::agent
