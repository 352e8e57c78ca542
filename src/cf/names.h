// NameTable: interns macro and class names ("{daemon_name}" -> id). One-character names are their own byte.
// sendmail: macro.c macid(). Long names are written without braces here.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cf/text.h"

namespace hky::cf {

class NameTable {
 public:
  NameTable();  // knows every built-in name (names.def)
  NameId intern(std::string_view name);              // "j" or "daemon_name"
  bool find(std::string_view name, NameId& id) const;
  std::string display(NameId id) const;              // "j" or "{daemon_name}", as -bt prints them
  size_t size() const { return long_names_.size(); }

 private:
  std::vector<std::string> long_names_;
  std::unordered_map<std::string, NameId> ids_;
};

}  // namespace hky::cf
