// `hikyaku adopt [--from DIR] [-v] [--json] [--apply | --undo] [--root DIR]`: what becomes of every line of a sendmail host's
// files, and of the mail that waits in sendmail's queue (requirements B4, B6, B7; admin/adopt does it). Without --apply
// nothing is changed; what --apply changes is kept in /var/spool/hikyaku/adopted and put back by --undo.
// Exit codes: 0 said or done; 64 usage; 75 sendmail still runs, or something could not be done now (run it again); 1 undo found nothing.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/adopt/keeper.h"
#include "admin/adopt/plan.h"
#include "admin/adopt/queue_file.h"
#include "admin/adopt/survey.h"
#include "base/strings.h"
#include "base/sysexits.h"
#include "cf/mc/make_cf.h"
#include "cmd/adopt_queue.h"
#include "cmd/host_identity.h"
#include "cmd/paths.h"
#include "cmd/status_file.h"

namespace hky::cmd {
namespace {

using nlohmann::json;
namespace adopt = admin::adopt;

constexpr const char* kUsage = "usage: hikyaku adopt [--from DIR] [-v] [--json] [--apply | --undo] [--root DIR]\n";

struct Words {
  std::string from = "/etc/mail";
  bool verbose = false, json_out = false, apply = false, undo = false, bad = false;
};

Words words_of(const Invocation& call) {
  Words w;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const std::string& word = call.args[i];
    if (word == "--from" && i + 1 < call.args.size()) w.from = call.args[++i];
    else if (word == "-v") w.verbose = true;
    else if (word == "--json") w.json_out = true;
    else if (word == "--apply") w.apply = true;
    else if (word == "--undo") w.undo = true;
    else w.bad = true;
  }
  while (w.from.size() > 1 && w.from.back() == '/') w.from.pop_back();
  w.bad = w.bad || !w.from.starts_with("/") || (w.apply && w.undo);
  return w;
}

// share/hikyaku/NAME of the installed program, or where it was built from.
std::string shared(const std::string& name) {
  std::error_code ec;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ec);
  if (!ec && std::filesystem::exists(self.parent_path().parent_path() / "share/hikyaku" / name, ec)) return (self.parent_path().parent_path() / "share/hikyaku" / name).string();
  return std::string(HKY_SHARE_SOURCE) + "/" + name;
}

std::string own_program() {
  std::error_code ec;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ec);
  return ec ? "/usr/sbin/sendmail" : (self.parent_path() / "sendmail").string();
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

// makecf's messages with `mc` as the file's name. A file that is not at its place yet is compiled as if it were: its
// includes of /etc/mail come from where it lies.
std::vector<std::string> messages_of(const adopt::Site& site, const std::string& mc) {
  const std::string library = cf::mc::find_library({shared("cf")});
  const auto text = site.read(mc);
  char scratch[] = "/tmp/hikyaku-adopt.XXXXXX";
  if (library.empty() || !text.ok() || ::mkdtemp(scratch) == nullptr) return {};
  std::string placed = *text;
  replace_all(placed, "include(`/etc/mail/", "include(`" + site.root + site.mail_directory + "/");
  const std::string copy = std::string(scratch) + "/" + mc.substr(mc.rfind('/') + 1);
  std::vector<std::string> messages;
  if (site.disk.replace_file(copy, placed).ok()) {
    cf::mc::InstalledM4 m4;
    messages = cf::mc::make_cf(library, copy, m4).messages;
    for (std::string& message : messages) replace_all(message, copy, mc);
  }
  std::error_code ec;
  std::filesystem::remove_all(scratch, ec);
  return messages;
}

std::shared_ptr<const cf::Config> config_of(const adopt::Site& site, const std::string& path) {
  cf::ReadRequest request;
  request.path = path;
  request.doors = system_read_doors(site.root);
  request.doors.read_file = [&site](const std::string& name) {
    return site.read(name.starts_with("/etc/mail/") ? site.mail_directory + name.substr(9) : name);
  };
  request.doors.run_program = nullptr;   // looking runs nothing
  request.identity.hostname = "localhost";
  return cf::read_config(request).config;
}

std::vector<std::string> queue_directories(const adopt::Site& site) {
  std::vector<std::string> out{"/var/spool/mqueue", "/var/spool/clientmqueue", "/var/spool/mqueue-client"};
  for (const char* cf : {"/sendmail.cf", "/submit.cf"}) {
    const std::string path = site.mail_directory + cf;
    if (!site.exists(path)) continue;
    const auto config = config_of(site, path);
    if (const std::string& directory = config->options.queue_directory; !directory.empty()) out.push_back(directory);
    for (const cf::QueueGroup& group : config->queue_groups)
      if (!group.path.empty()) out.push_back(group.path);
  }
  return out;
}

// The PID file of a sendmail that is not this program; 0: none runs.
long sendmail_pid(const adopt::Site& site) {
  if (!site.root.empty()) return 0;
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  for (const char* path : {"/run/sendmail/mta/sendmail.pid", "/var/run/sendmail.pid", "/run/sendmail.pid"}) {
    const auto text = site.read(path);
    const long pid = text.ok() ? std::atol(text->c_str()) : 0;
    if (pid <= 1 || ::kill(static_cast<pid_t>(pid), 0) != 0) continue;
    if (std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), ec) != self) return pid;
  }
  return 0;
}

struct Found {
  std::vector<adopt::FileAccount> files;
  std::vector<adopt::Waiting> waiting;
  std::vector<adopt::Change> changes;
};

