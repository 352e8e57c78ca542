// Programs on pipes in the pool: a mailer P=/program speaks LMTP (F=z) or SMTP like a host. One that speaks LMTP is kept for the next message
// as connections are; one that speaks SMTP has one message. sendmail: deliver.c deliver(), mci.c; smtpquit(), endmailer().
#include <fmt/format.h>

#include "base/strings.h"
#include "deliver/smtp_pool_impl.h"

namespace hky::deliver {
namespace {

net::Task<> run(ipc::Agent& agent, net::Loop& loop, std::shared_ptr<const ipc::RunProgram> program, net::ProgramPipes pipes, net::Completion<ipc::Outcome> ended) {
  ipc::RunProgram request = *program;
  ipc::Outcome outcome = co_await agent.speak_to(loop, std::move(request), std::move(pipes.input), std::move(pipes.output));
  ended.finish_here(std::move(outcome));
}

}  // namespace

bool SmtpPool::kept(const Destination& d) { return !d.program || speaks_lmtp(*d.mailer); }

bool SmtpPool::cached(const Connection& c) { return kept(*c.line) && c.policy->cache_connections > 0; }

std::string SmtpPool::called(const Destination& d) {
  return d.program && (d.host.empty() || speaks_lmtp(*d.mailer)) ? d.mailer->name : d.host;
}

net::Task<bool> SmtpPool::start_program(Line d, Connection& c) {
  c.name = c.relay = called(*d);
  if (say_) {
    std::erase(unwelcome_, c.name);   // its place is taken again
    tell_connecting(*d, d->host);
  }
  auto pipes = s_.network.program_pipes(s_.loop);
  if (!pipes.ok()) {
    c.problem = local_fate(EX_OSERR, "4.3.0", pipes.error().text);
    co_return false;
  }
  c.stream = std::move(pipes->stream);
  c.program.emplace(s_.loop);
  s_.loop.spawn(run(s_.agent, s_.loop, d->program, std::move(*pipes), *c.program));
  const bool up = co_await begin_dialogue(d, c, fmt::format("EXEC {}", fmt::join(d->program->argv, " ")));
  co_return up;
}

// How it ended is no answer to anybody: the log has it.
net::Task<> SmtpPool::end_program(Line d, Connection& c) {
  const ipc::Outcome outcome = co_await c.program->wait();
  const std::string_view words = trim(outcome.output);
  if (outcome.signal != 0) s_.log.line(1, LogPriority::kCrit, "", fmt::format("SYSERR: mailer {} died with signal {}", d->mailer->name, outcome.signal));
  else if (!words.empty()) s_.log.line(1, LogPriority::kCrit, "", fmt::format("SYSERR: {}", words));
  if (outcome.exit_code != EX_OK) s_.log.line(1, LogPriority::kError, "", fmt::format("smtpquit: mailer {} exited with exit value {}", d->mailer->name, outcome.exit_code));
}

}  // namespace hky::deliver
