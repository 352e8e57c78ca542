// DotLock: the lock file `path.lock` by which mail programs keep each other out of a mailbox. Ours holds
// "pid host nonce" from the instant it has its name (written aside, then linked), so that a holder that died is known.
// Broken at once: a lock whose pid (on our host) is gone, one older than the machine's start, one that an earlier process
// of ours with the same pid left. Others after five minutes, as sendmail's mail.local does.
#pragma once

#include <string>

#include "agent/world.h"

namespace hky::agent {

class DotLock {
 public:
  // Waits at most world.lock_wait; then a temporary error "locked by ...", 4.2.0.
  static Result<DotLock> take(const World& world, const std::string& path);
  DotLock(DotLock&& o) noexcept : world_(o.world_), lock_(std::exchange(o.lock_, {})), inode_(o.inode_) {}
  DotLock& operator=(DotLock&&) = delete;
  ~DotLock() { release(); }
  void release();

 private:
  DotLock(const World& world, std::string lock, uint64_t inode) : world_(world), lock_(std::move(lock)), inode_(inode) {}
  const World& world_;
  std::string lock_;
  uint64_t inode_;
};

}  // namespace hky::agent
