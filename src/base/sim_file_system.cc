// The disk that forgets: see sim_file_system.h.
#include "base/sim_file_system.h"

#include <cerrno>
#include <cstring>

namespace hky {

struct SimFileSystem::Node {
  uint64_t inode = 0;
  bool directory = false;
  uint32_t mode = 0, uid = 0, gid = 0;
  int64_t mtime_ns = 0;
  std::string data, synced_data;
  std::map<std::string, NodePtr> names, synced_names;
  const void* writer = nullptr;  // holder of the exclusive lock
  std::map<const void*, int> readers;

  FileStat to_stat() const {
    FileStat s;
    s.type = directory ? FileStat::Type::kDirectory : FileStat::Type::kFile;
    s.device = 1;
    s.inode = inode;
    s.size = data.size();
    s.mode = mode;
    s.uid = uid;
    s.gid = gid;
    s.mtime_ns = mtime_ns;
    return s;
  }
};

class SimFileSystem::SimFile : public File {
 public:
  SimFile(SimFileSystem& fs, NodePtr node, OpenHow how, std::string path)
      : fs_(fs), node_(std::move(node)), how_(how), path_(std::move(path)), generation_(fs.generation_) {}
  ~SimFile() override {
    std::lock_guard hold(fs_.mutex_);
    drop_lock();
  }

  Result<size_t> read(std::span<char> into) override {
    Result<size_t> n = read_at(position_, into);
    if (n.ok()) position_ += *n;
    return n;
  }
  Result<size_t> read_at(uint64_t offset, std::span<char> into) override {
    std::lock_guard hold(fs_.mutex_);
    HKY_TRY(alive("read"));
    if (offset >= node_->data.size()) return size_t{0};
    size_t n = std::min<size_t>(into.size(), node_->data.size() - offset);
    std::memcpy(into.data(), node_->data.data() + offset, n);
    return n;
  }
  Result<> write(std::string_view bytes) override {
    uint64_t at = position_;
    if (how_.append) {
      std::lock_guard hold(fs_.mutex_);
      at = node_->data.size();
    }
    Result<> done = write_at(at, bytes);
    if (done.ok()) position_ = at + bytes.size();
    return done;
  }
  Result<> write_at(uint64_t offset, std::string_view bytes) override {
    std::lock_guard hold(fs_.mutex_);
    HKY_TRY(alive("write"));
    const bool cut_before = fs_.cut_;
    Result<> allowed = fs_.step("write " + path_);
    // A write cut short leaves its first half.
    if (!allowed.ok()) bytes = cut_before ? std::string_view{} : bytes.substr(0, bytes.size() / 2);
    if (!bytes.empty()) {
      if (node_->data.size() < offset + bytes.size()) node_->data.resize(offset + bytes.size());
      node_->data.replace(offset, bytes.size(), bytes);
      node_->mtime_ns = std::chrono::nanoseconds(fs_.clock_.wall().time_since_epoch()).count();
    }
    return allowed;
  }
  Result<> truncate(uint64_t size) override {
    std::lock_guard hold(fs_.mutex_);
    HKY_TRY(alive("truncate"));
    HKY_TRY(fs_.step("truncate " + path_));
    node_->data.resize(size);
    return {};
  }
  Result<> sync() override {
    std::lock_guard hold(fs_.mutex_);
    HKY_TRY(alive("sync"));
    HKY_TRY(fs_.step("sync " + path_));
    node_->synced_data = node_->data;
    return {};
  }
  Result<FileStat> stat() override {
    std::lock_guard hold(fs_.mutex_);
    HKY_TRY(alive("stat"));
    return node_->to_stat();
  }
  Result<> chmod(uint32_t mode) override {
    std::lock_guard hold(fs_.mutex_);
    HKY_TRY(alive("chmod"));
    node_->mode = mode;
    return {};
  }
  Result<> chown(uint32_t uid, uint32_t gid) override {
    std::lock_guard hold(fs_.mutex_);
    HKY_TRY(alive("chown"));
    node_->uid = uid;
    node_->gid = gid;
    return {};
  }
  Result<bool> try_lock(LockKind kind) override {
    std::lock_guard hold(fs_.mutex_);
    HKY_TRY(alive("lock"));
    if (node_->writer && node_->writer != this) return false;
    if (kind == LockKind::kShared) {
      node_->readers[this] = 1;
      return true;
    }
    for (const auto& [reader, one] : node_->readers) {
      if (reader != this) return false;
    }
    node_->writer = this;
    return true;
  }
  Result<> unlock() override {
    std::lock_guard hold(fs_.mutex_);
    HKY_TRY(alive("unlock"));
    drop_lock();
    return {};
  }

