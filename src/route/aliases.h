// Aliases: the text of an alias file, its database, and look-ups in what option AliasFile names.
// Who calls it: recipients.cc (look-ups), cmd (newaliases, -bi, praliases). The agent reads nothing here: alias files belong
// to the operator. sendmail: alias.c readaliases(), rebuildaliases(), aliaslookup(); aliases(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file_system.h"
#include "route/address.h"

namespace hky::route {

// One line of an alias file with its continuations. `name` as written before the colon.
struct AliasLine {
  int line = 0;             // where it ends, as sendmail counts it in its complaints
  std::string name;
  std::string value;        // after the colon, blanks in front taken off, continuations joined as they stand
  std::string text;         // the whole line, continuations joined
  std::string problem;      // "missing colon" ...: the line defines nothing
};
// Syntax alone: comments, continuations, backslash at a line's end; nothing is resolved.
std::vector<AliasLine> parse_alias_text(std::string_view text);

struct Alias { std::string name, value; };   // name as it is stored: what the rulesets made of it

struct AliasBuild {
  std::vector<Alias> aliases;             // in the order of the file; of a name given twice the last wins
  std::vector<std::string> messages;      // as newaliases prints them, the summary last
  std::vector<std::string> warnings;      // ours, for the log: no postmaster alias
  long count = 0, longest = 0, bytes = 0;
  int exit_code = 0;                      // sysexits, as sendmail -bi ends
};
// Resolves every left side through rulesets 3 and 0 (it must be local: mailer flag A); with option CheckAliases every right
// side too. `file` is the name to complain with. sendmail: readaliases().
net::Task<AliasBuild> build_aliases(rewrite::Context& ctx, std::string text, std::string file);

// What newaliases does for one AliasFile entry: reads `root` + path, builds, writes path.db (hash or btree).
struct AliasFileSpec { std::string map_class = "hash"; std::string path; bool optional = false; };
// "hash:/etc/mail/aliases", "/etc/mail/aliases", "dbm:..." -> class and path.
AliasFileSpec parse_alias_file(std::string_view entry);
// `rebuilt`: what the log says, file by file.
struct RebuildResult { std::vector<std::string> messages, warnings, rebuilt; int exit_code = 0; };
// All entries of option AliasFile, in order; classes that have no text file (ldap, ...) are left out.
net::Task<RebuildResult> rebuild_aliases(rewrite::Context& ctx, FileSystem& files, std::string root, std::string by);   // by: who asks for it

struct AliasAnswer { bool found = false; bool temp_fail = false; std::string value; };
// What `map` says of `name`, as it stands there; nothing where there is no such map.
net::Task<AliasAnswer> look_up_list(rewrite::Context& ctx, std::string map, std::string name);
// sendmail: aliaslookup(). Any case of "postmaster" is one name.
net::Task<AliasAnswer> lookup_alias(rewrite::Context& ctx, std::string name);

}  // namespace hky::route
