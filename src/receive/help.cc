#include "receive/help.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace hky::receive {

smtp::Reply help_reply(const std::function<Result<std::string>(const std::string& path)>& read_file, const cf::MacroScope& scope, std::string_view topic) {
  const std::string& path = scope.config().options.help_file;
  const Result<std::string> text = path.empty() || !read_file ? Result<std::string>(temporary_error("no help file")) : read_file(path);
  if (!text.ok()) return smtp::Reply(502, "5.3.0", fmt::format("Sendmail {} -- HELP not implemented", cf::expand_to_string(cf::Text{cf::kMacroExpand, u'v'}, scope)));
  const std::string asked = topic.empty() ? "smtp" : lower(topic);
  cf::NameTable names = scope.config().names;   // a name that the configuration does not know has no value
  smtp::Reply reply(214, "2.0.0", "");
  reply.lines.clear();
  for (const std::string_view row : split(*text, '\n')) {
    if (row.starts_with('#') || !row.starts_with(asked)) continue;
    const size_t blank = row.find_first_of(" \t");
    const cf::Text line = cf::translate_dollars(blank == std::string_view::npos ? "" : row.substr(blank + 1), names);
    reply.lines.push_back(cf::expand_to_string(line, scope));
  }
  if (reply.lines.empty()) return smtp::Reply(504, "5.3.0", fmt::format("HELP topic \"{:.10}\" unknown", asked));
  reply.lines.emplace_back("End of HELP info");
  return reply;
}

}  // namespace hky::receive
