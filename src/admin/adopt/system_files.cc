// What stands around sendmail: mailer.conf, FreeBSD's rc.conf, Debian's sendmail.conf and default/sendmail, Makefiles.
#include <set>

#include <fmt/format.h>

#include "admin/adopt/readers.h"
#include "base/strings.h"

namespace hky::admin::adopt {
namespace {

struct Word { std::string_view name; Verdict verdict; const char* why; };

// FreeBSD: rc.conf's words for mail (share/init/rc.d/hikyaku).
constexpr Word kRcWords[] = {
    {"sendmail_enable", Verdict::kHonoured, ""},
    {"sendmail_submit_enable", Verdict::kHonoured, ""},
    {"sendmail_outbound_enable", Verdict::kHonoured, ""},
    {"sendmail_msp_queue_enable", Verdict::kHonoured, ""},
    {"mta_start_script", Verdict::kHonoured, ""},
    {"sendmail_flags", Verdict::kHonoured, ""},
    {"sendmail_submit_flags", Verdict::kHonoured, ""},
    {"sendmail_outbound_flags", Verdict::kHonoured, ""},
    {"sendmail_pidfile", Verdict::kHonoured, ""},
    {"sendmail_msp_queue_flags", Verdict::kDifferent, "there is no second queue: the daemon takes the drop folder in by itself"},
    {"sendmail_rebuild_aliases", Verdict::kDifferent, "run newaliases after a change; `hikyaku check` tells of a stale database"},
    {"sendmail_cert_create", Verdict::kNotHonoured, "no certificate is made: STARTTLS is not offered yet"},
    {"sendmail_cert_cn", Verdict::kNotHonoured, "no certificate is made: STARTTLS is not offered yet"},
    {"sendmail_procname", Verdict::kDifferent, "the process is called hikyaku"},
};
constexpr const char* kFlags = "nothing of Hikyaku reads this file: HIKYAKU_SERVE (systemd) or HIKYAKU_FLAGS in /etc/default/hikyaku is for that, or the .mc file (define `conf...')";

// Debian: the variables of /etc/mail/sendmail.conf and /etc/default/sendmail.
constexpr Word kDebianWords[] = {
    {"DAEMON_NETMODE", Verdict::kDifferent, "no interface is watched: addresses are looked at when the configuration is read (`hikyaku reload`)"},
    {"DAEMON_NETIF", Verdict::kDifferent, "no interface is watched: addresses are looked at when the configuration is read (`hikyaku reload`)"},
    {"DAEMON_MODE", Verdict::kDifferent, "the unit hikyaku.service is the daemon: enable or disable it; DaemonPortOptions says where it listens"},
    {"DAEMON_PARMS", Verdict::kNotHonoured, kFlags},
    {"DAEMON_UID", Verdict::kDifferent, "each process has its user already"},
    {"DAEMON_RUNASUSER", Verdict::kDifferent, "each process has its user already"},
    {"DAEMON_HOSTSTATS", Verdict::kNotHonoured, "define `confHOST_STATUS_DIRECTORY' in the .mc file"},
    {"DAEMON_STATS", Verdict::kNotHonoured, "define `STATUS_FILE' in the .mc file"},
    {"DAEMON_MAILSTATS", Verdict::kNotHonoured, "define `STATUS_FILE' in the .mc file"},
    {"QUEUE_MODE", Verdict::kDifferent, "the daemon sends what waits; each message has its own time of the next try"},
    {"QUEUE_INTERVAL", Verdict::kDifferent, "each message has its own time of the next try, MinQueueAge and its tries so far decide"},
    {"QUEUE_PARMS", Verdict::kNotHonoured, kFlags},
    {"MSP_MODE", Verdict::kDifferent, "there is no second queue: submitted mail is in the one queue, or waits in the drop folder for the daemon"},
    {"MSP_INTERVAL", Verdict::kDifferent, "there is no second queue: the daemon takes the drop folder in by itself"},
    {"MSP_PARMS", Verdict::kNotHonoured, kFlags},
    {"MSP_STATS", Verdict::kNotHonoured, "there is no second queue"},
    {"MSP_MAILSTATS", Verdict::kNotHonoured, "there is no second queue"},
    {"MISC_PARMS", Verdict::kNotHonoured, kFlags},
    {"CRON_MAILTO", Verdict::kNotHonoured, "nothing runs from cron"},
    {"CRON_PARMS", Verdict::kNotHonoured, "nothing runs from cron"},
    {"LOG_CMDS", Verdict::kNotHonoured, "commands are not logged; the journal of systemd has starts and stops"},
    {"HANDS_OFF", Verdict::kDifferent, "nothing here changes files without being told: as \"Yes\""},
    {"AGE_DATA", Verdict::kNotHonoured, "old data needs no ageing"},
};

template <size_t N>
const Word* find(const Word (&table)[N], std::string_view name) {
  for (const Word& word : table) {
    if (word.name == name) return &word;
  }
  return nullptr;
}

std::string_view variable_of(std::string_view text) {
  text = trim(text);
  const size_t equals = text.find('=');
  return equals == std::string_view::npos ? std::string_view() : trim(text.substr(0, equals));
}

}  // namespace

FileAccount read_mailer_conf(const Site& site, const std::string& path, std::string_view text) {
  static const std::set<std::string_view> kNames{"sendmail", "send-mail", "mailq", "newaliases", "hoststat", "purgestat", "makemap", "editmap"};
  FileAccount out{path, "what the mail commands run", lines_of(text), ""};
  mark_comments(out.lines, "#");
  for (Line& line : out.lines) {
    if (line.verdict == Verdict::kComment) continue;
    const auto words = split_words(line.text);
    if (words.size() > 1 && (words[1] == site.program || words[1].ends_with("/hikyaku"))) continue;
    if (kNames.count(words[0]) != 0) set(line, Verdict::kDifferent, fmt::format("--apply writes {} here", site.program));
    else set(line, Verdict::kHonoured, "");
  }
  return out;
}

FileAccount read_rc_conf(const std::string& path, std::string_view text) {
  FileAccount out{path, "what is started (rc.conf)", {}, "only the lines about mail are counted"};
  for (Line& line : lines_of(text)) {
    const std::string_view name = variable_of(line.text);
    const Word* word = find(kRcWords, name);
    if (word == nullptr && !name.starts_with("sendmail_")) continue;
    if (word != nullptr) set(line, word->verdict, word->why);
    else set(line, Verdict::kNotHonoured, "no such word is known");
    out.lines.push_back(std::move(line));
  }
  return out;
}

FileAccount read_debian_conf(const std::string& path, std::string_view text) {
  FileAccount out{path, "what is started", lines_of(text), ""};
  mark_comments(out.lines, "#");
  for (Line& line : out.lines) {
    if (line.verdict == Verdict::kComment) continue;
    const Word* word = find(kDebianWords, variable_of(line.text));
    if (word == nullptr) set(line, Verdict::kNotHonoured, "no such word is known; no script of Hikyaku reads this file");
    else set(line, word->verdict, word->why);
  }
  return out;
}

FileAccount read_makefile(const std::string& path, std::string_view text) {
  if (text.find("hikyaku") != std::string_view::npos) return read_plain(path, text, "Makefile", Verdict::kHonoured, "");
  return read_plain(path, text, "Makefile", Verdict::kDifferent,
                    "runs tools of the sendmail package; Hikyaku's own Makefile has make all, maps, aliases, install, restart, start, stop: --apply puts it here");
}

}  // namespace hky::admin::adopt
