#include "admin/adopt/plan.h"

#include <fmt/format.h>

#include "admin/adopt/survey.h"
#include "base/strings.h"

namespace hky::admin::adopt {
namespace {

constexpr const char* kNames[] = {"sendmail", "send-mail", "mailq", "newaliases", "hoststat", "purgestat"};

void add(const Site& site, std::vector<Change>& out, Change change) {
  const auto old = site.read(change.path);
  if (old.ok() && *old == change.bytes) return;
  out.push_back(std::move(change));
}

// --from DIR: what lies there is put where it is read.
void copies(const Site& site, const std::string& below, std::vector<Change>& out) {
  const auto names = site.disk.list(site.root + site.mail_directory + below);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    const std::string from = site.mail_directory + below + "/" + name;
    const auto st = site.disk.stat(site.root + from);
    if (!st.ok()) continue;
    if (st->is_directory()) copies(site, below + "/" + name, out);
    const auto text = st->is_file() ? site.read(from) : Result<std::string>(temporary_error("no file"));
    if (!text.ok() || name == "Makefile" || name == "mailer.conf") continue;
    add(site, out, Change{"/etc/mail" + below + "/" + name, *text, st->mode, "copied from " + from});
  }
}

}  // namespace

std::string with_program(std::string_view mailer_conf, const std::string& program) {
  std::string out;
  while (!mailer_conf.empty()) {
    const size_t end = std::min(mailer_conf.find('\n'), mailer_conf.size() - 1) + 1;
    const std::string_view row = mailer_conf.substr(0, end);
    mailer_conf.remove_prefix(end);
    const auto words = split_words(row);
    bool ours = false;
    for (const char* name : kNames) ours = ours || (words.size() > 1 && words[0] == name);
    if (!ours) {
      out += row;
      continue;
    }
    const size_t at = static_cast<size_t>(words[1].data() - row.data());
    out.append(row.substr(0, at)).append(program);
    if (row.ends_with('\n')) out += '\n';   // words for the old program go: they were meant for it
  }
  return out;
}

std::vector<Change> plan(const Site& site, const std::string& makefile) {
  std::vector<Change> out;
  const bool elsewhere = site.mail_directory != "/etc/mail";
  if (elsewhere) copies(site, "", out);
  for (const std::string& path : {site.mail_directory + "/mailer.conf", std::string("/usr/local/etc/mail/mailer.conf")}) {
    const auto text = site.read(path);
    if (!text.ok()) continue;
    const std::string to = path == site.mail_directory + "/mailer.conf" ? "/etc/mail/mailer.conf" : path;
    add(site, out, Change{to, with_program(*text, site.program), 0644, fmt::format("the mail commands run {}", site.program)});
  }
  const auto old = site.read(site.mail_directory + "/Makefile");
  if (!makefile.empty() && old.ok() && old->find("hikyaku") == std::string::npos) {
    add(site, out, Change{"/etc/mail/Makefile", makefile, 0644, "make all, maps, install, restart by Hikyaku's own tools"});
  }
  for (const std::string& path : status_files_to_give(site)) {
    const std::string to = elsewhere && path.starts_with(site.mail_directory + "/") ? "/etc/mail" + path.substr(site.mail_directory.size()) : path;
    const StatusFileUsers users = site.status_file_users();
    out.push_back(Change{to, "", 0, fmt::format("becomes {}'s, who counts there; group and mode stay", users.engine), users.uid});
  }
  return out;
}

}  // namespace hky::admin::adopt
