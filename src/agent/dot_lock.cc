// Lock files beside mailboxes: see dot_lock.h.
#include "agent/dot_lock.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <charconv>

#include "base/strings.h"

namespace hky::agent {
namespace {

constexpr int64_t kOldAge = 300;  // sendmail: mail.local takes a lock file of five minutes for forgotten

struct Holder {
  int pid = 0;
  std::string host, nonce;
};

Holder parse_holder(std::string_view text) {
  Holder h;
  auto words = split_words(text);
  if (!words.empty()) std::from_chars(words[0].data(), words[0].data() + words[0].size(), h.pid);
  if (words.size() > 1) h.host = words[1];
  if (words.size() > 2) h.nonce = words[2];
  return h;
}

bool is_stale(const World& w, const FileStat& st, const Holder& holder) {
  int64_t born = st.mtime_ns / 1'000'000'000;
  if (born < w.boot_seconds) return true;
  bool here = holder.host.empty() || holder.host == w.host;
  if (here && holder.pid > 0) {
    if (!w.alive(holder.pid)) return true;
    if (holder.pid == w.pid && !holder.nonce.empty() && holder.nonce != w.nonce) return true;
    return false;  // it lives: however long it takes
  }
  return unix_seconds(w.clock.wall()) - born > kOldAge;
}

// One attempt: our file aside, then its name. False: somebody holds the lock.
Result<bool> try_take(const World& w, const std::string& lock, uint64_t& inode) {
  static std::atomic<unsigned> counter{0};
  const std::string aside = fmt::format("{}.{}.{}{}", lock, w.pid, w.nonce, counter.fetch_add(1));
  Result<> linked;
  {
    HKY_TRY_ASSIGN(std::unique_ptr<File> file, w.files.open(aside, open_new(0644)));
    Result<> written = file->write(fmt::format("{} {} {}\n", w.pid, w.host, w.nonce));
    if (written.ok()) {
      auto st = file->stat();
      if (st.ok()) inode = st->inode;
    }
    linked = written.ok() ? w.files.link(aside, lock) : written;
  }
  Result<> gone = w.files.unlink(aside);
  if (linked.ok()) {
    if (gone.ok()) return true;
    Result<> undone = w.files.unlink(lock);
    (void)undone;
    return std::move(gone).error();
  }
  if (linked.error().sys == EEXIST) return false;
  return std::move(linked).error();
}

// Removes a lock nobody stands behind. True: worth another attempt at once.
Result<bool> break_if_stale(const World& w, const std::string& lock) {
  auto st = w.files.lstat(lock);
  if (!st.ok()) return st.error().sys == ENOENT ? Result<bool>(true) : Result<bool>(std::move(st).error());
  Holder holder;
  auto text = w.files.read_file(lock, 4096);
  if (text.ok()) holder = parse_holder(*text);
  if (!is_stale(w, *st, holder)) return false;
  // Judged and removed must be the same file: another may have broken it and taken the lock meanwhile.
  auto again = w.files.lstat(lock);
  if (!again.ok() || again->inode != st->inode) return true;
  w.log.line(5, LogPriority::kNotice, "", fmt::format("stale lock {} of pid {} removed", lock, holder.pid));
  Result<> removed = w.files.unlink(lock);
  if (!removed.ok() && removed.error().sys != ENOENT) return std::move(removed).error();
  return true;
}

}  // namespace

Result<DotLock> DotLock::take(const World& w, const std::string& path) {
  const std::string lock = path + ".lock";
  const MonoTime give_up = w.clock.mono() + w.lock_wait;
  Duration pause = std::chrono::milliseconds(10);
  for (;;) {
    uint64_t inode = 0;
    HKY_TRY_ASSIGN(bool taken, try_take(w, lock, inode));
    if (taken) return DotLock(w, lock, inode);
    HKY_TRY_ASSIGN(bool again, break_if_stale(w, lock));
    if (w.clock.mono() >= give_up) return temporary_error(path + ": mailbox is locked", 450, "4.2.0");
    if (again) continue;
    w.pause(pause);
    pause = std::min<Duration>(pause * 2, std::chrono::milliseconds(250));
  }
}

void DotLock::release() {
  if (lock_.empty()) return;
  auto st = world_.files.lstat(lock_);
  if (st.ok() && st->inode == inode_) {
    Result<> removed = world_.files.unlink(lock_);
    (void)removed;  // it is stale as soon as we are gone
  }
  lock_.clear();
}

}  // namespace hky::agent
