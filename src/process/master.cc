// The master's life: see master.h. Its loop is poll(2) over a signal pipe and the readiness pipe of the engine.
#include "process/master.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "process/auth_keeper.h"
#include "process/directories.h"
#include "process/listeners.h"
#include "process/readiness.h"
#include "process/service_manager.h"
#include "process/users.h"

namespace hky::process {
namespace {

int signals_to = -1;  // a signal handler may touch nothing else

void on_signal(int number) {
  const int saved = errno;
  const char byte = static_cast<char>(number);
  [[maybe_unused]] const ssize_t n = ::write(signals_to, &byte, 1);
  errno = saved;
}

int exit_code_of(const Error& e) { return e.temporary() ? EX_TEMPFAIL : EX_OSERR; }

class Master {
 public:
  explicit Master(MasterPlan plan) : plan_(std::move(plan)), auth_(plan_, [this] { in_auth_child(); }) {}
  ~Master() { signals_to = -1; }   // its pipe goes
  Master(const Master&) = delete;
  Master& operator=(const Master&) = delete;
  int run(Descriptor report);

 private:
  Result<> prepare();
  Result<> start_children();
  [[noreturn]] void child_engine(EngineChannels channels, int ready_write);
  [[noreturn]] void child_agent(int agent_fd, int broker_fd);
  void in_auth_child();
  void close_inherited();
  void close_own();
  int watch();
  void on_child_end();
  void log_death(const char* who, pid_t pid, int status);
  void log(const std::string& line) { if (plan_.log) plan_.log(line); }
  void end_children();
  void kill_the_late();
  void hear_engine();
  void engine_left();
  void restart();
  void tell_starter(const std::string& words);
  void write_pid_file();

  MasterPlan plan_;
  Identity identity_;
  std::vector<std::vector<Listening>> listeners_;
  Descriptor control_, report_, life_write_, ready_read_;
  DescriptorPair signals_;
  pid_t engine_ = -1, agent_ = -1;
  AuthKeeper auth_;
  ServiceManager manager_;
  bool ever_ready_ = false, stopping_ = false;
  int exit_code_ = EX_OK;
  int deaths_ = 0;
  MonoTime started_{}, stop_began_{}, agent_alone_{};
};

Result<> Master::prepare() {
  identity_ = engine_identity(plan_.engine_user);
  for (const std::string& dir : plan_.engine_directories) HKY_TRY(make_directory(dir, 0700, identity_.uid, identity_.gid));
  const std::string run_dir = plan_.control_path.substr(0, plan_.control_path.rfind('/'));
  HKY_TRY(make_directory(run_dir, 0755, identity_.uid, identity_.gid));
  HKY_TRY_ASSIGN(control_, bind_control(plan_.control_path));
  HKY_TRY_ASSIGN(listeners_, bind_all(plan_.listen, plan_.loops));
  return {};
}

void Master::tell_starter(const std::string& words) {
  if (!report_) return;
  say_words(report_.get(), words);
  report_.reset();
}

void Master::write_pid_file() {
  if (plan_.pid_file.empty()) return;
  std::error_code ignored;   // a folder below /run that the last boot took
  std::filesystem::create_directories(std::filesystem::path(plan_.pid_file).parent_path(), ignored);
  std::ofstream out(plan_.pid_file, std::ios::trunc);
  out << ::getpid() << '\n' << plan_.command_line << '\n';  // sendmail: conf.c, two lines
}

void Master::close_own() {
  for (Descriptor* d : {&report_, &life_write_, &ready_read_, &signals_[0], &signals_[1]}) d->reset();
  auth_.leave();
  manager_.leave();
}

constexpr auto kAgentLeave = std::chrono::seconds(5);   // after its end of file
constexpr auto kEngineFollows = std::chrono::seconds(5); // its files are closed, its memory is not given back yet
constexpr auto kEngineLeave = std::chrono::seconds(60);  // after SIGTERM

std::string manner_of_death(int status) {
  if (WIFSIGNALED(status)) return fmt::format("died of signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  return fmt::format("ended with {}", WEXITSTATUS(status));
}

// Leaves the child to be waited for.
bool ended_within(pid_t pid, Duration most) {
  const MonoTime give_up = system_clock().mono() + most;
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0) {
    if (system_clock().mono() >= give_up) return false;
    ::poll(nullptr, 0, 10);
  }
  return true;
}

// No handler of ours may run in a child before it has its own signals: it would speak to the master's loop.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsHeld() { release(); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  void release() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

void default_signals() {
  for (int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD}) ::signal(s, SIG_DFL);
}

void Master::child_engine(EngineChannels channels, int ready_write) {
  close_own();
  set_process_name("hikyaku-engine");
  channels.listeners = listeners_;
  channels.control = control_.release();
  channels.ready = [ready_write] { say_words(ready_write, kReady); ::close(ready_write); };
  channels.failed = [ready_write](int code, std::string text) {
    say_words(ready_write, failure_words(code, text));
    ::close(ready_write);
  };
  if (auto done = become(identity_); !done.ok()) {
    channels.failed(EX_OSERR, done.error().text);
    ::_exit(EX_OSERR);
  }
  std::fflush(nullptr);
  const int code = plan_.run_engine(std::move(channels));
  std::fflush(nullptr);
  ::_exit(code);
}

void Master::in_auth_child() {
  default_signals();
  close_inherited();
}

void Master::close_inherited() {
  close_own();
  for (const auto& loop : listeners_)
    for (const Listening& l : loop) ::close(l.fd);
  control_.reset();
}

void Master::child_agent(int agent_fd, int broker_fd) {
  // The agent ends when the engine's end of the pair closes, not by the terminal's or the service manager's signals.
  for (int s : {SIGTERM, SIGINT, SIGHUP}) ::signal(s, SIG_IGN);
  close_inherited();
  set_process_name("hikyaku-agent");
  ::_exit(plan_.run_agent(agent_fd, broker_fd));
}

Result<> Master::start_children() {
  HKY_TRY_ASSIGN(Descriptor door, auth_.open_door());
  HKY_TRY_ASSIGN(DescriptorPair agent, open_socket_pair(SOCK_STREAM, "engine and agent"));
  HKY_TRY_ASSIGN(DescriptorPair broker, open_socket_pair(SOCK_SEQPACKET, "the file broker"));
  HKY_TRY_ASSIGN(DescriptorPair life, open_pipe());
  HKY_TRY_ASSIGN(DescriptorPair ready, open_pipe());
  life_write_ = std::move(life[1]);
  ready_read_ = std::move(ready[0]);
  std::fflush(nullptr);
  SignalsHeld held;
  agent_ = ::fork();
  if (agent_ == 0) {
    default_signals();
    held.release();
    for (Descriptor* d : {&agent[0], &broker[0], &door, &life[0], &ready[1]}) d->reset();
    child_agent(agent[1].release(), broker[1].release());
  }
  engine_ = agent_ < 0 ? -1 : ::fork();
  if (engine_ == 0) {
    default_signals();
    held.release();
    agent[1].reset();
    broker[1].reset();
    EngineChannels channels;
    channels.agent = agent[0].release();
    channels.broker = broker[0].release();
    channels.auth = door.release();
    channels.life = life[0].release();
    child_engine(std::move(channels), ready[1].release());
  }
  if (agent_ < 0 || engine_ < 0) return errno_error(errno, "fork");
  started_ = system_clock().mono();
  return {};
}

int Master::run(Descriptor report) {
  report_ = std::move(report);
  set_process_name("hikyaku");
  auto signals = open_pipe(O_NONBLOCK);
  if (!signals.ok()) return EX_OSERR;
  signals_ = std::move(*signals);
  signals_to = signals_[1].get();
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD}) ::sigaction(s, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  auto ready = prepare();
  if (ready.ok()) ready = start_children();
  if (!ready.ok()) {
    const int code = exit_code_of(ready.error());
    if (!report_) return print_failure(failure_words(code, ready.error().text));
    tell_starter(failure_words(code, ready.error().text));
    return code;
  }
  write_pid_file();
  const int code = watch();
  if (!plan_.pid_file.empty()) ::unlink(plan_.pid_file.c_str());
  ::unlink(plan_.control_path.c_str());
  return code;
}

