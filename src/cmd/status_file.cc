#include "cmd/status_file.h"

#include <grp.h>
#include <pwd.h>
#include <sys/file.h>

#include "cmd/paths.h"
#include "process/users.h"

namespace hky::cmd {
namespace {

void add_table(Statistics::Table& to, const Statistics::Table& more) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += more[i];
}

Statistics statistics_of(const Traffic::Figures& f) {
  static_assert(Traffic::kMailers == kStatisticsMailers);
  Statistics s;
  s.taken = f.connections[Traffic::kTaken];
  s.made = f.connections[Traffic::kMade];
  s.refused = f.connections[Traffic::kRefused];
  s.from = f.by_mailer[Traffic::kFrom];
  s.kbytes_from = f.by_mailer[Traffic::kKbytesFrom];
  s.to = f.by_mailer[Traffic::kTo];
  s.kbytes_to = f.by_mailer[Traffic::kKbytesTo];
  s.rejected = f.by_mailer[Traffic::kRejected];
  s.discarded = f.by_mailer[Traffic::kDiscarded];
  s.quarantined = f.by_mailer[Traffic::kQuarantined];
  return s;
}

}  // namespace

void add_statistics(Statistics& to, const Statistics& more) {
  to.taken += more.taken;
  to.made += more.made;
  to.refused += more.refused;
  add_table(to.from, more.from);
  add_table(to.kbytes_from, more.kbytes_from);
  add_table(to.to, more.to);
  add_table(to.kbytes_to, more.kbytes_to);
  add_table(to.rejected, more.rejected);
  add_table(to.discarded, more.discarded);
  add_table(to.quarantined, more.quarantined);
}

void StatusFile::write_out(const std::string& path, int64_t now) {
  if (!has_pending_ && !traffic_.any()) return;
  add_statistics(pending_, statistics_of(traffic_.take()));
  has_pending_ = true;
  if (!path.empty() && !add_to(path, now)) return;
  pending_ = Statistics();
  has_pending_ = false;
}

// False: locked, the figures are kept.
bool StatusFile::add_to(const std::string& path, int64_t now) {
  OpenHow how;
  how.read = how.write = how.no_follow = how.non_block = true;
  auto file = files_.open(path, how);
  if (!file.ok()) return true;
  const auto what = (*file)->stat();
  if (!what.ok() || !what->is_file()) return true;
  // sendmail: flock(), which does not see the fcntl locks of File. It goes with the descriptor.
  const int fd = (*file)->descriptor();
  if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) != 0) return false;
  std::string text(kStatisticsSize, '\0');
  const auto got = (*file)->read_at(0, text);
  if (!got.ok()) return true;
  text.resize(*got);
  // sendmail begins anew where the file has another layout.
  auto there = read_statistics(text, now);
  Statistics all = there.ok() ? *there : *read_statistics("", now);
  add_statistics(all, pending_);
  (void)(*file)->write_at(0, write_statistics(all));
  return true;
}

admin::StatusFileUsers status_file_users(const std::string& root) {
  admin::StatusFileUsers users;
  users.engine = std::string(kEngineUser);
  process::Identity identity = process::engine_identity(users.engine);
  if (const passwd* pw = root.empty() ? ::getpwnam(users.engine.c_str()) : nullptr; pw != nullptr) {
    identity.name = users.engine;
    identity.uid = pw->pw_uid;
    identity.gid = pw->pw_gid;
  }
  users.uid = identity.uid;
  users.groups = {identity.gid};
  gid_t groups[64];
  int n = 64;
  if (!identity.name.empty() && ::getgrouplist(identity.name.c_str(), identity.gid, groups, &n) >= 0) users.groups.insert(groups, groups + n);
  for (const char* name : admin::kSendmailAccounts) {
    if (const passwd* pw = ::getpwnam(name); pw != nullptr) users.predecessors.insert(pw->pw_uid);
  }
  return users;
}

// By its descriptor: what is judged is what changes its owner.
bool take_over_status_file(FileSystem& files, const std::string& path, const admin::StatusFileUsers& users) {
  OpenHow how;
  how.read = how.no_follow = how.non_block = true;
  auto file = files.open(path, how);
  if (!file.ok()) return false;
  const auto what = (*file)->stat();
  if (!what.ok() || admin::judge_status_file(*what, users) != admin::StatusFileState::kTakenOver) return false;
  if (!(*file)->chown(users.uid, what->gid).ok()) return false;
  (void)(*file)->chmod(what->mode | 0600).ok();
  return true;
}

}  // namespace hky::cmd
