#include "admin/adopt/survey.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "admin/adopt/readers.h"
#include "base/strings.h"

namespace hky::admin::adopt {
namespace {

bool is_binary(std::string_view text) { return text.find('\0') != std::string_view::npos; }

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

FileAccount whole(const std::string& path, const char* what, Verdict verdict, std::string why) {
  FileAccount out{path, what, {}, ""};
  Line line;
  line.text = "(not text)";
  set(line, verdict, std::move(why));
  out.lines.push_back(std::move(line));
  return out;
}

struct Known { const char* name; const char* what; };

constexpr Known kTables[] = {
    {"mailertable", "mailer table"},      {"virtusertable", "virtual users"}, {"genericstable", "outgoing addresses"},
    {"domaintable", "domain table"},  {"bitdomain", "BITNET domains"},      {"uudomain", "UUCP domains"},       {"userdb", "user database"},
    {"authinfo", "passwords for other hosts"}, {"auth-info", "passwords for other hosts"},
};
constexpr Known kLists[] = {
    {"local-host-names", "class w: names of this host"}, {"sendmail.cw", "class w: names of this host"}, {"relay-domains", "class R: whom we relay for"},
    {"trusted-users", "class t: who may name a sender"}, {"sendmail.ct", "class t: who may name a sender"}, {"virtuser-domains", "virtual domains"},
    {"virtual-domains", "virtual domains"}, {"generics-domains", "generic domains"}, {"masquerade-domains", "class M"}, {"exposed-users", "class E"},
    {"service.switch", "order of name services"}, {"Sendmail.conf", "SASL"},
};

template <size_t N>
const char* find(const Known (&table)[N], const std::string& name) {
  for (const Known& known : table) {
    if (name == known.name) return known.what;
  }
  return nullptr;
}

// What the configurations themselves say of their files: a K line's map, an F line's class.
struct Named { std::set<std::string> maps, classes, aliases, status_files; };

// Where a file lies that the configuration names: --from DIR is a copy of /etc/mail.
std::string placed(const Site& site, std::string_view path) {
  return path.starts_with("/etc/mail/") ? site.mail_directory + std::string(path.substr(9)) : std::string(path);
}

void note_names(const Site& site, Named& named) {
  for (const char* cf : {"/sendmail.cf", "/submit.cf"}) {
    const std::string path = site.mail_directory + cf;
    const auto text = site.read(path);
    if (!text.ok()) continue;
    for (const std::string_view row : split(*text, '\n')) {
      if (row.starts_with("O StatusFile=")) named.status_files.insert(placed(site, trim(row.substr(row.find('=') + 1))));
      if (row.empty() || (row[0] != 'K' && row[0] != 'F' && !row.starts_with("O AliasFile="))) continue;
      for (std::string_view word : split_words(row)) {
        word = word.substr(word.find('/') == std::string_view::npos ? word.size() : word.find('/'));
        if (word.empty()) continue;
        (row[0] == 'K' ? named.maps : row[0] == 'F' ? named.classes : named.aliases).insert(placed(site, word));
      }
    }
  }
}

FileAccount by_ending(const Site& site, const std::string& path, const std::string& text) {
  if (path.ends_with(".mc")) return read_mc(site, path, text);
  if (path.ends_with(".cf")) return read_cf(site, path, text);
  if (path.ends_with(".m4")) return read_plain(path, text, "part of a macro configuration", Verdict::kHonoured, "");
  if (path.ends_with(".errors")) return read_plain(path, text, "what m4 said", Verdict::kNotHonoured, "a left-over of the last make; nothing reads it");
  if (path.ends_with(".sample") || path.ends_with(".orig") || path.ends_with(".bak") || path.ends_with(".old") || path.ends_with("~"))
    return read_plain(path, text, "copy or example", Verdict::kNotHonoured, "sendmail does not read it either");
  return read_plain(path, text, "unknown file", Verdict::kNotHonoured, "nothing in the configuration names this file: sendmail did not read it either, as far as can be told");
}

FileAccount status_file(const Site& site, const Named& named, const std::string& path) {
  if (named.status_files.count(path) == 0) return whole(path, "statistics", Verdict::kNotHonoured, "no StatusFile of the configuration names it");
  if (!site.status_file_users) return whole(path, "statistics", Verdict::kHonoured, "");
  const StatusFileUsers users = site.status_file_users();
  const StatusFileState state = status_file_state(site.disk, site.root, path, users);
  const StatusFileWords words = status_file_words(state, path, users);
  const Verdict verdict = state == StatusFileState::kCounts ? Verdict::kHonoured : state == StatusFileState::kTakenOver ? Verdict::kDifferent : Verdict::kNotHonoured;
  return whole(path, "statistics", verdict, words.text.empty() ? "" : words.text + ". " + words.cure);
}

FileAccount account_of(const Site& site, const Named& named, const std::string& path) {
  const auto text = site.read(path);
  if (!text.ok()) return whole(path, "unreadable", Verdict::kNotHonoured, text.error().text);
  const std::string name = name_of(path);
  const bool db = path.ends_with(".db");
  if (db) return whole(path, "database", Verdict::kHonoured, "");
  if (name == "statistics" || name == "sendmail.st" || named.status_files.count(path) != 0) return status_file(site, named, path);
  if (is_binary(*text)) return whole(path, "binary file", Verdict::kNotHonoured, "no reader is known for it");
  if (name == "mailer.conf") return read_mailer_conf(site, path, *text);
  if (name == "Makefile") return read_makefile(path, *text);
  if (name == "sendmail.conf") return read_debian_conf(path, *text);
  if (name == "aliases" || named.aliases.count(path) != 0) return read_aliases(path, *text);
  if (name == "access") return read_access(path, *text);
  if (const char* what = find(kTables, name)) return read_table(path, *text, what);
  if (const char* what = find(kLists, name)) return read_list(path, *text, what);
  if (named.maps.count(path) != 0) return read_table(path, *text, "map");
  if (named.classes.count(path) != 0) return read_list(path, *text, "class");
  if (name == "helpfile") return read_list(path, *text, "text of HELP");
  if (name == "databases") return read_plain(path, *text, "list made by Debian's scripts", Verdict::kNotHonoured, "the .mc file names the maps; Hikyaku's Makefile finds them there");
  if (name.starts_with("service.switch")) return read_list(path, *text, "order of name services (a spare)");
  if (name == "address.resolve") return read_plain(path, *text, "notes of Debian's package", Verdict::kNotHonoured, "sendmail does not read it either");
  if (path.find("/peers/") != std::string::npos) return read_plain(path, *text, "PPP peer of a dial-up host", Verdict::kNotHonoured, "no hook of Hikyaku is called by pppd: call `sendmail -q` in its ip-up script");
  if (path.find("/tls/") != std::string::npos || path.find("/certs/") != std::string::npos || path.ends_with(".pem")) {
    if (!path.ends_with(".m4")) return read_plain(path, *text, "key or certificate", Verdict::kNotHonoured, "STARTTLS is not offered yet; the file is left alone");
  }
  return by_ending(site, path, *text);
}

void folder(const Site& site, const Named& named, const std::string& path, int depth, std::vector<FileAccount>& out) {
  const auto names = site.disk.list(site.root + path);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    const std::string child = path + "/" + name;
    const auto st = site.disk.stat(site.root + child);
    if (!st.ok()) {
      out.push_back(whole(child, "dangling link", Verdict::kNotHonoured, "what it points to is not there"));
    } else if (st->is_directory()) {
      if (depth < 2) folder(site, named, child, depth + 1, out);
    } else if (st->is_file()) {
      out.push_back(account_of(site, named, child));
    }
  }
}

}  // namespace

