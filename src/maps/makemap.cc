// The commands makemap and editmap. sendmail: makemap.c, editmap.c; messages and exit codes as theirs.
#include "maps/makemap.h"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/strings.h"
#include "base/sysexits.h"

namespace hky::maps {
namespace {

constexpr size_t kMaxLine = 1024;
constexpr std::string_view kMakemapUsage =
    "Usage: makemap [-C cffile] [-N] [-c cachesize] [-D commentchar]\n"
    "               [-d] [-e] [-f] [-i type] [-l] [-o] [-r] [-s] [-t delimiter]\n"
    "               [-u] [-v] type mapname\n";
constexpr std::string_view kEditmapUsage = "Usage: editmap [-C cffile] [-N] [-f] [-q|-u|-x] maptype mapname key [ \"value ...\" ]\n";

// getopt(3): letters, with ':' those that take a value; words that are no options are collected, wherever they stand.
struct Options {
  std::string set;                     // the letters given
  std::string value[128];
  std::vector<std::string> words;
  bool has(char c) const { return set.find(c) != std::string::npos; }
  const std::string& of(char c) const { return value[static_cast<unsigned char>(c) & 127]; }
};

bool read_options(const std::vector<std::string>& args, std::string_view letters, const char* program, CommandIo& io, Options& out) {
  bool only_words = false;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& a = args[i];
    if (only_words || a.size() < 2 || a[0] != '-') {
      out.words.push_back(a);
      continue;
    }
    if (a == "--") {
      only_words = true;
      continue;
    }
    for (size_t k = 1; k < a.size(); ++k) {
      const size_t at = a[k] == ':' ? std::string_view::npos : letters.find(a[k]);
      if (at == std::string_view::npos) {
        io.err(fmt::format("{}: invalid option -- '{}'\n", program, a[k]));
        return false;
      }
      out.set += a[k];
      if (at + 1 >= letters.size() || letters[at + 1] != ':') continue;
      std::string v = a.substr(k + 1);
      if (v.empty() && i + 1 == args.size()) {
        io.err(fmt::format("{}: option requires an argument -- '{}'\n", program, a[k]));
        return false;
      }
      if (v.empty()) v = args[++i];
      out.value[static_cast<unsigned char>(a[k]) & 127] = v;
      break;
    }
  }
  return true;
}

// With its .db; what is relative is so to where the command runs.
std::string file_of(const std::string& map, const std::string& root) {
  return (map.starts_with('/') ? root : std::string()) + map + (map.ends_with(".db") ? "" : ".db");
}

bool known_type(const std::string& type) { return type == "hash" || type == "btree" || type == "implicit"; }

// sendmail: safedirpath(), for root alone.
void warn_of_directories(const std::string& root, const std::string& path, CommandIo& io) {
  if (!io.trusts) return;
  for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string dir = path.substr(0, slash);
    const auto st = kernel_file_system().stat(root + dir);
    if (st.ok() && (st->mode & 02) != 0) io.err(fmt::format("WARNING: World writable directory {}\n", dir));
  }
}

// What is no database of ours: sendmail's library says "Invalid argument".
std::string why(const Error& e) { return std::strerror(e.sys != 0 ? e.sys : EINVAL); }

int cannot_open(const char* program, const std::string& type, const std::string& map, const std::string& reason, CommandIo& io) {
  io.err(fmt::format("{}: error opening type {} map {}: {}\n", program, type, map, reason));
  return EX_CANTCREAT;
}

// The checks both commands begin with; EX_OK: go on.
int check_type(const char* program, const Options& o, const std::string& root, CommandIo& io) {
  const std::string& type = o.words[0];
  if (o.has('C') && !kernel_file_system().exists(root + o.of('C'))) {
    io.err(fmt::format("{}: {}: No such file or directory\n", program, o.of('C')));
    return EX_NOINPUT;
  }
  if (known_type(type)) return EX_OK;
  if (type == "dbm" || type == "cdb") {
    io.err(fmt::format("{}: Need to recompile with -D{} for {} support\n", program, type == "dbm" ? "NDBM" : "CDB", type));
    return EX_CANTCREAT;
  }
  return cannot_open(program, type, o.words[1], "Unknown database type", io);
}

// The meta page's magic number, in either byte order; false: of another kind. A file too short for it is the reader's to refuse.
bool kind_fits(const std::string& path, const std::string& type) {
  constexpr std::string_view kHash("\x61\x15\x06\0", 4), kBtree("\x62\x31\x05\0", 4);
  constexpr std::streamoff kMagicAt = 12;
  if (type != "hash" && type != "btree") return true;
  auto file = kernel_file_system().open(path, open_to_read());
  std::string magic(4, '\0');
  if (!file.ok() || (*file)->read_at(kMagicAt, magic).value_or(0) != magic.size()) return true;
  const std::string turned(magic.rbegin(), magic.rend());
  const std::string_view other = type == "hash" ? kBtree : kHash;
  return magic != other && turned != other;
}

