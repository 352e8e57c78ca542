#include "deliver/smtp_pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "deliver/smtp_pool_impl.h"

namespace hky::deliver {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kImpatience = milliseconds(250);  // a shipment that waits longer gets its line one more connection
constexpr auto kHopeless = seconds(10);          // nobody answered so long: later shipments do not queue up behind it
constexpr auto kRememberDown = seconds(30);
constexpr size_t kMaxDown = 10'000;

// The same for what may go over one connection.
std::string line_of(const Load& l) {
  const std::string by = fmt::format("{}|{}", static_cast<const void*>(l.settings.get()), l.mailer->index);
  if (l.program) {
    const ipc::RunProgram& p = *l.program;
    return fmt::format("{}|{}|{}|{}|{}|{}|{}", by, p.as.user, p.as.uid, p.as.gid, p.root, p.directory, fmt::join(p.argv, std::string_view("\0", 1)));
  }
  std::string key = fmt::format("{}|{}|{}", by, l.port, l.host);
  if (!l.only.empty()) key += fmt::format("|{}", fmt::join(l.only, ":"));
  if (!l.came_in.empty() || l.helo_by_interface) key += fmt::format("|{}|{}", l.came_in, l.helo_by_interface);
  return key;
}

}  // namespace

SmtpPool::SmtpPool(Services& services, HostFinder& finder)
    : s_(services), finder_(finder), alive_(std::make_shared<bool>(true)), buffer_(16 * 1024) {}

SmtpPool::~SmtpPool() { *alive_ = false; }

void SmtpPool::send(std::shared_ptr<Shipment> shipment) {
  auto& s = *shipment;
  s.fates.assign(s.rcpts.size(), Fate());
  const std::string key = line_of(s);
  s.queued_at = s_.clock.mono();
  const auto known = lines_.find(key);
  if (const Fate* down = known_down(known == lines_.end() ? nullptr : known->second.get(), key)) {
    s.fates.assign(s.rcpts.size(), *down);
    complete(s);
    return;
  }
  Line& slot = lines_[key];
  if (!slot) {
    slot = std::make_shared<Destination>();
    slot->key = key;
    slot->settings = s.settings;
    slot->mailer = s.mailer;
    slot->host = s.host;
    slot->helo_name = s.helo_name;
    slot->came_in = s.came_in;
    slot->helo_by_interface = s.helo_by_interface;
    slot->port = s.port;
    slot->unix_socket = s.unix_socket;
    slot->program = s.program;
    slot->only = s.only;
  }
  Line d = slot;
  d->waiting.push_back(std::move(shipment));
  if (d->waiting.size() > 1 || !wake_one(*d)) grow(d);
  if (!d->patrolled) {
    d->patrolled = true;
    s_.loop.spawn(patrol(d));
  }
}

// A host that lets connections hang would hold every message for it, and with them the places of others: while nobody there
// answers, and shortly after a time-out, what comes is deferred at once.
const Fate* SmtpPool::known_down(const Destination* d, const std::string& key) {
  const MonoTime now = s_.clock.mono();
  if (d != nullptr && d->greeted == 0 && d->connections > 0 && now - d->trying_since > kHopeless) {
    Fate f = local_fate(EX_TEMPFAIL, "4.4.1", fmt::format("Connection timed out with {}", called(*d)));
    f.relay = called(*d);
    down_[key] = Down{now, std::move(f)};
    return &down_[key].fate;
  }
  const auto it = down_.find(key);
  if (it == down_.end()) return nullptr;
  if (now < it->second.until) return &it->second.fate;
  down_.erase(it);
  return nullptr;
}

void SmtpPool::remember_down(const std::string& key, const Fate& fate) {
  if (fate.text.find("timed out") == std::string::npos) return;
  if (down_.size() >= kMaxDown) down_.clear();
  down_[key] = Down{s_.clock.mono() + kRememberDown, fate};
}

// One more connection where none serves the line, or where it has grown long for those that do.
void SmtpPool::grow(const Line& d) {
  const Policy& p = d->settings->policy;
  if (d->waiting.empty() || !d->idle.empty()) return;
  if (d->connections > 0 && d->waiting.size() <= d->connections * static_cast<size_t>(p.messages_per_connection_waiting)) return;
  open_connection(d);
}

