#include "admin/adopt/keeper.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace hky::admin::adopt {

using nlohmann::json;

namespace {

constexpr uint32_t kKeptMode = 0600;

std::string dump(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

Keeper::Keeper(FileSystem& disk, std::string root, std::string folder) : disk_(disk), root_(std::move(root)), folder_(std::move(folder)) {}

// Its name is on the disk too, up to the root.
Result<> Keeper::make_folder() {
  if (disk_.exists(real(folder_))) return {};
  HKY_TRY(disk_.make_directories(real(folder_), 0700));
  for (std::string at = folder_; at.size() > 1;) {
    at = directory_of(at);
    HKY_TRY(disk_.sync_directory(at == "/" && !root_.empty() ? root_ : real(at)));
  }
  return {};
}

Result<std::string> Keeper::keep(const std::string& path) {
  if (!disk_.exists(real(path))) return std::string();
  HKY_TRY_ASSIGN(const std::string bytes, disk_.read_file(real(path)));
  HKY_TRY(make_folder());
  for (int n = 0;; ++n) {
    const std::string name = fmt::format("{}", n);
    if (disk_.exists(real(folder_) + "/" + name)) continue;
    HKY_TRY(disk_.replace_file(real(folder_) + "/" + name, bytes, kKeptMode));
    return name;
  }
}

Result<> Keeper::note(const std::string& line) {
  HKY_TRY(make_folder());
  HKY_TRY_ASSIGN(auto file, disk_.open(real(folder_) + "/journal", open_to_append(kKeptMode)));
  HKY_TRY(file->write(line + "\n"));
  HKY_TRY(file->sync());
  return disk_.sync_directory(real(folder_));
}

Result<> Keeper::make_parents(const std::string& path) {
  const std::string folder = directory_of(path);
  if (folder.size() <= 1 || disk_.exists(real(folder))) return {};
  HKY_TRY(make_parents(folder));
  HKY_TRY(note(dump({{"op", "folder"}, {"path", folder}})));
  return disk_.make_directories(real(folder));
}

Result<> Keeper::write(const std::string& path, std::string_view bytes, uint32_t mode) {
  HKY_TRY(make_parents(path));
  HKY_TRY_ASSIGN(const std::string kept, keep(path));
  const auto st = disk_.stat(real(path));
  json j{{"op", "write"}, {"path", path}, {"kept", kept}};
  if (st.ok()) j["mode"] = st->mode, j["uid"] = st->uid, j["gid"] = st->gid;
  HKY_TRY(note(dump(j)));
  HKY_TRY(disk_.replace_file(real(path), bytes, st.ok() ? st->mode : mode));
  if (st.ok()) (void)disk_.chown(real(path), st->uid, st->gid).ok();
  return disk_.chmod(real(path), st.ok() ? st->mode : mode);
}

Result<> Keeper::give(const std::string& path, uint32_t uid) {
  HKY_TRY_ASSIGN(const FileStat st, disk_.stat(real(path)));
  HKY_TRY(note(dump({{"op", "give"}, {"path", path}, {"mode", st.mode}, {"uid", st.uid}, {"gid", st.gid}})));
  HKY_TRY(disk_.chown(real(path), uid, st.gid));
  return disk_.chmod(real(path), st.mode | 0600);
}

Result<> Keeper::take_over(const std::string& id, const std::vector<std::string>& paths, int tries, size_t rcpts) {
  json files = json::array();
  for (const std::string& path : paths) {
    HKY_TRY_ASSIGN(const std::string kept, keep(path));
    HKY_TRY_ASSIGN(const FileStat st, disk_.stat(real(path)));
    files.push_back({{"path", path}, {"kept", kept}, {"mode", st.mode}, {"uid", st.uid}, {"gid", st.gid}});
  }
  HKY_TRY(note(dump({{"op", "message"}, {"id", id}, {"files", files}, {"tries", tries}, {"rcpts", rcpts}})));
  for (const std::string& path : paths) {
    HKY_TRY(disk_.unlink(real(path)));
    HKY_TRY(disk_.sync_directory(directory_of(real(path))));
  }
  return {};
}

Result<std::vector<std::string>> Keeper::journal() {
  std::vector<std::string> out;
  if (!disk_.exists(real(folder_) + "/journal")) return out;
  HKY_TRY_ASSIGN(const std::string text, disk_.read_file(real(folder_) + "/journal"));
  for (const std::string_view line : split(text, '\n')) {
    if (json::parse(line, nullptr, false).is_object()) out.emplace_back(line);   // a torn last line: its change was not begun
  }
  return out;
}

Result<std::vector<std::string>> Keeper::to_release() {
  HKY_TRY_ASSIGN(const std::vector<std::string> lines, journal());
  std::vector<std::string> out;
  for (const std::string& line : lines) {
    const json j = json::parse(line);
    const std::string op = j.value("op", ""), id = j.value("id", "");
    if (op == "released" || op == "returning") std::erase(out, id);
    if (op != "message") continue;
    out.push_back(id);
    for (const json& f : j.value("files", json::array())) {
      if (disk_.exists(real(f.value("path", "")))) HKY_TRY(disk_.unlink(real(f.value("path", ""))));
    }
  }
  return out;
}

Result<> Keeper::note_released(const std::string& id) { return note(dump({{"op", "released"}, {"id", id}})); }

Result<> Keeper::restore(const std::string& file) {
  const json j = json::parse(file);
  const std::string path = real(j.value("path", ""));
  const uint32_t mode = j.value("mode", 0600u);
  HKY_TRY_ASSIGN(const std::string bytes, disk_.read_file(real(folder_) + "/" + j.value("kept", "")));
  HKY_TRY(disk_.replace_file(path, bytes, mode));
  (void)disk_.chown(path, j.value("uid", 0u), j.value("gid", 0u)).ok();
  return disk_.chmod(path, mode);
}

Result<std::string> Keeper::undo_write(const std::string& step) {
  const json j = json::parse(step);
  const std::string path = j.value("path", "");
  if (!j.value("kept", "").empty()) {
    HKY_TRY(restore(step));
    return path + ": as it was";
  }
  if (disk_.exists(real(path))) HKY_TRY(disk_.unlink(real(path)));
  return path + ": removed, as it was not there before";
}

// What was counted since then stays.
Result<std::string> Keeper::undo_give(const std::string& step) {
  const json j = json::parse(step);
  const std::string path = j.value("path", "");
  if (!disk_.exists(real(path))) return path + ": is gone";
  HKY_TRY(disk_.chown(real(path), j.value("uid", 0u), j.value("gid", 0u)));
  HKY_TRY(disk_.chmod(real(path), j.value("mode", 0600u)));
  return path + ": belongs to whom it did";
}

Result<std::vector<std::string>> Keeper::undo(const QueueDoors& doors) {
  std::vector<std::string> said;
  HKY_TRY_ASSIGN(const std::vector<std::string> lines, journal());
  if (lines.empty()) return permanent_error("nothing was adopted: " + folder_ + "/journal is not there", 550, "5.0.0");
  std::set<std::string> returning;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const json j = json::parse(*line);
    const std::string op = j.value("op", ""), id = j.value("id", "");
    if (op == "returning") returning.insert(id);
    if (op == "write") {
      HKY_TRY_ASSIGN(std::string done, undo_write(*line));
      said.push_back(std::move(done));
    }
    if (op == "folder") (void)disk_.rmdir(real(j.value("path", ""))).ok();   // one that others have put something into stays
    if (op == "give") {
      HKY_TRY_ASSIGN(std::string done, undo_give(*line));
      said.push_back(std::move(done));
    }
    if (op != "message") continue;
    if (returning.count(id) == 0) {
      HKY_TRY_ASSIGN(const bool held, doors.hold(id, j.value("tries", 0), j.value("rcpts", size_t{0})));
      if (!held) {
        said.push_back(fmt::format("message {}: was worked on already; it stays here, or it would be delivered twice", id));
        continue;
      }
      HKY_TRY(note(dump({{"op", "returning"}, {"id", id}})));
    }
    HKY_TRY(doors.purge(id));
    const json files = j.value("files", json::array());
    for (auto f = files.rbegin(); f != files.rend(); ++f) {   // the body first: sendmail takes up what has a qf file
      HKY_TRY(restore(dump(*f)));
      said.push_back(f->value("path", "") + ": put back");
    }
  }
  for (int n = 1;; ++n) {
    const std::string away = fmt::format("{}.undone.{}", real(folder_), n);
    if (disk_.exists(away)) continue;
    HKY_TRY(disk_.rename(real(folder_), away));
    return said;
  }
}

}  // namespace hky::admin::adopt
