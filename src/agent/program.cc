// Programs as mailers: see program.h.
#include "agent/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "agent/identity.h"
#include "base/descriptor.h"
#include "base/strings.h"
#include "base/sysexits.h"

namespace hky::agent {
namespace {

// Everything the child needs, made before the fork: after it only system calls are allowed.
struct Launch {
  std::vector<char*> argv, env;
  std::vector<std::string> directories;
  std::vector<gid_t> groups;
  const ipc::RunProgram& request;
  int input = -1, output = -1;
  int words = -1;   // where we say what is wrong before it is executed
  bool change_user = false;

  explicit Launch(const ipc::RunProgram& r) : request(r), change_user(can_change_user()) {
    for (const std::string& a : r.argv) argv.push_back(const_cast<char*>(a.c_str()));
    if (argv.empty()) argv.push_back(const_cast<char*>(r.path.c_str()));
    argv.push_back(nullptr);
    for (const std::string& e : r.env) env.push_back(const_cast<char*>(e.c_str()));
    env.push_back(nullptr);
    for (std::string_view d : split(r.directory, ':')) {
      if (!d.empty()) directories.emplace_back(d);
    }
    if (change_user) groups = groups_of(r.as);
  }
};

void close_from(int first) {
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, unsigned(first), ~0u, 0u) == 0) return;
#endif
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  int end = limit.rlim_cur > 65536 ? 65536 : int(limit.rlim_cur);
  for (int fd = first; fd < end; ++fd) ::close(fd);
}

constexpr int kWords = 3;   // Launch::words in the child, until it is executed

void say(const char* what, const char* name) {
  // strerrordesc_np would not be portable.
  auto put = [](const char* s) {
    ssize_t n = ::write(kWords, s, std::strlen(s));
    (void)n;
  };
  put(what);
  put(name);
  put("\n");
}

// sendmail: transienterror().
bool transient(int err) {
  return err == EAGAIN || err == ENOMEM || err == EMFILE || err == ENFILE || err == EIO || err == ENOSPC || err == ETXTBSY ||
         err == ESTALE || err == ETIMEDOUT || err == EINTR;
}

