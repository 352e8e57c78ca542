// read_config: a sendmail.cf becomes one Config. Everything outside the text comes in through the request: files, users,
// the host's identity; so tests, `hikyaku check` and the daemon run the same code. Errors are collected, not thrown: the
// caller prints Config::diagnostics and decides (a fatal one means sendmail would have stopped with EX_CONFIG).
// sendmail: readcf.c readcf(), main.c (setdefaults, host identity). Threads: none; call it from wherever files may be read.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cf/config.h"
#include "cf/expand.h"

namespace hky::cf {

// Who this host is, as found by the caller before the file is read (sendmail: myhostname(), load_if_names()).
struct HostIdentity {
  std::string hostname;                        // fully qualified where possible: $j; its first label is $w, the rest $m
  std::string node_name;                       // uname -n: $k and class k; empty: hostname
  std::vector<std::string> aliases;            // other names of this host from hosts(5) / DNS: class w
  std::vector<std::string> addresses;          // addresses of `hostname`, without brackets ("192.0.2.1", "IPv6:..."): class w
  struct Interface { std::string address; std::vector<std::string> names; bool loopback = false; };
  std::vector<Interface> interfaces;           // class w unless DontProbeInterfaces
  std::string version;                         // $v and $Z's default; empty: this program's
};

// Files and accounts, as the caller lets them be seen. Unset functions find nothing.
struct ReadDoors {
  // Whole text of a file (paths as written in the .cf; a --root prefix is the caller's business).
  std::function<Result<std::string>(const std::string& path)> read_file;
  // Why a class file is not believed, by the options read so far; "": it is. Unset: each is.
  std::function<std::string(const Options& so_far, const std::string& path)> distrust;
  // Output of a program named by `F{X}|/path args`, which runs as DefaultUser of the options read so far.
  std::function<Result<std::string>(const Options& so_far, const std::string& command)> run_program;
  // `F{X}key@class:spec`: what the key has there, "" where it has nothing. The error says why the map cannot be opened; kBug: its class is not there.
  std::function<Result<std::string>(const Options& so_far, const maps::MapSpec& map, const std::string& key)> read_map;
  std::function<std::optional<UserId>(const std::string& name)> find_user;      // getpwnam
  std::function<std::optional<unsigned>(const std::string& name)> find_group;   // getgrnam
};

// One -O / -o / -M / -D of the command line, applied before the file and winning over it.
struct Override {
  std::string name;            // -OName=value: "Name" or "Name.sub"; empty with -o
  unsigned char letter = 0;    // -oX: the old letter
  std::string value;
};

struct ReadRequest {
  std::string path = "/etc/mail/sendmail.cf";
  ReadDoors doors;
  HostIdentity identity;
  std::vector<Override> options;                             // in the order given
  std::vector<std::pair<std::string, std::string>> macros;   // -Mxvalue, -M{name}value: name without braces, value
  bool safe_only = false;                                    // the caller is not trusted: unsafe options drop privileges
  bool test_mode = false;                                    // -bt: also warns of rulesets defined twice
};

struct ReadOutcome {
  std::shared_ptr<Config> config;    // never null; usable for listing even when there were errors
  int errors = 0;                    // fatal diagnostics
  bool drop_privileges = false;      // an unsafe option was given while safe_only
  bool ok() const { return errors == 0; }
};

// Reads request.path through the doors.
ReadOutcome read_config(const ReadRequest& request);
// The same on text that is at hand (tests, fuzzing, `makecf | check`); request.path only names it.
ReadOutcome read_config_text(std::string_view text, const ReadRequest& request);

// What is said of the options and macros of the command line, before any file: the place of each has no file, and as its line the number of
// the option, from 1.
std::vector<Diagnostic> check_overrides(const ReadRequest& request);
bool is_of_override(const Diagnostic& d);

// -bt's ".Dxvalue" and ".Cxword word": additions to a Config that nobody shares. False: nothing to define.
bool add_macro_line(Config& config, std::string_view after_d);
bool add_class_line(Config& config, std::string_view after_c);
// Adds one word to a class, keeping the spelling that was seen first (sendmail: setclass).
void add_class_word(Config& config, NameId cls, std::string_view word);
// The words of a C line: each is added, and `$=y` stands for what class y holds by now (sendmail: setclass, copy_class).
void add_class_words(Config& config, NameId cls, std::string_view words);

// "/etc/mail/sendmail.cf: line 12: text" as sendmail prints it; just the text where no file is concerned.
std::string to_line(const Diagnostic& diagnostic);

}  // namespace hky::cf
