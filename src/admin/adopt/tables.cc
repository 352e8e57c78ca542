// Maps, alias files and class files: every line is honoured that makemap, newaliases and sendmail would take.
#include <fmt/format.h>

#include "admin/adopt/readers.h"
#include "admin/uses.h"
#include "base/strings.h"
#include "maps/makemap.h"
#include "route/aliases.h"

namespace hky::admin::adopt {

FileAccount read_table(const std::string& path, std::string_view text, const char* what) {
  FileAccount out{path, what, lines_of(text), ""};
  for (Line& line : out.lines) {
    std::string key;
    std::string_view value;
    switch (maps::parse_source_line(line.text, maps::SourceFormat(), key, value)) {
      case maps::SourceLine::kEntry: break;
      case maps::SourceLine::kNothing: line.verdict = Verdict::kComment; break;
      case maps::SourceLine::kLeadingSpace:
        if (trim(line.text).empty()) line.verdict = Verdict::kComment;
        else set(line, Verdict::kNotHonoured, "begins with a blank: makemap refuses such a line (sendmail's does, too)");
        break;
      case maps::SourceLine::kNoValue: set(line, Verdict::kNotHonoured, "has no value: makemap refuses such a line (sendmail's does, too)"); break;
      case maps::SourceLine::kTooLong: set(line, Verdict::kNotHonoured, "is too long or holds a NUL byte"); break;
    }
  }
  return out;
}

FileAccount read_access(const std::string& path, std::string_view text) {
  FileAccount out = read_table(path, text, "access map");
  for (Line& line : out.lines) {
    const UseInfo* tag = line.verdict == Verdict::kHonoured ? tag_not_obeyed(line.text) : nullptr;
    if (tag != nullptr) set(line, Verdict::kNotHonoured, std::string(tag->why));
  }
  return out;
}

FileAccount read_aliases(const std::string& path, std::string_view text) {
  FileAccount out{path, "aliases", lines_of(text), ""};
  mark_comments(out.lines, "#");
  for (const route::AliasLine& entry : route::parse_alias_text(text)) {
    if (entry.problem.empty() || entry.line < 1 || entry.line > static_cast<int>(out.lines.size())) continue;
    set(out.lines[static_cast<size_t>(entry.line) - 1], Verdict::kNotHonoured, entry.problem + " (newaliases says the same)");
  }
  return out;
}

FileAccount read_list(const std::string& path, std::string_view text, const char* what) {
  FileAccount out{path, what, lines_of(text), ""};
  mark_comments(out.lines, "#");
  return out;
}

FileAccount read_plain(const std::string& path, std::string_view text, const char* what, Verdict verdict, std::string why) {
  FileAccount out{path, what, lines_of(text), ""};
  mark_comments(out.lines, "#");
  for (Line& line : out.lines) {
    if (line.verdict != Verdict::kComment) set(line, verdict, why);
  }
  return out;
}

}  // namespace hky::admin::adopt
