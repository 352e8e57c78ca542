// Config: everything a sendmail.cf says, read once, immutable afterwards (style 26). A reload builds another and swaps the
// pointer. The reader (cf/reader.h) fills it; rewrite compiles its rules; the drivers ask its options and mailers.
// sendmail: readcf.c, "Sendmail Installation and Operation Guide" section 5.
#pragma once

#include <array>
#include <bitset>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cf/names.h"
#include "cf/options.h"
#include "cf/text.h"
#include "maps/map.h"

namespace hky::cf {

struct Place { std::string file; int line = 0; };

// One R line. Sides are translated and had their plain macros expanded at reading time, as sendmail does ($&x stays).
struct RuleLine { Text lhs, rhs; std::string comment; Place place; };

struct Ruleset {
  int number = 0;           // 0..9 and what `=N` gave; named ones count down from the top as sendmail does
  std::string name;         // as -bt prints it ("canonify" for 3 where it was named); the number where there is none
  std::vector<RuleLine> rules;  // none: only named (S= of a mailer, $>): -bt calls that "Undefined ruleset"
  Place place;
};

// An M line. Flags: F= letters, each a bit by its byte (M_... of sendmail's conf.h are named in mailer_flags.h).
struct Mailer {
  int index = 0;
  std::string name;
  std::string path;         // P=
  std::vector<Text> argv;   // A=, split at blanks, unexpanded
  std::bitset<128> flags;   // F=
  int sender_header_rwset = 0, sender_envelope_rwset = 0;  // S=env/hdr; 0 means none
  int rcpt_header_rwset = 0, rcpt_envelope_rwset = 0;      // R=env/hdr
  std::string eol = "\n";   // E=   without it: LF where A= has $u, else CRLF
  int line_limit = 0;       // L=
  long max_size = 0;        // M=
  int max_messages = 0;     // m=   messages a connection
  int max_rcpts = 100;      // r=
  Text dir;                 // D=
  Text root_dir;            // /=   chroot
  std::string user, group;  // U=
  long uid = -1, gid = -1;  // the same as numbers, -1: not given
  int nice = 0;             // N=
  std::string charset;      // C=
  std::string mta_type, addr_type, diag_type;  // T=dns/rfc822/smtp
  std::string queue_group;  // Q=
  int wait = 0;             // W=
  int max_lines = 0;        // -- kept for `=M`
  Place place;
  bool tells_user() const;  // $u is among its words
  bool flag(char c) const { return flags.test(static_cast<unsigned char>(c) & 127); }
};

// An H line.
struct HeaderRule {
  std::string name;                 // "Received"
  Text value;                       // unexpanded
  std::bitset<128> mailer_flags;    // H?flags?
  std::optional<NameId> macro_cond; // H?${name}?
  std::string check_ruleset;        // H...: $>Name   (for "*": the default check)
  bool check_strip_comments = true; // $>Name strips comments, $>+Name keeps them
  bool is_default = false;          // name was '*'
  Place place;
};

struct Milter { std::string name, socket, flags, timeouts; Place place; };  // X lines

inline constexpr std::string_view kDefaultQueueGroup = "mqueue";   // where what is in no other group waits
// A Q line: where messages wait, in what sendmail has as a directory of its own. (op.me: Queue Group Declaration)
struct QueueGroup {
  std::string name{kDefaultQueueGroup};
  std::string path;           // P=; "": QueueDirectory
  bool forks = false;         // F=f
  int64_t interval = 0;       // I=  seconds from one queue run to the next; 0: as -q has it
  int nice = 0;               // N=
  int runners = 0;            // R=; 0: not given
  size_t most_messages = 0;   // J=  that a queue run takes; 0: as MaxQueueRunSize has it
  size_t most_rcpts = 0;      // r=  a message; 0: any number
  Place place;
};

struct Priority { std::string name; int value = 0; };                        // P lines

// "file: line N: text", as sendmail prints it. exit: what the program leaves with where nothing worse comes (0: says nothing of it);
// fatal ones end it at once, with EX_SOFTWARE where they name no other.
struct Diagnostic {
  bool fatal = false;
  Place place;
  std::string text;
  int exit = 0;
  bool plain = false;   // no reply, also where replies are spoken. sendmail: printf()
};

// A K line that waits for its map to be opened is only a MapSpec; the maps of a running system live in maps::Maps.
struct Config {
  NameTable names;                                             // macro, class names (shared, as in sendmail)
  std::unordered_map<NameId, Text> macros;                     // D lines and built-in values (before per-message values)
  std::unordered_map<NameId, std::unordered_set<std::string>> classes;  // words folded to lower case, for matching
  std::unordered_map<NameId, std::vector<std::string>> class_words;      // the same as first spelled, in the order met ($=w of -bt)
  std::unordered_map<std::string, std::string> class_spelling;           // folded -> first spelling, over all classes (as sendmail's symbol table)
  std::map<std::string, std::string> environment;              // E lines
  std::unordered_set<std::string> trusted_users;               // T lines (also class t)
  std::vector<Ruleset> rulesets;
  std::unordered_map<std::string, int> ruleset_by_name;        // name as written -> index in rulesets
  std::vector<Mailer> mailers;
  std::vector<HeaderRule> headers;                             // in the order of the file, built-in ones merged
  std::vector<maps::MapSpec> maps;                             // K lines, in order; implicit ones (host, alias, ...) too
  std::vector<Milter> milters;
  std::vector<QueueGroup> queue_groups = std::vector<QueueGroup>(1);   // the first is mqueue
  std::vector<Priority> priorities;
  Options options;                                             // typed, from options.def
  int version_level = 0;                                       // V10/Berkeley
  std::string vendor;
  std::string file;                                            // the sendmail.cf that was read
  std::vector<Diagnostic> diagnostics;                         // warnings and errors in the order they were met

  const Ruleset* find_ruleset(std::string_view name_or_number) const;
  const Mailer* find_mailer(std::string_view name) const;
  const QueueGroup* find_queue_group(std::string_view name) const;   // case is folded
  bool in_class(NameId cls, std::string_view word) const;      // case is folded
};

}  // namespace hky::cf
