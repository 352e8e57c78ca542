// The engine's end: see remote_sasl.h.
#include "auth/remote_sasl.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "base/strings.h"
#include "ipc/requests.h"

namespace hky::auth {
namespace {

using ipc::Requests;
using ipc::SaslKind;

constexpr auto kFresh = std::chrono::minutes(5);     // an offer older than this is asked for again, behind the answer
constexpr Duration kOfferLimit = std::chrono::seconds(10);
constexpr auto kSilence = std::chrono::seconds(30);  // a process that does not answer holds up one greeting, not each
constexpr size_t kMostOffers = 64;                   // configurations seen; a reload that changes $j or options adds one

template <class Message>
std::string encoded(const Message& m) {
  std::string payload;
  ipc::Encoder e(payload);
  put(e, m);
  return payload;
}

// sendmail: intersect(): AuthMechanisms says which, and in which order.
std::string both(std::string_view wanted_list, std::string_view has_list) {
  std::string out;
  for (std::string_view wanted : split_words(wanted_list))
    for (std::string_view has : split_words(has_list))
      if (iequals(wanted, has)) out += (out.empty() ? "" : " ") + std::string(has);
  return out;
}

// Everything the library's list depends on.
std::string key_of(const SaslRequest& r) {
  SaslRequest asked = r;
  asked.mechanisms.clear();
  return encoded(asked);
}

// Closed when nobody refers to it any more, so that an auth process which was replaced ends with its last exchange.
class Connection {
 public:
  explicit Connection(std::shared_ptr<Requests> r) : requests(std::move(r)) {}
  ~Connection() { requests->close_from_any_thread(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  const std::shared_ptr<Requests> requests;
};

}  // namespace

struct RemoteSasl::State : std::enable_shared_from_this<RemoteSasl::State> {
  explicit State(net::Loop& l) : loop(l) {}

  struct Offer {
    std::string list;
    MonoTime asked{};
    bool known = false, asking = false;
  };

  std::shared_ptr<Connection> connection() {
    const std::lock_guard hold(mutex);
    return current;
  }
  net::Task<bool> ask_offer(net::Loop& caller, SaslRequest request, std::string key);
  static net::Task<> refresh(std::shared_ptr<State> self, SaslRequest request, std::string key);

  net::Loop& loop;
  std::mutex mutex;
  std::shared_ptr<Connection> current;
  std::map<std::string, Offer> offers;
  MonoTime silent_until{};
  std::atomic<uint32_t> next_exchange{1};
  std::atomic<Duration> patience{std::chrono::seconds(60)};
};

namespace {

class RemoteExchange : public SaslExchange {
 public:
  RemoteExchange(std::shared_ptr<Connection> to, uint32_t number, SaslRequest request, Duration patience)
      : to_(std::move(to)), request_(std::move(request)), number_(number), patience_(patience) {}
  ~RemoteExchange() override {
    if (!going_on_) return;
    ipc::SaslEnd end;
    end.exchange = number_;
    to_->requests->tell(uint8_t(SaslKind::kEnd), encoded(end));
  }

  net::Task<SaslStep> start(net::Loop& loop, std::string mechanism, std::optional<std::string> initial) override {
    ipc::SaslStart s;
    s.exchange = number_;
    s.request = request_;
    s.mechanism = std::move(mechanism);
    s.has_initial = initial.has_value();
    if (initial) s.initial = std::move(*initial);
    SaslStep answer = co_await ask(loop, SaslKind::kStart, encoded(s));
    co_return answer;
  }
  net::Task<SaslStep> step(net::Loop& loop, std::string response) override {
    ipc::SaslResponse r;
    r.exchange = number_;
    r.response = std::move(response);
    SaslStep answer = co_await ask(loop, SaslKind::kRespond, encoded(r));
    co_return answer;
  }

 private:
  net::Task<SaslStep> ask(net::Loop& loop, SaslKind kind, std::string payload) {
    SaslStep step;
    step.kind = SaslStep::Kind::kTempFail;
    step.problem = "the auth process is not there";
    if (!to_) co_return step;
    going_on_ = true;
    Requests::Answer a = co_await to_->requests->ask(loop, uint8_t(kind), std::move(payload), patience_);
    if (!a.arrived) {
      if (to_->requests->connected()) step.problem = "the auth process did not answer in time";
      co_return step;
    }
    ipc::Decoder d(a.payload);
    SaslStep said;
    get(d, said);
    if (!d.finished()) co_return step;
    going_on_ = said.kind == SaslStep::Kind::kChallenge;
    co_return said;
  }

