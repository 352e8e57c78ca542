// One reader a kind of file: the text in, the account of its lines out. survey.cc chooses.
#pragma once

#include <string>
#include <string_view>

#include "admin/adopt/account.h"
#include "admin/adopt/site.h"

namespace hky::admin::adopt {

// config_lines.cc
FileAccount read_mc(const Site& site, const std::string& path, std::string_view text);
FileAccount read_cf(const Site& site, const std::string& path, std::string_view text);
// tables.cc
FileAccount read_table(const std::string& path, std::string_view text, const char* what);
FileAccount read_access(const std::string& path, std::string_view text);
FileAccount read_aliases(const std::string& path, std::string_view text);
FileAccount read_list(const std::string& path, std::string_view text, const char* what);
// system_files.cc
FileAccount read_mailer_conf(const Site& site, const std::string& path, std::string_view text);
FileAccount read_rc_conf(const std::string& path, std::string_view text);
FileAccount read_debian_conf(const std::string& path, std::string_view text);
FileAccount read_makefile(const std::string& path, std::string_view text);
FileAccount read_plain(const std::string& path, std::string_view text, const char* what, Verdict verdict, std::string why);

// What option `name` does here: kHonoured, or a difference with its reason (../differences.def).
Verdict option_verdict(std::string_view name, std::string& why);

}  // namespace hky::admin::adopt
