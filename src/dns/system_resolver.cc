// The adapter to libunbound. libunbound resolves on a thread of its own; ours waits for its answers and for deadlines.
#include "dns/system_resolver.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/descriptor.h"
#include "base/file_system.h"
#include "base/strings.h"
#include "dns/cache.h"
#include "net/loop.h"

namespace hky::dns {
namespace {

constexpr int kClassIn = 1;
constexpr int kRcodeNxDomain = 3;

// --- records out of wire format (RFC 1035 3.3)

class Wire {
 public:
  Wire(const char* data, int size) : bytes_(data, size < 0 ? 0 : static_cast<size_t>(size)) {}
  bool u16(uint16_t& v) {
    if (bytes_.size() < 2) return false;
    v = static_cast<uint16_t>(static_cast<uint8_t>(bytes_[0]) * 256 + static_cast<uint8_t>(bytes_[1]));
    bytes_.remove_prefix(2);
    return true;
  }
  // libunbound hands names over uncompressed.
  bool name(std::string& out) {
    out.clear();
    for (;;) {
      if (bytes_.empty()) return false;
      const size_t n = static_cast<uint8_t>(bytes_[0]);
      if (n > 63 || bytes_.size() < n + 1) return false;
      const auto label = bytes_.substr(1, n);
      bytes_.remove_prefix(n + 1);
      if (n == 0) break;
      if (!out.empty()) out += '.';
      out += label;
    }
    if (out.empty()) out.push_back('.');   // "=" of one letter makes GCC 12 warn (-Wrestrict)
    return true;
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

std::string address_text(int family, std::string_view raw) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  const size_t want = family == AF_INET ? 4 : 16;
  if (raw.size() != want || inet_ntop(family, raw.data(), out.data(), out.size()) == nullptr) return {};
  return out.data();
}

std::string text_of(std::string_view raw) {  // RFC 7208 3.3: the strings of one record are joined
  std::string out;
  while (!raw.empty()) {
    const size_t n = static_cast<uint8_t>(raw[0]);
    out += raw.substr(1, n);
    raw.remove_prefix(std::min(raw.size(), n + 1));
  }
  return out;
}

std::string hex_of(std::string_view raw) {
  std::string out;
  for (const char c : raw) out += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return out;
}

bool decode(Type type, const char* data, int size, Record& r) {
  Wire w(data, size);
  switch (type) {
    case Type::kA: r.data = address_text(AF_INET, w.rest()); return !r.data.empty();
    case Type::kAaaa: r.data = address_text(AF_INET6, w.rest()); return !r.data.empty();
    case Type::kTxt: r.data = text_of(w.rest()); return true;
    case Type::kMx:
    case Type::kAfsdb: return w.u16(r.preference) && w.name(r.data);
    case Type::kSrv: {
      uint16_t weight = 0;
      uint16_t port = 0;
      std::string host;
      if (!w.u16(r.preference) || !w.u16(weight) || !w.u16(port) || !w.name(host)) return false;
      r.data = fmt::format("{} {} {}", weight, port, host);
      return true;
    }
    case Type::kTlsa: {
      const auto raw = w.rest();
      if (raw.size() < 4) return false;
      r.data = fmt::format("{} {} {} {}", raw[0], raw[1], raw[2], hex_of(raw.substr(3)));
      return true;
    }
    default: return w.name(r.data);
  }
}

std::string without_dot(std::string s) {
  if (s.size() > 1 && s.back() == '.') s.pop_back();
  return s;
}

Answer answer_of(const ub_result& result, const std::string& name, Type type) {
  Answer a;
  a.canonical = result.canonname != nullptr ? lower(without_dot(result.canonname)) : lower(name);
  a.had_cname = !iequals(a.canonical, name);
  a.secure = result.secure != 0;
  a.ttl = result.ttl < 0 ? 0 : static_cast<uint32_t>(result.ttl);
  if (result.bogus != 0 || (result.rcode != 0 && result.rcode != kRcodeNxDomain)) {
    a.status = Status::kTempFail;
    return a;
  }
  if (result.nxdomain != 0) {
    a.status = Status::kNxDomain;
    return a;
  }
  for (int i = 0; result.havedata != 0 && result.data[i] != nullptr; ++i) {
    Record r;
    r.owner = a.canonical;
    r.type = type;
    if (decode(type, result.data[i], result.len[i], r)) a.records.push_back(std::move(r));
  }
  a.status = a.records.empty() ? Status::kNoData : Status::kOk;
  return a;
}

// --- the resolver

class SystemResolver : public Resolver {
 public:
  SystemResolver(SystemResolverOptions options, const Clock& clock)
      : options_(std::move(options)), clock_(clock), cache_(options_.cache_entries) {}
  ~SystemResolver() override {
    stopping_ = true;
    wake();
    if (thread_.joinable()) thread_.join();
    fail_all();
    if (ctx_ != nullptr) ub_ctx_delete(ctx_);
  }
  SystemResolver(const SystemResolver&) = delete;
  SystemResolver& operator=(const SystemResolver&) = delete;

