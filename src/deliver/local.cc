#include "deliver/local.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "deliver/mailer_flags.h"
#include "deliver/mailer_program.h"
#include "proto/mail/body_writer.h"
#include "proto/mail/from_line.h"

namespace hky::deliver {
namespace {

// sendmail: mailfile(): what is written with SafeFileEnvironment in front, letter by letter, is meant to lie there all the same.
std::string path_below(const std::string& written, const std::string& folder, std::string_view path) {
  if (path.starts_with(written)) path.remove_prefix(written.size());
  return fmt::format("{}/{}", folder, path);
}

// A= of another system's local mailer ("mail -d $u") names none: the mail waits until the operator has mended the line.
Fate no_path(const cf::Mailer& m, const std::string& word) {
  return local_fate(EX_TEMPFAIL, "4.3.5", fmt::format("mailer {}: P={} needs the mailbox's path as the first argument of A=, not \"{}\"", m.name, m.path, word));
}

// The message in the mailer's form.
std::string written(const Policy& policy, const cf::Mailer& m, const std::string& from_line, std::string_view head, std::string_view body, bool escape_from) {
  mail::BodyStyle style;
  style.eol = m.eol.empty() ? "\n" : m.eol;
  style.escape_from = escape_from || m.flag('E');
  style.seven_bit = m.flag('7');
  style.dot_stuff = m.flag(kDots) && !m.path.starts_with('[');   // of a program that looks for it
  style.line_limit = static_cast<unsigned>(std::max(0, m.line_limit));
  style.blank_after_cut = policy.blank_after_cut;
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

std::optional<mail::EightBit> decoded(const Work& w, const cf::Mailer& m, const std::string& head) {
  if (!m.flag(kMakeEightBit) || m.flag('7') || w.header.find("Content-Transfer-Encoding") == nullptr) return std::nullopt;
  return mail::to_eight_bit(head, w.body, fmt::format("by {} id {}", cf::macro_value(w.scope, u'j'), w.job.envelope.id));
}

std::string local_text(const Work& w, const cf::Mailer& m, const std::string& from_line, const std::string& head, bool escape_from) {
  if (const auto eight = decoded(w, m, head)) return written(w.policy(), m, from_line, eight->head, eight->body, escape_from);
  const bool mimify = w.policy().eight_bit_mode == 'm' && w.has_8bit && !m.flag(kEightBit) && !m.flag(kSevenBit);
  return written(w.policy(), m, from_line, mimify ? mail::labelled_8bit(head, w.charset()) : head, w.body, escape_from);
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
  const cf::Options& o = w.settings->config->options;
  request.below = rooted(w, o.safe_file_environment);
  request.path = request.below.empty() ? rooted(w, t.user) : path_below(o.safe_file_environment, request.below, t.user);
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

net::Task<> LocalDelivery::run(Work& w, const std::vector<Target>& targets, const std::string& head, const std::string& from_line) {
  const cf::Mailer& m = *targets.front().mailer;
  co_await find_sender_owner(s_, w, m);
  ipc::RunProgram request = program_for(w, targets);
  request.input = local_text(w, m, m.flag('n') ? std::string() : from_line, head, false);
  if (m.flag('b')) request.input += m.eol;
  const ipc::Outcome done = co_await run_logged(w, std::move(request));
  const Fate f = fate_of_program(done.exit_code, done.dsn, done.output, m);
  for (const Target& t : targets) w.fates[t.rcpt] = f;
}

}  // namespace hky::deliver
