// Maps that are files: hash, btree, text, implicit. Each is an immutable Table; at most once a second its file is asked
// with stat, and when it changed the new contents are read and swapped in. A file that is locked by a writer, or damaged
// because one stopped half way, leaves the old snapshot in place.
// sendmail: db_map_lookup(), text_map_lookup(), impl_map_lookup(), readaliases().
#include <sys/file.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/strings.h"
#include "maps/class_map.h"
#include "maps/db_reader.h"
#include "maps/table.h"
#include "maps/value.h"

namespace hky::maps {
namespace {

constexpr uint64_t kMaxFile = 2ULL << 30;
constexpr int64_t kCheckEvery = 1'000'000'000;  // ns between two looks at a file
constexpr int kLockTries = 50;                  // of 100 ms, where there is no older snapshot to answer from

struct FileId {
  uint64_t device = 0, inode = 0, size = 0;
  int64_t mtime_ns = 0;
  bool operator==(const FileId&) const = default;
};

FileId id_of(const FileStat& s) {
  FileId id;
  id.device = s.device;
  id.inode = s.inode;
  id.size = s.size;
  id.mtime_ns = s.mtime_ns;
  return id;
}

struct Contents { std::string bytes; FileId id; };

// The file under a shared flock, as sendmail's writers take it exclusively; it did not change while it was read.
Result<Contents> read_locked(const std::string& path, int tries) {
  FileSystem& fs = kernel_file_system();
  for (int attempt = 0;; ++attempt) {
    HKY_TRY_ASSIGN(auto file, fs.open(path, open_to_read()));
    const int fd = file->descriptor();
    if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      if (attempt + 1 >= tries) return temporary_error(path + ": locked by another program");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    HKY_TRY_ASSIGN(const FileStat before, file->stat());
    if (before.size > kMaxFile) return permanent_error(path + ": too large");
    Contents c;
    c.bytes.resize(before.size);
    size_t have = 0;
    while (have < c.bytes.size()) {
      HKY_TRY_ASSIGN(const size_t n, file->read_at(have, std::span<char>(c.bytes.data() + have, c.bytes.size() - have)));
      if (n == 0) break;
      have += n;
    }
    c.bytes.resize(have);
    HKY_TRY_ASSIGN(const FileStat after, file->stat());
    c.id = id_of(after);
    if (id_of(before) == c.id) return c;
    if (attempt + 1 >= tries) return temporary_error(path + ": changes while it is read");
  }
}

class FileMap : public ClassMap {
 public:
  using ClassMap::ClassMap;

  bool open(std::string& why) override {
    auto t = table(true);
    if (t != nullptr) return true;
    const std::lock_guard<std::mutex> hold(mutex_);
    why = missing_ && spec_.optional ? std::string() : error_;
    return false;
  }

  bool lookup_now(const Question& q, MapAnswer& out) override {
    const auto t = table(false);
    if (t == nullptr) {
      out = not_open();
      return true;
    }
    out = answer(*t, q);
    return true;
  }

 protected:
  virtual std::string file() const = 0;
  virtual Result<> load(std::string_view bytes, Table& into) const = 0;
  virtual MapAnswer answer(const Table& t, const Question& q) const = 0;
  virtual std::string cannot_open(const Error& e) const = 0;
  virtual std::string distrusted(const std::string& why) const = 0;

 private:
  MapAnswer not_open() {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (missing_ && spec_.optional) return missed(0);
    MapAnswer a = missed(kExTempFail);
    a.message = error_;
    return a;
  }

  std::shared_ptr<const Table> table(bool force) {
    const int64_t now = world_.clock().mono().time_since_epoch().count();
    if (!force && now < next_check_.load(std::memory_order_acquire)) return std::atomic_load(&current_);
    const std::lock_guard<std::mutex> hold(mutex_);
    auto old = std::atomic_load(&current_);
    if (!force && now < next_check_.load(std::memory_order_relaxed)) return old;
    refresh(old != nullptr);
    next_check_.store(now + kCheckEvery, std::memory_order_release);
    return std::atomic_load(&current_);
  }

