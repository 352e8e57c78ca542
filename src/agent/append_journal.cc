// The record of appends under way: see append_journal.h.
#include "agent/append_journal.h"

#include <fmt/format.h>

#include <charconv>

#include "base/strings.h"

namespace hky::agent {
namespace {

std::string encode(const AppendRecord& r) {
  std::string body = r.path + r.head;
  std::string line = fmt::format("hky-append 1 A {} {} {} {:x} {} {}", r.inode, r.before, r.length, r.hash, r.path.size(),
                                 r.head.size());
  std::string slot = fmt::format("{} {:x}\n{}", line, hash_of(line + body), body);
  slot.resize(AppendJournal::kSlot, '\0');
  return slot;
}

template <class N>
bool number(std::string_view word, N& out, int base = 10) {
  auto [end, err] = std::from_chars(word.data(), word.data() + word.size(), out, base);
  return err == std::errc{} && end == word.data() + word.size();
}

// False: free, finished or torn.
bool decode(std::string_view slot, AppendRecord& r) {
  size_t line_end = slot.find('\n');
  if (line_end == std::string_view::npos) return false;
  std::string_view line = slot.substr(0, line_end);
  auto words = split(line, ' ');
  if (words.size() != 10 || words[0] != "hky-append" || words[1] != "1" || words[2] != "A") return false;
  size_t path_size = 0, head_size = 0;
  uint64_t check = 0;
  if (!number(words[3], r.inode) || !number(words[4], r.before) || !number(words[5], r.length) ||
      !number(words[6], r.hash, 16) || !number(words[7], path_size) || !number(words[8], head_size) ||
      !number(words[9], check, 16)) {
    return false;
  }
  std::string_view body = slot.substr(line_end + 1);
  if (path_size > body.size() || head_size > body.size() - path_size) return false;
  body = body.substr(0, path_size + head_size);
  std::string checked(line.substr(0, line.rfind(' ')));
  checked += body;
  if (hash_of(checked) != check) return false;
  r.path = body.substr(0, path_size);
  r.head = body.substr(path_size);
  return true;
}

}  // namespace

uint64_t hash_of(std::string_view bytes) {
  uint64_t h = 0xcbf29ce484222325;  // FNV-1a
  for (char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return h;
}

Result<std::unique_ptr<AppendJournal>> AppendJournal::open(FileSystem& files, const std::string& path) {
  OpenHow how;
  how.read = how.write = how.create = true;
  HKY_TRY_ASSIGN(std::unique_ptr<File> file, files.open(path, how));
  HKY_TRY(file->sync());
  HKY_TRY(files.sync_directory(directory_of(path)));
  HKY_TRY_ASSIGN(FileStat st, file->stat());
  std::unique_ptr<AppendJournal> journal(new AppendJournal(std::move(file)));
  journal->slots_ = size_t(st.size / kSlot);
  std::string slot(kSlot, '\0');
  for (size_t i = 0; i < journal->slots_; ++i) {
    HKY_TRY_ASSIGN(size_t n, journal->file_->read_at(i * kSlot, slot));
    AppendRecord record;
    if (n == kSlot && decode(slot, record)) {
      journal->left_over_.push_back(std::move(record));
      journal->left_slots_.push_back(i);
    } else {
      journal->free_.push_back(i);
    }
  }
  return journal;
}

Result<> AppendJournal::sync_shared(std::unique_lock<std::mutex>& hold) {
  const uint64_t mine = ++written_;
  while (synced_ < mine) {
    if (syncing_) {
      synced_more_.wait(hold);
      continue;
    }
    syncing_ = true;
    const uint64_t upto = written_;
    hold.unlock();
    Result<> done = file_->sync();
    hold.lock();
    syncing_ = false;
    synced_more_.notify_all();
    if (!done.ok()) return done;
    synced_ = std::max(synced_, upto);
  }
  return {};
}

Result<size_t> AppendJournal::begin(const AppendRecord& record) {
  if (record.path.size() + record.head.size() + 200 > kSlot) return permanent_error("file name too long: " + record.path);
  const std::string slot = encode(record);
  std::unique_lock hold(mutex_);
  if (free_.empty()) free_.push_back(slots_++);
  size_t at = free_.back();
  free_.pop_back();
  Result<> written = file_->write_at(at * kSlot, slot);
  if (written.ok()) written = sync_shared(hold);
  if (!written.ok()) {
    free_.push_back(at);
    return std::move(written).error();
  }
  return at;
}

void AppendJournal::end(size_t slot) {
  std::lock_guard hold(mutex_);
  Result<> marked = file_->write_at(slot * kSlot, "hky-append 1 -");
  (void)marked;  // at worst a recovery looks at a mailbox that is whole
  free_.push_back(slot);
}

Result<> AppendJournal::settle() {
  std::unique_lock hold(mutex_);
  if (left_slots_.empty()) return {};
  for (size_t slot : left_slots_) {
    HKY_TRY(file_->write_at(slot * kSlot, "hky-append 1 -"));
    free_.push_back(slot);
  }
  left_slots_.clear();
  left_over_.clear();
  return sync_shared(hold);
}

}  // namespace hky::agent
