// Plan: the files that `hikyaku adopt --apply` would write. The queue's messages are queue_file.h's. Pure but for reading.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/adopt/site.h"

namespace hky::admin::adopt {

struct Change {
  std::string path;        // without root
  std::string bytes;
  uint32_t mode = 0644;    // of a new file
  std::string why;
  std::optional<uint32_t> give_to{};   // not written: the file gets this owner; group and mode stay
};
// `makefile`: our own /etc/mail/Makefile, empty where it is not installed. Files that are so already are no change.
std::vector<Change> plan(const Site& site, const std::string& makefile);

// mailer.conf with `program` for sendmail's names; every other line, blanks and comments stay as they are.
std::string with_program(std::string_view mailer_conf, const std::string& program);

}  // namespace hky::admin::adopt
