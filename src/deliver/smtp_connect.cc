// Finding a host of a destination that takes a connection and greets.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/strings.h"
#include "deliver/mailer_flags.h"
#include "deliver/smtp_pool_impl.h"
#include "dns/files.h"
#include "net/logged_stream.h"

namespace hky::deliver {

bool speaks_lmtp(const cf::Mailer& mailer) { return mailer.flag(kLmtp) || iequals(mailer.path, "[lmtp]"); }

std::string deferral_words(const Error& error, const std::string& host) {
  const size_t colon = error.text.rfind(": ");
  std::string words = colon == std::string::npos ? error.text : error.text.substr(colon + 2);
  // sendmail: "Connection timed out with host", "Connection refused by host", "host: Network is unreachable".
  if (error.text.find("timed out") != std::string::npos) return fmt::format("Connection timed out with {}", host);
  const bool named_first = error.sys != 0 && error.sys != ECONNREFUSED && error.sys != ECONNRESET;
  return named_first ? fmt::format("{}: {}", host, words) : fmt::format("{} by {}", words, host);
}

Error gone() {
  Error e(ErrorKind::kTemporary, 421, "4.4.2", "Connection reset");
  e.sys = ECONNRESET;
  return e;
}

std::string shown_host(const std::string& name) {
  if (name.empty() || name.front() == '[' || name.back() == '.' || name.front() == '/') return name;
  return name + ".";
}

namespace {

constexpr auto kWaitForTurn = std::chrono::seconds(60);      // SingleThreadDelivery: for the connection that has the host
constexpr auto kAskAgain = std::chrono::milliseconds(100);

std::string smart_host(const SmtpPool::Destination& d) { return d.settings->config ? d.settings->config->options.fallback_smart_host : ""; }

Fate no_host_fate() { return local_fate(EX_TEMPFAIL, "4.4.1", "no host answers"); }

// sendmail: smtpinit(): whatever enhanced code the host gave.
Fate fate_of_refusal(const smtp::client_event::Refused& refused, const std::string& host) {
  if (!refused.reply.got()) return local_fate(EX_TEMPFAIL, "4.4.2", refused.lost.empty() ? "Connection reset by " + host : refused.lost);
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

net::Task<bool> SmtpPool::connect_any(Line d, Connection& c) {
  c.problem = no_host_fate();
  if (d->program) co_return co_await start_program(d, c);
  // sendmail: makeconnection(): to_iconnect, to_connect; deliver(): to_aconnect
  const Timeouts& t = c.policy->timeouts;
  const bool first = t.initial_connect > 0 && !d->waiting.empty() && d->waiting.front()->first_try;
  if (first) c.connect_seconds = t.initial_connect;
  else if (t.connect > 0) c.connect_seconds = t.connect;
  if (t.all_connects > 0) c.connect_until = s_.clock.mono() + std::chrono::seconds(t.all_connects);
  HostList hosts;
  if (d->unix_socket) {
    hosts.names.push_back(d->host);
  } else if (!d->only.empty()) {
    hosts.names = d->only;
  } else {
    hosts = co_await finder_.hosts(d->host, *d->mailer, *d->settings);
    if (!hosts.ok) {
      c.problem = hosts.problem;
      co_return false;
    }
  }
  const auto alive = alive_;
  const MonoTime until = s_.clock.mono() + kWaitForTurn;
  for (;;) {
    const Tried tried = co_await try_hosts(d, c, hosts);
    if (tried != Tried::kBusy || s_.clock.mono() >= until) co_return tried == Tried::kUp;
    d->trying_since = s_.clock.mono();   // nobody keeps us waiting but ourselves
    co_await s_.loop.sleep(kAskAgain);
    if (!*alive || d->waiting.empty()) co_return false;
  }
}

// sendmail: deliver(): whatever one host said, the next is tried; the last one's word is the answer.
net::Task<SmtpPool::Tried> SmtpPool::try_hosts(Line d, Connection& c, const HostList& hosts) {
  const std::string smart = smart_host(*d);
  bool busy = false;
  for (size_t i = 0; i < hosts.names.size(); ++i) {
    const std::string& name = hosts.names[i];
    if (i >= hosts.own) c.connect_until = MonoTime::max();
    if (s_.clock.mono() >= c.connect_until) continue;
    // sendmail: FallbackSmartHost is for hosts that no connection is had to, not for one that is this host
    if (c.problem.exit == EX_CONFIG && name == smart) continue;
    if (leave_alone(*d, c, name)) continue;
    if (!claim(*d, c, name)) {
      busy = true;
      continue;
    }
    bool up = take_idle(*d, c, name);
    if (!up) up = co_await try_addresses(d, c, name);
    if (up) {
      c.others.assign(hosts.names.begin() + static_cast<std::ptrdiff_t>(i) + 1, hosts.names.end());
      std::erase(c.others, smart);
      co_return Tried::kUp;
    }
    release(c);
  }
  co_return busy ? Tried::kBusy : Tried::kDown;
}

// sendmail: mci_get(): a connection to that host, whichever destination it was made for.
bool SmtpPool::take_idle(const Destination& d, Connection& c, const std::string& name) {
  const auto same = [&](const Connection* other) {
    const Destination& o = *other->line;
    return !o.program && !o.unix_socket && other->name == shown_host(name) && o.settings == d.settings && o.mailer == d.mailer && o.port == d.port &&
           o.helo_name == d.helo_name && o.came_in == d.came_in && o.helo_by_interface == d.helo_by_interface;
  };
  const auto found = d.unix_socket ? idle_.end() : std::find_if(idle_.begin(), idle_.end(), same);
  if (found == idle_.end()) return false;
  Connection& other = **found;
  const bool alive = !other.stream->try_read(buffer_).has_value();
  if (alive) {
    c.stream = std::move(other.stream);
    c.core = std::move(other.core);
    c.dialogue = std::move(other.dialogue);
    c.name = other.name;
    c.relay = other.relay;
    c.number = other.number;
    c.started = other.started;
    c.finished = other.finished;
    c.core->reset_first();
    c.reset_due = true;
  }
  wake(other, false);
  return alive;
}

// Another address of the name is tried where one takes no connection, not where it takes it and says no.
net::Task<bool> SmtpPool::try_addresses(Line d, Connection& c, const std::string& name) {
  HostList at;
  if (d->unix_socket) at.names.push_back(name);
  else at = co_await finder_.addresses(name, *d->settings);
  if (!at.ok) {
    // sendmail: what an MX record names has its dot
    const bool of_mx = !iequals(name, d->host) && !iequals(name, smart_host(*d));
    const std::string shown = of_mx ? shown_host(name) : name;
    if (say_) tell_connecting(*d, shown);
    if (at.problem.exit == EX_NOHOST) at.problem.text = fmt::format("Host unknown (Name server: {}: host not found)", shown);
    c.problem = at.problem;
    co_return false;
  }
  c.reached = false;
  bool up = co_await connect_addresses(d, c, name, at);
  // sendmail: makeconnection(): DialDelay: a line that is dialled for the first try
  if (!up && !c.reached && c.policy->dial_delay > 0 && d->mailer->flag(kDialDelay)) {
    co_await s_.loop.sleep(std::chrono::seconds(c.policy->dial_delay));
    up = co_await connect_addresses(d, c, name, at);
  }
  if (up) co_return true;
  note_unreached(*d, c, name);
  co_return false;
}

net::Task<bool> SmtpPool::connect_addresses(Line d, Connection& c, const std::string& name, const HostList& at) {
  for (const std::string& address : at.names) {
    const bool up = co_await connect_one(d, c, name, address);
    if (up) co_return true;
    if (c.reached || s_.clock.mono() >= c.connect_until) break;
  }
  co_return false;
}

void SmtpPool::tell_connecting(const Destination& d, const std::string& name) {
  const std::string who = d.waiting.empty() ? "" : d.waiting.front()->shown_rcpts + "... ";
  const bool port_named = d.mailer->argv.size() > 2 && !d.unix_socket && !d.program;
  const std::string via = name.empty() ? d.mailer->name : fmt::format(" via {}", d.mailer->name);
  say_(fmt::format("{}Connecting to {}{}{}...", who, name, port_named ? fmt::format(" port {}", d.port) : "", via));
  tell_unwelcome(who);
}

void SmtpPool::tell_unwelcome(const std::string& who) {
  for (const std::string& name : std::exchange(unwelcome_, {})) say_(fmt::format("{}Closing connection to {}", who, name));
}

// sendmail: makeconnection(): the address that the message came in at goes before ClientPortOptions.
net::LocalEnd SmtpPool::our_end(const Destination& d, const Policy& policy, const std::string& address) const {
  if (d.unix_socket) return {};
  net::LocalEnd from = (address.find(':') != std::string::npos ? policy.client6 : policy.client).from;
  if (!d.came_in.empty()) from.address = d.came_in;
  return from;
}

// sendmail: makeconnection(): D_IFNHELO: where HeloName says nothing, and that address has a name.
net::Task<std::string> SmtpPool::helo_name(Line d, const Connection& c) {
  const net::Endpoint here = c.stream->local();
  const bool v6 = dns::plain_address(here.address).find(':') != std::string::npos;
  const bool asked = d->helo_by_interface || (v6 ? c.policy->client6 : c.policy->client).helo_by_interface;
  if (!asked || d->unix_socket || !d->settings->config->options.helo_name.empty()) co_return d->helo_name;
  std::string address = here.address;
  const int64_t now = std::chrono::duration_cast<std::chrono::seconds>(s_.clock.mono().time_since_epoch()).count();
  const dns::Interface interface = co_await interfaces_.find(s_.loop, *d->settings->names, std::move(address), c.policy->compressed_ipv6, now);
  if (interface.name.empty() || interface.name.front() == '[') co_return d->helo_name;
  co_return interface.name;
}

// sendmail: makeconnection(): ConnectOnlyTo, whatever DNS says
std::string SmtpPool::endpoint_address(const Destination& d, const std::string& address) {
  if (d.unix_socket || !d.settings->config || d.settings->config->options.connect_only_to.empty()) return address;
  return dns::canonical_address(d.settings->config->options.connect_only_to);
}

net::Task<bool> SmtpPool::connect_one(Line d, Connection& c, std::string name, std::string address) {
  net::Endpoint to;
  to.address = endpoint_address(*d, address);
  to.port = d->unix_socket ? 0 : d->port;
  to.is_unix = d->unix_socket;
  c.name = d->unix_socket ? "localhost" : shown_host(name);
  c.relay = d->unix_socket ? name : fmt::format("{} [{}]", c.name, dns::shown_address(address, c.policy->compressed_ipv6));
  const MonoTime until = std::min(s_.clock.mono() + Duration(std::chrono::seconds(c.connect_seconds)), c.connect_until);
  if (say_) tell_connecting(*d, d->unix_socket ? name : c.name);
  net::LocalEnd from = our_end(*d, *c.policy, address);
  auto connected = co_await s_.network.connect(s_.loop, to, std::move(from), until);
  c.system_error = 0;
  if (!connected.ok()) {
    c.system_error = connected.error().sys;
    c.problem = local_fate(EX_TEMPFAIL, "4.4.1", deferral_words(connected.error(), c.name));
    c.problem.remote_mta = c.name;
    c.problem.relay = c.relay;
    co_return false;
  }
  c.stream = std::move(*connected);
  c.reached = true;
  if (s_.traffic != nullptr && !d->unix_socket) s_.traffic->connection_made();
  const bool up = co_await begin_dialogue(d, c, "CONNECT " + c.name);
  co_return up;
}

// `logged`: what -X notes of it.
net::Task<bool> SmtpPool::begin_dialogue(Line d, Connection& c, std::string logged) {
  if (say_) c.dialogue = std::make_unique<Dialogue>(say_, speaks_lmtp(*d->mailer));
  if (TrafficLog* log = log_ ? log_.get() : s_.traffic_log; log != nullptr) {
    const long number = log->number();
    log->line(number, TrafficLog::kNote, logged);
    c.stream = net::logged_stream(std::move(c.stream), *log, number, !kept(*d));
  }
  const bool greeted = co_await greet(d, c);
  if (!greeted) {
    if (c.problem.exit != EX_CONFIG) c.problem.remote_mta = c.name;   // it is not a remote one then
    c.problem.relay = c.relay;
    c.stream->close();
    c.stream.reset();
  }
  co_return greeted;
}

void SmtpPool::lost(Connection& c, const Error& error) {
  if (say_ && c.program && kept(*c.line) && !std::exchange(c.leaving, true)) unwelcome_.push_back(c.name);   // as of one that was refused
  c.system_error = error.sys;
  c.core->connection_lost(deferral_words(error.sys == EPIPE ? gone() : error, c.name));
}

net::Task<bool> SmtpPool::greet(Line d, Connection& c) {
  smtp::ClientOptions o;
  o.helo_name = co_await helo_name(d, c);
  o.lmtp = speaks_lmtp(*d->mailer);
  o.try_ehlo = d->mailer->flag('a') && !d->mailer->flag('2');
  o.seven_bit = d->mailer->flag('7');
  c.core = std::make_unique<smtp::ClientCore>(std::move(o));
  for (;;) {
    const bool wrote = co_await flush(c);
    if (wrote) {
      auto n = co_await c.stream->read(buffer_, deadline(c));
      if (!n.ok()) lost(c, n.error());
      else if (*n == 0) lost(c, gone());
      else feed(c, std::string_view(buffer_.data(), *n));
    }
    while (auto event = c.core->next()) {
      if (auto* ready = std::get_if<smtp::client_event::Ready>(&*event)) {
        // sendmail: smtpinit(): our own name in the answer to EHLO.
        if (d->mailer->flag('k') || speaks_lmtp(*d->mailer) || !iequals(first_word(ready->hello.text), d->helo_name)) co_return true;
        c.problem = local_fate(EX_CONFIG, "5.3.5", "Local configuration error");
        c.problem.said = fmt::format("553 5.3.5 {} config error: mail loops back to me (MX problem?)", c.name);
        c.problem.reply = "553 5.3.5 system config error";
        if (say_ && !d->waiting.empty() && d->waiting.front()->refusals_shown) say_(std::string(without_codes(c.problem.said)));
        co_await leave_unwelcome(c);
        co_return false;
      }
      if (auto* refused = std::get_if<smtp::client_event::Refused>(&*event)) {
        c.problem = fate_of_refusal(*refused, c.name);
        if (refused->reply.got()) co_await leave_unwelcome(c);
        co_return false;
      }
      if (std::get_if<smtp::client_event::Closed>(&*event)) co_return false;
    }
  }
}

}  // namespace hky::deliver
