// The logical lines of a sendmail.cf as they stand in the file: first byte, the rest, where. For what a Config no longer
// knows: the line of an option, of a class file. Pure. Who calls it: check, adopt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hky::admin::check {

struct CfLine {
  char kind = 0;        // 'O', 'F', 'K', ...
  int line = 0;
  std::string rest;     // after the kind, continuations joined with a blank
};
// Comments and empty lines are left out.
std::vector<CfLine> cf_lines(std::string_view text);

// Where "O Name" stands, the last one winning as in sendmail; 0 where none does. Case is folded.
int line_of_option(const std::vector<CfLine>& lines, std::string_view name);
// The value of that line; empty where there is none.
std::string value_of_option(const std::vector<CfLine>& lines, std::string_view name);

// One F line: "Fw-o /etc/mail/local-host-names %[^\#]", "F{Name}|/bin/prog args", "F{Name}@ldap:...".
struct ClassSource {
  std::string cls;      // "w", "VirtHost"
  std::string path;     // a file, or the program's words where is_program; empty: a map
  bool optional = false, is_program = false;
  int line = 0;
};
std::vector<ClassSource> class_sources(const std::vector<CfLine>& lines);

}  // namespace hky::admin::check
