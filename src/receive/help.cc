#include "receive/help.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/strings.h"

namespace hky::receive {
namespace {

// Of the comments at its head. From 2 on a file has macros in it.
bool is_of_today(std::string_view text) {
  for (const std::string_view row : split(text, '\n')) {
    if (!row.starts_with('#')) return false;
    const auto words = split_words(row);
    if (words.size() > 1 && words[0] == "#vers") return std::atoi(std::string(words[1]).c_str()) >= 2;
  }
  return false;
}

std::string version(const cf::MacroScope& scope) { return cf::macro_value(scope, u'v'); }

}  // namespace

smtp::Reply help_reply(const HelpReader& read_help, const cf::MacroScope& scope, std::string_view topic) {
  const std::string& path = scope.config().options.help_file;
  const Result<std::string> text = path.empty() || !read_help ? Result<std::string>(temporary_error("no help file")) : read_help(scope.config().options, path);
  if (!text.ok()) return smtp::Reply(502, "5.3.0", fmt::format("Sendmail {} -- HELP not implemented", version(scope)));
  const std::string asked = topic.empty() ? "smtp" : lower(topic);
  cf::NameTable names = scope.config().names;   // a name that the configuration does not know has no value
  smtp::Reply reply(214, "2.0.0", "");
  reply.lines.clear();
  const bool of_today = is_of_today(*text);
  for (const std::string_view row : split(*text, '\n')) {
    if (row.starts_with('#') || !row.starts_with(asked)) continue;
    const size_t blank = row.find_first_of(" \t");
    const std::string_view line = blank == std::string_view::npos ? "" : row.substr(blank + 1);
    reply.lines.push_back(of_today ? cf::expand_to_string(cf::translate_dollars(line, names), scope) : std::string(line));
  }
  if (reply.lines.empty()) return smtp::Reply(504, "5.3.0", fmt::format("HELP topic \"{:.10}\" unknown", asked));
  if (!of_today && topic.empty()) reply.lines.insert(reply.lines.begin(), "This is Sendmail version " + version(scope));
  reply.lines.emplace_back("End of HELP info");
  return reply;
}

}  // namespace hky::receive