std::vector<FileAccount> survey(const Site& site) {
  std::vector<FileAccount> out;
  Named named;
  note_names(site, named);
  folder(site, named, site.mail_directory, 0, out);
  for (const char* path : {"/etc/aliases", "/usr/local/etc/mail/mailer.conf", "/etc/sasl2/Sendmail.conf", "/usr/local/lib/sasl2/Sendmail.conf"}) {
    if (site.exists(path)) out.push_back(account_of(site, named, path));
  }
  for (const std::string& path : named.status_files) {
    if (!path.starts_with(site.mail_directory + "/") && site.exists(path)) out.push_back(account_of(site, named, path));
  }
  for (const char* path : {"/etc/rc.conf", "/etc/rc.conf.local", "/etc/defaults/rc.conf"}) {
    const auto text = site.read(path);
    if (text.ok()) out.push_back(read_rc_conf(path, *text));
  }
  if (const auto text = site.read("/etc/default/sendmail"); text.ok()) out.push_back(read_debian_conf("/etc/default/sendmail", *text));
  return out;
}

std::vector<std::string> status_files_to_give(const Site& site) {
  std::vector<std::string> out;
  if (!site.status_file_users) return out;
  Named named;
  note_names(site, named);
  const StatusFileUsers users = site.status_file_users();
  for (const std::string& path : named.status_files) {
    if (status_file_state(site.disk, site.root, path, users) == StatusFileState::kTakenOver) out.push_back(path);
  }
  return out;
}

}  // namespace hky::admin::adopt
