#include "cmd/engine_access.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/sysexits.h"
#include "cmd/engine.h"
#include "cmd/paths.h"

namespace hky::cmd {
namespace {

constexpr int kTries = 100;
constexpr auto kPause = std::chrono::milliseconds(50);

// Nobody's child, and nobody's pipes are held open.
void detach() {
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2 && null >= 0; ++fd) ::dup2(null, fd);
}

bool nobody(const Error& e) { return e.sys == ECONNREFUSED || e.sys == ENOENT || e.sys == EACCES; }

}  // namespace

struct EngineAccess::Impl {
  explicit Impl(const Invocation& c) : call(c), socket(rooted(c, kControlSocket)) {}

  Result<admin::Frame> ask(admin::Frame request, Duration limit) {
    net::Loop loop(system_clock());
    return net::run_blocking(loop, admin::ask(loop, net::system_network(), socket, std::move(request), limit));
  }

  void finish() { (void)ask(admin::Frame(R"({"verb":"stop","unused":true})", ""), std::chrono::hours(24)); }

  Invocation call;
  std::string socket;
  bool started = false, background = false;
};

EngineAccess::EngineAccess(const Invocation& call) : impl_(std::make_unique<Impl>(call)) {}

// A one-shot engine finishes what is under way and leaves.
EngineAccess::~EngineAccess() {
  if (!impl_->started) return;
  if (impl_->background) {
    std::fflush(nullptr);
    const pid_t waiter = ::fork();
    if (waiter > 0) return;
    if (waiter == 0) detach();
    impl_->finish();
    if (waiter == 0) ::_exit(EX_OK);
    return;
  }
  impl_->finish();
}

void EngineAccess::finish_in_background() { impl_->background = true; }
Result<admin::Frame> EngineAccess::ask_running(admin::Frame request, Duration limit) {
  return impl_->ask(std::move(request), limit);
}

// One that is about to leave takes our call and does not answer it: the next question may find it gone.
bool EngineAccess::runs() {
  for (int tries = 0; tries < kTries; ++tries) {
    const auto pong = impl_->ask(admin::Frame(R"({"verb":"ping"})", ""), std::chrono::seconds(10));
    if (pong.ok()) return true;
    if (nobody(pong.error())) return false;
    std::this_thread::sleep_for(kPause);
  }
  return false;
}

Result<> EngineAccess::ensure() {
  if (runs()) return {};
  if (::geteuid() != 0 && impl_->call.root.empty())
    return temporary_error("no engine is running, and only root may start one for this; start the mail system first");
  EngineOptions options;
  options.runtime.root = impl_->call.root;
  options.runtime.macros.emplace_back("opMode", "m");   // rules see a command that delivers (FEATURE(redirect))
  options.listen = false;
  options.write_pid = false;
  options.one_shot = true;
  if (const int code = start_system(options); code != EX_OK)
    return Error(ErrorKind::kTemporary, 451, "4.3.0", "a one-shot engine did not start (exit code " + std::to_string(code) + ")");
  impl_->started = true;
  return {};
}

Result<admin::Frame> EngineAccess::ask(admin::Frame request, Duration limit) {
  if (auto there = ensure(); !there.ok()) return there.error();
  auto answer = impl_->ask(request, limit);
  if (answer.ok() || impl_->started || !nobody(answer.error())) return answer;
  if (auto there = ensure(); !there.ok()) return there.error();   // it has left since
  return impl_->ask(std::move(request), limit);
}

}  // namespace hky::cmd
