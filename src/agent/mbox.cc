// Appending to mailboxes: see mbox.h.
#include "agent/mbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "agent/append_journal.h"
#include "agent/dot_lock.h"
#include "agent/identity.h"

namespace hky::agent {
namespace {

OpenHow append_how(bool symlinks) {
  OpenHow how;
  how.read = how.write = how.append = how.non_block = true;
  how.no_follow = !symlinks;
  return how;
}

// sendmail: mailfile(): a file with set-id bits is written as its owner, or with its group; root's is not.
ipc::Who writer_of(const World& w, const AppendJob& job) {
  constexpr uint32_t kSetUser = 04000, kSetGroup = 02000;
  ipc::Who who = job.as;
  const auto st = job.set_id ? w.files.lstat(job.path) : Result<FileStat>(FileStat());
  if (!st.ok() || !st->is_file()) return who;
  if ((st->mode & kSetUser) != 0 && st->uid != 0) {
    who.uid = st->uid;
    who.user.clear();
  }
  if ((st->mode & kSetGroup) != 0) who.gid = st->gid;
  return who;
}

Error refused(const std::string& path, const char* why) { return permanent_error(path + ": " + why); }

// Errors that no later attempt will cure unless somebody changes the file.
Error judge(Error e, const std::string& path, bool mailbox) {
  if (e.sys == ELOOP) return refused(path, "Symbolic links not allowed");
  if (e.sys == EISDIR) return refused(path, "Regular files only");
  if (e.sys == EDQUOT) e.enhanced = "4.2.2";
  // sendmail: a file of an alias that cannot be opened is "can't create output", for good.
  bool hopeless = e.sys == EACCES || e.sys == ENOENT || e.sys == ENOTDIR || e.sys == EROFS || e.sys == ENXIO;
  if (!mailbox && hopeless) {
    e.kind = ErrorKind::kPermanent;
    e.smtp_code = 550;
    e.enhanced = "5.0.0";
  }
  return e;
}

// A new mailbox in a spool that only root can write to is made by root and given to its owner.
Result<std::unique_ptr<File>> create_file(const World& w, const AppendJob& job) {
  OpenHow how = append_how(job.symlinks);
  how.create = how.exclusive = true;
  how.mode = 0600;
  Result<std::unique_ptr<File>> made = [&] {
    AsUser owner(job.as);
    if (!owner.entered().ok()) return Result<std::unique_ptr<File>>(owner.entered().error());
    return w.files.open(job.path, how);
  }();
  if (!made.ok() && made.error().sys == EACCES && job.dot_lock && can_change_user()) {
    made = w.files.open(job.path, how);
    if (made.ok()) HKY_TRY((*made)->chown(job.as.uid, job.as.gid));
  }
  if (made.ok()) HKY_TRY(w.files.sync_directory(directory_of(job.path)));
  return made;
}

// Nothing on the way below job.below is a link or leads back up. What is not there stops nobody: opening it says so.
Result<> stays_below(const World& w, const AppendJob& job) {
  for (size_t at = job.below.size(); at < job.path.size();) {
    const size_t end = std::min(job.path.find('/', at + 1), job.path.size());
    const std::string here = job.path.substr(0, end);
    if (here.ends_with("/..")) return refused(job.path, "Leads out of SafeFileEnvironment");
    const auto st = w.files.lstat(here);
    if (st.ok() && st->type == FileStat::Type::kSymlink) return refused(job.path, "Symbolic links not allowed");
    at = end;
  }
  return {};
}

Result<std::unique_ptr<File>> open_target(const World& w, const AppendJob& job) {
  if (!job.below.empty()) HKY_TRY(stays_below(w, job));
  Result<std::unique_ptr<File>> file = [&] {
    AsUser owner(writer_of(w, job));
    if (!owner.entered().ok()) return Result<std::unique_ptr<File>>(owner.entered().error());
    return w.files.open(job.path, append_how(job.symlinks));
  }();
  if (!file.ok() && file.error().sys == ENOENT) file = create_file(w, job);
  if (!file.ok()) return judge(std::move(file).error(), job.path, job.dot_lock);
  return file;
}

Result<> check_target(const AppendJob& job, const FileStat& st) {
  if (!st.is_file()) return refused(job.path, "Regular files only");
  if (st.links > 1 && !job.hard_links) return refused(job.path, "Hard links not allowed");
  if (can_change_user() && job.dot_lock && job.as.uid != 0 && st.uid != job.as.uid) {
    return refused(job.path, "mailbox is owned by somebody else");
  }
  if ((st.mode & 0111) != 0) return refused(job.path, "Executable files not allowed");  // sendmail: files with x bits are no mail files
  return {};
}

// The lock in the spool: as the owner where the owner can, else as root.
Result<DotLock> take_lock(const World& w, const AppendJob& job) {
  Result<DotLock> lock = [&] {
    AsUser owner(job.as);
    if (!owner.entered().ok()) return Result<DotLock>(owner.entered().error());
    return DotLock::take(w, job.path);
  }();
  if (!lock.ok() && lock.error().sys == EACCES && can_change_user()) return DotLock::take(w, job.path);
  return lock;
}

Result<> lock_file(const World& w, File& file, const std::string& path) {
  const MonoTime give_up = w.clock.mono() + w.lock_wait;
  Duration pause = std::chrono::milliseconds(5);
  for (;;) {
    HKY_TRY_ASSIGN(bool locked, file.try_lock(LockKind::kExclusive));
    if (locked) return {};
    if (w.clock.mono() >= give_up) return temporary_error(path + ": mailbox is locked", 450, "4.2.0");
    w.pause(pause);
    pause = std::min<Duration>(pause * 2, std::chrono::milliseconds(250));
  }
}

// What must stand between the last byte and a From_ line, so that a torn message of another program swallows none of ours.
Result<std::string> separator(File& file, uint64_t size) {
  if (size == 0) return std::string();
  char last[2] = {'\n', '\n'};
  size_t want = size_t(std::min<uint64_t>(size, 2));
  HKY_TRY_ASSIGN(size_t n, file.read_at(size - want, std::span<char>(last + 2 - want, want)));
  if (n != want || last[1] != '\n') return std::string("\n\n");
  return std::string(last[0] == '\n' ? "" : "\n");
}

Result<> write_recorded(const World& w, File& file, const AppendJob& job, const FileStat& st) {
  HKY_TRY_ASSIGN(std::string bytes, separator(file, st.size));
  size_t total = bytes.size();
  for (std::string_view m : job.messages) total += m.size();
  bytes.reserve(total);
  for (std::string_view m : job.messages) bytes += m;

  std::optional<size_t> slot;
  if (w.journal) {
    AppendRecord record;
    record.path = job.path;
    record.inode = st.inode;
    record.before = st.size;
    record.length = bytes.size();
    record.hash = hash_of(bytes);
    record.head = bytes.substr(0, AppendJournal::kHead);
    HKY_TRY_ASSIGN(size_t begun, w.journal->begin(record));
    slot = begun;
  }
  Result<> done = file.write(bytes);
  if (done.ok()) done = file.sync();
  if (!done.ok()) {
    // None of it stays: the messages will come again.
    Result<> cut = file.truncate(st.size);
    if (cut.ok()) cut = file.sync();
    if (!cut.ok()) return done;  // the record stays: recovery cuts it
  }
  if (slot) w.journal->end(*slot);
  return done;
}

// --- recovery -----------------------------------------------------------------------------------------------------

enum class Tail { kNone, kWhole, kTorn, kForeign };

Result<Tail> look_at_tail(File& file, const AppendRecord& r) {
  HKY_TRY_ASSIGN(FileStat st, file.stat());
  if (st.inode != r.inode || st.size < r.before) return Tail::kForeign;
  if (st.size == r.before) return Tail::kNone;
  const uint64_t size = st.size - r.before;
  if (size > r.length) return Tail::kForeign;  // somebody wrote behind it: theirs must not be cut
  std::string tail(size, '\0');
  HKY_TRY_ASSIGN(size_t n, file.read_at(r.before, tail));
  if (n != size) return Tail::kForeign;
  if (size == r.length && hash_of(tail) == r.hash) return Tail::kWhole;
  std::string_view head = std::string_view(r.head).substr(0, size);
  if (tail.compare(0, head.size(), head) == 0) return Tail::kTorn;
  // A file system that gave the file its length but not yet its bytes shows zeros: those are nobody's mail.
  if (tail.find_first_not_of('\0') == std::string::npos) return Tail::kTorn;
  return Tail::kForeign;
}

Result<> recover_one(const World& w, const AppendRecord& r) {
  Result<std::unique_ptr<File>> file = w.files.open(r.path, append_how(true));
  if (!file.ok()) return file.error().sys == ENOENT ? Result<>() : Result<>(std::move(file).error());
  Result<DotLock> lock = DotLock::take(w, r.path);
  HKY_TRY(lock_file(w, **file, r.path));
  HKY_TRY_ASSIGN(Tail tail, look_at_tail(**file, r));
  if (tail == Tail::kForeign) {
    w.log.line(3, LogPriority::kWarning, "",
               fmt::format("{}: changed by another program since our append broke off at {}; left as it is", r.path, r.before));
  }
  if (tail != Tail::kTorn) return {};
  HKY_TRY_ASSIGN(FileStat st, (*file)->stat());
  HKY_TRY((*file)->truncate(r.before));
  HKY_TRY((*file)->sync());
  w.log.line(3, LogPriority::kNotice, "",
             fmt::format("{}: {} bytes of a message torn by a crash cut off", r.path, st.size - r.before));
  return {};
}

}  // namespace

Result<> append_messages(const World& w, const AppendJob& job) {
  if (job.path == "/dev/null") return {};  // sendmail: always safe, never locked
  std::optional<DotLock> lock;
  if (job.dot_lock) {
    Result<DotLock> taken = take_lock(w, job);
    if (!taken.ok()) return judge(std::move(taken).error(), job.path, true);
    lock.emplace(std::move(*taken));
  }
  HKY_TRY_ASSIGN(std::unique_ptr<File> file, open_target(w, job));
  HKY_TRY_ASSIGN(FileStat first, file->stat());
  HKY_TRY(check_target(job, first));
  HKY_TRY(lock_file(w, *file, job.path));
  // The length counts only under the lock.
  HKY_TRY_ASSIGN(FileStat st, file->stat());
  Result<> done = write_recorded(w, *file, job, st);
  if (!done.ok()) return judge(std::move(done).error(), job.path, job.dot_lock);
  return {};
}

Result<> recover_appends(const World& w) {
  if (!w.journal) return {};
  for (const AppendRecord& r : w.journal->left_over()) {
    Result<> one = recover_one(w, r);
    if (!one.ok()) w.log.line(2, LogPriority::kError, "", "recovery of " + r.path + ": " + one.error().text);
  }
  return w.journal->settle();
}

}  // namespace hky::agent