 private:
  Result<> alive(const char* act) const {
    if (generation_ == fs_.generation_) return {};
    return errno_error(EIO, std::string(act) + " " + path_);
  }
  void drop_lock() {
    if (node_->writer == this) node_->writer = nullptr;
    node_->readers.erase(this);
  }

  SimFileSystem& fs_;
  NodePtr node_;
  OpenHow how_;
  std::string path_;
  uint64_t generation_;
  uint64_t position_ = 0;
};

SimFileSystem::SimFileSystem(const Clock& clock) : clock_(clock) {
  root_ = std::make_shared<Node>();
  root_->inode = 1;
  root_->directory = true;
  root_->mode = 0755;
}

SimFileSystem::~SimFileSystem() = default;

SimFileSystem::NodePtr SimFileSystem::new_node(bool directory, uint32_t mode) {
  auto node = std::make_shared<Node>();
  node->inode = next_inode_++;
  node->directory = directory;
  node->mode = mode;
  node->mtime_ns = std::chrono::nanoseconds(clock_.wall().time_since_epoch()).count();
  return node;
}

Result<> SimFileSystem::step(const std::string& doing) {
  ++steps_;
  if (cut_step_ != 0 && steps_ >= cut_step_) cut_ = true;
  if (cut_) return errno_error(EIO, doing);
  if (fail_step_ != 0 && steps_ == fail_step_) return errno_error(fail_errno_, doing);
  return {};
}

SimFileSystem::NodePtr SimFileSystem::find(const std::string& path) const {
  NodePtr at = root_;
  size_t i = 0;
  while (i < path.size()) {
    size_t end = std::min(path.find('/', i), path.size());
    std::string name = path.substr(i, end - i);
    i = end + 1;
    if (name.empty() || name == ".") continue;
    auto it = at->names.find(name);
    if (it == at->names.end()) return nullptr;
    at = it->second;
  }
  return at;
}

Result<std::pair<SimFileSystem::NodePtr, std::string>> SimFileSystem::parent_of(const std::string& path) const {
  NodePtr parent = find(directory_of(path));
  if (!parent) return errno_error(ENOENT, path);
  if (!parent->directory) return errno_error(ENOTDIR, path);
  return std::pair<NodePtr, std::string>(parent, path.substr(path.rfind('/') + 1));
}

Result<std::unique_ptr<File>> SimFileSystem::open(const std::string& path, OpenHow how) {
  std::lock_guard hold(mutex_);
  if (cut_) return errno_error(EIO, "open " + path);
  NodePtr node = find(path);
  if (node && how.create && how.exclusive) return errno_error(EEXIST, "open " + path);
  if (node && node->directory && how.write) return errno_error(EISDIR, "open " + path);
  if (!node) {
    if (!how.create) return errno_error(ENOENT, "open " + path);
    HKY_TRY_ASSIGN(auto place, parent_of(path));
    HKY_TRY(step("create " + path));
    node = new_node(false, how.mode);
    place.first->names[place.second] = node;
  } else if (how.truncate && !node->data.empty()) {
    HKY_TRY(step("truncate " + path));
    node->data.clear();
  }
  return std::unique_ptr<File>(new SimFile(*this, node, how, path));
}

Result<FileStat> SimFileSystem::stat(const std::string& path) {
  std::lock_guard hold(mutex_);
  NodePtr node = find(path);
  if (!node) return errno_error(ENOENT, "stat " + path);
  return node->to_stat();
}

Result<> SimFileSystem::rename(const std::string& from, const std::string& to) {
  std::lock_guard hold(mutex_);
  NodePtr node = find(from);
  if (!node) return errno_error(ENOENT, "rename " + from);
  HKY_TRY_ASSIGN(auto source, parent_of(from));
  HKY_TRY_ASSIGN(auto target, parent_of(to));
  HKY_TRY(step("rename " + from));
  source.first->names.erase(source.second);
  target.first->names[target.second] = node;
  return {};
}

Result<> SimFileSystem::link(const std::string& from, const std::string& to) {
  std::lock_guard hold(mutex_);
  NodePtr node = find(from);
  if (!node) return errno_error(ENOENT, "link " + from);
  if (find(to)) return errno_error(EEXIST, "link " + to);
  HKY_TRY_ASSIGN(auto target, parent_of(to));
  HKY_TRY(step("link " + to));
  target.first->names[target.second] = node;
  return {};
}

Result<> SimFileSystem::unlink(const std::string& path) {
  std::lock_guard hold(mutex_);
  NodePtr node = find(path);
  if (!node) return errno_error(ENOENT, "unlink " + path);
  if (node->directory) return errno_error(EISDIR, "unlink " + path);
  HKY_TRY_ASSIGN(auto place, parent_of(path));
  HKY_TRY(step("unlink " + path));
  place.first->names.erase(place.second);
  return {};
}

Result<> SimFileSystem::mkdir(const std::string& path, uint32_t mode) {
  std::lock_guard hold(mutex_);
  if (find(path)) return errno_error(EEXIST, "mkdir " + path);
  HKY_TRY_ASSIGN(auto place, parent_of(path));
  HKY_TRY(step("mkdir " + path));
  place.first->names[place.second] = new_node(true, mode);
  return {};
}

Result<> SimFileSystem::rmdir(const std::string& path) {
  std::lock_guard hold(mutex_);
  NodePtr node = find(path);
  if (!node) return errno_error(ENOENT, "rmdir " + path);
  if (!node->directory) return errno_error(ENOTDIR, "rmdir " + path);
  if (!node->names.empty()) return errno_error(ENOTEMPTY, "rmdir " + path);
  HKY_TRY_ASSIGN(auto place, parent_of(path));
  HKY_TRY(step("rmdir " + path));
  place.first->names.erase(place.second);
  return {};
}

Result<std::vector<std::string>> SimFileSystem::list(const std::string& directory) {
  std::lock_guard hold(mutex_);
  NodePtr node = find(directory);
  if (!node) return errno_error(ENOENT, "open " + directory);
  std::vector<std::string> names;
  for (const auto& [name, child] : node->names) names.push_back(name);
  return names;
}

Result<> SimFileSystem::sync_directory(const std::string& directory) {
  std::lock_guard hold(mutex_);
  NodePtr node = find(directory);
  if (!node) return errno_error(ENOENT, "open " + directory);
  HKY_TRY(step("sync " + directory));
  node->synced_names = node->names;
  return {};
}

Result<> SimFileSystem::chmod(const std::string& path, uint32_t mode) {
  std::lock_guard hold(mutex_);
  NodePtr node = find(path);
  if (!node) return errno_error(ENOENT, "chmod " + path);
  node->mode = mode;
  return {};
}

Result<> SimFileSystem::chown(const std::string& path, uint32_t uid, uint32_t gid) {
  std::lock_guard hold(mutex_);
  NodePtr node = find(path);
  if (!node) return errno_error(ENOENT, "chown " + path);
  node->uid = uid;
  node->gid = gid;
  return {};
}

void SimFileSystem::crash(Random* lottery) {
  std::lock_guard hold(mutex_);
  ++generation_;
  cut_ = false;
  cut_step_ = fail_step_ = 0;
  std::map<const Node*, bool> seen;
  auto visit = [&](auto&& self, const NodePtr& node) -> void {
    if (seen[node.get()]) return;
    seen[node.get()] = true;
    node->writer = nullptr;
    node->readers.clear();
    if (node->directory) {
      bool keep = lottery && lottery->below(2) == 0;
      if (keep) node->synced_names = node->names;
      else node->names = node->synced_names;
      for (const auto& [name, child] : node->names) self(self, child);
      return;
    }
    std::string after = node->synced_data;
    if (lottery && node->data.size() > after.size()) {
      size_t more = size_t(lottery->below(node->data.size() - after.size() + 1));
      after += node->data.substr(after.size(), more);
    }
    node->data = node->synced_data = after;
  };
  visit(visit, root_);
}

void SimFileSystem::sync_all() {
  std::lock_guard hold(mutex_);
  auto visit = [](auto&& self, const NodePtr& node) -> void {
    node->synced_data = node->data;
    node->synced_names = node->names;
    for (const auto& [name, child] : node->names) self(self, child);
  };
  visit(visit, root_);
}

uint64_t SimFileSystem::step_count() const {
  std::lock_guard hold(mutex_);
  return steps_;
}

void SimFileSystem::cut_at(uint64_t step) {
  std::lock_guard hold(mutex_);
  cut_step_ = steps_ + step;
}

void SimFileSystem::fail_at(uint64_t step, int err) {
  std::lock_guard hold(mutex_);
  fail_step_ = steps_ + step;
  fail_errno_ = err;
}

bool SimFileSystem::was_cut() const {
  std::lock_guard hold(mutex_);
  return cut_;
}

}  // namespace hky
