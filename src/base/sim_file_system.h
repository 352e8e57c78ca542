// SimFileSystem: a disk in memory for crash tests. What was not synced is forgotten by crash(): file contents without
// File::sync(), names without sync_directory(). Each changing operation is one step: step_count() counts them, cut_at(n)
// makes the n-th and all later ones fail as if the power were gone (a cut write leaves half of its bytes in memory),
// fail_at(n, errno) lets just one fail. Typical test: for n in 1..steps of a clean run: cut_at(n), run, crash(), recover, check.
// Threads: one lock around everything. No symbolic links.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/random.h"

namespace hky {

class SimFileSystem : public FileSystem {
 public:
  explicit SimFileSystem(const Clock& clock);
  ~SimFileSystem() override;

  // Power cut and restart. Without a lottery everything unsynced is gone. With one, each unsynced file keeps a random
  // prefix of what was written behind its synced length (a torn tail), and each directory may have kept its changes.
  // Open Files are dead afterwards: every call on them fails with EIO. Locks are gone; cut_at and fail_at are cleared.
  void crash(Random* lottery = nullptr);
  // All to the disk, unconditionally.
  void sync_all();

  uint64_t step_count() const;
  void cut_at(uint64_t step);            // counted from now: 1 is the next changing operation
  void fail_at(uint64_t step, int err);  // likewise
  bool was_cut() const;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenHow how) override;
  Result<FileStat> stat(const std::string& path) override;
  Result<FileStat> lstat(const std::string& path) override { return stat(path); }
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> link(const std::string& from, const std::string& to) override;
  Result<> unlink(const std::string& path) override;
  Result<> mkdir(const std::string& path, uint32_t mode) override;
  Result<> rmdir(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<> sync_directory(const std::string& directory) override;
  Result<> chmod(const std::string& path, uint32_t mode) override;
  Result<> chown(const std::string& path, uint32_t uid, uint32_t gid) override;

 private:
  struct Node;
  class SimFile;
  using NodePtr = std::shared_ptr<Node>;
  Result<> step(const std::string& doing);
  NodePtr find(const std::string& path) const;
  Result<std::pair<NodePtr, std::string>> parent_of(const std::string& path) const;
  NodePtr new_node(bool directory, uint32_t mode);

  const Clock& clock_;
  mutable std::mutex mutex_;
  NodePtr root_;
  uint64_t next_inode_ = 2;
  uint64_t generation_ = 0;  // of crash()
  uint64_t steps_ = 0, cut_step_ = 0, fail_step_ = 0;
  int fail_errno_ = 0;
  bool cut_ = false;
};

}  // namespace hky
