// The engine: one thread a loop, joined from the parts of all folders below; see engine.h.
#include "cmd/engine.h"

#include <signal.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "admin/control.h"
#include "auth/remote_sasl.h"
#include "base/file_system.h"
#include "base/strings.h"
#include "base/sysexits.h"
#include "cf/port_options.h"
#include "cmd/children.h"
#include "cmd/disk_gauge.h"
#include "cmd/file_stamp.h"
#include "cmd/local_session.h"
#include "cmd/paths.h"
#include "cmd/queue_clock.h"
#include "cmd/queue_run.h"
#include "cmd/snapshot.h"
#include "cmd/status_file.h"
#include "cmd/submission.h"
#include "cmd/traffic_file.h"
#include "deliver/deliverer.h"
#include "deliver/host_states.h"
#include "ipc/remote_agent.h"
#include "net/logged_stream.h"
#include "policy/rates.h"
#include "process/file_broker.h"
#include "process/pass_descriptor.h"
#include "queue/drop.h"
#include "queue/schedule.h"
#include "receive/load_gate.h"
#include "receive/session.h"
#include "route/file_trust.h"
#include "storage/rocksdb_store.h"

namespace hky::cmd {
namespace {

constexpr uint64_t kMostHelp = 1u << 20;     // bytes of the help file
constexpr auto kDeliveriesEnd = std::chrono::seconds(5);
constexpr unsigned kLockWait = 10000;   // ms: a one-shot engine that leaves holds the store a moment longer than its socket

// sendmail: "SMTP+queueing@00:30:00" (pintvl(), brief), "queueing@1+00:00:00", "SMTP".
std::string work_of(bool listens, int64_t interval) {
  std::string out = listens ? "SMTP" : "";
  if (interval == 0) return listens ? out : "queueing";
  if (listens) out += '+';
  const std::string days = interval >= 86400 ? fmt::format("{}+", interval / 86400) : "";
  return out + fmt::format("queueing@{}{:02}:{:02}:{:02}", days, interval % 86400 / 3600, interval % 3600 / 60, interval % 60);
}

class Engine {
 public:
  Engine(const EngineOptions& options, std::string confined) : options_(options), confined_(std::move(confined)) {}
  int run(process::EngineChannels channels);

 private:
  struct Lane;  // one loop with what lives on it

  Result<> open(process::EngineChannels& channels);
  void start_lane(Lane& lane);
  void run_lane(Lane& lane);
  net::Task<> accept_all(Lane& lane, std::unique_ptr<net::Listener> listener, receive::Daemon daemon);
  static net::Task<> serve(Lane& lane, std::unique_ptr<net::Stream> stream, receive::Daemon daemon);
  net::Task<> end_lane(Lane& lane);
  net::Task<> take_in_drops();
  net::Task<> write_status_file();
  net::Task<> watch_load();
  void write_status();
  net::Task<> run_queue_from_time_to_time();
  void run_every(int64_t seconds);
  void keep_up();
  void stop();
  Result<> reload();
  std::shared_ptr<const Snapshot> snapshot() const { return std::atomic_load(&snapshot_); }
  admin::ControlHooks hooks();
  void watch_world(int life_fd);
  void watch_auth(int door);

