// A program that somebody named: is it there, may it be executed, who may write it? Shared by check_programs.cc and check_aliases.cc.
#pragma once

#include <string>

#include "admin/check/finding.h"
#include "admin/check/world.h"

namespace hky::admin::check {

// True where it can be run. `who` for the sentence ("mailer local"), file and line where it is named.
bool check_program(const World& world, const std::string& path, const std::string& who, const std::string& file, int line, Severity severity, Findings& out);

}  // namespace hky::admin::check
