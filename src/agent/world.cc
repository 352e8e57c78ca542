// The agent's view of the machine: see world.h.
#include "agent/world.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <thread>

#include "base/random.h"
#include "base/sysexits.h"

namespace hky::agent {
namespace {

int64_t kernel_boot_seconds(const Clock& clock) {
#ifdef CLOCK_BOOTTIME
  timespec up{};
  clock_gettime(CLOCK_BOOTTIME, &up);
#else
  timespec up{};
  clock_gettime(CLOCK_MONOTONIC, &up);
#endif
  return unix_seconds(clock.wall()) - up.tv_sec;
}

}  // namespace

World kernel_world(FileSystem& files, const Clock& clock, Log& log, std::string host) {
  World w(files, clock, log, std::move(host));
  w.pid = getpid();
  w.nonce = fmt::format("{:08x}", uint32_t(system_random().next()));
  w.boot_seconds = kernel_boot_seconds(clock);
  w.alive = [](int pid) { return ::kill(pid, 0) == 0 || errno == EPERM; };
  w.pause = [](Duration d) { std::this_thread::sleep_for(d); };
  return w;
}

ipc::Outcome delivered() {
  ipc::Outcome out;
  out.exit_code = EX_OK;
  out.dsn = "2.0.0";
  return out;
}

ipc::Outcome failed(const Error& error) {
  ipc::Outcome out;
  out.exit_code = error.kind == ErrorKind::kPermanent ? EX_CANTCREAT : EX_TEMPFAIL;
  out.output = error.text;
  out.dsn = error.enhanced;
  return out;
}

}  // namespace hky::agent
