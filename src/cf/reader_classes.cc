// C and F lines: words of classes, from the line, a file, a program or a map.
// sendmail: readcf.c case 'C', case 'F', fileclass(); main.c setclass().
#include <fmt/core.h>

#include "base/strings.h"
#include "base/sysexits.h"
#include "cf/reader_impl.h"
#include "cf/scan_format.h"

namespace hky::cf {

void add_class_word(Config& config, NameId cls, std::string_view word) {
  if (word.empty()) return;
  std::string folded = lower(word);
  const std::string& spelling = config.class_spelling.try_emplace(folded, word).first->second;
  if (config.classes[cls].insert(folded).second) config.class_words[cls].push_back(spelling);
}

void add_class_words(Config& config, NameId cls, std::string_view words) {
  for (std::string_view word : split_words(words)) {
    if (!word.starts_with("$=")) {
      add_class_word(config, cls, word);
      continue;
    }
    const ParsedName from = parse_name(word.substr(2), config.names);
    if (from.id == 0 || from.id == cls) continue;
    const std::vector<std::string> copied = config.class_words[from.id];
    for (const std::string& one : copied) add_class_word(config, cls, one);
  }
}

void Reader::class_words(NameId cls, std::string_view text_of_words) {
  for (std::string_view word : split_words(text_of_words)) {
    add_class_word(c_, cls, word);
    if (cls == 't') c_.trusted_users.emplace(word);
  }
}

bool Reader::class_line(std::string_view after_c) {
  ParsedName name = name_of(after_c);
  if (name.id == 0) return false;
  const std::string words = expanded(after_c.substr(name.length));
  if (words.find("$=") != std::string::npos) {
    add_class_words(c_, name.id, words);
  } else {
    class_words(name.id, words);
  }
  return true;
}

void Reader::class_file_line(std::string_view rest) {
  ParsedName name = name_of(rest);
  if (name.id == 0) return;
  std::string spec = expanded(rest.substr(name.length));
  std::string_view p = trim_left(spec);
  bool optional = starts_with_i(p, "-o") && p[1] == 'o';
  if (optional) {
    while (!p.empty() && !is_space(p[0])) p.remove_prefix(1);
    p = trim_left(p);
  }
  size_t at = p.find('@');
  bool is_path = !p.empty() && (p[0] == '/' || p[0] == '|');
  if (!is_path && at != std::string_view::npos) {
    std::string_view tail = p.substr(at + 1);
    // sendmail: key@class:spec, or exactly "LDAP"
    if (trim(tail) == "LDAP" || (!tail.empty() && tail[0] != ':' && tail.find(':') != std::string_view::npos))
      return class_from_map(name.id, std::string(p), optional);
  }
  if (!p.empty() && p[0] == '|') return class_from_file(name.id, std::string(p), "%s", optional);
  size_t end = 0;
  while (end < p.size() && !is_space(p[end])) ++end;
  std::string_view format = trim_left(p.substr(end));
  class_from_file(name.id, std::string(p.substr(0, end)), format.empty() ? "%s" : std::string(format), optional);
}

void Reader::class_from_file(NameId cls, const std::string& file, const std::string& format, bool optional) {
  if (file.empty()) {
    error("fileclass: missing file name");
    return;
  }
  Result<std::string> text = errno_error(ENOENT, "open");
  if (file[0] == '|') {
    if (req_.doors.run_program) text = req_.doors.run_program(c_.options, file.substr(1));
  } else if (req_.doors.read_file) {
    const std::string why = req_.doors.distrust ? req_.doors.distrust(c_.options, file) : "";
    text = why.empty() ? req_.doors.read_file(file) : permanent_error(why);
  }
  if (!text.ok()) {
    if (optional) return;
    error(fmt::format("fileclass: cannot open '{}': {}", file, reason_of(text.error())));
    c_.diagnostics.back().exit = EX_OSERR;   // sendmail: syserr(), with errno
    return;
  }
  if (text->size() > kMaxClassFile) {
    error(fmt::format("fileclass: '{}' is larger than {} bytes: split it, or use a map", file, kMaxClassFile));
    return;
  }
  ScanFormat scan(format);
  for (std::string_view one : split(*text, '\n')) {
    if (one.empty() || one[0] == '#') continue;
    if (format == "%s") {
      // sendmail: %s takes the line's first word
      std::vector<std::string_view> first = split_words(one);
      if (!first.empty()) class_words(cls, first[0]);
      continue;
    }
    std::string word;
    if (scan.first(one, word)) class_words(cls, word);
  }
}

// sendmail: "F{X}@LDAP": who is in class X by the sendmailMTAClass objects of this host and its cluster. cf/README, "USING LDAP".
std::string Reader::ldap_class_spec(const std::string& name) {
  return expanded(fmt::format("-k (&(objectClass=sendmailMTAClass)(sendmailMTAClassName={})(|(sendmailMTACluster=${{sendmailMTACluster}})(sendmailMTAHost=$j)))"
                              " -v sendmailMTAClassValue", name));
}

void Reader::class_from_map(NameId cls, const std::string& spec, bool optional) {
  const size_t at = spec.find('@');
  std::string key = spec.substr(0, at), rest = spec.substr(at + 1);
  maps::MapSpec map;
  map.name = c_.names.display(cls);
  if (map.name.size() > 2) map.name = map.name.substr(1, map.name.size() - 2);   // {Name}
  map.map_class = "ldap";
  if (trim(rest) == "LDAP") {
    map.args = ldap_class_spec(map.name);
  } else {
    const size_t colon = rest.find(':');
    map.map_class = lower(rest.substr(0, colon));
    map.args = rest.substr(colon + 1);
  }
  const std::string shown = fmt::format("F{{{}}}", map.name);
  if (map.map_class.empty()) return error(fmt::format("fileclass: {}: missing map class", shown));
  const auto value = req_.doors.read_map ? req_.doors.read_map(c_.options, map, key.empty() ? map.name : key) : Result<std::string>(bug_error(""));
  if (!value.ok() && value.error().kind == ErrorKind::kBug) return error(fmt::format("fileclass: {}: class {} not available", shown, map.map_class));
  if (!value.ok()) {
    error(value.error().text);
    if (!optional) error(fmt::format("fileclass: {}: map open failed", shown));
    return;
  }
  for (const std::string_view word : split_words(*value)) class_words(cls, word);
}

}  // namespace hky::cf