// sendmail: smdb_setup_file(), safefile(). EX_OK: the file may be opened. `makes`: where it is missing it is made; `reads`: what is there counts.
int check_file(const char* program, const Options& o, const std::string& root, bool makes, bool reads, CommandIo& io) {
  const std::string &type = o.words[0], &map = o.words[1];
  const std::string path = file_of(map, root);
  warn_of_directories(root, map, io);
  const auto st = kernel_file_system().stat(path);
  const bool missing = !st.ok() && st.error().sys == ENOENT;
  if (missing && (!makes || !kernel_file_system().exists(directory_of(path)))) return cannot_open(program, type, map, std::strerror(ENOENT), io);
  if (st.ok() && io.trusts && !io.trusts(o.of('C'), st->uid)) return cannot_open(program, type, map, std::strerror(EACCES), io);
  warn_of_directories(root, map, io);
  if (st.ok() && reads && !kind_fits(path, type)) return cannot_open(program, type, map, std::strerror(EINVAL), io);
  return EX_OK;
}

std::string_view without_nul(const std::string& s) {
  std::string_view v = s;
  if (!v.empty() && v.back() == '\0') v.remove_suffix(1);
  return v;
}

class Makemap {
 public:
  Makemap(const Options& o, const std::string& root, CommandIo& io)
      : o_(o), io_(io), type_(o.words[0]), map_(o.words[1]), path_(file_of(map_, root)) {
    if (o.has('t') && !o.of('t').empty()) format_.delimiter = o.of('t')[0];
    if (o.has('D') && !o.of('D').empty()) format_.comment = o.of('D')[0];
    format_.fold = !o.has('f');
    format_.allow_empty = o.has('e');
  }

  int dump() {
    const std::string sep(1, format_.delimiter == '\0' ? '\t' : format_.delimiter);
    auto entries = read_db_file(path_);
    if (!entries.ok()) return cannot_open("makemap", type_, map_, why(entries.error()), io_);
    for (const auto& e : *entries) io_.out(fmt::format("{}{}{}\n", without_nul(e.key), sep, without_nul(e.value)));
    return EX_OK;
  }

  int build() {
    DbWriteOptions w;
    w.btree = type_ == "btree";
    w.duplicates = o_.has('d');
    w.replace = o_.has('r');
    w.append = o_.has('o');
    w.trailing_nul = o_.has('N');
    if (o_.has('c')) std::from_chars(o_.of('c').data(), o_.of('c').data() + o_.of('c').size(), w.cache_bytes);
    auto writer = DbWriter::create(path_, w);
    if (!writer.ok()) return cannot_open("makemap", type_, map_, why(writer.error()), io_);
    int code = read_text(*writer);   // whatever -i says
    if (code == EX_IOERR) return code;
    if (auto done = writer->commit(); !done.ok()) {
      io_.err(fmt::format("makemap: {}: {}\n", map_, why(done.error())));
      return EX_IOERR;
    }
    return code;
  }

 private:
  void complain(const std::string& text) { io_.err(fmt::format("makemap: {}: line {}: {}\n", map_, line_, text)); }

  int read_text(DbWriter& writer) {
    int code = EX_OK;
    std::string line;
    while (io_.read_line(line)) {
      ++line_;
      const int one = one_line(line, writer);
      if (one == EX_IOERR) return one;
      if (one != EX_OK) code = one;
      if (stop_) break;
    }
    return code;
  }

  int one_line(std::string_view line, DbWriter& writer) {
    std::string key;
    std::string_view value;
    switch (parse_source_line(line, format_, key, value)) {
      case SourceLine::kNothing: return EX_OK;
      case SourceLine::kEntry: return store(key, value, writer);
      case SourceLine::kLeadingSpace: complain("syntax error (leading space)"); break;
      case SourceLine::kNoValue: complain(fmt::format("no RHS for LHS {}", key)); break;
      case SourceLine::kTooLong:
        complain(fmt::format("line too long ({} bytes max)", kMaxLine));
        stop_ = true;
        break;
    }
    return EX_DATAERR;
  }

  int store(std::string_view key, std::string_view value, DbWriter& writer) {
    if (o_.has('v')) io_.out(fmt::format("key=`{}', val=`{}'\n", key, value));
    auto put = writer.put(key, value);
    if (!put.ok()) {
      complain(fmt::format("key {}: put error: {}", key, why(put.error())));
      return EX_IOERR;
    }
    if (*put == DbWriter::Put::kStored) return EX_OK;
    complain(fmt::format("key {}: duplicate key", key));
    return EX_DATAERR;
  }

