// DbWriter over Berkeley DB: this file and nothing else calls the library.
#include <db.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/file_system.h"
#include "maps/makemap.h"

namespace hky::maps {
namespace {

constexpr uint64_t kMaxFile = 2ULL << 30;

Error db_error(int rc, const std::string& what) {
  if (rc > 0) return errno_error(rc, what);  // the library hands errno values through
  return temporary_error(fmt::format("{}: {}", what, db_strerror(rc)));
}

}  // namespace

struct DbWriter::Impl {
  std::string path, fresh;
  DbWriteOptions options;
  std::unique_ptr<File> old_file;  // locked while we write
  FileStat old_stat;
  DB* db = nullptr;
  bool committed = false;

  ~Impl() {
    if (db != nullptr) db->close(db, DB_NOSYNC);
    if (!committed) (void)kernel_file_system().unlink(fresh).ok();
  }

  // sendmail's own makemap and newaliases lock the database with flock while they write it.
  Result<> lock_old() {
    FileSystem& fs = kernel_file_system();
    OpenHow how;
    how.read = how.write = true;
    auto file = fs.open(path, how);
    if (!file.ok()) {
      if (file.error().sys == ENOENT) return {};
      return std::move(file).error();
    }
    old_file = std::move(*file);
    if (old_file->descriptor() >= 0 && flock(old_file->descriptor(), LOCK_EX) != 0) return errno_error(errno, "cannot lock " + path);
    HKY_TRY_ASSIGN(old_stat, old_file->stat());
    return {};
  }

  Result<> begin() {
    FileSystem& fs = kernel_file_system();
    HKY_TRY(lock_old());
    if (options.append) {
      HKY_TRY_ASSIGN(const std::string bytes, fs.read_file(path, kMaxFile));
      HKY_TRY(parse_db_image(bytes, path));
      HKY_TRY(fs.replace_file(fresh, bytes, options.mode));
    } else if (auto gone = fs.unlink(fresh); !gone.ok() && gone.error().sys != ENOENT) {
      return std::move(gone).error();
    }
    if (const int rc = db_create(&db, nullptr, 0); rc != 0) return db_error(rc, "Berkeley DB");
    db->set_errcall(db, [](const DB_ENV*, const char*, const char*) {});
    db->set_cachesize(db, 0, static_cast<u_int32_t>(options.cache_bytes), 1);
    if (options.duplicates) db->set_flags(db, DB_DUP);
    const DBTYPE type = options.append ? DB_UNKNOWN : options.btree ? DB_BTREE : DB_HASH;
    const u_int32_t flags = options.append ? 0 : DB_CREATE | DB_EXCL;
    const int rc = db->open(db, nullptr, fresh.c_str(), nullptr, type, flags, static_cast<int>(options.mode));
    if (rc != 0) return db_error(rc, path);
    return {};
  }

  Result<> commit() {
    FileSystem& fs = kernel_file_system();
    DB* closing = std::exchange(db, nullptr);
    if (const int rc = closing->close(closing, 0); rc != 0) return db_error(rc, path);
    if (old_file != nullptr) {
      HKY_TRY(fs.chmod(fresh, old_stat.mode & 07777));
      if (geteuid() == 0) HKY_TRY(fs.chown(fresh, old_stat.uid, old_stat.gid));
    }
    OpenHow how;
    how.read = how.write = true;
    HKY_TRY_ASSIGN(auto file, fs.open(fresh, how));
    HKY_TRY(file->sync());
    HKY_TRY(fs.rename(fresh, path));
    committed = true;
    return fs.sync_directory(directory_of(path));
  }
};

DbWriter::DbWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DbWriter::DbWriter(DbWriter&& other) noexcept = default;
DbWriter& DbWriter::operator=(DbWriter&& other) noexcept = default;
DbWriter::~DbWriter() = default;

Result<DbWriter> DbWriter::create(std::string path, DbWriteOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->path = std::move(path);
  impl->fresh = fmt::format("{}.new.{}", impl->path, ::getpid());
  impl->options = options;
  HKY_TRY(impl->begin());
  return DbWriter(std::move(impl));
}

Result<DbWriter::Put> DbWriter::put(std::string_view key, std::string_view value) {
  std::string k(key);
  std::string v(value);
  if (impl_->options.trailing_nul) {
    k.push_back('\0');
    v.push_back('\0');
  }
  DBT dk;
  DBT dv;
  std::memset(&dk, 0, sizeof dk);
  std::memset(&dv, 0, sizeof dv);
  dk.data = k.data();
  dk.size = static_cast<u_int32_t>(k.size());
  dv.data = v.data();
  dv.size = static_cast<u_int32_t>(v.size());
  const u_int32_t flags = impl_->options.duplicates || impl_->options.replace ? 0 : DB_NOOVERWRITE;
  const int rc = impl_->db->put(impl_->db, nullptr, &dk, &dv, flags);
  if (rc == DB_KEYEXIST) return Put::kDuplicate;
  if (rc != 0) return db_error(rc, impl_->path);
  return Put::kStored;
}

Result<bool> DbWriter::erase(std::string_view key) {
  std::string k(key);
  if (impl_->options.trailing_nul) k.push_back('\0');
  DBT dk;
  std::memset(&dk, 0, sizeof dk);
  dk.data = k.data();
  dk.size = static_cast<u_int32_t>(k.size());
  const int rc = impl_->db->del(impl_->db, nullptr, &dk, 0);
  if (rc == DB_NOTFOUND) return false;
  if (rc != 0) return db_error(rc, impl_->path);
  return true;
}

Result<> DbWriter::commit() { return impl_->commit(); }

Result<std::vector<DbEntry>> read_db_file(const std::string& path) {
  HKY_TRY_ASSIGN(const std::string bytes, kernel_file_system().read_file(path, kMaxFile));
  return parse_db_image(bytes, path);
}

}  // namespace hky::maps
