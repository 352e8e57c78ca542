#include "cf/mc/make_cf.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

namespace hky::cf::mc {
namespace {

namespace fs = std::filesystem;

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

// Every name that stands in `file` between `before` and a closing quote, as in  _conf(`NAME'.
void collect_quoted(const std::string& file, std::string_view before, std::vector<std::string>& names) {
  const std::string text = read_file(file);
  for (std::string_view line : lines_of(text))
    if (const size_t end = line.find('\'', before.size()); line.starts_with(before) && end != std::string_view::npos)
      names.emplace_back(line.substr(before.size(), end - before.size()));
}

// What the library has of one kind (FEATURE, MAILER ..., `name` for conf names, `word` for what a .mc file may say).
std::vector<std::string> known_names(const std::string& library, std::string_view kind) {
  std::vector<std::string> names;
  if (kind == "name") {
    collect_quoted(library + "m4/conf-names.m4", "_conf(`", names);
  } else if (kind == "word") {
    for (const char* file : {"m4/cf.m4", "m4/words.m4"}) collect_quoted(library + file, "_define(`", names);
    std::erase_if(names, [](const std::string& n) { return n.empty() || n.front() == '_'; });
  } else {
    std::string folder;
    for (const char c : kind) folder += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::error_code ec;
    for (const fs::directory_entry& e : fs::directory_iterator(library + folder, ec)) names.push_back(e.path().stem().string());
  }
  return names;
}

std::string suggestion(const std::string& library, std::string_view kind, std::string_view name) {
  const std::string near = nearest_name(name, known_names(library, kind));
  return near.empty() ? std::string{} : " (did you mean " + near + "?)";
}

// "... error: unknown KIND NAME" gets the nearest name there is.
std::string with_suggestion(std::string_view line, const std::string& library) {
  const size_t at = line.find(": error: unknown ");
  const size_t space = line.rfind(' ');
  if (at == std::string_view::npos || space <= at) return std::string(line);
  const size_t before = line.rfind(' ', space - 1);
  return std::string(line) + suggestion(library, line.substr(before + 1, space - before - 1), line.substr(space + 1));
}

// A line of the .cf that no macro took: WORD(...) at its beginning. The word, or empty.
std::string_view stray_word(std::string_view line) {
  const size_t open = line.find('(');
  if (open == std::string_view::npos || open < 3 || line.find('\t') != std::string_view::npos) return {};
  const std::string_view word = line.substr(0, open);
  const bool capitals = std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isupper(c) != 0 || c == '_'; });
  return capitals ? word : std::string_view{};
}

// Where the .mc file says it: the number of the first line with WORD( in it, 0 if none (an included file has it).
size_t line_with(std::string_view mc, std::string_view word) {
  const std::vector<std::string_view> lines = lines_of(mc);
  for (size_t i = 0; i < lines.size(); ++i)
    if (lines[i].find(std::string(word) + "(") != std::string_view::npos) return i + 1;
  return 0;
}

// The .cf without the empty lines that the .mc file's own lines leave behind.
std::string squeezed(std::string_view text) {
  std::string out;
  bool blank = true;
  for (std::string_view line : lines_of(text)) {
    const bool empty = line.find_first_not_of(" \t") == std::string_view::npos;
    if (!empty) out += line;
    if (!empty || !blank) out += '\n';
    blank = empty;
  }
  return out;
}

void report_stray_words(const std::string& library, const std::string& mc, MadeCf& made) {
  const std::string source = read_file(mc);
  for (std::string_view line : lines_of(made.text)) {
    const std::string_view word = stray_word(line);
    if (word.empty()) continue;
    const size_t at = line_with(source, word);
    made.messages.push_back(mc + ":" + (at != 0 ? std::to_string(at) + ":" : "") + " error: unknown word " + std::string(word) +
                            suggestion(library, "word", word));
    made.outcome = MadeCf::Outcome::kFaults;
  }
}

}  // namespace

std::string find_library(const std::vector<std::string>& places) {
  std::error_code ec;
  for (const std::string& place : places)
    if (!place.empty() && fs::exists(place + "/m4/cf.m4", ec)) return place + "/";
  return {};
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  std::string best;
  size_t distance = std::max<size_t>(3, name.size() / 3) + 1;
  for (const std::string& candidate : candidates)
    if (const size_t d = edit_distance(name, candidate); d < distance || (d == distance && !best.empty() && candidate < best)) {
      distance = d;
      best = candidate;
    }
  return best;
}

MadeCf make_cf(const std::string& library, const std::string& mc, M4& m4) {
  MadeCf made;
  const M4Result run = m4.run({"-D_CF_DIR_=" + library, library + "m4/cf.m4", mc});
  for (std::string_view line : lines_of(run.err)) made.messages.push_back(with_suggestion(line, library));
  if (run.exit_code == kExitNoM4) {
    made.outcome = MadeCf::Outcome::kNoM4;
    return made;
  }
  if (run.exit_code != 0) made.outcome = MadeCf::Outcome::kFaults;
  made.text = run.out;
  report_stray_words(library, mc, made);
  made.text = made.outcome == MadeCf::Outcome::kMade ? squeezed(made.text) : std::string{};
  return made;
}

}  // namespace hky::cf::mc
