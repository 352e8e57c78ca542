#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "admin/control.h"
#include "admin/envelope_json.h"
#include "admin/json_field.h"
#include "admin/queue_select.h"
#include "admin/replies.h"
#include "base/random.h"
#include "queue/drop.h"
#include "queue/groups.h"

namespace hky::admin {

using nlohmann::json;

namespace {

constexpr auto kIdleLimit = std::chrono::hours(1);       // a command that sits on its connection is let go
constexpr auto kAnswerLimit = std::chrono::minutes(5);

// Counts what would be cut if the engine left.
class UnderWay {
 public:
  explicit UnderWay(int& count) : count_(count) { ++count_; }
  ~UnderWay() { --count_; }
  UnderWay(const UnderWay&) = delete;

 private:
  int& count_;
};

}  // namespace

struct ControlServer::Impl : std::enable_shared_from_this<ControlServer::Impl> {
  net::Loop& loop;
  std::unique_ptr<net::Listener> listener;
  ControlHooks hooks;
  unsigned own_uid;
  bool stopping = false;
  bool leaving = false;   // told to stop: nothing new is begun
  int under_way = 0;      // sessions, submissions, queue runs
  int answers_due = 0;    // to commands that handed a message over

  Impl(net::Loop& l, std::unique_ptr<net::Listener> at, ControlHooks h, unsigned uid)
      : loop(l), listener(std::move(at)), hooks(std::move(h)), own_uid(uid) {}

  static net::Task<> accept_all(std::shared_ptr<Impl> self) {
    while (!self->stopping) {
      auto stream = co_await self->listener->accept();
      if (!stream.ok()) {
        if (self->stopping) break;
        co_await self->loop.sleep(std::chrono::milliseconds(100));  // out of descriptors: the next try may have one
        continue;
      }
      self->loop.spawn(serve(self, std::move(*stream)));
    }
  }

  static net::Task<> serve(std::shared_ptr<Impl> self, std::unique_ptr<net::Stream> stream) {
    Caller caller;
    caller.uid = stream->peer_uid();
    caller.privileged = caller.uid && (*caller.uid == 0 || *caller.uid == self->own_uid);
    while (!self->stopping) {
      FrameLimits limits;
      const MonoTime until = self->loop.clock().mono() + kIdleLimit;
      auto request = co_await read_frame(*stream, limits, until);
      if (!request.ok() || self->leaving || self->stopping) break;
      json j = json::parse(request->json, nullptr, false);
      const std::string verb = field(j, "verb", "");
      if (verb == "smtp") {
        const UnderWay counted(self->under_way);
        co_await self->hooks.smtp(caller, std::move(j), std::move(stream));
        break;
      }
      // What is in the queue and not answered would be left in the drop folder, and be sent twice.
      std::optional<UnderWay> owed;
      if (verb == "submit" || verb == "queue.take") owed.emplace(self->answers_due);
      Frame reply = co_await self->handle(caller, std::move(j), std::move(request->blob));
      const MonoTime answer_until = self->loop.clock().mono() + kAnswerLimit;
      auto sent = co_await write_frame(*stream, std::move(reply), answer_until);
      if (!sent.ok()) break;
    }
  }

  net::Task<Frame> handle(Caller caller, json j, std::string blob) {
    const std::string verb = field(j, "verb", "");
    if (verb.empty()) co_return refusal(permanent_error("control request is not a JSON object with a verb", 500, "5.5.2"));
    if (verb == "ping") co_return success(json::object());
    if (verb == "submit") {
      const UnderWay counted(under_way);
      auto done = co_await hooks.submit(caller, std::move(j), std::move(blob));
      if (!done.ok()) co_return refusal(done.error());
      Frame answer = success(json{{"id", done->id}, {"exit", done->exit_code}, {"text", done->text.size()}});
      answer.blob = std::move(done->text) + done->traffic;
      co_return answer;
    }
    if (verb == "queue.run") {
      const UnderWay counted(under_way);
      auto done = co_await hooks.run_queue(caller, std::move(j));
      if (!done.ok()) co_return refusal(done.error());
      Frame answer = success(json{{"changed", done->changed}, {"exit_code", done->exit_code}, {"text", done->text.size()}});
      answer.blob = std::move(done->text) + done->traffic;
      co_return answer;
    }
    if (!caller.privileged)
      co_return refusal(permanent_error("only root and the mail system's own user may ask for " + verb, 550, "5.7.0"));
    if (verb == "queue.list") co_return list(j);
    if (verb == "queue.show") co_return co_await show(std::move(j));
    if (verb == "queue.take") co_return co_await take(std::move(blob));
    if (verb == "queue.flush") co_return flush(std::move(j));
    if (verb == "queue.idle") co_return co_await idle(std::move(j));
    if (verb == "queue.hold" || verb == "queue.release" || verb == "queue.purge") co_return co_await change(verb, std::move(j));
    if (verb == "reload") {
      auto done = co_await hooks.reload();
      if (!done.ok()) co_return refusal(done.error());
      co_return success(json::object());
    }
    if (verb == "queue.every") {
      const int64_t seconds = field(j, "seconds", int64_t{0});
      if (seconds <= 0) co_return refusal(permanent_error("an interval is longer than nothing", 501, "5.5.4"));
      hooks.run_every(seconds);
      co_return success(json::object());
    }
    if (verb == "yield" && !hooks.one_shot)
      co_return refusal(permanent_error("this engine is a daemon and does not yield", 550, "5.7.0"));
    if (verb == "stop" || verb == "yield") {
      if (field(j, "unused", false)) co_await until_unused();
      leaving = true;
      loop.post(hooks.stop);
      co_return success(json{{"every", hooks.interval ? hooks.interval() : 0}});
    }
    co_return refusal(permanent_error("unknown control verb " + verb, 500, "5.5.1"));
  }

