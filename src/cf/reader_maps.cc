// K, X and Q lines. sendmail: readcf.c makemapentry(); milter.c setupmilter(); queue.c makequeue().
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

// "Name, X=value, Y=value" of X and Q lines: fields by their letter or word before '='.
std::vector<std::pair<std::string, std::string>> fields(std::string_view in) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!in.empty()) {
    size_t length = 0;
    munch(in, ',', &length);
    std::string_view one = trim(in.substr(0, length));
    in.remove_prefix(length < in.size() ? length + 1 : length);
    if (one.empty()) continue;
    size_t eq = one.find('=');
    std::string value = eq == std::string_view::npos ? "" : munch(trim_left(one.substr(eq + 1)), '\0');
    out.emplace_back(std::string(trim(one.substr(0, eq))), std::move(value));
  }
  return out;
}

std::string_view head(std::string_view in) {
  size_t at = 0;
  while (at < in.size() && in[at] != ',' && !is_space(in[at])) ++at;
  return in.substr(0, at);
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

void Reader::milter_line(std::string_view rest) {
  Milter m;
  m.place = Place{req_.path, line_};
  m.name = std::string(head(rest));
  if (m.name.empty()) return error("name required for mail filter");
  for (auto& [key, value] : fields(rest.substr(m.name.size()))) {
    switch (key.empty() ? '\0' : key[0]) {
      case 'S': m.socket = munch(value, '\0'); break;
      case 'F': m.flags = value; break;
      case 'T': m.timeouts = value; break;
      default: error(fmt::format("X{}: unknown filter equate {}=", m.name, key)); break;
    }
  }
  if (m.socket.empty()) return error(fmt::format("X{}: empty or missing socket information", m.name));
  for (Milter& old : c_.milters) {
    if (!iequals(old.name, m.name)) continue;
    old = std::move(m);
    return;
  }
  c_.milters.push_back(std::move(m));
}

void Reader::queue_line(std::string_view rest) {
  QueueGroup q;
  q.place = Place{req_.path, line_};
  q.name = std::string(head(rest));
  if (q.name.empty()) return error("name required for queue");
  for (auto& [key, value] : fields(rest.substr(q.name.size()))) {
    // sendmail: Path, Flags, Nice, Interval, Jobs, Runners, recipients: the first letter tells
    if (key.empty() || std::string_view("PFNIJRr").find(key[0]) == std::string_view::npos)
      error(fmt::format("Q{}: unknown queue equate {}=", q.name, key));
    else q.fields[std::string(1, key[0])] = value;
  }
  c_.queue_groups.push_back(std::move(q));
}

}  // namespace hky::cf
