#include "deliver/host_states.h"

#include <sys/file.h>

#include <cerrno>

#include "base/sysexits.h"

namespace hky::deliver {
namespace {

constexpr auto kReadAgain = std::chrono::seconds(1);
constexpr size_t kManyStates = 10'000;      // in memory; files keep the rest
constexpr size_t kLongestFile = 8 * 1024;

// sendmail: flock(), which does not see the fcntl locks of File. It goes with the descriptor.
bool lock(File& file, int how) { return file.descriptor() < 0 || ::flock(file.descriptor(), how | LOCK_NB) == 0; }

}  // namespace

// Null: no file could have that name.
HostStates::State* HostStates::state_of(const std::string& directory, std::string_view host, std::string& path) {
  const std::string below = status_path_of_host(host);
  if (below.empty()) return nullptr;
  if (states_.size() >= kManyStates) std::erase_if(states_, [](const auto& s) { return !s.second.changed && !s.second.claimed; });
  path = directory + "/" + below;
  State& state = states_[path];
  state.below = directory.size() + 1;
  return &state;
}

// purgestat, or a sendmail, may have been there.
void HostStates::read(const std::string& path, State& state) {
  if (state.changed || state.claimed || state.kept_here) return;
  const MonoTime now = clock_.mono();
  if (state.read_at && now - *state.read_at < kReadAgain) return;
  state.read_at = now;
  state.locked = false;
  state.status.reset();
  OpenHow how = open_to_read();
  how.no_follow = how.non_block = true;
  auto file = files_.open(path, how);
  if (!file.ok()) return;
  state.locked = !lock(**file, LOCK_SH);
  std::string text(kLongestFile, '\0');
  const auto got = (*file)->read_at(0, text);
  if (!got.ok()) return;
  text.resize(*got);
  if (auto status = HostStatus::read(text); status.ok()) state.status = std::move(*status);
}

std::optional<HostStatus> HostStates::failed_lately(const std::string& directory, std::string_view host, int64_t seconds) {
  const std::lock_guard guard(mutex_);
  std::string path;
  State* state = state_of(directory, host, path);
  if (state == nullptr) return std::nullopt;
  read(path, *state);
  if (state->locked) {
    HostStatus busy;
    busy.exit = EX_TEMPFAIL;
    return busy;
  }
  if (!state->status || state->status->exit == EX_OK) return std::nullopt;
  // Of a clock that went back: nobody knows how old it is.
  const int64_t age = unix_seconds(clock_.wall()) - state->status->tried;
  if (age < 0 || age >= seconds) return std::nullopt;
  return state->status;
}

void HostStates::remember(const std::string& directory, std::string_view host, HostStatus status) {
  status.tried = unix_seconds(clock_.wall());
  const std::lock_guard guard(mutex_);
  std::string path;
  State* state = state_of(directory, host, path);
  if (state == nullptr) return;
  state->status = std::move(status);
  state->changed = true;
  state->locked = false;
}

// Null: another process has it.
Result<std::unique_ptr<File>> HostStates::open_locked(const std::string& path, const State& state) {
  OpenHow how;
  how.read = how.write = how.create = how.no_follow = how.non_block = true;
  auto file = files_.open(path, how);
  for (size_t slash = path.find('/', state.below); !file.ok() && file.error().sys == ENOENT && slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (auto made = files_.mkdir(path.substr(0, slash), 0755); !made.ok() && made.error().sys != EEXIST) return made.error();
    if (path.find('/', slash + 1) == std::string::npos) file = files_.open(path, how);
  }
  if (!file.ok()) return file.error();
  if (!lock(**file, LOCK_EX)) file->reset();
  return std::move(*file);
}

// What another process has locked stays changed, for the next time.
Result<> HostStates::write(const std::string& path, State& state) {
  std::unique_ptr<File> own;
  if (!state.held) {
    HKY_TRY_ASSIGN(own, open_locked(path, state));
    if (!own) return {};
  }
  File& file = state.held ? *state.held : *own;
  const std::string text = state.status->file();
  HKY_TRY(file.write_at(0, text));
  HKY_TRY(file.truncate(text.size()));
  state.changed = state.kept_here = false;
  state.read_at.reset();
  return {};
}

Result<> HostStates::write_out() {
  const std::lock_guard guard(mutex_);
  Result<> first;
  for (auto& [path, state] : states_) {
    if (!state.changed) continue;
    auto done = write(path, state);
    if (done.ok()) continue;
    state.changed = false;
    state.kept_here = true;
    if (first.ok()) first = std::move(done);
  }
  return first;
}

bool HostStates::claim(const std::string& directory, std::string_view host) {
  const std::lock_guard guard(mutex_);
  std::string path;
  State* state = state_of(directory, host, path);
  if (state == nullptr) return true;
  if (state->claimed) return false;
  read(path, *state);
  auto file = open_locked(path, *state);
  if (file.ok() && !*file) return false;
  if (file.ok()) state->held = std::move(*file);
  state->claimed = true;
  return true;
}

void HostStates::release(const std::string& directory, std::string_view host) {
  const std::lock_guard guard(mutex_);
  std::string path;
  State* state = state_of(directory, host, path);
  if (state == nullptr || !state->claimed) return;
  if (state->changed) (void)write(path, *state);
  state->held.reset();
  state->claimed = false;
}

}  // namespace hky::deliver
