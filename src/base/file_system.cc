// FileSystem on the kernel, and what is made of its primitives: see file_system.h.
#include "base/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace hky {
namespace {

Result<> outcome(int rc, const char* act, const std::string& path) {
  if (rc == 0) return {};
  return errno_error(errno, std::string(act) + " " + path);
}

FileStat to_stat(const struct stat& s) {
  FileStat out;
  out.type = S_ISREG(s.st_mode)   ? FileStat::Type::kFile
             : S_ISDIR(s.st_mode) ? FileStat::Type::kDirectory
             : S_ISLNK(s.st_mode) ? FileStat::Type::kSymlink
                                  : FileStat::Type::kOther;
  out.device = s.st_dev;
  out.inode = s.st_ino;
  out.size = uint64_t(s.st_size);
  out.links = s.st_nlink;
  out.mode = s.st_mode & 07777;
  out.uid = s.st_uid;
  out.gid = s.st_gid;
  out.mtime_ns = int64_t{s.st_mtim.tv_sec} * 1'000'000'000 + s.st_mtim.tv_nsec;
  return out;
}

// sendmail's readers take fcntl locks. The lock belongs to the open file, not the process, where the kernel can do it:
// several workers of one process then keep each other out, and closing another descriptor of the file drops nothing.
#ifdef F_OFD_SETLK
constexpr int kSetLock = F_OFD_SETLK;
#else
constexpr int kSetLock = F_SETLK;
#endif

class KernelFile : public File {
 public:
  KernelFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~KernelFile() override { ::close(fd_); }

  Result<size_t> read(std::span<char> into) override {
    for (;;) {
      ssize_t n = ::read(fd_, into.data(), into.size());
      if (n >= 0) return size_t(n);
      if (errno != EINTR) return errno_error(errno, "read " + path_);
    }
  }
  Result<size_t> read_at(uint64_t offset, std::span<char> into) override {
    for (;;) {
      ssize_t n = ::pread(fd_, into.data(), into.size(), off_t(offset));
      if (n >= 0) return size_t(n);
      if (errno != EINTR) return errno_error(errno, "read " + path_);
    }
  }
  Result<> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno_error(errno, "write " + path_);
      bytes.remove_prefix(size_t(n));
    }
    return {};
  }
  Result<> write_at(uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), off_t(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno_error(errno, "write " + path_);
      bytes.remove_prefix(size_t(n));
      offset += uint64_t(n);
    }
    return {};
  }
  Result<> truncate(uint64_t size) override { return outcome(::ftruncate(fd_, off_t(size)), "truncate", path_); }
  Result<> sync() override { return outcome(::fsync(fd_), "sync", path_); }
  Result<FileStat> stat() override {
    struct stat s {};
    if (::fstat(fd_, &s) != 0) return errno_error(errno, "stat " + path_);
    return to_stat(s);
  }
  Result<> chmod(uint32_t mode) override { return outcome(::fchmod(fd_, mode), "chmod", path_); }
  Result<> chown(uint32_t uid, uint32_t gid) override { return outcome(::fchown(fd_, uid, gid), "chown", path_); }
  Result<bool> try_lock(LockKind kind) override {
    return set_lock(kind == LockKind::kShared ? F_RDLCK : F_WRLCK);
  }
  Result<> unlock() override {
    HKY_TRY(set_lock(F_UNLCK));
    return {};
  }
  int descriptor() const override { return fd_; }

 private:
  Result<bool> set_lock(int type) {
    struct flock lock {};
    lock.l_type = short(type);
    lock.l_whence = SEEK_SET;
    if (::fcntl(fd_, kSetLock, &lock) == 0) return true;
    if (errno == EAGAIN || errno == EACCES) return false;
    return errno_error(errno, "lock " + path_);
  }

  int fd_;
  std::string path_;
};

int open_flags(const OpenHow& how) {
  int flags = O_CLOEXEC | O_NOCTTY;
  if (how.read && how.write) flags |= O_RDWR;
  else if (how.write) flags |= O_WRONLY;
  else flags |= O_RDONLY;
  if (how.append) flags |= O_APPEND;
  if (how.create) flags |= O_CREAT;
  if (how.exclusive) flags |= O_EXCL;
  if (how.truncate) flags |= O_TRUNC;
  if (how.no_follow) flags |= O_NOFOLLOW;
  if (how.non_block) flags |= O_NONBLOCK;
  return flags;
}

std::function<Result<int>(const std::string&)>& read_helper() {
  static std::function<Result<int>(const std::string&)> helper;
  return helper;
}

