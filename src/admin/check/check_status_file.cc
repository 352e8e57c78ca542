// StatusFile of sendmail.cf: may the engine count into it? See status_file_rights.h.
#include "admin/check/check.h"

namespace hky::admin::check {

void check_status_file(const World& world, Findings& out) {
  const std::string& path = world.config().options.status_file;
  if (path.empty() || !world.status_file_users) return;
  const StatusFileState state = status_file_state(world.disk, world.root, path, *world.status_file_users);
  const StatusFileWords words = status_file_words(state, path, *world.status_file_users);
  if (words.text.empty()) return;
  if (state == StatusFileState::kTakenOver) out.note("status-file", path, 0, words.text, words.cure);
  else out.warning("status-file", path, 0, words.text, words.cure);
}

}  // namespace hky::admin::check
