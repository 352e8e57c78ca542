// HostStatusDirectory and SingleThreadDelivery in the pool: hosts that failed lately are not asked, and what each host did is kept.
// sendmail: deliver.c deliver(), mci.c; which of a host's answers speak of the host, as a sendmail 8.17 was seen to keep them.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "deliver/host_states.h"
#include "deliver/mailer_flags.h"
#include "deliver/smtp_pool_impl.h"

namespace hky::deliver {
namespace {

bool keeps(const Services& s, const SmtpPool::Destination& d) {
  return s.hosts != nullptr && !d.unix_socket && !d.program && !d.settings->policy.host_status_directory.empty();
}

// What recipients get for a host that is not asked. sendmail: giveresponse() with the stored errno; the stored reply is hoststat's.
Fate fate_of_status(const HostStatus& status, const std::string& host) {
  const auto meaning = exit_meaning(status.exit);
  const std::string dsn = status.dsn.empty() ? std::string(meaning.dsn) : status.dsn;
  std::string words;
  if (!meaning.temporary) {
    words = meaning.text.empty() ? "unknown mailer error" : std::string(meaning.text);
  } else if (status.system_error != 0) {
    Error e = temporary_error(status.system_error == ETIMEDOUT ? "timed out" : std::generic_category().message(status.system_error));
    words = deferral_words(e, host);
  }
  Fate f = local_fate(status.exit, dsn, std::move(words));
  f.remote_mta = f.relay = host;
  return f;
}

HostStatus status_of_fate(const Fate& f) {
  HostStatus s;
  s.exit = f.exit;
  s.dsn = f.dsn;
  s.reply = f.reply;
  return s;
}

std::string dsn_of(const smtp::RemoteReply& reply) {
  std::string dsn = reply.enhanced();
  return dsn.empty() ? std::to_string(reply.code / 100) + ".0.0" : dsn;
}

HostStatus well(const smtp::RemoteReply& said) {
  HostStatus s;
  s.dsn = dsn_of(said);
  s.reply = said.last_line();
  return s;
}

// A refusal of one sender, recipient or message says nothing of the host; a 421 to the message and a lost connection do.
HostStatus status_after(const smtp::TransactionResult& r, int system_error) {
  const auto off = [](const smtp::RemoteReply& a) { return a.code == 421; };
  const auto refused = [](const smtp::RemoteReply& a) { return a.got() && !a.positive(); };
  if (off(r.mail) || std::any_of(r.rcpts.begin(), r.rcpts.end(), off)) return {};
  if (refused(r.mail)) return well(r.mail);
  if (r.data.got() || (!r.rcpts.empty() && std::all_of(r.rcpts.begin(), r.rcpts.end(), refused))) return {};
  HostStatus s;
  if (r.final.got()) {
    s = well(r.final);
    if (off(r.final)) s.exit = EX_TEMPFAIL;
    return s;
  }
  s.exit = EX_TEMPFAIL;
  s.system_error = system_error;
  s.dsn = "4.4.2";
  return s;
}

}  // namespace

// sendmail: mci_get(): what a process knows of a host; ours of a command or queue run that shows what it does
std::string SmtpPool::shown_key(const Destination& d, const std::string& name) { return fmt::format("{}|{}", d.mailer->name, name); }

// True: `name` failed lately, and c.problem says how.
bool SmtpPool::leave_alone(const Destination& d, Connection& c, const std::string& name) {
  if (say_) {
    const auto known = unreached_.find(shown_key(d, name));
    if (known != unreached_.end() && s_.clock.mono() < known->second.until) {
      c.problem = known->second.fate;
      return true;
    }
  }
  if (!keeps(s_, d) || d.mailer->flag(kNoHostStatus)) return false;
  const Policy& p = d.settings->policy;
  const auto failed = s_.hosts->failed_lately(p.host_status_directory, name, p.host_status_seconds);
  if (!failed) return false;
  c.problem = fate_of_status(*failed, shown_host(name));
  return true;
}

void SmtpPool::note_unreached(const Destination& d, const Connection& c, const std::string& name) {
  if (say_) unreached_[shown_key(d, name)] = Down{s_.clock.mono() + std::chrono::seconds(d.settings->policy.host_status_seconds), c.problem};
  if (!keeps(s_, d)) return;
  HostStatus s = status_of_fate(c.problem);
  s.system_error = c.system_error;
  s_.hosts->remember(d.settings->policy.host_status_directory, name, std::move(s));
}

void SmtpPool::note_transaction(const Destination& d, const Connection& c, const smtp::TransactionResult& result) {
  if (!keeps(s_, d)) return;
  s_.hosts->remember(d.settings->policy.host_status_directory, c.name, status_after(result, c.system_error));
}

// sendmail: mci_lock_host(). False: another connection has it.
bool SmtpPool::claim(const Destination& d, Connection& c, const std::string& name) {
  if (!keeps(s_, d) || !d.settings->policy.single_thread) return true;
  if (!s_.hosts->claim(d.settings->policy.host_status_directory, name)) {
    c.problem = local_fate(EX_TEMPFAIL, "4.4.5", "");
    c.problem.relay = shown_host(name);
    return false;
  }
  c.claimed = name;
  return true;
}

void SmtpPool::release(Connection& c) {
  if (c.claimed.empty()) return;
  s_.hosts->release(c.policy->host_status_directory, c.claimed);
  c.claimed.clear();
}

}  // namespace hky::deliver
