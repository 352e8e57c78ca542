// Safe reading of users' files: see safe_file.h.
#include "agent/safe_file.h"

#include <cerrno>

#include "agent/identity.h"

namespace hky::agent {
namespace {

constexpr uint64_t kTextLimit = 4u << 20;
constexpr uint32_t kGroupWrite = 020, kOtherWrite = 002, kSticky = 01000;

// sendmail: each directory on the way must not be writable by group or others (a sticky one is).
const char* unsafe_directory(FileSystem& files, const std::string& path) {
  for (std::string dir = directory_of(path);; dir = directory_of(dir)) {
    auto st = files.stat(dir);
    if (st.ok() && (st->mode & kSticky) == 0) {
      if ((st->mode & kOtherWrite) != 0) return "World writable directory";
      if ((st->mode & kGroupWrite) != 0) return "Group writable directory";
    }
    if (dir == "/" || dir == ".") return nullptr;
  }
}

const char* unsafe_file(const ipc::Who& who, const FileStat& st) {
  if (!st.is_file()) return "Regular files only";
  if ((st.mode & kOtherWrite) != 0) return "World writable file";
  if ((st.mode & kGroupWrite) != 0) return "Group writable file";
  if (can_change_user() && st.uid != who.uid && st.uid != 0) return "Permission denied";
  return nullptr;
}

bool passes_by_itself(int err) {
  return err == EIO || err == ENFILE || err == EMFILE || err == ENOMEM || err == EAGAIN || err == ESTALE || err == EINTR;
}

// False: no such file, look at the next.
bool read_one(const World& w, const ipc::Who& who, const std::string& path, bool owner_matters, ipc::FileText& out) {
  OpenHow how = open_to_read();
  how.non_block = true;  // nobody may stop the mail with a FIFO
  auto file = w.files.open(path, how);
  if (!file.ok()) {
    int err = file.error().sys;
    if (err == ENOENT || err == ENOTDIR) return false;
    out.found = true;
    out.path = path;
    std::string words = file.error().text;
    if (size_t colon = words.rfind(": "); colon != std::string::npos) words.erase(0, colon + 2);
    out.problem = (passes_by_itself(err) ? "transient: " : "") + words;
    return true;
  }
  out.found = true;
  out.path = path;
  auto st = (*file)->stat();
  if (!st.ok()) {
    out.problem = "transient: " + st.error().text;
    return true;
  }
  ipc::Who checked = who;
  if (!owner_matters) checked.uid = st->uid;
  const char* why = unsafe_file(checked, *st);
  if (!why) why = unsafe_directory(w.files, path);
  if (why) {
    out.problem = why;
    return true;
  }
  file->reset();
  auto text = w.files.read_file(path, kTextLimit);
  if (text.ok()) out.text = std::move(*text);
  else out.problem = "transient: " + text.error().text;
  return true;
}

}  // namespace

ipc::FileText read_forward(const World& w, const ipc::ReadForward& request) {
  ipc::FileText out;
  AsUser owner(request.as);
  if (!owner.entered().ok()) {
    out.found = true;
    out.problem = "transient: " + owner.entered().error().text;
    return out;
  }
  for (const std::string& path : request.paths) {
    if (read_one(w, request.as, path, true, out)) return out;
  }
  return out;
}

ipc::FileText read_include(const World& w, const ipc::ReadInclude& request) {
  ipc::FileText out;
  AsUser owner(request.as);
  if (!owner.entered().ok()) {
    out.problem = "transient: " + owner.entered().error().text;
    return out;
  }
  // An :include: of the aliases file may belong to anybody; what it may do is decided by its owner (route).
  if (!read_one(w, request.as, request.path, false, out)) out.problem = "No such file or directory";
  return out;
}

}  // namespace hky::agent