  EngineOptions options_;
  std::string confined_;  // what the process gave up, in words
  std::string root_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::shared_ptr<const Snapshot> first_;   // its names are what the lanes' services refer to, for as long as we run
  std::unique_ptr<Log> log_;
  std::unique_ptr<storage::RocksdbStore> store_;
  std::unique_ptr<queue::Queue> queue_;
  std::unique_ptr<policy::Rates> rates_;
  Traffic traffic_;
  std::unique_ptr<TrafficLog> traffic_log_{traffic_log_to(options_.traffic_fd, ::getpid(), false)};
  policy::Load load_;
  StatusFile status_file_{kernel_file_system(), traffic_};
  deliver::HostStates hosts_{kernel_file_system(), system_clock()};
  std::unique_ptr<ipc::RemoteAgent> agent_;
  std::unique_ptr<auth::RemoteSasl> sasl_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<admin::ControlServer> control_;
  std::unique_ptr<CommandSettings> of_commands_;
  std::unique_ptr<Submission> submission_;
  std::unique_ptr<LocalSessions> local_sessions_;
  std::unique_ptr<QueueRuns> queue_runs_;
  bool runs_queue_ = false;   // from time to time
  FileStamp config_stamp_;    // of the configuration that was read last
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> lanes_at_rest_{0};   // of a stop: whose deliveries are done
};

struct Engine::Lane {
  Lane() : loop(system_clock()) {}
  net::Loop loop;
  std::unique_ptr<receive::Services> services;
  std::unique_ptr<receive::SessionShared> shared;
  std::unique_ptr<deliver::Deliverer> deliverer;
  std::vector<process::Listening> listening;
  std::thread thread;
};

Result<> Engine::open(process::EngineChannels& channels) {
  options_.runtime.log = [this](int priority, const std::string& text) {
    if (log_) log_->line(0, static_cast<LogPriority>(priority), "", text);
  };
  options_.runtime.agent = [this] { return agent_.get(); };
  config_stamp_ = stamp_of(config_path(options_.runtime));
  auto runtime = open_runtime(options_.runtime);
  if (runtime->errors > 0) {
    for (const auto& d : runtime->config->diagnostics)
      if (d.fatal) return Error(ErrorKind::kPermanent, EX_CONFIG, "5.3.5", cf::to_line(d));
  }
  first_ = snapshot_ = std::make_shared<const Snapshot>(make_snapshot(std::move(runtime), options_.queue_interval));
  const cf::Options& o = snapshot_->runtime->config->options;
  log_ = system_log(root_);
  log_->set_level(static_cast<int>(o.log_level));
  for (const cf::PortOptions& daemon : o.daemon_port_options)
    if (options_.listen && cf::needs_tls(daemon)) log_->line(1, LogPriority::kWarning, "", cf::why_not_served(daemon));

  storage::RocksdbOptions store_options;
  store_options.lock_wait_ms = kLockWait;
  store_options.complain = [this](const std::string& line) { log_->line(5, LogPriority::kWarning, "", "store: " + line); };
  auto store = storage::open_rocksdb_store(root_ + std::string(kStoreDirectory), store_options);
  if (!store.ok()) return store.error();
  store_ = std::move(*store);
  DiskGauge disk(root_ + std::string(kStoreDirectory));
  queue::Limits limits;
  limits.min_free_bytes = o.min_free_blocks > 0 ? static_cast<int64_t>(o.min_free_blocks) * disk().block : 0;
  auto schedule = [this](const queue::Envelope& e, int64_t now) { return queue::next_try(snapshot()->deliver->policy.retry, e, now); };
  auto opened = queue::open_queue(*store_, system_clock(), system_random(), schedule, limits);
  if (!opened.ok()) return opened.error();
  queue_ = std::move(*opened);
  rates_ = std::make_unique<policy::Rates>(o.connection_rate_window_size.count());

  const size_t loops = std::max<size_t>(1, channels.listeners.size());
  for (size_t i = 0; i < loops; ++i) lanes_.push_back(std::make_unique<Lane>());
  net::Loop& first = lanes_[0]->loop;
  agent_ = std::make_unique<ipc::RemoteAgent>(first, net::adopt_stream(first, channels.agent));
  sasl_ = std::make_unique<auth::RemoteSasl>(first);
  if (auto auth = process::receive_descriptor(channels.auth, false); auth.fd >= 0) sasl_->attach(net::adopt_stream(first, auth.fd));
  for (size_t i = 0; i < loops; ++i) {
    Lane& lane = *lanes_[i];
    if (i < channels.listeners.size()) lane.listening = channels.listeners[i];
    start_lane(lane);
  }
  of_commands_ = std::make_unique<CommandSettings>(options_.runtime, options_.listen);
  submission_ = std::make_unique<Submission>(*lanes_[0]->services, *lanes_[0]->deliverer, *of_commands_);
  queue_runs_ = std::make_unique<QueueRuns>(*lanes_[0]->services, *lanes_[0]->deliverer, *of_commands_);
  local_sessions_ = std::make_unique<LocalSessions>(*lanes_[0]->services, *lanes_[0]->deliverer, *of_commands_);
  control_ = std::make_unique<admin::ControlServer>(first, net::adopt_listener(first, channels.control), hooks(), ::geteuid());
  control_->start();
  first.spawn(take_in_drops());
  first.spawn(write_status_file());
  first.spawn(watch_load());
  if (options_.queue_interval > 0) first.spawn(run_queue_from_time_to_time());
  return {};
}

void Engine::start_lane(Lane& lane) {
  auto settings_now = [this] { return snapshot()->receive; };
  const auto help_file = [root = root_](const cf::Options& options, const std::string& path) {
    return route::read_believed(kernel_file_system(), options, route::SystemFile::kHelp, root, path, kMostHelp);
  };
  lane.services.reset(new receive::Services{lane.loop, system_clock(), *queue_, *agent_, snapshot_->runtime->names, *rates_, *log_,
                                            settings_now, DiskGauge(root_ + std::string(kStoreDirectory)), sasl_.get(), &traffic_, {}, {}, &load_, help_file});
  lane.shared = std::make_unique<receive::SessionShared>(*lane.services);
  const deliver::Services doors{lane.loop, system_clock(), system_random(), net::system_network(), *queue_, *agent_, *log_, &traffic_, traffic_log_.get(), &hosts_,
                                &kernel_file_system()};
  lane.deliverer = std::make_unique<deliver::Deliverer>(doors, snapshot_->deliver);
  lane.services->deliver_shown = deliver_shown_by(*lane.deliverer, nullptr);
  lane.loop.keep_running(true);
  lane.loop.spawn(lane.deliverer->run());
  for (const process::Listening& l : lane.listening) {
    const auto& daemons = snapshot_->daemons;
    lane.loop.spawn(accept_all(lane, net::adopt_listener(lane.loop, l.fd), daemons[std::min(l.daemon, daemons.size() - 1)]));
  }
}

net::Task<> Engine::accept_all(Lane& lane, std::unique_ptr<net::Listener> listener, receive::Daemon daemon) {
  while (!stopping_) {
    auto stream = co_await listener->accept();
    if (!stream.ok()) {
      if (stopping_) break;
      // Out of descriptors or memory: what waits in the backlog has a chance in a moment.
      co_await lane.loop.sleep(std::chrono::milliseconds(100));
      continue;
    }
    if (traffic_log_) *stream = net::logged_stream(std::move(*stream), *traffic_log_, traffic_log_->number(), true);
    co_await receive::wait_for_turn(*lane.services, daemon);
    lane.loop.spawn(serve(lane, std::move(*stream), daemon));
  }
}

net::Task<> Engine::serve(Lane& lane, std::unique_ptr<net::Stream> stream, receive::Daemon daemon) {
  receive::Session session(*lane.shared, *stream, daemon);
  co_await session.run();
  lane.services->rates.left(daemon.name);
}

// A lane goes when every lane's deliveries are done: one may be talking to a session of ours (the submission program's mail comes
// back by port 25), and what is taken and not answered is sent again by whoever sent it.
net::Task<> Engine::end_lane(Lane& lane) {
  co_await lane.deliverer->stop(kDeliveriesEnd);
  ++lanes_at_rest_;
  const MonoTime until = system_clock().mono() + kDeliveriesEnd;
  const bool answers = &lane == lanes_.front().get();   // the commands
  while ((lanes_at_rest_ < lanes_.size() || (answers && control_->answers_due())) && system_clock().mono() < until)
    co_await lane.loop.sleep(std::chrono::milliseconds(5));
  lane.loop.stop();
}

// What commands left while no engine ran: at the start and from time to time.
net::Task<> Engine::take_in_drops() {
  Lane& lane = *lanes_[0];
  const std::string folder = root_ + std::string(kDropDirectory);
  while (!stopping_) {
    queue::SubmitDropped submit = [this](queue::Dropped d) { return submission_->submit_dropped(std::move(d)); };
    const int64_t now = unix_seconds(system_clock().wall());
    (void)co_await queue::take_in(*queue_, kernel_file_system(), folder, now, std::move(submit));
    co_await lane.loop.sleep(std::chrono::seconds(30));
  }
}

void Engine::write_status() {
  const std::string file = snapshot()->runtime->config->options.status_file;
  status_file_.write_out(file.empty() ? file : root_ + file, unix_seconds(system_clock().wall()));
  if (auto kept = hosts_.write_out(); !kept.ok()) log_->line(2, LogPriority::kWarning, "", "cannot write the status of a host: " + kept.error().text);
}

net::Task<> Engine::write_status_file() {
  while (!stopping_) {
    co_await lanes_[0]->loop.sleep(std::chrono::seconds(1));
    write_status();
  }
}

// sendmail asks at most that often, too.
net::Task<> Engine::watch_load() {
  while (!stopping_) {
    co_await lanes_[0]->loop.sleep(std::chrono::seconds(5));
    load_.refresh();
    queue_runs_->look_at_load();
  }
}

// -q30m: the first run at once, with everything; later ones take what only a queue run sends (DeliveryMode queue, deferred): the
// rest has its own times to be tried again.
net::Task<> Engine::run_queue_from_time_to_time() {
  runs_queue_ = true;
  queue_runs_->start([](const queue::Envelope&) { return true; });
  const auto seconds = [] { return std::chrono::duration_cast<std::chrono::seconds>(system_clock().mono().time_since_epoch()).count(); };
  QueueClock clock(seconds());
  while (!stopping_) {
    const auto now = snapshot();
    co_await lanes_[0]->loop.sleep(std::chrono::seconds(clock.wait(*now->runtime->config, now->deliver->policy.retry, seconds())));
    if (stopping_) break;
    const std::vector<std::string> due = clock.due(*now->runtime->config, now->deliver->policy.retry, seconds());
    if (due.empty()) continue;
    queue_runs_->start([&](const queue::Envelope& e) {
      const std::string group = queue::stored_name(*now->runtime->config, queue::group_of(*now->runtime->config, e));
      return e.next_try == queue::kOnlyByQueueRun && std::find(due.begin(), due.end(), group) != due.end();
    });
  }
}

// On the control loop. The times to try again follow the interval, as they do where the daemon began with it.
void Engine::run_every(int64_t seconds) {
  options_.queue_interval = seconds;
  (void)reload();   // a configuration with a fault stays out; the interval holds for the runs all the same
  log_->line(1, LogPriority::kInfo, "", fmt::format("queue runs from now on: {}", work_of(options_.listen, seconds)));
  if (!runs_queue_) lanes_[0]->loop.spawn(run_queue_from_time_to_time());
}

// A command reads the configuration anew, as sendmail does, also where the engine of the command before it
// has not left yet, or one runs for the queue alone.
void Engine::keep_up() {
  if (!options_.one_shot && options_.listen) return;
  const FileStamp now = stamp_of(config_path(options_.runtime));
  if (now == config_stamp_) return;
  config_stamp_ = now;
  (void)reload();   // with a fault the old one stays; the command that came with it says so itself
}

void Engine::stop() {
  if (stopping_.exchange(true)) return;
  queue_->stop();
  if (!lanes_.empty()) lanes_.front()->loop.post([this] { control_->stop(); });
  for (auto& lane : lanes_) {
    Lane* l = lane.get();
    l->loop.post([this, l] { l->loop.spawn(end_lane(*l)); });
  }
}

Result<> Engine::reload() {
  RuntimeRequest request = options_.runtime;
  request.identity.reset();  // addresses and names may have changed
  auto runtime = open_runtime(request);
  for (const auto& d : runtime->config->diagnostics)
    if (d.fatal) return permanent_error("the running configuration stays: " + cf::to_line(d), 554, "5.3.5");
  auto next = std::make_shared<const Snapshot>(make_snapshot(std::move(runtime), options_.queue_interval));
  // Sessions and jobs under way end with what they began with; the old one goes with the last of them. NameEnvironment is
  // referred to by the lanes' services, so the first runtime stays.
  log_->set_level(static_cast<int>(next->runtime->config->options.log_level));
  std::atomic_store(&snapshot_, next);
  rates_->set_window(next->runtime->config->options.connection_rate_window_size.count());
  for (auto& lane : lanes_) {
    Lane* l = lane.get();
    l->loop.post([l, next] { l->deliverer->reload(next->deliver); });
  }
  return {};
}

admin::ControlHooks Engine::hooks() {
  admin::ControlHooks h;
  h.queue = queue_.get();
  h.submit = [this](admin::Caller caller, nlohmann::json request, std::string message) {
    keep_up();
    return submission_->submit(caller, std::move(request), std::move(message));
  };
  h.run_queue = [this](admin::Caller caller, nlohmann::json request) {
    keep_up();
    return queue_runs_->run(caller, std::move(request));
  };
  h.config = [this] { return snapshot()->runtime->config; };
  h.smtp = [this](admin::Caller caller, nlohmann::json request, std::unique_ptr<net::Stream> stream) {
    keep_up();
    return local_sessions_->serve(caller, std::move(request), std::move(stream));
  };
  h.reload = [this]() -> net::Task<Result<>> { co_return reload(); };
  h.interval = [this] { return options_.queue_interval; };
  h.run_every = [this](int64_t seconds) { run_every(seconds); };
  h.stop = [this] { stop(); };
  h.one_shot = options_.one_shot || !options_.listen;   // a queue daemon (-q30m alone) makes room for one that listens too
  return h;
}

// Signals and the master's end come in on two small threads; they end with the process.
void Engine::watch_world(int life_fd) {
  std::thread([this, life_fd] {
    char byte = 0;
    while (::read(life_fd, &byte, 1) > 0) {}
    stop();
  }).detach();
  std::thread([this] {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&wanted, s);
    for (int number = 0; ::sigwait(&wanted, &number) == 0;) {
      if (number == SIGTERM || number == SIGINT) stop();
      if (number == SIGHUP) {
        if (auto done = reload(); !done.ok()) log_->line(0, LogPriority::kError, "", done.error().text);
      }
    }
  }).detach();
}

// An auth process that was started anew.
void Engine::watch_auth(int door) {
  std::thread([this, door] {
    for (auto auth = process::receive_descriptor(door); auth.arrived; auth = process::receive_descriptor(door)) {
      if (auth.fd < 0) continue;
      net::Loop& first = lanes_[0]->loop;
      first.post([this, &first, fd = auth.fd] { sasl_->attach(net::adopt_stream(first, fd)); });
    }
  }).detach();
}

// The lines of one turn go out together.
void Engine::run_lane(Lane& lane) {
  gather_log_lines();
  lane.loop.each_turn([this] { log_->flush(); });
  lane.loop.run();
}

int Engine::run(process::EngineChannels channels) {
  root_ = options_.runtime.root;
  sigset_t blocked;  // before any thread: only the watcher takes them
  sigemptyset(&blocked);
  for (int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&blocked, s);
  ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  auto broker = std::make_shared<process::FileBroker>(channels.broker);
  set_read_helper([broker](const std::string& path) { return broker->ask(path); });
  auto opened = open(channels);
  if (!opened.ok()) {
    const Error& e = opened.error();
    const int code = e.smtp_code == EX_CONFIG ? EX_CONFIG : e.temporary() ? EX_TEMPFAIL : EX_SOFTWARE;
    channels.failed(code, e.text);
    return code;
  }
  watch_world(channels.life);
  watch_auth(channels.auth);
  log_->line(1, LogPriority::kInfo, "", fmt::format("starting daemon ({}): {}", HKY_VERSION, work_of(options_.listen, options_.queue_interval)));
  log_->line(9, LogPriority::kInfo, "", "confined: " + confined_);
  for (size_t i = 1; i < lanes_.size(); ++i) lanes_[i]->thread = std::thread([this, i] { run_lane(*lanes_[i]); });
  channels.ready();
  run_lane(*lanes_[0]);
  for (size_t i = 1; i < lanes_.size(); ++i) lanes_[i]->thread.join();
  store_->drain();
  write_status();
  log_->flush();
  std::fflush(nullptr);
  // Sessions still open die with the process: nothing of theirs was answered with 250. No destructor has work to do.
  ::_exit(EX_OK);
}

}  // namespace

int run_engine(const EngineOptions& options, std::string confined, process::EngineChannels channels) {
  return Engine(options, std::move(confined)).run(std::move(channels));
}

}  // namespace hky::cmd
