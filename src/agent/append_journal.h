// AppendJournal: what is being appended to which mailbox, synced before the first byte is written, so that after a crash a
// torn tail can be told from mail and cut off (design, section 3). One file of slots of 4096 bytes; workers that begin at the
// same time share one sync. A slot is text:
//   "hky-append 1 <A|-> <inode> <before> <length> <hash of the appended bytes> <path bytes> <head bytes> <hash of the record>\n"
//   then the path and the first bytes of what is appended (its From_ line, with the queue id where the caller put one).
// A slot whose hash is wrong was torn itself: its append had not begun. "-": finished; that mark needs no sync of its own.
// Threads: any.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace hky::agent {

struct AppendRecord {
  std::string path;
  uint64_t inode = 0, before = 0, length = 0, hash = 0;
  std::string head;
};

uint64_t hash_of(std::string_view bytes);

class AppendJournal {
 public:
  static constexpr size_t kSlot = 4096;
  static constexpr size_t kHead = 200;

  // Opens or makes it. What an earlier run left unfinished is in left_over() and its slots are kept until settle().
  static Result<std::unique_ptr<AppendJournal>> open(FileSystem& files, const std::string& path);

  Result<size_t> begin(const AppendRecord& record);  // on the disk when it returns; the slot
  void end(size_t slot);

  const std::vector<AppendRecord>& left_over() const { return left_over_; }
  Result<> settle();  // all of left_over() has been seen to

 private:
  explicit AppendJournal(std::unique_ptr<File> file) : file_(std::move(file)) {}
  Result<> sync_shared(std::unique_lock<std::mutex>& hold);

  std::unique_ptr<File> file_;
  std::vector<AppendRecord> left_over_;
  std::vector<size_t> left_slots_;
  std::mutex mutex_;
  std::condition_variable synced_more_;
  std::vector<size_t> free_;
  size_t slots_ = 0;
  uint64_t written_ = 0, synced_ = 0;
  bool syncing_ = false;
};

}  // namespace hky::agent
