// Users' .forward files: who but the user may write them writes the user's mail to himself, or runs programs as the user.
// Whose: the accounts of /etc/passwd, with option ForwardPath. sendmail: alias.c forward(); the Forward... flags of
// DontBlameSendmail.
#include <charconv>

#include <fmt/format.h>

#include "admin/check/check.h"
#include "admin/check/safety.h"
#include "base/strings.h"

namespace hky::admin::check {
namespace {

struct Account {
  std::string name, home;
  unsigned uid = 0;
};

// passwd(5): name:password:uid:gid:gecos:home:shell.
std::vector<Account> accounts(const World& world) {
  std::vector<Account> out;
  const auto text = world.read("/etc/passwd");
  if (!text.ok()) return out;
  for (const std::string_view row : split(*text, '\n')) {
    const auto fields = split(row, ':');
    if (row.empty() || row[0] == '#' || fields.size() < 6 || !fields[5].starts_with("/")) continue;
    Account a;
    a.name = fields[0];
    a.home = fields[5];
    std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), a.uid);
    out.push_back(std::move(a));
  }
  return out;
}

void one_user(const World& world, const Account& who, Findings& out) {
  cf::MacroScope scope(world.config());
  scope.set('z', who.home == "/" ? std::string() : who.home);
  scope.set('u', who.name);
  const std::string paths = cf::expand_to_string(world.config().options.forward_path, scope);
  for (const std::string_view one : split(paths, ':')) {
    const std::string path(trim(one));
    const auto st = world.stat(path);
    if (!path.starts_with("/") || !st.ok() || !st->is_file()) continue;
    check_path(world, kForwardFile, path, out);
    if (st->uid != who.uid && !world.trusts(st->uid)) {
      out.warning("file-owner", path, 0, fmt::format("decides over the mail of {} and belongs to uid {}: it is not followed", who.name, st->uid), fmt::format("chown {} {}", who.name, path));
    }
  }
}

}  // namespace

void check_forward(const World& world, Findings& out) {
  if (world.config().options.forward_path.empty()) return;
  for (const Account& who : accounts(world)) one_user(world, who, out);
}

}  // namespace hky::admin::check