  std::shared_ptr<Connection> to_;       // of the process that knows this exchange
  SaslRequest request_;
  uint32_t number_;
  Duration patience_;
  bool going_on_ = false;                // the other end holds it
};

}  // namespace

RemoteSasl::RemoteSasl(net::Loop& loop) : state_(std::make_shared<State>(loop)) {}

RemoteSasl::~RemoteSasl() = default;

void RemoteSasl::attach(std::unique_ptr<net::Stream> stream) {
  auto next = std::make_shared<Connection>(Requests::open(state_->loop, std::move(stream)));
  const std::lock_guard hold(state_->mutex);
  state_->current.swap(next);
  state_->silent_until = MonoTime{};
  for (auto& [key, offer] : state_->offers) offer.asked = MonoTime{};  // the new one may have read another configuration
}

bool RemoteSasl::connected() const {
  std::shared_ptr<Connection> to = state_->connection();
  return to && to->requests->connected();
}

void RemoteSasl::set_patience(Duration most) { state_->patience = most; }

// The library's list into the cache; false: nobody answered.
net::Task<bool> RemoteSasl::State::ask_offer(net::Loop& caller, SaslRequest request, std::string key) {
  std::shared_ptr<Connection> to = connection();
  ipc::SaslMechanisms said;
  bool silent = false;
  if (to) {
    Requests::Answer a = co_await to->requests->ask(caller, uint8_t(SaslKind::kMechanisms), encoded(request), std::min(kOfferLimit, patience.load()));
    ipc::Decoder d(a.payload);
    if (a.arrived) get(d, said);
    said.ready = said.ready && d.finished();
    silent = !a.arrived && to->requests->connected();
  }
  const std::lock_guard hold(mutex);
  if (silent) silent_until = loop.clock().mono() + kSilence;
  if (said.ready && offers.size() >= kMostOffers && offers.find(key) == offers.end()) offers.clear();
  auto it = offers.find(key);
  if (it == offers.end() && said.ready) it = offers.emplace(std::move(key), Offer()).first;
  if (it != offers.end()) {
    it->second.asking = false;
    it->second.asked = loop.clock().mono();   // a silent process is not asked at every connection either
    if (said.ready) it->second.list = said.list;
    it->second.known = it->second.known || said.ready;
  }
  co_return said.ready;
}

net::Task<> RemoteSasl::State::refresh(std::shared_ptr<State> self, SaslRequest request, std::string key) {
  bool answered = co_await self->ask_offer(self->loop, std::move(request), std::move(key));
  (void)answered;
}

net::Task<SaslOffer> RemoteSasl::offered(net::Loop& loop, SaslRequest request) {
  std::shared_ptr<State> s = state_;
  SaslOffer out;
  const std::string key = key_of(request);
  for (int attempt = 0; attempt < 2; ++attempt) {
    {
      const std::lock_guard hold(s->mutex);
      auto it = s->offers.find(key);
      if (it != s->offers.end() && it->second.known) {
        State::Offer& offer = it->second;
        out.known = true;
        out.mechanisms = both(request.mechanisms, offer.list);
        const bool stale = offer.asked == MonoTime{} || s->loop.clock().mono() - offer.asked > kFresh;
        if (stale && !std::exchange(offer.asking, true))
          s->loop.post([s, request, key] { s->loop.spawn(State::refresh(s, request, key)); });
        co_return out;
      }
      if (s->loop.clock().mono() < s->silent_until) break;
    }
    if (attempt > 0) break;
    bool answered = co_await s->ask_offer(loop, request, key);
    if (!answered) break;
  }
  co_return out;
}

std::unique_ptr<SaslExchange> RemoteSasl::begin(const SaslRequest& request) {
  return std::make_unique<RemoteExchange>(state_->connection(), state_->next_exchange.fetch_add(1), request, state_->patience.load());
}

}  // namespace hky::auth
