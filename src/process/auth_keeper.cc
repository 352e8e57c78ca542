#include "process/auth_keeper.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "process/pass_descriptor.h"
#include "process/users.h"

namespace hky::process {

Result<int> AuthKeeper::open_door() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return errno_error(errno, "socket pair of the auth process");
  door_ = pair[0];
  engine_end_ = pair[1];
  start();
  engine_end_ = -1;
  return pair[1];
}

// Without one the mail still flows: AUTH is answered 454 until the next try.
void AuthKeeper::start() {
  if (!plan_.run_auth || door_ < 0) return;
  started_ = system_clock().mono();
  due_ = MonoTime{};
  pid_ = -1;
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return ended(pid_);
  std::fflush(nullptr);
  sigset_t all, before;   // no handler of the master's may run in the child
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pair[0]);
    if (engine_end_ >= 0) ::close(engine_end_);
    in_child_();
    for (int s : {SIGTERM, SIGINT, SIGHUP}) ::signal(s, SIG_IGN);  // it ends with the engine's end of the pair, as the agent does
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    run_child(pair[1]);
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::close(pair[1]);
  if (child > 0) (void)send_descriptor(door_, 0, pair[0]);  // an engine that went meanwhile ends it
  ::close(pair[0]);
  if (child < 0) return ended(pid_);
  pid_ = child;
}

void AuthKeeper::run_child(int fd) {
  set_process_name("hikyaku-auth");
  if (auto done = become(auth_identity(plan_.auth_user, plan_.auth_group, plan_.engine_user)); !done.ok()) {
    ::syslog(LOG_MAIL | LOG_CRIT, "auth process: %s", done.error().text.c_str());
    ::_exit(EX_OSERR);
  }
  const int code = plan_.run_auth(fd);
  std::fflush(nullptr);
  ::_exit(code);
}

void AuthKeeper::ended(pid_t pid) {
  if (pid != pid_) return;
  pid_ = -1;
  if (!replacing_) return;
  const MonoTime now = system_clock().mono();
  deaths_ = now - started_ < std::chrono::seconds(10) ? deaths_ + 1 : 0;
  due_ = now + std::chrono::milliseconds(deaths_ < 2 ? 0 : std::min(10000, 100 << std::min(deaths_ - 2, 7)));
}

void AuthKeeper::on_time() {
  if (due_ != MonoTime{} && system_clock().mono() >= due_) start();
}

int AuthKeeper::poll_limit() const {
  if (due_ == MonoTime{}) return -1;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(due_ - system_clock().mono());
  return std::max(0, static_cast<int>(left.count()) + 1);
}

void AuthKeeper::stop_replacing() {
  replacing_ = false;
  due_ = MonoTime{};
}

// Nothing is lost by it but dialogues whose engine has gone.
void AuthKeeper::kill() {
  if (door_ >= 0) ::close(door_);
  door_ = -1;
  due_ = MonoTime{};
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace hky::process
