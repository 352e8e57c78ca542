// Who else may write a file that we read or run: the file, the folders on the way to it, and which flags of
// DontBlameSendmail let it pass. sendmail: Operation Guide 4.10 (file and folder modes), DontBlameSendmail's list.
#pragma once

#include <initializer_list>
#include <string>

#include "admin/check/finding.h"
#include "admin/check/world.h"

namespace hky::admin::check {

// What kind of thing a file is: its name for sentences, and the flags that excuse its faults.
struct Kind {
  const char* what;                                      // "alias file"
  std::initializer_list<cf::Blame> group_writable;       // any of them set: a group-writable file is fine
  std::initializer_list<cf::Blame> world_writable;
  std::initializer_list<cf::Blame> unsafe_folder;        // a folder on the way that others may write
  std::initializer_list<cf::Blame> group_folder;         // ... that only its group may write
  const char* flag_name;                                 // the flag a sentence offers; "" where sendmail has none
};

extern const Kind kConfigFile, kAliasFile, kClassFile, kMapFile, kIncludeFile, kErrorHeader, kHelpFile, kProgram, kForwardFile;

// Says what is wrong with `path`; a bad folder is told once, whatever stands in it. Missing files are other subjects' business.
void check_path(const World& world, const Kind& kind, const std::string& path, Findings& out);

}  // namespace hky::admin::check
