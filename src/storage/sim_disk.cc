#include "storage/sim_disk.h"

#include <cerrno>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace hky::storage {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus to_status(const Error& error) {
  if (error.sys == ENOENT) return IOStatus::PathNotFound(error.text);
  if (error.sys == ENOSPC) return IOStatus::NoSpace(error.text);
  return IOStatus::IOError(error.text);
}
template <class T>
IOStatus to_status(const Result<T>& result) {
  return result.ok() ? IOStatus::OK() : to_status(result.error());
}

IOStatus read_at(File& file, uint64_t offset, size_t n, Slice* result, char* scratch) {
  size_t have = 0;
  while (have < n) {
    auto got = file.read_at(offset + have, std::span<char>(scratch + have, n - have));
    if (!got.ok()) return to_status(got);
    if (*got == 0) break;
    have += *got;
  }
  *result = Slice(scratch, have);
  return IOStatus::OK();
}

class SequentialFile : public rocksdb::FSSequentialFile {
 public:
  explicit SequentialFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    IOStatus status = read_at(*file_, position_, n, result, scratch);
    if (status.ok()) position_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t n) override {
    position_ += n;
    return IOStatus::OK();
  }

 private:
  std::unique_ptr<File> file_;
  uint64_t position_ = 0;
};

class RandomAccessFile : public rocksdb::FSRandomAccessFile {
 public:
  explicit RandomAccessFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    std::lock_guard lock(mutex_);  // a File serves one thread at a time
    return read_at(*file_, offset, n, result, scratch);
  }

 private:
  mutable std::mutex mutex_;
  std::unique_ptr<File> file_;
};

class WritableFile : public rocksdb::FSWritableFile {
 public:
  WritableFile(std::unique_ptr<File> file, uint64_t size) : file_(std::move(file)), size_(size) {}
  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    auto written = file_->write(std::string_view(data.data(), data.size()));
    if (written.ok()) size_ += data.size();
    return to_status(written);
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    auto cut = file_->truncate(size);
    if (cut.ok()) size_ = size;
    return to_status(cut);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return to_status(file_->sync()); }
  bool IsSyncThreadSafe() const override { return true; }  // SimFileSystem locks every call
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

 private:
  std::unique_ptr<File> file_;
  uint64_t size_;
};

class Directory : public rocksdb::FSDirectory {
 public:
  Directory(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return to_status(files_.sync_directory(path_)); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  FileSystem& files_;
  const std::string path_;
};

class Lock : public rocksdb::FileLock {
 public:
  explicit Lock(std::unique_ptr<File> file) : file_(std::move(file)) {}

 private:
  std::unique_ptr<File> file_;
};

class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

class Adapter : public rocksdb::FileSystem {
 public:
  explicit Adapter(hky::FileSystem& files) : files_(files) {}
  const char* Name() const override { return "HikyakuSimDisk"; }

  IOStatus NewSequentialFile(const std::string& name, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* out, IODebugContext*) override {
    return open(name, open_to_read(), [&](auto file) { *out = std::make_unique<SequentialFile>(std::move(file)); });
  }
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* out, IODebugContext*) override {
    return open(name, open_to_read(), [&](auto file) { *out = std::make_unique<RandomAccessFile>(std::move(file)); });
  }
  IOStatus NewWritableFile(const std::string& name, const FileOptions&, std::unique_ptr<rocksdb::FSWritableFile>* out,
                           IODebugContext*) override {
    return open(name, open_to_write(), [&](auto file) { *out = std::make_unique<WritableFile>(std::move(file), 0); });
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions&, std::unique_ptr<rocksdb::FSDirectory>* out,
                        IODebugContext*) override {
    *out = std::make_unique<Directory>(files_, name);
    return IOStatus::OK();
  }
  IOStatus FileExists(const std::string& name, const IOOptions&, IODebugContext*) override {
    auto stat = files_.stat(name);
    return stat.ok() ? IOStatus::OK() : stat.error().sys == ENOENT ? IOStatus::NotFound(name) : to_status(stat.error());
  }
  IOStatus GetChildren(const std::string& dir, const IOOptions&, std::vector<std::string>* out, IODebugContext*) override {
    auto names = files_.list(dir);
    if (names.ok()) *out = std::move(*names);
    return to_status(names);
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions&, IODebugContext*) override {
    return to_status(files_.unlink(name));
  }
  IOStatus CreateDir(const std::string& dir, const IOOptions&, IODebugContext*) override {
    return to_status(files_.mkdir(dir, 0700));
  }
  IOStatus CreateDirIfMissing(const std::string& dir, const IOOptions&, IODebugContext*) override {
    return to_status(files_.make_directories(dir, 0700));
  }
  IOStatus DeleteDir(const std::string& dir, const IOOptions&, IODebugContext*) override {
    return to_status(files_.rmdir(dir));
  }
  IOStatus GetFileSize(const std::string& name, const IOOptions&, uint64_t* size, IODebugContext*) override {
    auto stat = files_.stat(name);
    if (stat.ok()) *size = stat->size;
    return to_status(stat);
  }
  IOStatus GetFileModificationTime(const std::string& name, const IOOptions&, uint64_t* time, IODebugContext*) override {
    auto stat = files_.stat(name);
    if (stat.ok()) *time = static_cast<uint64_t>(stat->mtime_ns / 1'000'000'000);
    return to_status(stat);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) override {
    return to_status(files_.rename(from, to));
  }
  IOStatus LockFile(const std::string& name, const IOOptions&, rocksdb::FileLock** out, IODebugContext*) override {
    auto file = files_.open(name, open_to_append());
    if (!file.ok()) return to_status(file);
    auto locked = (*file)->try_lock(LockKind::kExclusive);
    if (!locked.ok()) return to_status(locked);
    if (!*locked) return IOStatus::IOError("lock " + name + ": held by another");
    *out = std::make_unique<Lock>(std::move(*file)).release();  // RocksDB's interface: UnlockFile takes it back
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    std::unique_ptr<rocksdb::FileLock> owned(lock);
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = std::string(1, '/');   // a literal: GCC 12 warns of its own library (-Wrestrict)
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* out, IODebugContext*) override {
    *out = path;
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is, IODebugContext*) override {
    auto stat = files_.stat(path);
    if (stat.ok()) *is = stat->is_directory();
    return to_status(stat);
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* out,
                     IODebugContext*) override {
    *out = std::make_shared<NoLog>();
    return IOStatus::OK();
  }

 private:
  template <class Make>
  IOStatus open(const std::string& name, OpenHow how, Make make) {
    auto file = files_.open(name, how);
    if (file.ok()) make(std::move(*file));
    return to_status(file);
  }

  hky::FileSystem& files_;
};

}  // namespace

SimDisk::SimDisk(FileSystem& files) : env_(rocksdb::NewCompositeEnv(std::make_shared<Adapter>(files))) {}
SimDisk::~SimDisk() = default;

}  // namespace hky::storage
