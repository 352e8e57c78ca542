// Site: the host that is looked at, as doors: a test builds one in memory. Paths are as the host knows them; `root` goes before.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admin/status_file_rights.h"
#include "base/file_system.h"
#include "cf/config.h"

namespace hky::admin::adopt {

struct Site {
  FileSystem& disk;
  std::string root;                         // "" is the machine itself
  std::string mail_directory = "/etc/mail"; // --from
  // `hikyaku makecf` on that file: what it says ("FILE:LINE: error: TEXT"), FILE as given. Unset: nothing is said.
  std::function<std::vector<std::string>(const std::string& mc)> make_cf;
  // That .cf read; null where it cannot be.
  std::function<std::shared_ptr<const cf::Config>(const std::string& cf)> read_cf;
  // Who is to count into StatusFile. Unset: nothing is said of it.
  std::function<StatusFileUsers()> status_file_users;
  std::string program = "/usr/sbin/hikyaku";   // what mailer.conf is to name

  Result<std::string> read(const std::string& path) const { return disk.read_file(root + path); }
  bool exists(const std::string& path) const { return disk.exists(root + path); }
};

}  // namespace hky::admin::adopt
