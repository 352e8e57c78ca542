#include "admin/adopt/account.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace hky::admin::adopt {

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kComment: return "comment";
    case Verdict::kHonoured: return "honoured";
    case Verdict::kDifferent: return "different";
    case Verdict::kNotHonoured: break;
  }
  return "not-honoured";
}

std::array<size_t, 4> FileAccount::counts() const {
  std::array<size_t, 4> out{};
  for (const Line& line : lines) ++out[static_cast<size_t>(line.verdict)];
  return out;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> out;
  if (text.ends_with('\n')) text.remove_suffix(1);
  else if (text.empty()) return out;
  for (const std::string_view row : split(text, '\n')) {
    Line line;
    line.number = static_cast<int>(out.size()) + 1;
    line.verdict = Verdict::kHonoured;
    line.text = std::string(row);
    out.push_back(std::move(line));
  }
  return out;
}

void mark_comments(std::vector<Line>& lines, std::string_view marks) {
  for (Line& line : lines) {
    const std::string_view text = trim(line.text);
    if (text.empty() || marks.find(text[0]) != std::string_view::npos) line.verdict = Verdict::kComment;
  }
}

void set(Line& line, Verdict verdict, std::string why) {
  line.verdict = verdict;
  line.why = std::move(why);
}

std::string to_text(const FileAccount& account, bool verbose) {
  const auto n = account.counts();
  std::string out = fmt::format("{} ({}): {} lines: {} honoured, {} honoured with a difference, {} not honoured, {} comments\n", account.path, account.what,
                                account.lines.size(), n[1], n[2], n[3], n[0]);
  if (!account.remark.empty()) out += fmt::format("    {}\n", account.remark);
  std::string last;   // a block of lines with one reason is told once
  for (const Line& line : account.lines) {
    if (!verbose && (line.why.empty() || line.why == last)) continue;
    last = line.why;
    out += fmt::format("  {:5} {:12} {}\n", line.number, verdict_name(line.verdict), line.text);
    if (!line.why.empty()) out += fmt::format("        {}\n", line.why);
  }
  return out;
}

}  // namespace hky::admin::adopt
