// Interning of macro and class names; see names.h.
#include "cf/names.h"

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

NameId NameTable::intern(std::string_view name) {
  if (name.size() == 1) return static_cast<unsigned char>(name[0]);
  NameId id = 0;
  if (find(name, id)) return id;
  if (full() && name != kOverflow) return intern(kOverflow);
  id = static_cast<NameId>(kFirstLongName + long_names_.size());
  long_names_.emplace_back(name);
  ids_.emplace(std::string(name), id);
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
