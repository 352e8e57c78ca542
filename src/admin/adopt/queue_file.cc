#include "admin/adopt/queue_file.h"

#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/strings.h"

namespace hky::admin::adopt {
namespace {

constexpr std::string_view kDeferred = "Deferred: ";
constexpr char kMacroByte = '\x81';   // sendmail: a macro inside a stored header

int64_t number_of(std::string_view text) {
  int64_t n = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

// "H?flags?Name: value" as the header's own line; empty where sendmail makes the field anew for each delivery.
std::string header_of(std::string_view rest) {
  if (rest.starts_with("?")) {
    const size_t end = rest.find('?', 1);
    if (end == std::string_view::npos) return {};
    const std::string_view flags = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (flags.find('P') != std::string_view::npos) return {};   // Return-Path:
  }
  if (rest.find(kMacroByte) != std::string_view::npos) return {};
  return std::string(rest) + "\n";
}

class Parser {
 public:
  Result<QueueFile> run(std::string_view text) {
    std::string whole;   // a line with its continuations
    for (const std::string_view row : split(text, '\n')) {
      if (!row.empty() && is_space(row[0]) && !whole.empty()) {
        whole.append("\n").append(row);
        continue;
      }
      if (!whole.empty()) HKY_TRY(line(whole));
      whole = std::string(row);
      if (ended_) break;
    }
    if (!ended_) return permanent_error("ends without its last line: it was being written", 554, "5.6.0");
    if (out_.envelope.rcpts.empty()) return permanent_error("has no recipient", 554, "5.6.0");
    if (out_.envelope.created == 0) return permanent_error("has no time of creation", 554, "5.6.0");
    return std::move(out_);
  }

 private:
  Result<> line(const std::string& text) {
    queue::Envelope& e = out_.envelope;
    const std::string rest = text.substr(1);
    switch (text[0]) {
      case 'V':
        if (number_of(rest) > 8) return permanent_error(fmt::format("is of version {}; 8 is the last that is known", rest), 554, "5.6.0");
        break;
      case 'T': e.created = number_of(rest); break;
      case 'K': last_try_ = number_of(rest); break;
      case 'N': e.tries = static_cast<int>(number_of(rest)); break;
      case 'P': e.priority = static_cast<long>(number_of(rest)); break;
      case 'B': e.body_type = rest; break;
      case 'S': addressed_ = true; e.sender = rest.starts_with("<") && rest.ends_with(">") ? rest.substr(1, rest.size() - 2) : rest; break;
      case 'Z': e.envid = rest; break;
      case 'A': e.auth_sender = rest; break;
      case 'q': e.quarantine_reason = rest; break;
      case 'F': flags(rest); break;
      case 'M': message(rest); break;
      case 'C': controlling(rest); break;
      case 'r': final_ = std::string(trim(std::string_view(rest).substr(rest.find(';') + 1))); break;
      case 'Q': orcpt_ = rest; break;
      case 'R': recipient(rest); break;
      case '$': macro(rest); break;
      case 'H': out_.header += header_of(rest); break;
      case '.': ended_ = true; break;
      case 'd': out_.data_directory = rest; break;
      case 'I': case 'L': case 'X': case 'D': break;   // sendmail's own notes: inode, last words, charset
      default: out_.lost.push_back(text); break;   // '!': deliver by; what a later version adds
    }
    return {};
  }

  void flags(const std::string& letters) {
    queue::Envelope& e = out_.envelope;
    const auto has = [&](char c) { return letters.find(c) != std::string::npos; };
    e.warning_sent = has('w');
    e.is_report = has('r');
    if (has('d')) e.ret = has('n') ? queue::Envelope::Ret::kHdrs : queue::Envelope::Ret::kFull;
  }

  // "Deferred: 450 4.2.1 mailbox busy": before the sender of the message, then of the recipient that follows.
  void message(const std::string& rest) {
    if (!addressed_) out_.envelope.message = rest;
    else answer_ = rest.starts_with(kDeferred) ? rest.substr(kDeferred.size()) : rest;
  }

  // "joe:2001:100:list": who and of which alias, for all that follow; ":list" is nobody's. An alias's own has sendmail's default user and
  // group 0 under the name of the alias.
  void controlling(const std::string& rest) {
    controlling_.clear();
    alias_ = rest.starts_with(':') ? rest.substr(1) : "";
    if (rest.starts_with(':')) return;
    const std::vector<std::string_view> words = split(rest, ':');
    if (words.size() < 3) return;
    if (words[2] != "0") controlling_ = std::string(words[0]);
    const size_t before = words[0].size() + words[1].size() + words[2].size() + 3;
    if (rest.size() > before) alias_ = rest.substr(before);
  }

  // "PSFD:address"; N: NOTIFY was given, and what of S, F, D stands there is what it said.
  void recipient(const std::string& rest) {
    const size_t colon = rest.find(':');
    queue::Rcpt rcpt;
    rcpt.address = colon == std::string::npos ? rest : rest.substr(colon + 1);
    const std::string letters = colon == std::string::npos ? "" : rest.substr(0, colon);
    if (letters.find('N') != std::string::npos) {
      for (const char c : letters) {
        if (c == 'S') rcpt.notify |= queue::kNotifySuccess;
        if (c == 'F') rcpt.notify |= queue::kNotifyFailure;
        if (c == 'D') rcpt.notify |= queue::kNotifyDelay;
      }
      if (rcpt.notify == 0) rcpt.notify = queue::kNotifyNever;
    }
    rcpt.orcpt = std::move(orcpt_);
    rcpt.controlling_user = controlling_;
    rcpt.alias_of = alias_;
    if (!alias_.empty()) rcpt.final_rcpt = final_;
    rcpt.answered = !answer_.empty();
    rcpt.last_reply = std::move(answer_);
    rcpt.last_try = last_try_;
    rcpt.tries = out_.envelope.tries;
    orcpt_.clear();
    answer_.clear();
    final_.clear();
    out_.envelope.rcpts.push_back(std::move(rcpt));
  }

  void macro(const std::string& rest) {
    if (rest.empty()) return;
    const size_t end = rest[0] == '{' ? rest.find('}') : 0;
    if (end == std::string::npos) return;
    const std::string name = end == 0 ? rest.substr(0, 1) : rest.substr(1, end - 1);
    out_.envelope.macros.emplace_back(name, rest.substr(end + 1));
  }

  QueueFile out_;
  std::string controlling_, alias_, final_, answer_, orcpt_;   // what was said of the recipients that follow; the last three of one
  bool addressed_ = false;                                      // the sender was named: what comes is of recipients
  int64_t last_try_ = 0;
  bool ended_ = false;
};

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// The directories that one QueueDirectory value stands for.
std::vector<std::string> expand(const Site& site, const std::string& value) {
  const size_t star = value.find('*');
  if (star == std::string::npos) return {value};
  const std::string parent = value.substr(0, value.rfind('/', star)), prefix = value.substr(parent.size() + 1, star - parent.size() - 1);
  std::vector<std::string> out;
  const auto names = site.disk.list(site.root + parent);
  if (!names.ok()) return out;
  for (const std::string& name : *names) {
    const auto st = site.disk.stat(site.root + parent + "/" + name);
    if (name.starts_with(prefix) && st.ok() && st->is_directory()) out.push_back(parent + "/" + name);
  }
  return out;
}

std::string data_folder(const Site& site, const std::string& dir) { return site.exists(dir + "/df") ? dir + "/df" : dir; }

Waiting read_waiting(const Site& site, const std::string& qf, const std::string& df) {
  Waiting w;
  w.qf = qf;
  w.df = df;
  const auto text = site.read(qf);
  if (!text.ok()) {
    w.problem = text.error().text;
    return w;
  }
  auto file = parse_queue_file(*text);
  if (!file.ok()) {
    w.problem = file.error().text;
    return w;
  }
  w.file = std::move(*file);
  if (name_of(qf)[0] == 'Q') w.problem = "sendmail gave it up as damaged (Qf)";
  if (!w.file.data_directory.empty()) w.df = data_folder(site, w.file.data_directory) + "/" + name_of(df);
  const auto body = site.read(w.df);
  if (body.ok()) w.body = *body;
  else w.problem = fmt::format("its body cannot be read: {}", body.error().text);
  return w;
}

void one_directory(const Site& site, const std::string& dir, std::vector<Waiting>& out) {
  const std::string qdir = site.exists(dir + "/qf") ? dir + "/qf" : dir;
  const std::string ddir = data_folder(site, dir);
  std::set<std::string> bodies;
  const auto names = site.disk.list(site.root + qdir);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    if (name.size() < 3 || (!name.starts_with("qf") && !name.starts_with("hf") && !name.starts_with("Qf"))) continue;
    bodies.insert("df" + name.substr(2));
    out.push_back(read_waiting(site, qdir + "/" + name, ddir + "/df" + name.substr(2)));
  }
  const auto all = site.disk.list(site.root + ddir);
  if (!all.ok()) return;
  for (const std::string& name : *all) {
    if (!name.starts_with("df") || name.size() < 3 || bodies.count(name) != 0) continue;
    Waiting w;
    w.df = ddir + "/" + name;
    w.problem = "a body without an envelope (left by a crash)";
    out.push_back(std::move(w));
  }
}

}  // namespace

Result<QueueFile> parse_queue_file(std::string_view text) { return Parser().run(text); }

std::vector<Waiting> find_waiting(const Site& site, const std::vector<std::string>& directories) {
  std::vector<Waiting> out;
  std::set<std::string> seen;
  for (const std::string& value : directories) {
    for (const std::string& dir : expand(site, value)) {
      if (seen.insert(dir).second) one_directory(site, dir, out);
    }
  }
  std::set<std::string> used;   // by messages of other directories, too
  for (const Waiting& w : out)
    if (!w.qf.empty()) used.insert(w.df);
  std::erase_if(out, [&used](const Waiting& w) { return w.qf.empty() && used.count(w.df) != 0; });
  return out;
}

}  // namespace hky::admin::adopt