void SmtpPool::open_connection(const Line& d) {
  if (d->connections >= static_cast<size_t>(std::max(1, d->settings->policy.destination_connections))) return;
  if (d->connections == 0) d->trying_since = s_.clock.mono();
  ++d->connections;
  ++connections_;
  s_.loop.spawn(serve(d));
}

// Looks after a line that has something waiting: a slow transaction must not hold up those behind it.
net::Task<> SmtpPool::patrol(Line d) {
  const auto alive = alive_;
  for (;;) {
    co_await s_.loop.sleep(kImpatience);
    if (!*alive) co_return;
    if (d->waiting.empty()) break;
    if (d->greeted > 0 && d->idle.empty() && s_.clock.mono() - d->waiting.front()->queued_at >= kImpatience) open_connection(d);
  }
  d->patrolled = false;
}

net::Task<> SmtpPool::serve(Line d) {
  Connection c;
  c.line = d.get();
  c.number = ++opened_;
  c.policy = &d->settings->policy;
  const bool up = co_await connect_any(d, c);
  if (up) {
    ++d->greeted;
    co_await converse(d, c);
    --d->greeted;
  }
  if (c.stream) c.stream->close();
  if (c.program) co_await end_program(d, c);
  release(c);
  --d->connections;
  --connections_;
  // Others that got through will take what waits; where none did, all of it has been tried now.
  if (!up && d->greeted == 0) {
    remember_down(d->key, c.problem);
    fail_waiting(*d, c.problem);
  }
  if (d->greeted == 0) d->trying_since = s_.clock.mono();
  if (!d->waiting.empty()) grow(d);
  if (d->connections == 0 && d->waiting.empty()) lines_.erase(d->key);
}

void SmtpPool::fail_waiting(Destination& d, const Fate& fate) {
  auto failed = std::move(d.waiting);
  d.waiting.clear();
  for (auto& s : failed) {
    s->fates.assign(s->rcpts.size(), fate);
    complete(*s);
  }
}

void SmtpPool::complete(Shipment& s) { s.done.finish(true); }

// Awaits the next shipment of the line while the connection is kept. False: it must go.
net::Task<bool> SmtpPool::wait_for_work(Line d, Connection& c) {
  if (!keep_ || c.policy->cache_connections <= 0 || c.policy->single_thread) co_return false;
  c.wake = std::make_unique<net::Event>(s_.loop);
  c.has_work = false;
  d->idle.push_back(&c);
  idle_.push_back(&c);
  enforce_cache_limit();
  const MonoTime until = s_.clock.mono() + std::chrono::seconds(c.policy->cache_seconds);
  const bool woken = co_await c.wake->wait(until);
  if (!woken) wake(c, false);
  c.wake.reset();
  if (!c.has_work) co_return false;
  // A peer that gave up meanwhile, or said anything unasked, is not talked to again.
  const auto early = c.stream->try_read(buffer_);
  co_return !early.has_value();
}

void SmtpPool::wake(Connection& c, bool work) {
  std::erase(c.line->idle, &c);
  std::erase(idle_, &c);
  c.has_work = work;
  c.wake->set();
}

bool SmtpPool::wake_one(Destination& d) {
  if (d.idle.empty()) return false;
  wake(*d.idle.back(), true);
  return true;
}

void SmtpPool::enforce_cache_limit() {
  while (!idle_.empty() && idle_.size() > static_cast<size_t>(std::max(1, idle_.front()->policy->cache_connections)))
    wake(*idle_.front(), false);
}

void SmtpPool::close_latest() {
  keep_ = false;
  const auto latest = std::max_element(idle_.begin(), idle_.end(), [](const Connection* a, const Connection* b) { return a->number < b->number; });
  if (latest != idle_.end()) wake(**latest, false);
}

void SmtpPool::close_idle(bool forever) {
  if (forever) keep_ = false;
  while (!idle_.empty()) wake(*idle_.front(), false);
}

}  // namespace hky::deliver
