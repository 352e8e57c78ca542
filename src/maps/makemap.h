// makemap and editmap as functions: text -> Berkeley DB files that sendmail reads, and back.
// A new file is written beside the old one, synced and renamed over it under the same lock sendmail takes (flock), so a
// reader sees the old map or the new one. Who calls it: cmd (makemap, editmap), route (aliases databases, newaliases).
// sendmail: makemap.c, editmap.c.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "maps/db_reader.h"

namespace hky::maps {

struct DbWriteOptions {
  bool btree = false;         // else hash
  bool duplicates = false;    // -d
  bool replace = false;       // -r: a later value replaces an earlier one; else the first stays and it is an error
  bool append = false;        // -o: start from what the file holds
  bool trailing_nul = true;   // sendmail itself writes keys and values with NUL for aliases; makemap only with -N
  int cache_bytes = 1 << 20;  // -c
  unsigned mode = 0640;       // of a new file; an existing one's mode and owner are kept
};

// Collects entries and writes them with commit(). An uncommitted writer leaves the old file alone.
class DbWriter {
 public:
  enum class Put { kStored, kDuplicate };
  // `path` with its .db. Takes the lock of the existing file, if there is one.
  static Result<DbWriter> create(std::string path, DbWriteOptions options);
  DbWriter(DbWriter&& other) noexcept;
  DbWriter& operator=(DbWriter&& other) noexcept;
  ~DbWriter();
  Result<Put> put(std::string_view key, std::string_view value);
  Result<bool> erase(std::string_view key);  // false: there was none
  Result<> commit();

 private:
  struct Impl;
  explicit DbWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// All pairs of a hash or btree file, in the file's own order, trailing NULs as stored. Never crashes on damage: an Error.
Result<std::vector<DbEntry>> read_db_file(const std::string& path);

// One line of map source text, as makemap reads it.
struct SourceFormat {
  char delimiter = '\0';     // -t; none: white space
  char comment = '#';        // -D
  bool fold = true;          // -f
  bool allow_empty = false;  // -e
};
enum class SourceLine { kEntry, kNothing, kLeadingSpace, kNoValue, kTooLong };
SourceLine parse_source_line(std::string_view line, const SourceFormat& format, std::string& key, std::string_view& value);

// The commands: args as after "makemap"; root prefixes the map's path; text comes from read_line. Return the exit code.
struct CommandIo {
  std::function<bool(std::string& line)> read_line;  // without the newline; false: end
  std::function<void(std::string_view)> out, err;
  // May a map belong to that user? `cf`: what -C says, or "". Empty: whoever may open it.
  std::function<bool(const std::string& cf, unsigned uid)> trusts;
};
int makemap_main(const std::vector<std::string>& args, const std::string& root, CommandIo& io);
int editmap_main(const std::vector<std::string>& args, const std::string& root, CommandIo& io);

}  // namespace hky::maps
