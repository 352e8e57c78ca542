// The alias files: lines that say nothing, names that lead in a ring or nowhere, lists that cannot be read, programs that are
// not there, and the names every host must have. Whether a word is a local name is asked of the rulesets.
// sendmail: alias.c; RFC 5321 4.5.1 (postmaster).
#include <fmt/format.h>

#include "admin/check/alias_graph.h"
#include "admin/check/check.h"
#include "admin/check/programs.h"
#include "admin/check/safety.h"
#include "base/strings.h"
#include "route/aliases.h"

namespace hky::admin::check {
namespace {

constexpr int kMaxInclude = 10;   // lists within lists

class AliasCheck {
 public:
  AliasCheck(const World& world, Findings& out) : w_(world), out_(out), scope_(world.config()), ctx_(world.context(scope_)) {
    // LUSER_RELAY, LOCAL_RELAY, MAIL_HUB: a name that is no user here may be one there
    elsewhere_ = !w_.macro("L").empty() || !w_.macro("H").empty() || !w_.macro("R").empty();
  }

  net::Task<> run() {
    for (const std::string& entry : w_.config().options.alias_file) read(route::parse_alias_file(entry).path);
    if (!any_) co_return;
    for (auto& [name, node] : graph_) {
      for (const AliasTarget& target : node.targets) co_await one(name, target, node.file, node.line, 0);
    }
    rings();
    co_await required();
  }

 private:
  void read(const std::string& path) {
    const auto text = w_.read(path);
    if (!text.ok()) return;   // check_maps told it
    any_ = true;
    for (const route::AliasLine& line : route::parse_alias_text(*text)) {
      if (!line.problem.empty()) {
        out_.error("alias-line", path, line.line, fmt::format("this line defines nothing: {}", line.problem), "Write NAME: TARGET, with NAME at the line's beginning.");
        continue;
      }
      std::string name = lower(trim(line.name));
      if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
      AliasNode node;
      node.file = path;
      node.line = line.line;
      node.targets = alias_targets(line.value);
      if (node.targets.empty()) {
        out_.warning("alias-empty", path, line.line, fmt::format("{} stands for nothing: its mail is lost in silence", name), "Name somebody, or /dev/null where that is meant.");
      }
      const auto [at, fresh] = graph_.emplace(name, node);
      if (fresh) continue;
      if (at->second.file == path) {
        out_.warning("alias-duplicate", path, line.line, fmt::format("{} is defined in line {} already; only one of them counts", name, at->second.line), "Join the two lines, or remove one.");
      }
    }
  }

  // `name` empty: an item of a list that no alias of ours leads back to.
  net::Task<> one(std::string name, AliasTarget target, std::string file, int line, int depth) {
    switch (target.kind) {
      case AliasTarget::Kind::kProgram: program(target.text, file, line); break;
      case AliasTarget::Kind::kFile: mail_file(target.text, file, line); break;
      case AliasTarget::Kind::kInclude: co_await include(name, target.text, file, line, depth); break;
      case AliasTarget::Kind::kUser: user(name, target.text, file, line); break;
      case AliasTarget::Kind::kAddress: co_await address(name, target.text, file, line); break;
    }
  }

  net::Task<> address(std::string name, std::string text, std::string file, int line) {
    const route::Address a = co_await route::parse_address(ctx_, text, route::Role::kEnvelopeRcpt);
    if (a.unparsable || (a.is_error && !a.temp_fail)) {
      const std::string said = a.messages.empty() ? a.user : a.messages.front();
      const bool wanted = starts_with_i(trim(text), "error:");
      if (!wanted) out_.error("alias-bad-address", file, line, fmt::format("{} leads to {}, which is refused: {}", shown(name), text, said), "Write an address that can be delivered.");
      co_return;
    }
    if (a.mailer == nullptr || !a.mailer->flag('A')) co_return;   // leaves this host
    const std::string next = alias_of(lower(a.user));
    if (!next.empty()) {
      graph_[name].next.push_back(next);
      co_return;
    }
    if (a.mailer->flag('w')) user(name, a.user, file, line);
  }

  // The alias that answers for a local name: joe+x, joe+*, joe. sendmail: alias().
  std::string alias_of(const std::string& name) const {
    if (graph_.count(name) != 0) return name;
    const size_t plus = name.find('+');
    if (plus == std::string::npos) return {};
    const std::string any = name.substr(0, plus) + "+*";
    if (graph_.count(any) != 0) return any;
    const std::string base = name.substr(0, plus);
    return graph_.count(base) != 0 ? base : std::string();
  }

  void user(const std::string& name, const std::string& who, const std::string& file, int line) {
    const std::string base = who.substr(0, who.find('+'));
    if (elsewhere_ || !w_.user_exists || w_.user_exists(base)) return;
    out_.error("alias-dead-end", file, line, fmt::format("{} leads to {}, who is neither a user nor an alias: its mail comes back", shown(name), who), "Name a user or an address that exists, or create the account.");
  }

  void mail_file(const std::string& path, const std::string& file, int line) {
    if (path == "/dev/null" || w_.exists(directory_of(path))) return;
    out_.warning("alias-file-folder", file, line, fmt::format("mail goes into {}, and that folder does not exist", path), fmt::format("mkdir {}", directory_of(path)));
  }

