// FileSystem: the only door to files. Production opens it on the kernel; the simulator on a disk that forgets what was
// not synced (sim_file_system.h). Paths are absolute or relative to the process; nothing here follows --root: callers
// hand in full paths. Errors are temporary and carry the errno in Error::sys.
// Threads: a FileSystem serves all threads; a File one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hky {

struct FileStat {
  enum class Type { kFile, kDirectory, kSymlink, kOther };
  Type type = Type::kFile;
  uint64_t device = 0, inode = 0, size = 0, links = 1;
  uint32_t mode = 0;  // permission bits, 07777
  uint32_t uid = 0, gid = 0;
  int64_t mtime_ns = 0;
  bool is_file() const { return type == Type::kFile; }
  bool is_directory() const { return type == Type::kDirectory; }
};

struct OpenHow {
  bool read = false, write = false;
  bool append = false;     // every write goes to the end
  bool create = false;
  bool exclusive = false;  // with create: EEXIST when there
  bool truncate = false;
  bool no_follow = false;  // a symbolic link as last part: ELOOP
  bool non_block = false;  // never wait for a FIFO's other end
  uint32_t mode = 0600;    // with create, less the umask
};
inline OpenHow open_to_read() { OpenHow h; h.read = true; return h; }
inline OpenHow open_to_append(uint32_t mode = 0600) { OpenHow h; h.write = h.append = h.create = true; h.mode = mode; return h; }
inline OpenHow open_to_write(uint32_t mode = 0600) { OpenHow h; h.write = h.create = h.truncate = true; h.mode = mode; return h; }
inline OpenHow open_new(uint32_t mode = 0600) { OpenHow h; h.write = h.create = h.exclusive = true; h.mode = mode; return h; }

enum class LockKind { kShared, kExclusive };

class File {  // closed by its destructor, which drops its lock too
 public:
  virtual ~File() = default;
  virtual Result<size_t> read(std::span<char> into) = 0;                         // at the position; 0: end of file
  virtual Result<size_t> read_at(uint64_t offset, std::span<char> into) = 0;
  virtual Result<> write(std::string_view bytes) = 0;                            // all of it, or an error (part may be there)
  virtual Result<> write_at(uint64_t offset, std::string_view bytes) = 0;
  virtual Result<> truncate(uint64_t size) = 0;
  virtual Result<> sync() = 0;                                                   // data and size are on the disk
  virtual Result<FileStat> stat() = 0;
  virtual Result<> chmod(uint32_t mode) = 0;
  virtual Result<> chown(uint32_t uid, uint32_t gid) = 0;
  // fcntl lock on the whole file, as mail readers take it. false: another holds it. Never waits.
  virtual Result<bool> try_lock(LockKind kind) = 0;
  virtual Result<> unlock() = 0;
  virtual int descriptor() const { return -1; }                                  // the kernel's, where there is one
};

// What follows the position, EFBIG where that is more than `limit` bytes. `path` is for the error's words.
Result<std::string> read_rest(File& file, const std::string& path, uint64_t limit);

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenHow how) = 0;
  virtual Result<FileStat> stat(const std::string& path) = 0;
  virtual Result<FileStat> lstat(const std::string& path) = 0;
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<> link(const std::string& from, const std::string& to) = 0;
  virtual Result<> unlink(const std::string& path) = 0;
  virtual Result<> mkdir(const std::string& path, uint32_t mode) = 0;
  virtual Result<> rmdir(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;  // names, sorted, without . and ..
  virtual Result<> sync_directory(const std::string& directory) = 0;               // its entries are on the disk
  virtual Result<> chmod(const std::string& path, uint32_t mode) = 0;
  virtual Result<> chown(const std::string& path, uint32_t uid, uint32_t gid) = 0;

  // In terms of the above.
  bool exists(const std::string& path);
  // Refuses what is larger than `limit` with EFBIG.
  Result<std::string> read_file(const std::string& path, uint64_t limit = 64u << 20);
  // Whole or not at all, also after a power cut: a new file is written, synced, renamed over, the directory synced.
  Result<> replace_file(const std::string& path, std::string_view bytes, uint32_t mode = 0600);
  // Missing parents too.
  Result<> make_directories(const std::string& path, uint32_t mode = 0755);
};

FileSystem& kernel_file_system();
// A process that gave up root may still be let read certain files: where open() to read meets EACCES, the helper is asked
// for a descriptor (process/file_broker.h). Set once, before the process has threads.
void set_read_helper(std::function<Result<int>(const std::string& path)> helper);

std::string directory_of(const std::string& path);  // "." where there is none

}  // namespace hky