// What the engine says of its start: "R", a failure, or nothing when it died.
void Master::hear_engine() {
  const std::string words = hear_words(ready_read_.get());
  ready_read_.reset();
  if (words == kReady) {
    ever_ready_ = true;
    manager_.say("READY=1\nSTATUS=mail is taken");
    tell_starter(words);
  } else if (ever_ready_) {
    if (words.size() > 2) ::syslog(LOG_MAIL | LOG_CRIT, "engine cannot start again: %s", words.c_str() + 2);
  } else if (!stopping_) {
    const std::string said = words.empty() ? failure_words(EX_SOFTWARE, "the engine ended before it was ready") : words;
    if (!report_) print_failure(said);
    tell_starter(said);
    exit_code_ = static_cast<unsigned char>(said[1]);
    end_children();
  }
}

int Master::watch() {
  while (engine_ > 0 || agent_ > 0 || auth_.pid() > 0) {
    std::array<pollfd, 2> polled{{{signals_[0].get(), POLLIN, 0}, {ready_read_.get(), POLLIN, 0}}};
    const int n = ::poll(polled.data(), ready_read_ ? 2 : 1, stopping_ ? 1000 : auth_.poll_limit());
    if (n <= 0) polled[0].revents = polled[1].revents = 0;
    if (stopping_) kill_the_late();
    else auth_.on_time();
    if (ready_read_ && polled[1].revents != 0) hear_engine();
    char number = 0;
    while (::read(signals_[0].get(), &number, 1) == 1) {
      if (number == SIGTERM || number == SIGINT) end_children();
      if ((number == SIGHUP || number == SIGUSR1) && engine_ > 0) ::kill(engine_, number);
      if (number == SIGHUP && engine_ > 0 && !stopping_) auth_.start();
      if (number == SIGCHLD) on_child_end();
    }
  }
  return exit_code_;
}

