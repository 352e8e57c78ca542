// Interning of macro and class names; see names.h.
#include "cf/names.h"

#include <algorithm>

#include <fmt/core.h>

namespace hky::cf {

namespace {

constexpr const char* kBuiltin[] = {
#define HKY_NAME(identifier, text) text,
#include "cf/names.def"
#undef HKY_NAME
};

constexpr const char* kOverflow = "?overflow";

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

NameTable::NameTable() {
  for (const char* name : kBuiltin) intern(name);
}

void NameTable::meet(NameId id) {
  constexpr size_t kBytes = 96;  // 0xa0..0xff
  if (met_.size() >= kBytes || id == kN_opMode) return;
  if (std::find(met_.begin(), met_.end(), id) == met_.end()) met_.push_back(id);
}

// sendmail: main.c names these two before it reads the file, the others after it.
void NameTable::file_begins() { met_ = {kN_deliveryMode, kN_load_avg}; }

void NameTable::file_ends() {
  for (const char* name : {"checkMIMEFieldHeaders", "checkMIMETextHeaders", "checkMIMEHeaders", "persistentMacros", "quarantine", "addr_type"}) {
    meet(intern(name));
  }
}

std::string NameTable::display_byte(unsigned char id) const {
  constexpr unsigned char kOpMode = 0x82, kFirstLong = 0xa0;
  if (id < 0x80) return std::string(1, static_cast<char>(id));
  if (id == kOpMode) return "{opMode}";
  const size_t at = static_cast<size_t>(id) - kFirstLong;
  return id >= kFirstLong && at < met_.size() ? display(met_[at]) : "{***UNDEFINED MACRO***}";
}

NameId NameTable::intern(std::string_view name) {
  if (name.size() == 1) return static_cast<unsigned char>(name[0]);
  NameId id = 0;
  if (find(name, id)) {
    meet(id);
    return id;
  }
  if (full() && name != kOverflow) return intern(kOverflow);
  id = static_cast<NameId>(kFirstLongName + long_names_.size());
  long_names_.emplace_back(name);
  ids_.emplace(std::string(name), id);
  meet(id);
  return id;
}

bool NameTable::find(std::string_view name, NameId& id) const {
  if (name.size() == 1) {
    id = static_cast<unsigned char>(name[0]);
    return true;
  }
  auto it = ids_.find(std::string(name));
  if (it == ids_.end()) return false;
  id = it->second;
  return true;
}

std::string NameTable::display(NameId id) const {
  if (id < kFirstLongName) return std::string(1, static_cast<char>(id));
  size_t at = id - kFirstLongName;
  return at < long_names_.size() ? "{" + long_names_[at] + "}" : fmt::format("{{#{}}}", id);
}

ParsedName parse_name(std::string_view in, NameTable& names) {
  ParsedName out;
  if (in.empty() || in[0] == '\0') {
    out.error = "Name required for macro/class";
    return out;
  }
  if (in[0] != '{') {
    out.id = static_cast<unsigned char>(in[0]);
    out.length = 1;
    return out;
  }
  size_t end = 1;
  while (end < in.size() && in[end] != '}') {
    // sendmail: letters, digits and underscore; anything else ends the name with a complaint
    if (!name_char(in[end])) {
      out.error = fmt::format("Invalid macro/class character {}", in[end]);
      break;
    }
    ++end;
  }
  std::string_view name = in.substr(1, end - 1);
  if (out.error.empty() && end == in.size()) out.error = fmt::format("Unbalanced {{ on {:.20}", name);
  out.length = end < in.size() && in[end] == '}' ? end + 1 : end;
  if (name.empty()) {
    if (out.error.empty()) out.error = "Name required for macro/class";
    return out;
  }
  out.id = names.intern(name);
  return out;
}

}  // namespace hky::cf
