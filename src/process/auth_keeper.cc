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

Result<Descriptor> AuthKeeper::open_door() {
  HKY_TRY_ASSIGN(DescriptorPair pair, open_socket_pair(SOCK_SEQPACKET, "the auth process"));
  door_ = std::move(pair[0]);
  engine_end_ = std::move(pair[1]);
  start();
  return std::move(engine_end_);
}

// Without one the mail still flows: AUTH is answered 454 until the next try.
void AuthKeeper::start() {
  if (!plan_.run_auth || !door_) return;
  started_ = system_clock().mono();
  due_ = MonoTime{};
  pid_ = -1;
  auto pair = open_socket_pair(SOCK_STREAM, "engine and auth");
  if (!pair.ok()) return ended(pid_);
  auto& [engines, own] = *pair;
  std::fflush(nullptr);
  sigset_t all, before;   // no handler of the master's may run in the child
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t child = ::fork();
  if (child == 0) {
    engines.reset();
    engine_end_.reset();
    in_child_();
    for (int s : {SIGTERM, SIGINT, SIGHUP}) ::signal(s, SIG_IGN);  // it ends with the engine's end of the pair, as the agent does
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    run_child(own.release());
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (child > 0) (void)send_descriptor(door_.get(), 0, engines.get());  // an engine that went meanwhile ends it
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
  door_.reset();
  due_ = MonoTime{};
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace hky::process