  // sendmail: the mailer called prog runs it: a shell, or smrsh, which looks only into its own folder.
  void program(const std::string& command, const std::string& file, int line) {
    const auto words = split_words(command);
    if (words.empty()) {
      out_.error("alias-line", file, line, "a | without a program", "Write the program's path after it.");
      return;
    }
    std::string first(words[0] == "exec" && words.size() > 1 ? words[1] : words[0]);
    const cf::Mailer* prog = w_.config().find_mailer("prog");
    if (prog == nullptr) {
      out_.error("alias-program", file, line, fmt::format("the configuration has no mailer that runs programs, as {} asks for", first), "Add MAILER(local) to the .mc file, or take the program out.");
      return;
    }
    if (prog->path.ends_with("/smrsh")) smrsh(first.substr(first.rfind('/') + 1), file, line);
    else if (first.starts_with("/")) check_program(w_, first, "this alias", file, line, Severity::kError, out_);
  }

  void smrsh(const std::string& name, const std::string& file, int line) {
    // where builds of sendmail keep it: the documented default, FreeBSD, Debian
    static constexpr const char* kFolders[] = {"/usr/adm/sm.bin", "/usr/libexec/sm.bin", "/usr/lib/sm.bin", "/etc/mail/smrsh", "/etc/smrsh"};
    std::string there;
    for (const char* folder : kFolders) {
      if (!w_.exists(folder)) continue;
      if (there.empty()) there = folder;
      if (w_.exists(std::string(folder) + "/" + name)) return;
    }
    if (name == "exit" || name == "echo") return;   // smrsh: built in
    out_.error("smrsh", file, line, fmt::format("smrsh does not know the program {}: mail for it comes back", name),
               there.empty() ? "Make the folder of smrsh and link the program there, or leave FEATURE(smrsh) out." : fmt::format("ln -s PROGRAM {}/{}", there, name));
  }

  net::Task<> include(std::string name, std::string path, std::string file, int line, int depth) {
    const auto st = w_.stat(path);
    const auto text = w_.read(path);
    if (!st.ok() || !st->is_file() || !text.ok()) {
      out_.error("include-unreadable", file, line, fmt::format("the list {} of {} cannot be read", path, shown(name)), "Create the file, readable for the mail system, or take the list out.");
      co_return;
    }
    check_path(w_, kIncludeFile, path, out_);
    if (depth >= kMaxInclude || !lists_.insert(name + "\n" + path).second) co_return;
    int number = 0;
    for (const std::string_view row : split(*text, '\n')) {
      ++number;
      if (trim(row).empty() || row[0] == '#') continue;
      const std::vector<AliasTarget> targets = alias_targets(row);
      for (const AliasTarget& target : targets) co_await one(name, target, path, number, depth + 1);
    }
  }

  void rings() {
    for (const std::vector<std::string>& ring : alias_rings(graph_)) {
      bool ends = elsewhere_;   // sendmail breaks a ring at a name that is a user: the mail goes into that mailbox
      for (const std::string& name : ring) ends = ends || (w_.user_exists && w_.user_exists(name));
      if (ends) continue;
      const AliasNode& node = graph_.at(ring.front());
      out_.error("alias-loop", node.file, node.line, fmt::format("{} -> {}: these aliases lead in a ring and reach nobody", join(ring, " -> "), ring.front()), "Let one of them name a user or an address elsewhere.");
    }
  }

  net::Task<> required() {
    const std::string file = route::parse_alias_file(w_.config().options.alias_file.front()).path;
    const route::Address a = co_await route::parse_address(ctx_, "postmaster", route::Role::kEnvelopeRcpt);
    if (a.mailer == nullptr || !a.mailer->flag('A') || elsewhere_) co_return;   // another host has it
    if (graph_.count("postmaster") == 0 && !(w_.user_exists && w_.user_exists("postmaster"))) {
      out_.error("no-postmaster", file, 0, "there is no postmaster, whom every host that takes mail must have (RFC 5321 4.5.1)", "Add a line \"postmaster: root\" and run newaliases.");
    }
    if (graph_.count("mailer-daemon") == 0) {
      out_.warning("no-mailer-daemon", file, 0, "there is no MAILER-DAEMON: answers to reports of failure come back", "Add a line \"MAILER-DAEMON: postmaster\" and run newaliases.");
    }
    if (graph_.count("root") == 0) out_.note("root-unread", file, 0, "root's mail stays in root's own mailbox", "Where nobody reads that: add a line \"root: PERSON\".");
  }

  std::string shown(const std::string& name) const { return name.empty() ? "this list" : name; }

  const World& w_;
  Findings& out_;
  cf::MacroScope scope_;
  rewrite::Context ctx_;
  AliasGraph graph_;
  std::set<std::string> lists_;
  bool any_ = false, elsewhere_ = false;
};

}  // namespace

net::Task<> check_aliases(const World& world, Findings& out) {
  AliasCheck check(world, out);
  co_await check.run();
}

}  // namespace hky::admin::check
