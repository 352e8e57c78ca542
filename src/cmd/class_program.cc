#include "cmd/class_program.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "agent/identity.h"

namespace hky::cmd {
namespace {

constexpr int kCannotBegin = 127;

// In the child, where nothing but system calls is allowed: this process may have threads.
[[noreturn]] void begin(const char* command, int output, const std::vector<gid_t>& groups, const cf::UserId* user) {
  const bool ready = ::dup2(output, STDOUT_FILENO) >= 0 &&
                     (user == nullptr || (::setgroups(groups.size(), groups.data()) == 0 && ::setgid(gid_t(user->gid)) == 0 && ::setuid(uid_t(user->uid)) == 0));
  if (ready) ::execl("/bin/sh", "sh", "-c", command, nullptr);
  ::_exit(kCannotBegin);
}

std::string read_all(int from) {
  std::string out;
  char buffer[4096];
  while (true) {
    const ssize_t n = ::read(from, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return out;
    out.append(buffer, size_t(n));
  }
}

}  // namespace

Result<std::string> class_program_output(const std::string& command, const cf::UserId& user) {
  ipc::Who who;
  who.user = user.name;
  who.uid = user.uid;
  who.gid = user.gid;
  const bool change = agent::can_change_user();
  const std::vector<gid_t> groups = change ? agent::groups_of(who) : std::vector<gid_t>();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, "running " + command);
  const pid_t child = ::fork();
  if (child == 0) begin(command.c_str(), ends[1], groups, change ? &user : nullptr);
  const int failed = errno;
  ::close(ends[1]);
  std::string out = child < 0 ? "" : read_all(ends[0]);
  ::close(ends[0]);
  if (child < 0) return errno_error(failed, "running " + command);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return out;
}

}  // namespace hky::cmd
