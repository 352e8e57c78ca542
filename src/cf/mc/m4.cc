#include "cf/mc/m4.h"

#include <cerrno>
#include <cstdio>
#include <memory>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hky::cf::mc {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

std::string slurp(std::FILE* file) {
  std::string text;
  char buffer[4096];
  std::rewind(file);
  for (size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, n);
  return text;
}

// The child's pid, or -1 where the program is not there.
pid_t spawn(const char* program, const std::vector<std::string>& arguments, int out, int err) {
  std::vector<char*> argv{const_cast<char*>(program)};
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, out, 1);
  ::posix_spawn_file_actions_adddup2(&files, err, 2);
  pid_t pid = -1;
  if (::posix_spawnp(&pid, program, &files, nullptr, argv.data(), environ) != 0) pid = -1;
  ::posix_spawn_file_actions_destroy(&files);
  return pid;
}

}  // namespace

M4Result InstalledM4::run(const std::vector<std::string>& arguments) {
  M4Result result{kExitNoM4, {}, {}};
  const File out(std::tmpfile(), &std::fclose);
  const File err(std::tmpfile(), &std::fclose);
  if (out == nullptr || err == nullptr) return result;
  pid_t pid = spawn("gm4", arguments, ::fileno(out.get()), ::fileno(err.get()));
  if (pid < 0) pid = spawn("m4", arguments, ::fileno(out.get()), ::fileno(err.get()));
  if (pid < 0) return result;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  result.out = slurp(out.get());
  result.err = slurp(err.get());
  return result;
}

}  // namespace hky::cf::mc