  Frame list(const json& j) {
    std::vector<queue::Envelope> messages = hooks.queue->list();
    std::erase_if(messages, [&j](const queue::Envelope& e) { return !selected(e, j); });
    const std::shared_ptr<const cf::Config> config = hooks.config();
    const queue::RunRules rules = rules_asked(j, queue::rules_of(config->options));
    if (field(j, "as_run", false)) {
      std::vector<std::string> out;
      for (const queue::GroupQueue& q : queue::by_group(std::move(messages), *config, rules, system_random(), field(j, "group", "")))
        out.push_back(fmt::format(R"({{"directory":{},"requests":{},{}}})", json(q.directory).dump(), q.requests, to_json(q.messages)));
      const std::optional<std::string>& zone = config->options.time_zone_spec;
      return Frame(fmt::format(R"({{"ok":true,"time_zone":{},"groups":[{}]}})", zone ? json(*zone).dump() : "null", fmt::join(out, ",")), "");
    }
    queue::sort_for_run(messages, rules, system_random());
    return Frame(fmt::format(R"({{"ok":true,{}}})", to_json(messages)), "");
  }

  // Composed by hand: each message is already JSON.
  std::string to_json(const std::vector<queue::Envelope>& messages) const {
    std::vector<std::string> out;
    for (const queue::Envelope& e : messages) out.push_back(envelope_to_json(e, hooks.queue->busy(e.id)));
    return fmt::format(R"("messages":[{}])", fmt::join(out, ","));
  }

  net::Task<Frame> show(json j) {
    const std::string id = field(j, "id", "");
    for (const auto& e : hooks.queue->list()) {
      if (e.id != id) continue;
      auto body = co_await hooks.queue->body(loop, e);
      if (!body.ok()) co_return refusal(body.error());
      co_return Frame(R"({"ok":true,"message":)" + envelope_to_json(e, hooks.queue->busy(id)) + "}", std::string(**body));
    }
    co_return refusal(permanent_error("no message " + id + " in the queue", 550, "5.5.0"));
  }

  // What another mail system accepted already: no ruleset is asked again.
  net::Task<Frame> take(std::string blob) {
    auto dropped = queue::decode_drop(blob);
    if (!dropped.ok()) co_return refusal(dropped.error());
    queue::Envelope envelope = std::move(dropped->envelope);
    envelope.id = hooks.queue->new_id();
    envelope.drop.clear();
    const std::string id = envelope.id;
    queue::Body body = std::make_shared<const std::string>(std::move(dropped->message));
    auto done = co_await hooks.queue->submit(loop, std::move(envelope), std::move(body));
    if (!done.ok()) co_return refusal(done.error());
    co_return success(json{{"id", id}});
  }

  Frame flush(json j) {
    if (!names_messages(j)) return refusal(permanent_error("flush: say which messages, or all", 500, "5.5.2"));
    const size_t n = hooks.queue->flush([&j](const queue::Envelope& e) { return selected(e, j); }, demanded(j));
    return success(json{{"changed", n}});
  }

  net::Task<Frame> idle(json j) {
    const bool at_rest = co_await hooks.queue->idle(loop, std::chrono::milliseconds(static_cast<int64_t>(field(j, "wait", 0.0) * 1000)));
    co_return success(json{{"idle", at_rest}});
  }

  // The command that started a one-shot engine is done with it; others may have found it meanwhile.
  net::Task<> until_unused() {
    while (true) {
      const bool at_rest = co_await hooks.queue->idle(loop, kIdleLimit);
      if (at_rest && under_way == 0) co_return;
      co_await loop.sleep(std::chrono::milliseconds(20));
    }
  }

  net::Task<Frame> change(std::string verb, json j) {
    if (!names_messages(j)) co_return refusal(permanent_error(verb + ": say which messages, or all", 500, "5.5.2"));
    size_t changed = 0;
    for (const auto& e : hooks.queue->list()) {
      if (!selected(e, j)) continue;
      Result<> done;
      if (verb == "queue.purge") {
        done = co_await hooks.queue->purge(loop, e.id);
      } else {
        const bool hold = verb == "queue.hold";
        std::function<void(queue::Envelope&)> set = [hold](queue::Envelope& x) {
          x.held = hold;
          if (!hold) x.quarantine_reason.clear();
        };
        done = co_await hooks.queue->update(loop, e.id, std::move(set));
      }
      if (!done.ok()) co_return refusal(done.error());
      ++changed;
    }
    co_return success(json{{"changed", changed}});
  }
};

ControlServer::ControlServer(net::Loop& loop, std::unique_ptr<net::Listener> listener, ControlHooks hooks, unsigned own_uid)
    : impl_(std::make_shared<Impl>(loop, std::move(listener), std::move(hooks), own_uid)) {}

ControlServer::~ControlServer() { stop(); }

void ControlServer::start() { impl_->loop.spawn(Impl::accept_all(impl_)); }

bool ControlServer::answers_due() const { return impl_->answers_due > 0; }

void ControlServer::stop() {
  impl_->stopping = true;
  impl_->listener->close();
}

}  // namespace hky::admin