  void refresh(bool have_old) {
    const std::string path = world_.path(file());
    auto st = kernel_file_system().stat(path);
    if (st.ok() && have_old && id_of(*st) == id_) return;
    if (!st.ok()) {
      // sendmail keeps the descriptor of a file that was removed: the old snapshot goes on answering.
      if (!have_old) note(cannot_open(st.error()), true);
      return;
    }
    if (const std::string why = world_.env.distrust ? world_.env.distrust(file()) : ""; !why.empty()) {
      if (!have_old) note(distrusted(why), true);   // sendmail: an optional map that is not believed is as one that is missing
      return;
    }
    auto contents = read_locked(path, have_old ? 1 : kLockTries);
    if (!contents.ok()) {
      if (!have_old) note(cannot_open(contents.error()), false);
      return;
    }
    auto fresh = std::make_shared<Table>();
    auto loaded = load(contents->bytes, *fresh);
    if (!loaded.ok()) {
      if (!have_old) note(cannot_open(loaded.error()), false);
      if (world_.env.log) world_.env.log(3, loaded.error().text);
      return;
    }
    fresh->finish();
    id_ = contents->id;
    std::atomic_store(&current_, std::shared_ptr<const Table>(std::move(fresh)));
  }

  void note(std::string error, bool missing) {
    missing_ = missing;
    error_ = std::move(error);
  }

  std::mutex mutex_;
  std::shared_ptr<const Table> current_;
  std::atomic<int64_t> next_check_{INT64_MIN};
  FileId id_;
  bool missing_ = false;
  std::string error_;
};

// The reason at the end of an Error's text, as strerror says it.
std::string reason(const Error& e) { return e.sys != 0 ? std::string(std::strerror(e.sys)) : e.text; }

class DbMap : public FileMap {
 public:
  using FileMap::FileMap;

 protected:
  std::string file() const override { return spec_.source.ends_with(".db") ? spec_.source : spec_.source + ".db"; }
  Result<> load(std::string_view bytes, Table& into) const override {
    HKY_TRY_ASSIGN(const auto entries, parse_db_image(bytes, file()));
    size_t total = 0;
    for (const auto& e : entries) total += e.key.size() + e.value.size();
    into.reserve(entries.size(), total);
    for (size_t i = 0; i < entries.size(); ++i) {
      std::string joined;   // -z: the values of a key that comes more than once; they stand side by side
      while (!spec_.column_delimiter.empty() && i + 1 < entries.size() && entries[i + 1].key == entries[i].key) joined += std::string(entries[i++].value) + spec_.column_delimiter;
      if (!into.add(entries[i].key, joined.empty() ? entries[i].value : joined + std::string(entries[i].value))) return permanent_error(file() + ": too large");
    }
    return {};
  }
  MapAnswer answer(const Table& t, const Question& q) const override {
    std::string key = fold_key(q.key);
    std::string_view value;
    const bool without = spec_.try_null_both || !spec_.append_null;
    if (without && t.find(key, value)) return found(q, value);
    const bool with = spec_.append_null || (spec_.try_null_both && t.any_nul_keys());
    if (with) {
      key.push_back('\0');
      if (t.find(key, value)) return found(q, value);
    }
    return missed(0);
  }
  std::string cannot_open(const Error& e) const override {
    if (e.sys != 0) return fmt::format("{} map \"{}\": missing map file {}: {}", spec_.map_class, spec_.name, file(), reason(e));
    return fmt::format("{} map \"{}\": {}", spec_.map_class, spec_.name, e.text);
  }
  std::string distrusted(const std::string& why) const override {
    return fmt::format("{} map \"{}\": unsafe map file {}: {}", spec_.map_class, spec_.name, file(), why);
  }
};

class TextMap : public FileMap {
 public:
  using FileMap::FileMap;
  bool open(std::string& why) override {
    if (!column(spec_.key_column, key_) || !column(spec_.value_column, value_)) {
      why = fmt::format("text map \"{}\", file {}: -{} should specify a number, not {}", spec_.name, spec_.source,
                        column(spec_.key_column, key_) ? "v" : "k", column(spec_.key_column, key_) ? spec_.value_column : spec_.key_column);
      return false;
    }
    return FileMap::open(why);
  }