  Result<> start();
  net::Task<Answer> query(net::Loop& loop, std::string name, Type type) override;
  std::vector<std::string> search_list() const override { return options_.resolv.search; }
  int ndots() const override { return options_.resolv.ndots; }

 private:
  struct Outcome {
    Outcome() {}
    Answer answer;
    bool late = false;  // the deadline came first
  };
  struct Pending {
    Pending(net::Loop& loop, SystemResolver& r, std::string n, Type t) : resolver(r), name(std::move(n)), type(t), done(loop) {}
    SystemResolver& resolver;
    std::string name;
    Type type;
    MonoTime deadline;
    int async_id = 0;
    net::Completion<Outcome> done;
  };

  static void answered(void* mine, int err, ub_result* result);
  bool set(const char* option, const char* value) { return ub_ctx_set_option(ctx_, option, value) == 0; }
  net::Task<Outcome> ask(net::Loop& loop, std::string name, Type type);
  net::Task<Answer> follow_loop(net::Loop& loop, std::string name, Answer failed);
  void wake() const {
    const uint64_t one = 1;
    if (event_ && ::write(event_.get(), &one, sizeof one) < 0) return;
  }
  void run();
  int wait_ms();
  void expire();
  void fail_all();
  MonoTime until(const Answer& a) const;

