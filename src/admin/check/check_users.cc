// Accounts that are named and do not exist: of our own processes, of T lines, of options. (U= of mailers: the reader.)
#include <algorithm>

#include <fmt/format.h>

#include "admin/check/check.h"

namespace hky::admin::check {

void check_users(const World& world, Findings& out) {
  if (!world.user_exists) return;
  std::vector<std::string> trusted(world.config().trusted_users.begin(), world.config().trusted_users.end());
  std::sort(trusted.begin(), trusted.end());
  for (const std::string& name : trusted) {
    // uucp and daemon are named by every configuration, whether the host has them or not
    if (name == "root" || name == "daemon" || name == "uucp" || world.user_exists(name)) continue;
    out.warning("user-missing", world.main.path, 0, fmt::format("the trusted user {} does not exist: whoever gets that name may forge senders", name),
                "Take the name out of trusted-users (T lines, class t), or create the account.");
  }
  for (const std::string& name : world.own_users) {
    if (world.user_exists(name)) continue;
    out.warning("user-missing", "", 0, fmt::format("the account {} does not exist: what should run as it keeps its caller's rights", name),
                fmt::format("Create it: useradd --system --no-create-home --shell /usr/sbin/nologin {} (pw useradd on FreeBSD).", name));
  }
}

}  // namespace hky::admin::check
