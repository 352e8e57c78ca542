// Files with passwords and keys: may anybody but root and the mail system read them?
// sendmail: Operation Guide 4.10, GroupReadableSASLDBFile and its kin; FEATURE(authinfo); STARTTLS keys.
#include <fmt/format.h>

#include "admin/check/check.h"
#include "base/strings.h"
#include "maps/makemap.h"

namespace hky::admin::check {
namespace {

constexpr uint32_t kGroupRead = 040, kGroupWrite = 020, kOtherRead = 004, kOtherWrite = 002;

void secret(const World& world, const std::string& path, const char* what, bool group_reads, bool group_writes, Findings& out) {
  const auto st = world.stat(path);
  if (!st.ok() || path.empty()) return;
  const std::string cure = fmt::format("chmod {} {}", group_reads ? "o-rwx" : "go-rwx", path);
  if ((st->mode & (kOtherRead | kOtherWrite)) != 0) {
    out.error("secret-readable", path, 0, fmt::format("holds {} and can be {} by everybody on this host", what, (st->mode & kOtherRead) != 0 ? "read" : "written"), cure);
  } else if ((st->mode & kGroupRead) != 0 && !group_reads) {
    out.warning("secret-readable", path, 0, fmt::format("holds {} and can be read by its group ({})", what, st->gid), cure);
  } else if ((st->mode & kGroupWrite) != 0 && !group_writes) {
    out.warning("secret-readable", path, 0, fmt::format("holds {} and can be written by its group ({})", what, st->gid), cure);
  }
}

// Sendmail.conf of Cyrus SASL: "word: value". sasldb_path names the database.
void sasl(const World& world, Findings& out) {
  const cf::Options& o = world.config().options;
  const bool reads = o.blames(cf::Blame::GroupReadableSASLDBFile);
  const bool writes = o.blames(cf::Blame::GroupWritableSASLDBFile);
  for (const char* dir : {"/etc/sasl2", "/etc/sasl", "/usr/local/lib/sasl2", "/usr/lib/sasl2", "/etc/mail/sasl"}) {
    const std::string path = std::string(dir) + "/Sendmail.conf";
    const auto text = world.read(path);
    if (!text.ok()) continue;
    const auto st = world.stat(path);
    if (st.ok() && (st->mode & (kGroupWrite | kOtherWrite)) != 0) {
      out.error("writable-file", path, 0, "decides who may log in and can be written by others than root", fmt::format("chmod go-w {}", path));
    }
    for (const std::string_view row : split(*text, '\n')) {
      const size_t colon = row.find(':');
      if (colon == std::string_view::npos || !iequals(trim(row.substr(0, colon)), "sasldb_path")) continue;
      secret(world, std::string(trim(row.substr(colon + 1))), "SASL passwords", reads, writes, out);
    }
  }
  for (const char* path : {"/etc/sasldb2", "/etc/sasldb2.db", "/usr/local/etc/sasldb2", "/usr/local/etc/sasldb2.db", "/etc/mail/sasl/sasldb2"}) {
    secret(world, path, "SASL passwords", reads, writes, out);
  }
}

// A map that has AuthInfo: entries, or is there for nothing else.
void auth_info(const World& world, Findings& out) {
  const bool reads = world.config().options.blames(cf::Blame::GroupReadableDefaultAuthInfoFile);
  for (const maps::MapSpec& spec : world.config().maps) {
    if (spec.map_class != "hash" && spec.map_class != "btree") continue;
    bool holds = spec.name == "authinfo";
    if (const auto text = world.read(spec.source); !holds && text.ok()) {
      for (const std::string_view row : split(*text, '\n')) holds = holds || starts_with_i(row, "authinfo:");
    }
    if (!holds) continue;
    secret(world, spec.source, "passwords for other hosts (AuthInfo)", reads, false, out);
    secret(world, spec.source + ".db", "passwords for other hosts (AuthInfo)", reads, false, out);
  }
  secret(world, value_of_option(world.main.lines, "DefaultAuthInfo"), "passwords for other hosts", reads, false, out);
}

void keys(const World& world, Findings& out) {
  const bool reads = world.config().options.blames(cf::Blame::GroupReadableKeyFile);
  for (const char* option : {"ServerKeyFile", "ClientKeyFile"}) {
    const std::string paths = value_of_option(world.main.lines, option);
    for (const std::string_view path : split(paths, ',')) secret(world, std::string(trim(path)), "a private key", reads, false, out);
  }
}

}  // namespace

void check_secrets(const World& world, Findings& out) {
  sasl(world, out);
  auth_info(world, out);
  keys(world, out);
}

}  // namespace hky::admin::check
