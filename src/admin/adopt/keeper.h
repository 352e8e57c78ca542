// Keeper: what --apply changes is kept first, so that --undo puts it back byte for byte: contents, mode, owner.
// The folder holds the old files by number and `journal`, one JSON object a line, synced before the change it tells of: a
// power cut leaves a change that can be undone, or none. Who calls it: cmd/verb_adopt.cc. Threads: one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace hky::admin::adopt {

class Keeper {
 public:
  // `folder` without root. A folder that is there goes on being used: undo takes everything back since it was begun.
  Keeper(FileSystem& disk, std::string root, std::string folder);

  // `path` gets these bytes; a new file that mode, an existing one keeps mode and owner.
  Result<> write(const std::string& path, std::string_view bytes, uint32_t mode);
  // `path` gets this owner, who may read and write it; its group and bytes stay.
  Result<> give(const std::string& path, uint32_t uid);
  // Files of a message that our queue holds already (held, as `id`): noted, then removed. `tries` and `rcpts` as they came.
  Result<> take_over(const std::string& id, const std::vector<std::string>& paths, int tries, size_t rcpts);
  // Messages taken over that nobody was told to release yet (also by a run that a power cut ended); their files are gone.
  Result<std::vector<std::string>> to_release();
  Result<> note_released(const std::string& id);

  // What undo needs of our queue.
  struct QueueDoors {
    // True: the message is as it came, and held from now on. False: it is gone or was worked on, and goes on.
    std::function<Result<bool>(const std::string& id, int tries, size_t rcpts)> hold;
    std::function<Result<>(const std::string& id)> purge;   // one that is gone already is no error
  };
  // Everything back, the latest first; what is done is said, a line each. A message that was worked on stays with us, or it
  // would be delivered twice. The folder is renamed in the end. May be repeated after a power cut.
  Result<std::vector<std::string>> undo(const QueueDoors& doors);

 private:
  Result<> make_folder();
  Result<> make_parents(const std::string& path);           // noted, those that are not there
  Result<std::string> keep(const std::string& path);        // the old file's copy: its name in the folder; "" where there is none
  Result<> note(const std::string& json);
  Result<std::vector<std::string>> journal();               // its whole lines; none where there is no journal
  Result<> restore(const std::string& file);                // "path", "kept", "mode", "uid", "gid"
  Result<std::string> undo_write(const std::string& step);
  Result<std::string> undo_give(const std::string& step);
  std::string real(const std::string& path) const { return root_ + path; }

  FileSystem& disk_;
  std::string root_, folder_;
};

}  // namespace hky::admin::adopt
