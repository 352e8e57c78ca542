// K lines. sendmail: readcf.c makemapentry().
#include <fmt/core.h>

#include "base/strings.h"
#include "cf/reader_impl.h"
#include "maps/map_set.h"

namespace hky::cf {

namespace {

bool is_alnum(char c) { return is_alpha(c) || is_digit(c); }

// Classes 8.17 knows and Hikyaku says no to, with what to do instead.
const char* refusal(std::string_view map_class) {
  if (map_class == "dbm") return "write it with `makemap hash` and say hash here";
  if (map_class == "nis" || map_class == "nisplus" || map_class == "hesiod") return "use ldap, text or hash instead";
  return nullptr;
}

}  // namespace

void Reader::map_line(std::string_view rest) {
  std::string line = expanded(rest);
  std::string_view p = trim_left(line);
  if (p.empty() || !is_alnum(p[0])) return error("readcf: config K line: no map name");
  maps::MapSpec spec;
  size_t at = 0;
  while (at < p.size() && (is_alnum(p[at]) || p[at] == '_' || p[at] == '.' || p[at] == '-')) ++at;
  spec.name = lower(p.substr(0, at));  // sendmail's symbol table is blind to case
  p = trim_left(p.substr(at));
  if (p.empty() || !is_alnum(p[0])) return error(fmt::format("readcf: config K line, map {}: no map class", spec.name));
  at = 0;
  while (at < p.size() && is_alnum(p[at])) ++at;
  spec.map_class = lower(p.substr(0, at));
  spec.args = std::string(trim(p.substr(at)));
  spec.file = req_.path;
  spec.line = line_;
  if (const char* cure = refusal(spec.map_class))
    return error(fmt::format("readcf: map {}: class {} not available ({})", spec.name, spec.map_class, cure));
  Result<> parsed = maps::parse_map_args(spec);
  if (!parsed.ok()) {
    error(parsed.error().text);
    if (parsed.error().text.find("not available") != std::string::npos) return;
  }
  for (maps::MapSpec& old : c_.maps) {
    if (old.name != spec.name) continue;
    old = std::move(spec);
    return;
  }
  c_.maps.push_back(std::move(spec));
}

}  // namespace hky::cf
