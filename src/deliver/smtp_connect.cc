// Finding a host of a destination that takes a connection and greets.
#include <fmt/format.h>

#include "base/strings.h"
#include "deliver/smtp_pool_impl.h"

namespace hky::deliver {

std::string deferral_words(const Error& error, const std::string& host) {
  const size_t colon = error.text.rfind(": ");
  std::string words = colon == std::string::npos ? error.text : error.text.substr(colon + 2);
  // sendmail: "Connection timed out with host", "Connection refused by host".
  if (error.text.find("timed out") != std::string::npos) return fmt::format("Connection timed out with {}", host);
  return fmt::format("{} by {}", words, host);
}

namespace {

std::string shown(const std::string& name) {
  if (name.empty() || name.front() == '[' || name.back() == '.' || name.front() == '/') return name;
  return name + ".";
}

Fate no_host_fate() { return local_fate(EX_TEMPFAIL, "4.4.1", "no host answers"); }

// sendmail: smtpinit(): whatever enhanced code the host gave.
Fate fate_of_refusal(const smtp::client_event::Refused& refused, const std::string& host) {
  if (!refused.reply.got()) {
    const Error lost(ErrorKind::kTemporary, 421, "4.4.2", refused.lost);
    return local_fate(EX_TEMPFAIL, "4.4.2", refused.lost.empty() ? "Connection reset by " + host : deferral_words(lost, host));
  }
  Fate f = fate_of_reply(refused.reply, Stage::kConnect, refused.lost);
  f.dsn = f.temporary() ? "4.5.0" : "5.5.0";
  return f;
}

// First word after the code in the answer to EHLO.
std::string_view first_word(std::string_view reply) {
  reply = reply.size() > 4 ? reply.substr(4) : std::string_view();
  return reply.substr(0, reply.find_first_of(" \n"));
}

}  // namespace

// sendmail: deliver(): whatever one host said, the next is tried; the last one's word is the answer.
net::Task<bool> SmtpPool::connect_any(Line d, Connection& c) {
  c.problem = no_host_fate();
  HostList hosts;
  if (d->unix_socket) {
    hosts.names.push_back(d->host);
  } else {
    hosts = co_await finder_.hosts(d->host, *d->mailer, *d->settings);
    if (!hosts.ok) {
      c.problem = hosts.problem;
      co_return false;
    }
  }
  for (const std::string& name : hosts.names) {
    HostList at;
    if (d->unix_socket) at.names.push_back(name);
    else at = co_await finder_.addresses(name, *d->settings);
    // sendmail: what an MX record names has its dot
    if (!at.ok && at.problem.exit == EX_NOHOST && !iequals(name, d->host)) at.problem.text = fmt::format("Host unknown (Name server: {}: host not found)", shown(name));
    if (!at.ok) {
      c.problem = at.problem;
      continue;
    }
    c.reached = false;
    for (const std::string& address : at.names) {
      const bool up = co_await connect_one(d, c, name, address);
      if (up) co_return true;
      if (c.reached) break;   // another address of the name is tried where one takes no connection, not where it takes it and says no
    }
  }
  co_return false;
}

net::Task<bool> SmtpPool::connect_one(Line d, Connection& c, std::string name, std::string address) {
  const Timeouts& t = c.policy->timeouts;
  const int seconds = t.connect > 0 ? t.connect : 300;
  net::Endpoint to;
  to.address = address;
  to.port = d->unix_socket ? 0 : d->port;
  to.is_unix = d->unix_socket;
  c.name = shown(name);
  c.relay = d->unix_socket ? name : fmt::format("{} [{}]", c.name, address);
  const MonoTime until = s_.clock.mono() + std::chrono::seconds(seconds);
  if (say_) {
    const std::string who = d->waiting.empty() ? "" : d->waiting.front()->shown_rcpts + "... ";
    say_(fmt::format("{}Connecting to {} via {}...", who, c.name, d->mailer->name));
    c.dialogue = std::make_unique<Dialogue>(say_);
  }
  auto connected = co_await s_.network.connect(s_.loop, to, c.policy->client_address, until);
  if (!connected.ok()) {
    c.problem = local_fate(EX_TEMPFAIL, "4.4.1", deferral_words(connected.error(), c.name));
    c.problem.remote_mta = c.name;
    c.problem.relay = c.relay;
    co_return false;
  }
  c.stream = std::move(*connected);
  c.reached = true;
  if (s_.traffic != nullptr && !d->unix_socket) s_.traffic->connection_made();
  const bool greeted = co_await greet(d, c);
  if (!greeted) {
    if (c.problem.exit != EX_CONFIG) c.problem.remote_mta = c.name;   // it is not a remote one then
    c.problem.relay = c.relay;
    c.stream->close();
    c.stream.reset();
  }
  co_return greeted;
}

net::Task<bool> SmtpPool::greet(Line d, Connection& c) {
  smtp::ClientOptions o;
  o.helo_name = d->helo_name;
  o.lmtp = d->mailer->flag('z') || iequals(d->mailer->path, "[lmtp]");
  o.try_ehlo = d->mailer->flag('a') && !d->mailer->flag('2');
  o.seven_bit = d->mailer->flag('7');
  c.core = std::make_unique<smtp::ClientCore>(std::move(o));
  for (;;) {
    const bool wrote = co_await flush(c);
    if (wrote) {
      auto n = co_await c.stream->read(buffer_, deadline(c));
      if (!n.ok()) c.core->connection_lost(deferral_words(n.error(), c.name));
      else if (*n == 0) c.core->connection_lost(fmt::format("Connection reset by {}", c.name));
      else feed(c, std::string_view(buffer_.data(), *n));
    }
    while (auto event = c.core->next()) {
      if (auto* ready = std::get_if<smtp::client_event::Ready>(&*event)) {
        // sendmail: smtpinit(): our own name in the answer to EHLO.
        if (d->mailer->flag('k') || !iequals(first_word(ready->hello.text), d->helo_name)) co_return true;
        c.problem = local_fate(EX_CONFIG, "5.3.5", "Local configuration error");
        c.problem.said = fmt::format("553 5.3.5 {} config error: mail loops back to me (MX problem?)", c.name);
        c.problem.reply = "553 5.3.5 system config error";
        co_await say_quit(c);
        co_return false;
      }
      if (auto* refused = std::get_if<smtp::client_event::Refused>(&*event)) {
        c.problem = fate_of_refusal(*refused, c.name);
        if (refused->reply.got()) co_await say_quit(c);
        co_return false;
      }
      if (std::get_if<smtp::client_event::Closed>(&*event)) co_return false;
    }
  }
}

}  // namespace hky::deliver
