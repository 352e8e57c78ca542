// Maildir delivery: see maildir.h.
#include "agent/maildir.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>

#include "agent/identity.h"

namespace hky::agent {
namespace {

Result<> make_maildir(FileSystem& files, const std::string& path) {
  if (files.exists(path + "/new") && files.exists(path + "/tmp")) return {};
  HKY_TRY(files.make_directories(path, 0700));
  for (const char* part : {"/cur", "/new", "/tmp"}) {
    Result<> made = files.mkdir(path + part, 0700);
    if (!made.ok() && made.error().sys != EEXIST) return made;
  }
  HKY_TRY(files.sync_directory(path));
  return files.sync_directory(directory_of(path));
}

// Maildir's rule: unique by time, process and count; the host may hold neither '/' nor ':'.
std::string unique_name(const World& w, size_t size) {
  static std::atomic<unsigned> counter{0};
  int64_t us = w.clock.wall().time_since_epoch().count();
  std::string host;
  for (char c : w.host) host += c == '/' ? "\\057" : c == ':' ? "\\072" : std::string(1, c);
  return fmt::format("{}.M{}P{}Q{}{}.{},S={}", us / 1'000'000, us % 1'000'000, w.pid, counter.fetch_add(1), w.nonce, host, size);
}

}  // namespace

Result<> deliver_maildir(const World& w, const ipc::DeliverMaildir& request) {
  AsUser owner(request.as);
  if (!owner.entered().ok()) return owner.entered();
  std::string path = request.path;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  HKY_TRY(make_maildir(w.files, path));
  const std::string name = unique_name(w, request.message.size());
  const std::string fresh = path + "/tmp/" + name;
  Result<> done;
  {
    HKY_TRY_ASSIGN(std::unique_ptr<File> file, w.files.open(fresh, open_new(0600)));
    done = file->write(request.message);
    if (done.ok()) done = file->sync();
  }
  if (done.ok()) done = w.files.rename(fresh, path + "/new/" + name);
  if (done.ok()) return w.files.sync_directory(path + "/new");
  Result<> removed = w.files.unlink(fresh);
  (void)removed;  // readers clear tmp/ of what is old
  if (done.error().sys == EDQUOT) {
    Error e = std::move(done).error();
    e.enhanced = "4.2.2";
    return e;
  }
  return done;
}

}  // namespace hky::agent