json to_json(const adopt::FileAccount& file, bool verbose) {
  json lines = json::array();
  for (const adopt::Line& line : file.lines) {
    if (verbose || !line.why.empty()) lines.push_back({{"line", line.number}, {"verdict", adopt::verdict_name(line.verdict)}, {"text", line.text}, {"why", line.why}});
  }
  const auto n = file.counts();
  return {{"path", file.path}, {"what", file.what}, {"remark", file.remark}, {"count", file.lines.size()}, {"comment", n[0]}, {"honoured", n[1]}, {"different", n[2]}, {"not_honoured", n[3]}, {"lines", lines}};
}

void print_json(const Found& found, const Words& words) {
  json out{{"files", json::array()}, {"queue", json::array()}, {"changes", json::array()}, {"apply", words.apply}};
  for (const auto& file : found.files) out["files"].push_back(to_json(file, words.verbose));
  for (const auto& w : found.waiting) {
    out["queue"].push_back({{"qf", w.qf}, {"df", w.df}, {"problem", w.problem}, {"sender", w.file.envelope.sender}, {"rcpts", w.file.envelope.rcpts.size()}, {"lost", w.file.lost}});
  }
  for (const auto& change : found.changes) out["changes"].push_back({{"path", change.path}, {"why", change.why}});
  fmt::print("{}\n", out.dump(2, ' ', false, json::error_handler_t::replace));
}

void print_text(const Found& found, const Words& words) {
  std::array<size_t, 4> sum{};
  for (const auto& file : found.files) {
    fmt::print("{}", adopt::to_text(file, words.verbose));
    const auto n = file.counts();
    for (size_t i = 0; i < n.size(); ++i) sum[i] += n[i];
  }
  fmt::print("\n{} files: {} lines honoured, {} honoured with a difference, {} not honoured, {} comments\n", found.files.size(), sum[1], sum[2], sum[3], sum[0]);
  for (const auto& w : found.waiting) {
    if (!w.problem.empty()) fmt::print("queue: {}: stays where it is: {}\n", w.qf.empty() ? w.df : w.qf, w.problem);
    else fmt::print("queue: {}: from <{}> to {} recipient(s), {} bytes: {} taken over\n", w.qf, w.file.envelope.sender, w.file.envelope.rcpts.size(), w.body.size(), words.apply ? "is" : "would be");
    for (const std::string& line : w.file.lost) fmt::print("    not taken over with it: {}\n", line);
  }
  for (const auto& change : found.changes) fmt::print("{} {}: {}\n", words.apply ? "writes" : "would write", change.path, change.why);
  if (!words.apply) fmt::print("Nothing was changed. `hikyaku adopt --apply` does it, `hikyaku adopt --undo` takes it back.\n");
}

// Where `path` leads: a file that is a link is written at the other end, and the link stays. Links of a root stay in it.
std::string end_of(const adopt::Site& site, std::string path) {
  std::error_code ec;
  for (int links = 0; links < 20 && std::filesystem::is_symlink(site.root + path, ec); ++links) {
    const std::filesystem::path to = std::filesystem::read_symlink(site.root + path, ec);
    path = (to.is_absolute() ? to : std::filesystem::path(directory_of(path)) / to).lexically_normal().string();
  }
  return path;
}

int apply(const Invocation& call, adopt::Site& site, const Found& found) {
  if (const long pid = sendmail_pid(site); pid != 0) {
    fmt::print(stderr, "hikyaku adopt: sendmail still runs (process {}): stop it first, or it would send what is taken over\n", pid);
    return EX_TEMPFAIL;
  }
  adopt::Keeper keeper(site.disk, site.root, std::string(kAdoptedDirectory));
  for (const auto& change : found.changes) {
    const auto done = change.give_to ? keeper.give(change.path, *change.give_to) : keeper.write(end_of(site, change.path), change.bytes, change.mode);
    if (done.ok()) continue;
    fmt::print(stderr, "hikyaku adopt: {}: {}\n", change.path, done.error().text);
    return EX_TEMPFAIL;
  }
  const auto taken = take_over_queue(call, keeper, found.waiting);
  if (taken.ok()) return EX_OK;
  fmt::print(stderr, "hikyaku adopt: {}\n", taken.error().text);
  return EX_TEMPFAIL;
}

int undo(const Invocation& call, adopt::Site& site) {
  adopt::Keeper keeper(site.disk, site.root, std::string(kAdoptedDirectory));
  const auto said = give_back_all(call, keeper);
  if (!said.ok()) {
    fmt::print(stderr, "hikyaku adopt: {}\n", said.error().text);
    return said.error().temporary() ? EX_TEMPFAIL : 1;
  }
  for (const std::string& line : *said) fmt::print("{}\n", line);
  return EX_OK;
}

}  // namespace

int verb_adopt(const Invocation& call) {
  const Words words = words_of(call);
  if (words.bad) {
    fmt::print(stderr, "{}", kUsage);
    return EX_USAGE;
  }
  adopt::Site site{kernel_file_system(), call.root, words.from, nullptr, nullptr, [&call] { return status_file_users(call.root); }, own_program()};
  if (words.undo) return undo(call, site);
  site.make_cf = [&site](const std::string& mc) { return messages_of(site, mc); };
  site.read_cf = [&site](const std::string& path) { return config_of(site, path); };
  Found found;
  found.files = adopt::survey(site);
  found.waiting = adopt::find_waiting(site, queue_directories(site));
  const auto makefile = site.disk.read_file(shared("etc-mail/Makefile"));
  found.changes = adopt::plan(site, makefile.ok() ? *makefile : std::string());
  if (words.json_out) print_json(found, words);
  else print_text(found, words);
  return words.apply ? apply(call, site, found) : EX_OK;
}

}  // namespace hky::cmd
