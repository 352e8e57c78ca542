// NameTable: interns macro and class names ("{daemon_name}" -> id). One-character names are their own byte.
// sendmail: macro.c macid(). Long names are written without braces here.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cf/text.h"

namespace hky::cf {

// Ids of the built-in long names: kN_daemon_name, ...
enum BuiltinName : NameId {
  kN_before_first = kFirstLongName - 1,
#define HKY_NAME(identifier, text) kN_##identifier,
#include "cf/names.def"
#undef HKY_NAME
  kN_end,
};

class NameTable {
 public:
  NameTable();  // knows every built-in name (names.def)
  // "j" or "daemon_name". When the table is full (kMaxNameId) every further new name becomes the one called "?overflow".
  NameId intern(std::string_view name);
  bool find(std::string_view name, NameId& id) const;
  std::string display(NameId id) const;              // "j" or "{daemon_name}", as -bt prints them
  // sendmail keeps references inside its strings as one byte: a raw byte of an address that looks like one is printed as
  // the name that byte stands for. Long names get their bytes from 0xa0 on in the order they are met.
  std::string display_byte(unsigned char id) const;
  void file_begins();                                // what was interned so far was not met in a file
  void file_ends();                                  // and what sendmail itself names after it
  size_t size() const { return long_names_.size(); }
  bool full() const { return long_names_.size() + kFirstLongName >= kMaxNameId; }

 private:
  void meet(NameId id);

  std::vector<std::string> long_names_;
  std::vector<NameId> met_;                          // long names in the order of the file
  std::unordered_map<std::string, NameId> ids_;
};

// One name at the head of `in`: "j..." or "{daemon_name}...", where a macro or class name is expected.
// sendmail: macid_parse(). `length` is what was consumed; `error` is sendmail's complaint, or empty.
struct ParsedName { NameId id = 0; size_t length = 0; std::string error; };
ParsedName parse_name(std::string_view in, NameTable& names);

}  // namespace hky::cf
