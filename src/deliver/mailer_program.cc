#include "deliver/mailer_program.h"

#include "base/strings.h"
#include "deliver/mailer_flags.h"
#include "route/address.h"

namespace hky::deliver {
namespace {

// Macros of one recipient: $u $h $z.
void set_target_macros(cf::MacroScope& scope, const Target& t) {
  // sendmail: a program's address is "|command", its $u the command.
  scope.set('u', t.user.starts_with('|') ? std::string_view(t.user).substr(1) : std::string_view(t.user));
  scope.set('h', t.host);
  scope.set('z', t.owner.home.empty() ? t.controller.home : t.owner.home);
}

bool mentions_user(const cf::Text& word) {
  for (size_t i = 0; i + 1 < word.size(); ++i)
    if ((word[i] == cf::kMacroExpand || word[i] == cf::kMacroDefer) && word[i + 1] == u'u') return true;
  return false;
}

// sendmail: a word with $u stands once for each recipient.
std::vector<std::string> command_of(Work& w, const std::vector<Target>& targets, const std::string& sender) {
  const cf::Mailer& m = *targets.front().mailer;
  std::vector<std::string> argv;
  for (size_t i = 0; i < m.argv.size(); ++i) {
    const size_t times = mentions_user(m.argv[i]) ? targets.size() : 1;
    for (size_t k = 0; k < times; ++k) argv.push_back(argument(w, targets[k], i, ""));
    if (i > 0) continue;
    // sendmail: F=f and F=r give the sender as an argument, where somebody said it.
    if ((m.flag('f') || m.flag('r')) && !w.job.envelope.sender_unsaid) {
      argv.push_back(m.flag('f') ? "-f" : "-r");
      argv.push_back(sender.empty() ? "<>" : sender);
    }
  }
  return argv;
}

bool runs_for_others(const cf::Mailer& m) { return m.name == "prog" || m.name == "*file*" || m.name == "*include*"; }

// The mailer's flags do not say as whom it runs, and it is none of an alias's or .forward's own.
bool runs_as_sender(const cf::Mailer& m) { return !m.flag('S') && !m.flag('o') && !runs_for_others(m); }

// U=, else the default user.
ipc::Who own_user(const Work& w, const cf::Mailer& m) {
  const cf::UserId& standard = w.settings->config->options.default_user;
  if (m.uid < 0) return ipc::Who{standard.name, standard.uid, standard.gid, "/"};
  const bool named = !m.user.empty() && !is_digit(m.user.front());
  return ipc::Who{named ? m.user : "", static_cast<unsigned>(m.uid), m.gid >= 0 ? static_cast<unsigned>(m.gid) : standard.gid, "/"};
}

std::vector<std::string> environment_of(const Work& w) {
  std::vector<std::string> env;
  for (const auto& [name, value] : w.settings->config->environment) env.push_back(name + "=" + value);
  env.emplace_back("AGENT=sendmail");
  return env;
}

}  // namespace

std::string rooted(const Work& w, std::string path) {
  if (w.policy().root.empty() || path.empty() || path.front() != '/') return path;
  return w.policy().root + path;
}

bool is_smtp_mailer(const cf::Mailer& m) { return iequals(m.path, "[IPC]") || iequals(m.path, "[TCP]") || iequals(m.path, "[lmtp]"); }

bool speaks_on_pipes(const cf::Mailer& m) { return m.path.starts_with('/') && (m.flag(kLmtp) || !m.tells_user()); }

std::string argument(Work& w, const Target& t, size_t i, std::string fallback) {
  if (t.mailer->argv.size() <= i) return fallback;
  cf::MacroScope scope(*w.settings->config, &w.scope);
  set_target_macros(scope, t);
  return cf::expand_to_string(t.mailer->argv[i], scope);
}

// sendmail: deliver(): F=S keeps the daemon's user, or takes the mailer's own (U=); a program, a file and F=o have the controlling user, or the
// recipient's owner; any other mailer runs as the local user who sends; and for the rest as its own.
ipc::Who run_as(const Work& w, const Target& t) {
  const cf::Mailer& m = *t.mailer;
  if (m.flag('S') && m.uid < 0) return ipc::Who{"root", 0, 0, "/"};
  if (m.flag('S')) return own_user(w, m);
  if (runs_as_sender(m)) return w.sender_owner && !w.sender_owner->user.empty() ? *w.sender_owner : own_user(w, m);
  if (!t.controller.user.empty() || t.controller.uid != 0) return t.controller;
  if (m.flag('o') && !t.owner.user.empty()) return t.owner;
  return own_user(w, m);
}

ipc::RunProgram program_for(Work& w, const std::vector<Target>& targets) {
  const Target& t = targets.front();
  ipc::RunProgram run;
  run.as = run_as(w, t);
  run.path = t.mailer->path;
  run.argv = command_of(w, targets, cf::macro_value(w.scope, u'g'));
  run.env = environment_of(w);
  run.nice = t.mailer->nice;
  run.local = t.mailer->flag('l');
  if (t.mailer->wait > 0) run.timeout_seconds = t.mailer->wait;
  cf::MacroScope scope(*w.settings->config, &w.scope);
  set_target_macros(scope, t);
  scope.set('z', run.as.home.empty() ? "/" : run.as.home);
  run.directory = cf::expand_to_string(t.mailer->dir, scope);
  run.root = rooted(w, cf::expand_to_string(t.mailer->root_dir, scope));
  return run;
}

net::Task<> find_sender_owner(Services& s, Work& w, const cf::Mailer& m) {
  if (w.sender_owner || !runs_as_sender(m)) co_return;
  w.sender_owner.emplace();
  std::string sender = w.job.envelope.sender;
  if (sender.empty()) co_return;
  // sendmail: setsender(): rules may take the detail off: joe+x is joe
  w.ctx.scope.set(cf::kN_addr_type, std::string_view("e s"));
  const route::Address from = co_await route::parse_address(w.ctx, std::move(sender), route::Role::kEnvelopeSender);
  w.ctx.scope.unset(cf::kN_addr_type);
  if (from.mailer == nullptr || !from.mailer->flag(kNeedsUser)) co_return;
  ipc::LookupUser question;
  question.name = lower(from.user);
  const ipc::User user = co_await s.agent.lookup_user(s.loop, question);
  // sendmail: never as root for root's own mail
  if (user.found && user.uid != 0) w.sender_owner = ipc::Who{user.name, user.uid, user.gid, user.home};
}

}  // namespace hky::deliver