// Whoever does not leave when told so is made to: nothing is lost by it, and a stop must come to its end.
void Master::kill_the_late() {
  const MonoTime now = system_clock().mono();
  if (engine_ > 0) {
    stop_began_ = stop_began_ == MonoTime{} ? now : stop_began_;
    if (now - stop_began_ > kEngineLeave) ::kill(engine_, SIGKILL);
    agent_alone_ = now;
  } else {
    agent_alone_ = agent_alone_ == MonoTime{} ? now : agent_alone_;
    for (pid_t pid : {agent_, auth_.pid()})
      if (pid > 0 && now - agent_alone_ > kAgentLeave) ::kill(pid, SIGKILL);
  }
}

void Master::end_children() {
  stopping_ = true;
  manager_.say("STOPPING=1");
  auth_.stop_replacing();
  life_write_.reset();  // the engine takes its end as the order to finish; so does its agent
  if (engine_ > 0) ::kill(engine_, SIGTERM);
}

void Master::log_death(const char* who, pid_t pid, int status) {
  if (!stopping_) log(fmt::format("{} (pid {}) {}", who, pid, manner_of_death(status)));
}

void Master::on_child_end() {
  // It may have said "ready" just before it died.
  pollfd said{ready_read_.get(), POLLIN, 0};
  if (ready_read_ && ::poll(&said, 1, 0) > 0) hear_engine();
  bool died = false, agent_left = false;
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const bool by_itself = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (pid == engine_ && by_itself) engine_left();
    if (pid == agent_ && by_itself) agent_left = true;
    auth_.ended(pid);
    if (pid != engine_ && pid != agent_) continue;   // auth, or one that was replaced
    const bool of_engine = pid == engine_;
    (of_engine ? engine_ : agent_) = -1;
    died = true;
    if (!by_itself) log_death(of_engine ? "engine" : "agent", pid, status);
  }
  // An agent that ends by itself has seen the engine's end, a stop or a crash: the engine says which as soon as it can be waited for.
  if (agent_left && engine_ > 0 && !stopping_ && ended_within(engine_, kEngineFollows)) {
    const pid_t pid = std::exchange(engine_, -1);
    ::waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) engine_left();
    else log_death("engine", pid, status);
  }
  if (!died || stopping_ || !ever_ready_) return;
  restart();
}

// An engine that ends by itself with 0 was told to (control socket's stop).
void Master::engine_left() {
  if (!ever_ready_) return;
  stopping_ = true;
  auth_.stop_replacing();
}

// One died: the other goes too (its half of the socket pair is worth nothing), then both start anew.
void Master::restart() {
  life_write_.reset();
  ready_read_.reset();
  for (pid_t* pid : {&engine_, &agent_}) {
    if (*pid <= 0) continue;
    // The engine at once: what it has accepted is on disk. The agent finishes the append it is in (end of file tells it),
    // but a program that runs on must not keep the host from its mail: an append cut short is mended at the next start.
    if (pid == &engine_) ::kill(*pid, SIGKILL);
    else if (!ended_within(*pid, kAgentLeave)) ::kill(*pid, SIGKILL);
    ::waitpid(*pid, nullptr, 0);
    *pid = -1;
  }
  auth_.kill();
  manager_.say("STATUS=a process died: starting it again");
  log("a process died: engine, agent and auth start again");
  const bool young = system_clock().mono() - started_ < std::chrono::seconds(10);
  deaths_ = young ? deaths_ + 1 : 0;
  if (deaths_ > 1) {
    // A crash in a loop: wait 0.1 s, 0.2 s ... 10 s, but hear SIGTERM meanwhile.
    pollfd p{signals_[0].get(), POLLIN, 0};
    ::poll(&p, 1, std::min(10000, 100 << std::min(deaths_ - 2, 7)));
  }
  if (auto started = start_children(); !started.ok()) {
    log("cannot restart: " + started.error().text);
    std::fprintf(stderr, "hikyaku: cannot restart: %s\n", started.error().text.c_str());
    exit_code_ = EX_OSERR;
    end_children();
  }
}

}  // namespace

int run_master(MasterPlan plan) {
  if (!plan.daemonize) return Master(std::move(plan)).run(Descriptor());
  auto report = open_pipe();
  if (!report.ok()) return EX_OSERR;
  auto& [from, to] = *report;
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return EX_OSERR;
  if (child > 0) {
    to.reset();
    const std::string words = hear_words(from.get());
    return words == kReady ? EX_OK : print_failure(words.empty() ? failure_words(EX_SOFTWARE, "the mail system ended at its start") : words);
  }
  from.reset();
  ::setsid();
  if (::chdir("/") != 0) ::_exit(EX_OSERR);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2 && null >= 0; ++fd) ::dup2(null, fd);
  const int code = Master(std::move(plan)).run(std::move(to));
  std::fflush(nullptr);
  ::_exit(code);
}

}  // namespace hky::process