[[noreturn]] void become_program(const Launch& l) {
  ::setpgid(0, 0);
  if (::dup2(l.input, 0) < 0 || ::dup2(l.output, 1) < 0 || (!l.request.answers && ::dup2(l.output, 2) < 0)) ::_exit(EX_OSERR);
  if (::dup2(l.words, kWords) < 0 || ::fcntl(kWords, F_SETFD, FD_CLOEXEC) != 0) ::_exit(EX_OSERR);
  close_from(kWords + 1);
  for (int sig = 1; sig < NSIG; ++sig) std::signal(sig, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (l.request.nice != 0) ::setpriority(PRIO_PROCESS, 0, l.request.nice);
  if (!l.request.root.empty() && (::chroot(l.request.root.c_str()) != 0 || ::chdir("/") != 0)) ::_exit(EX_TEMPFAIL);
  if (l.change_user) {
    // The order matters: with the uid gone nothing else can be changed.
    if (::setgroups(l.groups.size(), l.groups.data()) != 0 || ::setgid(gid_t(l.request.as.gid)) != 0 ||
        ::setuid(uid_t(l.request.as.uid)) != 0) {
      ::_exit(EX_TEMPFAIL);
    }
    if (l.request.as.uid != 0 && ::setuid(0) == 0) ::_exit(EX_TEMPFAIL);
  }
  // sendmail: none of the directories can be entered: goes on in /.
  bool entered = false;
  for (const std::string& d : l.directories) {
    if (entered) break;
    entered = ::chdir(d.c_str()) == 0;
  }
  if (!entered && ::chdir("/") != 0) ::_exit(EX_OSERR);
  ::umask(077);
  ::execve(l.request.path.c_str(), l.argv.data(), l.env.data());
  int err = errno;
  if (l.request.answers) ::_exit(EX_CONFIG);
  say("Cannot exec ", l.request.path.c_str());
  // sendmail: deliver(): a local mailer that is not there is the system's fault, not the message's.
  ::_exit(transient(err) || l.request.local ? EX_OSERR : EX_UNAVAILABLE);
}

int open_pidfd(pid_t pid) {
#ifdef SYS_pidfd_open
  return int(::syscall(SYS_pidfd_open, pid, 0));
#else
  (void)pid;
  return -1;
#endif
}

// The parent's side: feeds, listens, and sees to the end.
class Conversation {
 public:
  // `theirs`: its standard output, where others read that; its time is over some time after they have stopped.
  Conversation(const World& w, const ipc::RunProgram& r, pid_t pid, Descriptor to, Descriptor from, Descriptor theirs, size_t limit)
      : w_(w), r_(r), pid_(pid), to_(std::move(to)), from_(std::move(from)), theirs_(std::move(theirs)), pidfd_(open_pidfd(pid)), limit_(limit) {
    if (to_) ::fcntl(to_.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(from_.get(), F_SETFL, O_NONBLOCK);
    if (!theirs_) set_time();
  }

  ipc::Outcome run() {
    while (!ended_) {
      feed();
      listen();
      if (::waitpid(pid_, &status_, WNOHANG) == pid_) {
        ended_ = true;
        listen();  // what it printed last; a grandchild that keeps the pipe open is not waited for
        break;
      }
      if (w_.clock.mono() >= give_up_) return stop();
      wait();
    }
    return outcome();
  }

 private:
  void set_time() { give_up_ = w_.clock.mono() + std::chrono::seconds(r_.timeout_seconds > 0 ? r_.timeout_seconds : 3600); }
  void feed() {
    while (to_) {
      if (sent_ == r_.input.size()) return to_.reset();
      ssize_t n = ::write(to_.get(), r_.input.data() + sent_, r_.input.size() - sent_);
      if (n >= 0) sent_ += size_t(n);
      else if (errno == EAGAIN) return;
      else if (errno != EINTR) return to_.reset();  // it reads no more: its exit code decides
    }
  }
  void listen() {
    char buf[4096];
    while (from_) {
      ssize_t n = ::read(from_.get(), buf, sizeof buf);
      if (n > 0) output_.append(buf, std::min(size_t(n), limit_ - std::min(limit_, output_.size())));
      else if (n == 0) return from_.reset();
      else if (errno == EAGAIN) return;
      else if (errno != EINTR) return from_.reset();
    }
  }
  void wait() {
    pollfd fds[4] = {{to_.get(), POLLOUT, 0}, {from_.get(), POLLIN, 0}, {pidfd_.get(), POLLIN, 0}, {theirs_.get(), 0, 0}};
    int ms = pidfd_ ? 1000 : 20;
    ::poll(fds, 4, ms);
    if ((fds[3].revents & (POLLERR | POLLHUP)) == 0) return;
    theirs_.reset();
    set_time();
  }
  ipc::Outcome stop() {
    ::kill(-pid_, SIGTERM);
    for (int i = 0; i < 20 && ::waitpid(pid_, &status_, WNOHANG) == 0; ++i) w_.pause(std::chrono::milliseconds(50));
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
    ipc::Outcome out = outcome();
    out.exit_code = EX_TEMPFAIL;
    out.dsn = "4.4.7";
    out.output += fmt::format("{}: timed out after {} seconds\n", r_.path, r_.timeout_seconds);
    return out;
  }
  ipc::Outcome outcome() {
    ipc::Outcome out;
    out.output = std::move(output_);
    if (WIFEXITED(status_)) {
      out.exit_code = WEXITSTATUS(status_);
      out.dsn = std::string(exit_meaning(out.exit_code).dsn);
      return out;
    }
    // sendmail: "mailer %s died with signal %d", tried again.
    out.exit_code = EX_TEMPFAIL;
    out.dsn = "4.3.0";
    if (WIFSIGNALED(status_)) {
      out.signal = WTERMSIG(status_);
      out.output += fmt::format("mailer {} died with signal {}\n", r_.path, out.signal);
    }
    return out;
  }

  const World& w_;
  const ipc::RunProgram& r_;
  pid_t pid_;
  Descriptor to_, from_, theirs_, pidfd_;
  size_t limit_;
  MonoTime give_up_ = MonoTime::max();
  size_t sent_ = 0;
  std::string output_;
  int status_ = 0;
  bool ended_ = false;
};

ipc::Outcome cannot_start(const Error& why) {
  ipc::Outcome out;
  out.exit_code = EX_TEMPFAIL;
  out.dsn = "4.3.0";
  out.output = why.text;
  return out;
}

// -1 and errno where there is no process to be had.
pid_t start(const Launch& launch) {
  std::signal(SIGPIPE, SIG_IGN);
  // No signal handler of ours may run in the child before it has dropped them.
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) become_program(launch);
  const int err = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = err;
  return pid;
}

}  // namespace

ipc::Outcome run_program(const World& w, const ipc::RunProgram& request, size_t output_limit) {
  auto in = open_pipe(), out = open_pipe();
  if (!in.ok() || !out.ok()) return cannot_start((in.ok() ? out : in).error());
  auto& [its_input, to] = *in;
  auto& [from, its_output] = *out;
  Launch launch(request);
  launch.input = its_input.get();
  launch.output = launch.words = its_output.get();
  const pid_t pid = start(launch);
  if (pid < 0) return cannot_start(errno_error(errno, "fork"));
  its_input.reset();
  its_output.reset();
  return Conversation(w, request, pid, std::move(to), std::move(from), Descriptor(), output_limit).run();
}

ipc::Outcome speak_to_program(const World& w, const ipc::RunProgram& request, Descriptor input, Descriptor output, size_t output_limit) {
  auto words = open_pipe();
  if (!words.ok()) return cannot_start(words.error());
  auto& [heard, said] = *words;
  Launch launch(request);
  launch.input = input.get();
  launch.output = output.get();
  launch.words = said.get();
  const pid_t pid = start(launch);
  if (pid < 0) return cannot_start(errno_error(errno, "fork"));
  input.reset();
  said.reset();
  return Conversation(w, request, pid, Descriptor(), std::move(heard), std::move(output), output_limit).run();
}

}  // namespace hky::agent
