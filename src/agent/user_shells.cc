#include "agent/user_shells.h"

#include <algorithm>
#include <mutex>

#include "base/file_system.h"
#include "base/strings.h"

namespace hky::agent {
namespace {

constexpr const char* kFile = "/etc/shells";
constexpr const char* kAnyShell = "/SENDMAIL/ANY/SHELL/";

// The file as it was read last.
class Shells {
 public:
  std::vector<std::string> now() {
    const std::lock_guard hold(mutex_);
    const auto st = kernel_file_system().stat(kFile);
    const uint64_t inode = st.ok() ? st->inode : 0, size = st.ok() ? st->size : 0;
    const int64_t changed = st.ok() ? st->mtime_ns : -1;
    if (inode == inode_ && size == size_ && changed == changed_) return shells_;
    inode_ = inode;
    size_ = size;
    changed_ = changed;
    const auto text = kernel_file_system().read_file(kFile);
    shells_ = text.ok() ? shells_of(*text) : std::vector<std::string>{"/bin/sh", "/bin/csh"};
    return shells_;
  }

 private:
  std::mutex mutex_;
  uint64_t inode_ = 1, size_ = 0;
  int64_t changed_ = -2;   // nothing read yet
  std::vector<std::string> shells_;
};

bool has(const std::vector<std::string>& shells, std::string_view one) { return std::find(shells.begin(), shells.end(), one) != shells.end(); }

}  // namespace

std::vector<std::string> shells_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::string_view line : split(text, '\n')) {
    line = line.substr(0, line.find('#'));
    line = line.substr(std::min(line.find('/'), line.size()));
    line = line.substr(0, line.find_first_of(" \t\r"));
    if (!line.empty()) out.emplace_back(line);
  }
  return out;
}

void judge_shell(ipc::User& user, std::string_view shell) {
  static Shells file;
  const std::vector<std::string> shells = file.now();
  user.any_shell = has(shells, kAnyShell);
  user.shell_listed = shell.empty() || user.any_shell || has(shells, shell);
}

}  // namespace hky::agent
