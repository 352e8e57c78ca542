// HostStatusDirectory and StatusFile are written by the engine, which is not root: whether it may. What it may not write it does without,
// and mail goes on. (SingleThreadDelivery rests on the first.)
#include <fmt/format.h>

#include "admin/check/check.h"
#include "deliver/host_status.h"

namespace hky::admin::check {
namespace {

std::string give(const World& world, const std::string& path) {
  return fmt::format("chown -R {} {}", world.status_file_users->engine, path);
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
  if (const std::string closed = closed_folder(world.disk, world.root, path, *world.status_file_users); !closed.empty()) {
    out.warning("host-status", path, 0, fmt::format("the mail system may not enter {}: a host that fails is forgotten with the next restart", closed),
                "Name a folder elsewhere as HostStatusDirectory, /var/spool/.hoststat for one, and make it the mail system's.");
  } else if (!st.ok() || !st->is_directory()) {
    out.warning("host-status", path, 0, "HostStatusDirectory is not there: a host that fails is forgotten with the next restart",
                fmt::format("Make it (mkdir -m 755), {}, and restart.", give(world, path)));
  } else if (!engine_may(*st, 2, *world.status_file_users)) {
    out.warning("host-status", path, 0, "HostStatusDirectory may not be written by the mail system: a host that fails is forgotten with the next restart", give(world, path) + ".");
  }
}

// A file that is not there counts nothing, in sendmail too.
void status_file(const World& world, Findings& out) {
  const std::string& path = world.config().options.status_file;
  if (path.empty()) return;
  const StatusFileState state = status_file_state(world.disk, world.root, path, *world.status_file_users);
  const StatusFileWords words = status_file_words(state, path, *world.status_file_users);
  if (words.text.empty()) return;
  if (state == StatusFileState::kTakenOver) out.note("status-file", path, 0, words.text, words.cure);
  else out.warning("status-file", path, 0, words.text, words.cure);
}

}  // namespace

void check_written(const World& world, Findings& out) {
  if (!world.status_file_users) return;
  host_status(world, out);
  status_file(world, out);
}

}  // namespace hky::admin::check