 protected:
  std::string file() const override { return spec_.source; }
  Result<> load(std::string_view bytes, Table& into) const override {
    const char delim = spec_.column_delimiter.empty() ? '\0' : spec_.column_delimiter[0];
    for (const auto line : split(bytes, '\n')) {
      std::string_view key;
      std::string_view value;
      if (line.empty() || line[0] == '#' || !get_column(line, key_, delim, key)) continue;
      // A line whose value column is missing still stops the search: "no value" is marked by a NUL in front.
      if (get_column(line, value_, delim, value)) into.add(lower(key), value);
      else into.add(lower(key), std::string_view("\0", 1));
    }
    return {};
  }
  MapAnswer answer(const Table& t, const Question& q) const override {
    std::string_view value;
    if (!t.find(lower(q.key), value) || value == std::string_view("\0", 1)) return missed(kExNotFound);
    return found(q, value);
  }
  std::string cannot_open(const Error& e) const override {
    if (e.sys == ENOENT) return fmt::format("text map \"{}\": unsafe map file {}", spec_.name, file());
    return fmt::format("text map \"{}\": unsafe map file {}: {}", spec_.name, file(), reason(e));
  }
  std::string distrusted(const std::string&) const override { return fmt::format("text map \"{}\": unsafe map file {}", spec_.name, file()); }

 private:
  static bool column(const std::string& text, size_t& out) {
    if (text.empty()) return true;
    unsigned n = 0;
    const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
    if (r.ec != std::errc() || n > 1000) return false;
    out = n;
    return true;
  }
  size_t key_ = 0, value_ = 0;
};

// The text of an aliases file: "name: value", continuation lines begin with white space, '#' comments.
void load_alias_text(std::string_view bytes, Table& into) {
  std::string entry;
  auto flush = [&] {
    const size_t colon = entry.find(':');
    if (colon != std::string::npos) {
      const std::string key = lower(trim(std::string_view(entry).substr(0, colon)));
      into.add(strip_quotes(key), trim(std::string_view(entry).substr(colon + 1)));
    }
    entry.clear();
  };
  for (const auto line : split(bytes, '\n')) {
    if (!line.empty() && is_space(line[0])) {
      if (entry.empty()) continue;
      entry += ' ';
      entry += trim(line);
      continue;
    }
    flush();
    if (line.empty() || line[0] == '#') continue;
    entry = line;
  }
  flush();
}

// The plain text of an aliases file, where there is no database. sendmail: "reading text version".
class AliasTextMap : public FileMap {
 public:
  using FileMap::FileMap;

 protected:
  std::string file() const override { return spec_.source; }
  Result<> load(std::string_view bytes, Table& into) const override {
    load_alias_text(bytes, into);
    return {};
  }
  MapAnswer answer(const Table& t, const Question& q) const override {
    std::string_view value;
    return t.find(lower(q.key), value) ? found(q, value) : missed(0);
  }
  std::string cannot_open(const Error& e) const override { return fmt::format("cannot open alias database {}: {}", file(), reason(e)); }
  std::string distrusted(const std::string& why) const override { return fmt::format("cannot open alias database {}: {}", file(), why); }
};

// implicit: the database beside the text file, else the text file itself.
class ImplicitMap : public ClassMap {
 public:
  ImplicitMap(MapSpec spec, World& world) : ClassMap(std::move(spec), world), db_(as_hash(spec_), world), text_(spec_, world) {}
  bool open(std::string& why) override {
    std::string ignored;
    return db_.open(ignored) || text_.open(why);
  }
  bool lookup_now(const Question& q, MapAnswer& out) override {
    db_.lookup_now(q, out);
    if (out.status == Status::kTempFail) text_.lookup_now(q, out);
    return true;
  }

 private:
  static MapSpec as_hash(MapSpec spec) {
    spec.optional = false;
    return spec;
  }
  DbMap db_;
  AliasTextMap text_;
};

}  // namespace

std::unique_ptr<Map> make_file_map(MapSpec spec, World& world) {
  if (spec.map_class == "hash" || spec.map_class == "btree") return std::make_unique<DbMap>(std::move(spec), world);
  if (spec.map_class == "text") return std::make_unique<TextMap>(std::move(spec), world);
  if (spec.map_class == "stab") return std::make_unique<AliasTextMap>(std::move(spec), world);
  if (spec.map_class == "implicit") return std::make_unique<ImplicitMap>(std::move(spec), world);
  return nullptr;
}

}  // namespace hky::maps
