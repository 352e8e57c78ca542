// Map: one look-up table as `K` lines and the built-in maps declare it (sendmail: cf/README, "MAP" sections).
// A MapSpec is what the K line said; Maps opens it into a Map. Local file maps are immutable snapshots checked by
// mtime, answered on the spot; ldap, socket, program, dns, host, bestmx suspend.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/loop.h"

namespace hky::maps {

// The K line: Kname class arguments. Flags of all classes together, so that errors and listings know them.
struct MapSpec {
  std::string name;          // folded as written
  std::string map_class;     // "hash", "btree", "text", "host", "dns", ...
  std::string args;          // as written after the class
  std::string file;          // where the K line stands
  int line = 0;

  std::string source;        // map file, host list, program, ... : first non-flag argument (and the rest, by class)
  std::vector<std::string> rest;
  std::string append;        // -a  appended on a match
  std::string on_tempfail;   // -T  appended on a temporary failure (with has_on_tempfail)
  bool has_on_tempfail = false;
  bool append_null = false;  // -N  keys end in NUL
  bool try_null_both = true; // neither -N nor -O: try without, then with, and remember
  bool optional = false;     // -o
  bool match_only = false;   // -m
  bool keep_quotes = false;  // -q
  bool no_fold = false;      // -f  keep case of keys
  bool no_tempfail = false;  // -t  temporary failures are "not found"
  bool defer = false;        // -D  no look-up in deferred mode
  bool append_dns_dot = false;
  char space_sub = '\0';     // -S
  std::string key_column, value_column, column_delimiter;  // -k -v -z
  std::string raw_flags;     // class-specific flags, as written ("-RMX -d5s -r2"): read by the class
};

enum class Status { kOk = 0, kNotFound = 68 /* EX_NOHOST as sendmail prints "no match (68)" */, kTempFail = 75, kUnavailable = 69, kConfig = 78 };

struct MapAnswer {
  Status status = Status::kNotFound;
  std::string value;         // %0..%9 already filled in from key and args, -a appended
  int exit_code = 68;        // what -bt prints in parentheses: "no match (68)", "no match (0)"
  std::string message;       // what sendmail says besides, if anything ("x.example: Name server timeout")
};

// How a map is asked.
enum class Ask {
  kRule,      // by a rule or -bt's /map: %0..%9 filled in. Quotes of the key, -t, -T and -D are the machine's (rewrite)
  kVerbatim,  // by alias expansion: the value as it stands
};

struct Question {
  std::string key;
  std::vector<std::string> args;  // %1, %2 ...
  Ask ask = Ask::kRule;
  Question(std::string k, std::vector<std::string> a, Ask how) : key(std::move(k)), args(std::move(a)), ask(how) {}
  const std::vector<std::string>* rewrite_args() const { return ask == Ask::kVerbatim ? nullptr : &args; }
};

// One opened map, as the MapSet keeps it: the class's own look-up.
class Map {
 public:
  virtual ~Map() = default;
  virtual const MapSpec& spec() const = 0;
  // False: it cannot be opened; `why` gets sendmail's words (empty for an optional map that is missing). Repeatable.
  virtual bool open(std::string& why) = 0;
  // Answers at once when it can do so without blocking (files, arith, tables); else false and lookup() must be awaited.
  virtual bool lookup_now(const Question& q, MapAnswer& out) = 0;
  virtual net::Task<MapAnswer> lookup(net::Loop& loop, Question q) = 0;
};

}  // namespace hky::maps
