#include "deliver/local.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "deliver/mailer_flags.h"
#include "deliver/pipe_script.h"
#include "proto/mail/body_writer.h"
#include "proto/mail/from_line.h"
#include "proto/mail/mime.h"

namespace hky::deliver {
namespace {

std::string rooted(const Work& w, std::string path) {
  if (w.policy().root.empty() || path.empty() || path.front() != '/') return path;
  return w.policy().root + path;
}

// Macros of one recipient: $u $h $z.
void set_target_macros(cf::MacroScope& scope, const Target& t) {
  // sendmail: a program's address is "|command", its $u the command.
  scope.set('u', t.user.starts_with('|') ? std::string_view(t.user).substr(1) : std::string_view(t.user));
  scope.set('h', t.host);
  scope.set('z', t.owner.home.empty() ? t.controller.home : t.owner.home);
}

std::string argument(Work& w, const Target& t, size_t i, std::string fallback) {
  if (t.mailer->argv.size() <= i) return fallback;
  cf::MacroScope scope(*w.settings->config, &w.scope);
  set_target_macros(scope, t);
  return cf::expand_to_string(t.mailer->argv[i], scope);
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

std::vector<std::string> environment_of(const Work& w) {
  std::vector<std::string> env;
  for (const auto& [name, value] : w.settings->config->environment) env.push_back(name + "=" + value);
  env.emplace_back("AGENT=sendmail");
  return env;
}

// sendmail: deliver(): no $u among its words: it is told in SMTP whom the message is for
bool speaks_smtp(const cf::Mailer& m) { return m.path.starts_with('/') && !m.tells_user(); }

std::string sender_of(const Work& w) { return cf::macro_value(w.scope, u'g'); }

ipc::RunProgram program_for(Work& w, const std::vector<Target>& targets) {
  const Target& t = targets.front();
  ipc::RunProgram run;
  run.as = run_as(w, t);
  run.path = t.mailer->path;
  run.argv = command_of(w, targets, sender_of(w));
  run.env = environment_of(w);
  run.nice = t.mailer->nice;
  run.local = t.mailer->flag('l');
  if (t.mailer->wait > 0) run.timeout_seconds = t.mailer->wait;
  // sendmail: D=: the first of these directories that can be entered.
  cf::MacroScope scope(*w.settings->config, &w.scope);
  set_target_macros(scope, t);
  run.directory = cf::expand_to_string(cf::Text(t.mailer->dir.begin(), t.mailer->dir.end()), scope);
  if (t.mailer->dir.find("$z") != std::string::npos) {
    const std::string home = run.as.home.empty() ? "/" : run.as.home;
    run.directory = home + t.mailer->dir.substr(t.mailer->dir.find("$z") + 2);
  }
  return run;
}

// A= of another system's local mailer ("mail -d $u") names none: the mail waits until the operator has mended the line.
Fate no_path(const cf::Mailer& m, const std::string& word) {
  return local_fate(EX_TEMPFAIL, "4.3.5", fmt::format("mailer {}: P={} needs the mailbox's path as the first argument of A=, not \"{}\"", m.name, m.path, word));
}

// The message in the mailer's form.
std::string written(const cf::Mailer& m, const std::string& from_line, std::string_view head, std::string_view body, bool escape_from) {
  mail::BodyStyle style;
  style.eol = m.eol.empty() ? "\n" : m.eol;
  style.escape_from = escape_from || m.flag('E');
  style.seven_bit = m.flag('7');
  style.dot_stuff = m.flag(kDots) && !m.path.starts_with('[');   // of a program that looks for it
  style.line_limit = static_cast<unsigned>(std::max(0, m.line_limit));
  std::string out;
  out.reserve(from_line.size() + head.size() + body.size() + 256);
  if (style.eol == "\n") {
    out += from_line;
    out += head;
  } else {
    mail::BodyStyle plain;
    plain.eol = style.eol;
    mail::BodyWriter writer(plain);
    writer.write(from_line, out);
    writer.write(head, out);
  }
  mail::BodyWriter writer(style);
  writer.write(body, out);
  writer.finish(out);
  return out;
}

}  // namespace

bool is_smtp_mailer(const cf::Mailer& m) { return iequals(m.path, "[IPC]") || iequals(m.path, "[TCP]") || iequals(m.path, "[lmtp]"); }

std::string local_text(const Work& w, const cf::Mailer& m, const std::string& from_line, const std::string& head, bool escape_from) {
  if (m.flag(kMakeEightBit) && !m.flag('7') && w.header.find("Content-Transfer-Encoding") != nullptr) {
    const std::string where = fmt::format("by {} id {}", cf::macro_value(w.scope, u'j'), w.job.envelope.id);
    if (const auto eight = mail::to_eight_bit(head, w.body, where)) return written(m, from_line, eight->head, eight->body, escape_from);
  }
  const bool mimify = w.policy().eight_bit_mode == 'm' && w.has_8bit && !m.flag(kEightBit) && !m.flag(kSevenBit);
  return written(m, from_line, mimify ? mail::labelled_8bit(head, w.policy().default_charset) : head, w.body, escape_from);
}

TrafficLog* LocalDelivery::log_of(const Work& w) const {
  return w.foreground != nullptr && w.foreground->traffic_log ? w.foreground->traffic_log.get() : s_.traffic_log;
}

void LocalDelivery::log_traffic(const Work& w, const std::string& message) {
  if (TrafficLog* log = log_of(w); log != nullptr) log->lines(log->number(), TrafficLog::kOut, message);
}

// sendmail -X: the words of A=, what goes in, what comes out.
net::Task<ipc::Outcome> LocalDelivery::run_logged(Work& w, ipc::RunProgram request) {
  TrafficLog* log = log_of(w);
  const long number = log == nullptr ? 0 : log->number();
  if (log != nullptr) {
    log->line(number, TrafficLog::kNote, fmt::format("EXEC {}", fmt::join(request.argv, " ")));
    log->lines(number, TrafficLog::kOut, request.input);
  }
  ipc::Outcome done = co_await s_.agent.run_program(s_.loop, std::move(request));
  if (log != nullptr) {
    log->lines(number, TrafficLog::kIn, done.output);
    log->line(number, TrafficLog::kIn, "[EOF]");
  }
  co_return done;
}

net::Task<> LocalDelivery::deliver(Work& w, std::vector<Target> targets, std::string head, std::string from_line) {
  const cf::Mailer& m = *targets.front().mailer;
  if (iequals(m.path, "[mbox]") || iequals(m.path, "[maildir]")) {
    for (const Target& t : targets) {
      Fate f = co_await to_mailbox(w, t, head, from_line);
      w.fates[t.rcpt] = std::move(f);
    }
    co_return;
  }
  if (iequals(m.path, "[FILE]")) {
    for (const Target& t : targets) {
      Fate f = co_await to_file(w, t, head, from_line);
      w.fates[t.rcpt] = std::move(f);
    }
    co_return;
  }
  if (m.flag(kLmtp) || speaks_smtp(m)) {
    co_await converse(w, std::move(targets), head);
    co_return;
  }
  if (m.flag('m')) {
    co_await run(w, targets, head, from_line);
    co_return;
  }
  for (const Target& t : targets) {
    std::vector<Target> one(1, t);
    co_await run(w, one, head, from_line);
  }
}

net::Task<Fate> LocalDelivery::to_mailbox(Work& w, const Target& t, const std::string& head, const std::string& from_line) {
  ipc::Who as = t.owner;
  if (as.user.empty()) as.user = t.user;
  if (iequals(t.mailer->path, "[maildir]")) {
    ipc::DeliverMaildir request;
    request.as = std::move(as);
    const std::string path = argument(w, t, 1, request.as.home + "/Maildir");
    if (!path.starts_with('/')) co_return no_path(*t.mailer, path);
    request.path = rooted(w, path);
    request.queue_id = w.job.envelope.id;
    request.message = local_text(w, *t.mailer, "", head, false);
    log_traffic(w, request.message);
    ipc::Outcome done = co_await s_.agent.deliver_maildir(s_.loop, std::move(request));
    co_return fate_of_exit(done.exit_code, done.dsn, done.output);
  }
  ipc::DeliverMbox request;
  request.as = std::move(as);
  const std::string path = argument(w, t, 1, "/var/mail/" + t.user);
  if (!path.starts_with('/')) co_return no_path(*t.mailer, path);
  request.path = rooted(w, path);
  request.queue_id = w.job.envelope.id;
  request.message = local_text(w, *t.mailer, from_line, head, true);
  request.message += '\n';
  log_traffic(w, request.message);
  ipc::Outcome done = co_await append(std::move(request));
  co_return fate_of_exit(done.exit_code, done.dsn, done.output);
}

// What waits for one mailbox at the same time goes as one request: one lock, one sync.
net::Task<ipc::Outcome> LocalDelivery::append(ipc::DeliverMbox request) {
  std::shared_ptr<Mailbox>& slot = mailboxes_[request.path];
  if (!slot) slot = std::make_shared<Mailbox>();
  auto box = slot;
  auto mine = std::make_shared<Waiting>(s_.loop);
  std::string path = request.path;
  mine->request = std::move(request);
  box->waiting.push_back(mine);
  if (!box->busy) {
    box->busy = true;
    s_.loop.spawn(serve_mailbox(std::move(path), box));
  }
  co_return co_await mine->done.wait();
}

net::Task<> LocalDelivery::serve_mailbox(std::string path, std::shared_ptr<Mailbox> box) {
  while (!box->waiting.empty()) {
    auto taken = std::move(box->waiting);
    box->waiting.clear();
    std::vector<ipc::DeliverMbox> batch;
    batch.reserve(taken.size());
    for (auto& t : taken) batch.push_back(std::move(t->request));
    std::vector<ipc::Outcome> done = co_await s_.agent.deliver_mbox(s_.loop, std::move(batch));
    for (size_t i = 0; i < taken.size(); ++i) {
      ipc::Outcome lost;
      lost.exit_code = EX_TEMPFAIL;
      lost.output = "the agent gave no answer";
      taken[i]->done.finish(i < done.size() ? done[i] : lost);
    }
  }
  box->busy = false;
  mailboxes_.erase(path);
}

net::Task<Fate> LocalDelivery::to_file(Work& w, const Target& t, const std::string& head, const std::string& from_line) {
  if (t.user == "/dev/null") co_return fate_of_exit(EX_OK, "2.0.0", "");
  ipc::AppendFile request;
  request.as = run_as(w, t);
  request.path = rooted(w, t.user);
  const cf::Options& o = w.settings->config->options;
  request.symlinks = o.blames(cf::Blame::FileDeliveryToSymLink);
  request.hard_links = o.blames(cf::Blame::FileDeliveryToHardLink);
  request.set_id = t.controller.user.empty() && t.controller.uid == 0;
  request.queue_id = w.job.envelope.id;
  // sendmail: mailfile(): a From_ line whatever F=n says, and an empty line at the end.
  request.message = local_text(w, *t.mailer, from_line, head, true);
  request.message += '\n';
  log_traffic(w, request.message);
  ipc::Outcome done = co_await s_.agent.append_file(s_.loop, std::move(request));
  co_return fate_of_exit(done.exit_code, done.dsn, done.output);
}

net::Task<> LocalDelivery::find_sender_owner(Work& w) {
  if (w.sender_owner) co_return;
  w.sender_owner.emplace();
  const std::string& sender = w.job.envelope.sender;
  const size_t at = sender.rfind('@');
  if (sender.empty() || (at != std::string::npos && !w.settings->config->in_class('w', sender.substr(at + 1)))) co_return;
  ipc::LookupUser question;
  question.name = lower(sender.substr(0, at));
  const ipc::User user = co_await s_.agent.lookup_user(s_.loop, question);
  // sendmail: never as root for root's own mail
  if (user.found && user.uid != 0) w.sender_owner = ipc::Who{user.name, user.uid, user.gid, user.home};
}

net::Task<> LocalDelivery::run(Work& w, const std::vector<Target>& targets, const std::string& head, const std::string& from_line) {
  const cf::Mailer& m = *targets.front().mailer;
  if (runs_as_sender(m)) co_await find_sender_owner(w);
  ipc::RunProgram request = program_for(w, targets);
  request.input = local_text(w, m, m.flag('n') ? std::string() : from_line, head, false);
  if (m.flag('b')) request.input += m.eol;
  const ipc::Outcome done = co_await run_logged(w, std::move(request));
  const Fate f = fate_of_program(done.exit_code, done.dsn, done.output, m);
  for (const Target& t : targets) w.fates[t.rcpt] = f;
}

// Over pipes the whole dialogue is one input, so the recipients are asked in a first call: a refused DATA would make
// commands of the message's lines.
net::Task<> LocalDelivery::converse(Work& w, std::vector<Target> targets, const std::string& head) {
  const cf::Mailer& m = *targets.front().mailer;
  std::reverse(targets.begin(), targets.end());   // sendmail: deliver()'s tochain: the last address of the queue is the first RCPT
  PipeScript script;
  script.lmtp = m.flag(kLmtp);
  if (!script.lmtp) script.hello = m.flag('a') ? "EHLO" : "HELO";
  script.host = cf::macro_value(w.scope, u'j');
  script.sender = sender_of(w);
  for (const Target& t : targets) script.rcpts.push_back(t.user);
  ipc::RunProgram ask = program_for(w, targets);
  ask.input = script.questions();
  const ipc::Outcome asked = co_await run_logged(w, std::move(ask));
  std::vector<Fate> fates = script.after_questions(asked.output, asked.exit_code);
  std::vector<Target> accepted;
  script.rcpts.clear();
  for (size_t i = 0; i < targets.size(); ++i) {
    w.fates[targets[i].rcpt] = fates[i];
    if (!fates[i].sent()) continue;
    accepted.push_back(targets[i]);
    script.rcpts.push_back(targets[i].user);
  }
  if (accepted.empty()) co_return;
  cf::Mailer wire = m;
  wire.eol = "\n";
  wire.flags.reset(kDots);   // the script doubles them
  ipc::RunProgram go = program_for(w, accepted);
  go.input = script.dialogue(local_text(w, wire, "", head, false));
  const ipc::Outcome done = co_await run_logged(w, std::move(go));
  fates = script.after_dialogue(done.output, done.exit_code);
  for (size_t i = 0; i < accepted.size(); ++i) w.fates[accepted[i].rcpt] = fates[i];
}

}  // namespace hky::deliver