  SystemResolverOptions options_;
  const Clock& clock_;
  AnswerCache cache_;
  ub_ctx* ctx_ = nullptr;
  Descriptor event_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;                                     // guards pending_
  std::map<Pending*, std::shared_ptr<Pending>> pending_;
  std::thread thread_;
};

Result<> SystemResolver::start() {
  ctx_ = ub_ctx_create();
  event_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (ctx_ == nullptr || !event_) return temporary_error("cannot start the resolver");
  ub_ctx_debuglevel(ctx_, 0);
  ub_ctx_async(ctx_, 1);
  // The site's nameservers decide, for private and special names too; answers keep their order.
  set("do-not-query-localhost:", "no");
  set("unblock-lan-zones:", "yes");
  set("insecure-lan-zones:", "yes");
  set("rrset-roundrobin:", "no");
  set("minimal-responses:", "no");
  set("num-threads:", "1");
  set("module-config:", options_.trust_anchor_file.empty() ? "iterator" : "validator iterator");
  if (!options_.trust_anchor_file.empty() && ub_ctx_add_ta_autr(ctx_, options_.trust_anchor_file.c_str()) != 0) {
    return permanent_error("cannot use the trust anchor file " + options_.trust_anchor_file);
  }
  for (const auto& server : options_.resolv.nameservers) {
    if (const int rc = ub_ctx_set_fwd(ctx_, server.c_str()); rc != 0) {
      return permanent_error(fmt::format("nameserver {}: {}", server, ub_strerror(rc)));
    }
  }
  // Zones the library answers itself by default; here the nameserver does.
  for (const char* zone : {"localhost.", "test.", "invalid.", "onion.", "home.arpa.", "127.in-addr.arpa.", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."}) {
    (void)ub_ctx_zone_remove(ctx_, zone);
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

void SystemResolver::answered(void* mine, int err, ub_result* result) {
  auto* p = static_cast<Pending*>(mine);
  SystemResolver& self = p->resolver;
  std::shared_ptr<Pending> keep;
  {
    const std::lock_guard<std::mutex> hold(self.mutex_);
    const auto it = self.pending_.find(p);
    if (it != self.pending_.end()) {
      keep = std::move(it->second);
      self.pending_.erase(it);
    }
  }
  if (keep != nullptr) {
    Outcome o;
    if (err == 0 && result != nullptr) o.answer = answer_of(*result, keep->name, keep->type);
    keep->done.finish(std::move(o));
  }
  if (result != nullptr) ub_resolve_free(result);
}

void SystemResolver::run() {
  while (!stopping_) {
    std::array<pollfd, 2> fds{};
    fds[0].fd = ub_fd(ctx_);
    fds[0].events = POLLIN;
    fds[1].fd = event_.get();
    fds[1].events = POLLIN;
    ::poll(fds.data(), fds.size(), wait_ms());
    uint64_t count = 0;
    if ((fds[1].revents & POLLIN) != 0 && ::read(event_.get(), &count, sizeof count) < 0 && errno != EAGAIN) return;
    ub_process(ctx_);
    expire();
  }
}

int SystemResolver::wait_ms() {
  const std::lock_guard<std::mutex> hold(mutex_);
  return pending_.empty() ? -1 : 200;
}

void SystemResolver::expire() {
  std::vector<std::shared_ptr<Pending>> late;
  const MonoTime now = clock_.mono();
  {
    const std::lock_guard<std::mutex> hold(mutex_);
    for (auto it = pending_.begin(); it != pending_.end();) {
      if (it->second->deadline > now) {
        ++it;
        continue;
      }
      late.push_back(std::move(it->second));
      it = pending_.erase(it);
    }
  }
  for (const auto& p : late) {
    ub_cancel(ctx_, p->async_id);
    Outcome o;
    o.late = true;
    p->done.finish(std::move(o));
  }
}

// Nobody may wait for ever; loops must outlive the resolver or have no task left that waits for it.
void SystemResolver::fail_all() {
  const std::lock_guard<std::mutex> hold(mutex_);
  pending_.clear();
}

net::Task<SystemResolver::Outcome> SystemResolver::ask(net::Loop& loop, std::string name, Type type) {
  auto p = std::make_shared<Pending>(loop, *this, name, type);
  p->deadline = clock_.mono() + options_.deadline;
  {
    const std::lock_guard<std::mutex> hold(mutex_);
    pending_.emplace(p.get(), p);
  }
  const std::string absolute = lower(name) + ".";   // whoever asks next gets the same letters
  const int rc = ub_resolve_async(ctx_, absolute.c_str(), static_cast<int>(type), kClassIn, p.get(), &SystemResolver::answered, &p->async_id);
  if (rc != 0) {
    const std::lock_guard<std::mutex> hold(mutex_);
    pending_.erase(p.get());
    Outcome none;
    co_return none;
  }
  wake();
  Outcome o = co_await p->done.wait();
  co_return o;
}

MonoTime SystemResolver::until(const Answer& a) const {
  uint32_t ttl = std::clamp(a.ttl, options_.min_ttl, options_.max_ttl);
  if (a.status != Status::kOk) ttl = std::min(a.ttl == 0 ? options_.negative_ttl : a.ttl, options_.negative_ttl);
  return clock_.mono() + std::chrono::seconds(ttl);
}

// The library fails where aliases point at each other; sendmail tells that from a dead server. Walk the aliases by hand.
net::Task<Answer> SystemResolver::follow_loop(net::Loop& loop, std::string name, Answer failed) {
  std::vector<std::string> seen;
  std::string at = lower(name);
  for (int i = 0; i < 16; ++i) {
    if (std::find(seen.begin(), seen.end(), at) != seen.end()) {
      failed.status = Status::kNoData;
      failed.had_cname = true;
      failed.cname_loop = at;
      failed.canonical = at;
      co_return failed;
    }
    seen.push_back(at);
    Outcome hop = co_await ask(loop, at, Type::kCname);
    if (hop.answer.records.empty()) break;
    at = lower(hop.answer.records.front().data);
  }
  co_return failed;
}

net::Task<Answer> SystemResolver::query(net::Loop& loop, std::string name, Type type) {
  if (name.size() > 1 && name.back() == '.') name.pop_back();
  Answer a;
  if (cache_.find(name, type, clock_.mono(), a)) co_return a;
  // What cannot be a name does not exist; nobody need be asked. No escapes are sent.
  if (!is_name(name) || name.find('\\') != std::string::npos) {
    a.status = Status::kNxDomain;
    a.canonical = name;
    co_return a;
  }
  Outcome o = co_await ask(loop, name, type);
  a = std::move(o.answer);
  if (a.status == Status::kTempFail && !o.late && type != Type::kCname) a = co_await follow_loop(loop, name, a);
  if (a.status != Status::kTempFail) cache_.put(name, type, a, until(a));
  co_return a;
}

}  // namespace

std::string network_file(const std::string& root, const std::string& path) {
  const std::string own = root + path;
  return kernel_file_system().stat(own).ok() ? own : path;
}

SystemResolverOptions system_resolver_options(const std::string& root) {
  SystemResolverOptions o;
  auto text = kernel_file_system().read_file(network_file(root, "/etc/resolv.conf"), 1 << 20);
  o.resolv = parse_resolv_conf(text.ok() ? *text : std::string());
  if (const char* server = std::getenv("HKY_NAMESERVER"); server != nullptr && *server != '\0') o.resolv.nameservers = {server};
  const int seconds = std::max(1, o.resolv.timeout_seconds) * std::max(1, o.resolv.attempts) * static_cast<int>(o.resolv.nameservers.size());
  o.deadline = std::chrono::seconds(std::clamp(seconds, 2, 60));
  return o;
}

Result<std::unique_ptr<Resolver>> make_system_resolver(SystemResolverOptions options, const Clock& clock) {
  auto r = std::make_unique<SystemResolver>(std::move(options), clock);
  HKY_TRY(r->start());
  return std::unique_ptr<Resolver>(std::move(r));
}

}  // namespace hky::dns