  const Options& o_;
  CommandIo& io_;
  std::string type_, map_, path_;
  SourceFormat format_;
  unsigned line_ = 0;
  bool stop_ = false;
};

int edit(const Options& o, const std::string& root, CommandIo& io) {
  const std::string& type = o.words[0];
  const std::string& map = o.words[1];
  const std::string path = file_of(map, root);
  const std::string key = o.has('f') ? o.words[2] : lower(o.words[2]);
  if (o.has('q')) {
    auto entries = read_db_file(path);
    if (!entries.ok()) return cannot_open("editmap", type, map, why(entries.error()), io);
    const std::string stored = o.has('N') ? key + '\0' : key;
    for (const auto& e : *entries) {
      if (e.key != stored) continue;
      io.out(fmt::format("{}\n", without_nul(e.value)));
      return EX_OK;
    }
    io.err(fmt::format("editmap: couldn't find key {} in map {}\n", o.words[2], map));
    return EX_UNAVAILABLE;
  }
  DbWriteOptions w;
  w.append = kernel_file_system().exists(path);
  w.btree = type == "btree";
  w.replace = true;
  w.trailing_nul = o.has('N');
  auto writer = DbWriter::create(path, w);
  if (!writer.ok()) return cannot_open("editmap", type, map, why(writer.error()), io);
  if (o.has('u')) {
    if (auto put = writer->put(key, o.words[3]); !put.ok()) {
      io.err(fmt::format("editmap: error updating ({}, {}) in map {}: {}\n", o.words[2], o.words[3], map, why(put.error())));
      return EX_IOERR;
    }
  } else {
    auto gone = writer->erase(key);
    if (!gone.ok()) {
      io.err(fmt::format("editmap: error deleting key {} from map {}: {}\n", o.words[2], map, why(gone.error())));
      return EX_IOERR;
    }
    if (!*gone) {
      io.err(fmt::format("editmap: key {} doesn't exist in map {}\n", o.words[2], map));
      if (w.append) return EX_OK;   // else the map is made, empty
    }
  }
  auto done = writer->commit();
  if (!done.ok()) io.err(fmt::format("editmap: {}: {}\n", map, why(done.error())));
  return done.ok() ? EX_OK : EX_IOERR;
}

}  // namespace

SourceLine parse_source_line(std::string_view line, const SourceFormat& format, std::string& key, std::string_view& value) {
  if (line.size() + 2 > kMaxLine || line.find('\0') != std::string_view::npos) return SourceLine::kTooLong;
  if (line.empty() || line[0] == format.comment) return SourceLine::kNothing;
  const bool blanks = format.delimiter == '\0';
  if (blanks && is_space(line[0])) return SourceLine::kLeadingSpace;
  size_t end = 0;
  while (end < line.size() && (blanks ? !is_space(line[end]) : line[end] != format.delimiter)) ++end;
  key = format.fold ? lower(line.substr(0, end)) : std::string(line.substr(0, end));
  value = end < line.size() ? line.substr(end + 1) : std::string_view();
  if (blanks) value = trim_left(value);
  return value.empty() && !format.allow_empty ? SourceLine::kNoValue : SourceLine::kEntry;
}

int makemap_main(const std::vector<std::string>& args, const std::string& root, CommandIo& io) {
  Options o;
  const bool good = read_options(args, "C:D:Nc:deflorsut:vi:", "makemap", io, o);
  if (good && o.has('l')) {
    io.out("hash\nbtree\nimplicit\n");
    return EX_OK;
  }
  if (!good || o.words.size() != 2) {
    io.err(kMakemapUsage);
    return EX_USAGE;
  }
  if (const int code = check_type("makemap", o, root, io); code != EX_OK) return code;
  const bool reads = o.has('u') || o.has('o');
  if (const int code = check_file("makemap", o, root, !reads, reads, io); code != EX_OK) return code;
  Makemap command(o, root, io);
  return o.has('u') ? command.dump() : command.build();
}

int editmap_main(const std::vector<std::string>& args, const std::string& root, CommandIo& io) {
  Options o;
  const bool good = read_options(args, "C:Nfqux", "editmap", io, o);
  const int acts = int{o.has('q')} + int{o.has('u')} + int{o.has('x')};
  if (!good || acts != 1 || (o.has('u') ? o.words.size() < 4 : o.words.size() != 3)) {
    io.err(kEditmapUsage);
    return EX_USAGE;
  }
  if (const int code = check_type("editmap", o, root, io); code != EX_OK) return code;
  if (const int code = check_file("editmap", o, root, !o.has('q'), true, io); code != EX_OK) return code;
  return edit(o, root, io);
}

}  // namespace hky::maps