class KernelFileSystem : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenHow how) override {
    for (;;) {
      int fd = ::open(path.c_str(), open_flags(how), how.mode);
      if (fd >= 0) return std::unique_ptr<File>(new KernelFile(fd, path));
      if (errno == EINTR) continue;
      const int err = errno;
      if (err != EACCES || how.write || !read_helper()) return errno_error(err, "open " + path);
      HKY_TRY_ASSIGN(fd, read_helper()(path));
      return std::unique_ptr<File>(new KernelFile(fd, path));
    }
  }
  Result<FileStat> stat(const std::string& path) override {
    struct stat s {};
    if (::stat(path.c_str(), &s) != 0) return errno_error(errno, "stat " + path);
    return to_stat(s);
  }
  Result<FileStat> lstat(const std::string& path) override {
    struct stat s {};
    if (::lstat(path.c_str(), &s) != 0) return errno_error(errno, "stat " + path);
    return to_stat(s);
  }
  Result<> rename(const std::string& from, const std::string& to) override {
    return outcome(::rename(from.c_str(), to.c_str()), "rename", from + " to " + to);
  }
  Result<> link(const std::string& from, const std::string& to) override {
    return outcome(::link(from.c_str(), to.c_str()), "link", from + " to " + to);
  }
  Result<> unlink(const std::string& path) override { return outcome(::unlink(path.c_str()), "unlink", path); }
  Result<> mkdir(const std::string& path, uint32_t mode) override {
    return outcome(::mkdir(path.c_str(), mode), "mkdir", path);
  }
  Result<> rmdir(const std::string& path) override { return outcome(::rmdir(path.c_str()), "rmdir", path); }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    DIR* dir = ::opendir(directory.c_str());
    if (!dir) return errno_error(errno, "open " + directory);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(dir)) {
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(dir);
    std::sort(names.begin(), names.end());
    return names;
  }
  Result<> sync_directory(const std::string& directory) override {
    int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno_error(errno, "open " + directory);
    Result<> result = outcome(::fsync(fd), "sync", directory);
    ::close(fd);
    return result;
  }
  Result<> chmod(const std::string& path, uint32_t mode) override {
    return outcome(::chmod(path.c_str(), mode), "chmod", path);
  }
  Result<> chown(const std::string& path, uint32_t uid, uint32_t gid) override {
    return outcome(::chown(path.c_str(), uid, gid), "chown", path);
  }
};

}  // namespace

void set_read_helper(std::function<Result<int>(const std::string& path)> helper) { read_helper() = std::move(helper); }

FileSystem& kernel_file_system() {
  static KernelFileSystem files;
  return files;
}

std::string directory_of(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool FileSystem::exists(const std::string& path) { return stat(path).ok(); }

Result<std::string> FileSystem::read_file(const std::string& path, uint64_t limit) {
  HKY_TRY_ASSIGN(std::unique_ptr<File> file, open(path, open_to_read()));
  return read_rest(*file, path, limit);
}

Result<std::string> read_rest(File& file, const std::string& path, uint64_t limit) {
  HKY_TRY_ASSIGN(FileStat st, file.stat());
  if (st.size > limit) return errno_error(EFBIG, "read " + path);
  std::string text;
  size_t have = 0;
  for (;;) {
    if (have == text.size()) text.resize(have + std::max<uint64_t>(st.size + 1 - std::min<uint64_t>(have, st.size), 4096));
    HKY_TRY_ASSIGN(size_t n, file.read(std::span<char>(text.data() + have, text.size() - have)));
    if (n == 0) break;
    have += n;
    if (have > limit) return errno_error(EFBIG, "read " + path);
  }
  text.resize(have);
  return text;
}

Result<> FileSystem::replace_file(const std::string& path, std::string_view bytes, uint32_t mode) {
  const std::string fresh = path + ".new";
  {
    HKY_TRY_ASSIGN(std::unique_ptr<File> file, open(fresh, open_to_write(mode)));
    HKY_TRY(file->write(bytes));
    HKY_TRY(file->sync());
  }
  HKY_TRY(rename(fresh, path));
  return sync_directory(directory_of(path));
}

Result<> FileSystem::make_directories(const std::string& path, uint32_t mode) {
  if (path.empty() || path == "/" || path == ".") return {};
  Result<> made = mkdir(path, mode);
  if (made.ok()) return {};
  if (made.error().sys == EEXIST) return {};
  if (made.error().sys != ENOENT) return made;
  HKY_TRY(make_directories(directory_of(path), mode));
  made = mkdir(path, mode);
  if (!made.ok() && made.error().sys == EEXIST) return {};
  return made;
}

}  // namespace hky
