#include "admin/check/cf_lines.h"

#include "base/strings.h"

namespace hky::admin::check {
namespace {

// "{Name}rest" or "xrest": the name, and `rest` moved behind it.
std::string take_name(std::string_view& rest) {
  if (rest.empty()) return {};
  if (rest[0] != '{') {
    std::string name(1, rest[0]);
    rest.remove_prefix(1);
    return name;
  }
  const size_t end = rest.find('}');
  std::string name(rest.substr(1, end == std::string_view::npos ? end : end - 1));
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return name;
}

// "O Name=value": name and value; false for an old one-letter option.
bool split_option(const CfLine& line, std::string_view& name, std::string_view& value) {
  if (line.kind != 'O' || line.rest.empty() || line.rest[0] != ' ') return false;
  const std::string_view rest = line.rest;
  const size_t equals = rest.find('=');
  name = trim(rest.substr(0, equals));
  value = equals == std::string_view::npos ? std::string_view() : trim(rest.substr(equals + 1));
  return true;
}

}  // namespace

std::vector<CfLine> cf_lines(std::string_view text) {
  std::vector<CfLine> out;
  int number = 0;
  bool open = false;   // the last line was one that continuations belong to
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    if (!raw.empty() && is_space(raw[0])) {
      if (open) out.back().rest.append(" ").append(trim(raw));
      continue;
    }
    open = !raw.empty() && raw[0] != '#';
    if (open) out.push_back({raw[0], number, std::string(raw.substr(1))});
  }
  return out;
}

int line_of_option(const std::vector<CfLine>& lines, std::string_view wanted) {
  int at = 0;
  std::string_view name;
  std::string_view value;
  for (const CfLine& line : lines) {
    if (split_option(line, name, value) && iequals(name, wanted)) at = line.line;
  }
  return at;
}

std::string value_of_option(const std::vector<CfLine>& lines, std::string_view wanted) {
  std::string out;
  std::string_view name;
  std::string_view value;
  for (const CfLine& line : lines) {
    if (split_option(line, name, value) && iequals(name, wanted)) out = value;
  }
  return out;
}

// sendmail: readcf.c, case 'F'.
std::vector<ClassSource> class_sources(const std::vector<CfLine>& lines) {
  std::vector<ClassSource> out;
  for (const CfLine& line : lines) {
    if (line.kind != 'F') continue;
    std::string_view rest = line.rest;
    ClassSource source;
    source.cls = take_name(rest);
    source.line = line.line;
    rest = trim(rest);
    if (rest.starts_with("-o")) {
      source.optional = true;
      const size_t blank = rest.find_first_of(" \t");
      rest = blank == std::string_view::npos ? std::string_view() : trim(rest.substr(blank));
    }
    if (rest.starts_with("|")) {
      source.is_program = true;
      source.path = rest.substr(1);
    } else if (rest.starts_with("/")) {
      source.path = rest.substr(0, rest.find_first_of(" \t"));
    }
    out.push_back(std::move(source));
  }
  return out;
}

}  // namespace hky::admin::check
