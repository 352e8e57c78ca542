// World: everything `hikyaku check` may look at, as values and doors, so that a test builds one in memory.
// Paths are as the configuration writes them; files() puts the root before them. References outlive the World.
// Who fills it: cmd/verb_check.cc; tests.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "admin/check/cf_lines.h"
#include "admin/status_file_rights.h"
#include "base/file_system.h"
#include "base/random.h"
#include "cf/config.h"
#include "cf/reader.h"
#include "dns/names.h"
#include "maps/map_set.h"
#include "net/loop.h"
#include "rewrite/evaluate.h"

namespace hky::admin::check {

// One sendmail.cf or submit.cf, read.
struct CfFile {
  std::string path;                                    // "/etc/mail/sendmail.cf"
  std::shared_ptr<const cf::Config> config;
  std::vector<CfLine> lines;
  bool readable = true;
};

struct World {
  net::Loop& loop;
  FileSystem& disk;
  std::string root;                                    // put before every path; "" is the machine itself
  std::string mail_directory = "/etc/mail";
  CfFile main;                                         // what the daemon runs on
  std::optional<CfFile> submit;                        // submit.cf, where there is one
  std::shared_ptr<const rewrite::Program> program;     // of main
  maps::MapSet& maps;                                  // of main
  const dns::NameEnvironment& names;
  bool ask_dns = true;
  cf::HostIdentity identity{};
  std::function<bool(const std::string& name)> user_exists{};
  std::set<unsigned> trusted_uids{0};                  // whose files are as good as root's
  std::vector<std::string> own_users{};                 // accounts that our own processes run as
  std::optional<StatusFileUsers> status_file_users{};   // who writes what options have the engine write; not known: not looked at

  std::string real(const std::string& path) const { return root + path; }
  Result<FileStat> stat(const std::string& path) const { return disk.stat(real(path)); }
  // A program as it would be run: a trial root without its own uses the machine's.
  Result<FileStat> stat_program(const std::string& path) const {
    auto st = stat(path);
    return st.ok() || root.empty() ? st : disk.stat(path);
  }
  bool exists(const std::string& path) const { return stat(path).ok(); }
  Result<std::string> read(const std::string& path) const { return disk.read_file(real(path)); }
  const cf::Config& config() const { return *main.config; }
  bool trusts(unsigned uid) const { return trusted_uids.count(uid) != 0; }
  rewrite::Context context(cf::MacroScope& scope) const {
    return rewrite::Context{loop, program, config(), maps, scope, nullptr, nullptr};
  }
  std::string macro(std::string_view name) const;      // expanded; "" where it is not set
  std::string host_name() const { return macro("j"); }
};

// A host name that a stranger may have written in a file: letters, digits, '-', '.', '_', with a dot inside.
bool looks_like_domain(std::string_view word);

}  // namespace hky::admin::check
