// HostStatusDirectory and StatusFile are written by the engine, which is not root: whether it may. What it may not write it does without,
// and mail goes on. (SingleThreadDelivery rests on the first.)
#include <fmt/format.h>

#include "admin/check/check.h"
#include "deliver/host_status.h"

namespace hky::admin::check {
namespace {

bool engine_writes(const World& world, const FileStat& st) {
  if (*world.engine_uid == 0 || *world.engine_uid == st.uid) return *world.engine_uid == 0 || (st.mode & 0200) != 0;
  return (st.mode & (world.engine_gid == st.gid ? 020 : 02)) != 0;
}

std::string give(const World& world, const std::string& path) {
  const std::string who = world.own_users.empty() ? "the user that the mail system runs as" : world.own_users.front();
  return fmt::format("chown -R {} {}", who, path);
}

void host_status(const World& world, Findings& out) {
  const cf::Options& o = world.config().options;
  const std::string path = deliver::host_status_directory(o);
  if (path.empty()) {
    if (o.single_thread_delivery)
      out.warning("host-status", world.main.path, 0, "SingleThreadDelivery does nothing without HostStatusDirectory", "Set HostStatusDirectory too, or leave the option out.");
    return;
  }
  const auto st = world.stat(path);
  if (!st.ok() || !st->is_directory()) {
    out.warning("host-status", path, 0, "HostStatusDirectory is not there: a host that fails is forgotten with the next restart",
                fmt::format("Make it (mkdir -m 755), {}, and restart.", give(world, path)));
  } else if (!engine_writes(world, *st)) {
    out.warning("host-status", path, 0, "HostStatusDirectory may not be written by the mail system: a host that fails is forgotten with the next restart", give(world, path) + ".");
  }
}

// A file that is not there counts nothing, in sendmail too.
void status_file(const World& world, Findings& out) {
  const std::string& path = world.config().options.status_file;
  if (path.empty()) return;
  const auto st = world.stat(path);
  if (st.ok() && st->is_file() && !engine_writes(world, *st))
    out.warning("status-file", path, 0, "StatusFile may not be written by the mail system: nothing is counted", give(world, path) + ".");
}

}  // namespace

void check_written(const World& world, Findings& out) {
  if (!world.engine_uid) return;
  host_status(world, out);
  status_file(world, out);
}

}  // namespace hky::admin::check
