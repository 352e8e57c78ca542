#include "deliver/bounce/error_header.h"

#include "base/strings.h"
#include "proto/mail/date.h"
#include "route/file_trust.h"

namespace hky::deliver {
namespace {

constexpr uint64_t kMaxFile = 64u << 10;

}  // namespace

std::vector<cf::Text> error_header_lines(const Work& w, FileSystem* files) {
  const cf::Config& config = *w.settings->config;
  const cf::Text& own = config.options.error_header;
  if (own.empty()) return {};
  if (own.front() != u'/') return {own};
  if (files == nullptr) return {};
  const std::string path = cf::to_display(own, config.names);
  const auto text = route::read_believed(*files, config.options, route::SystemFile::kErrorHeader, w.policy().root, path, kMaxFile);
  if (!text.ok()) return {};
  cf::NameTable names = config.names;   // a name that the configuration does not know has no value
  std::vector<cf::Text> lines;
  for (std::string_view line : split(*text, '\n')) lines.push_back(cf::translate_line(line, names));
  if (text->empty() || text->back() == '\n') lines.pop_back();
  return lines;
}

void set_report_macros(cf::MacroScope& scope, const Work& w, const std::string& report_id, int64_t now) {
  for (const char name : {'f', 'g'}) scope.set(static_cast<cf::NameId>(name), std::string_view("MAILER-DAEMON"));
  for (const char name : {'r', 'u', 'h', 'z'}) scope.set(static_cast<cf::NameId>(name), std::string_view());
  for (const cf::NameId name : {cf::kN_auth_type, cf::kN_auth_authen, cf::kN_auth_author}) scope.set(name, std::string_view());
  for (const char name : {'s', '_'}) scope.set(static_cast<cf::NameId>(name), std::string_view("localhost"));
  for (const char name : {'a', 'b'}) scope.set(static_cast<cf::NameId>(name), mail::arpa_date(now, w.policy().gmt_offset_minutes));
  scope.set('d', mail::ctime_date(now, w.policy().gmt_offset_minutes));
  scope.set('t', mail::minute_date(now));
  scope.set('x', std::string_view("Mail Delivery Subsystem"));
  scope.set('i', report_id);
}

std::string error_header(const std::vector<cf::Text>& lines, const cf::MacroScope& scope) {
  std::string out;
  for (const cf::Text& line : lines) out += cf::expand_to_string(line, scope) + '\n';
  return out;
}

}  // namespace hky::deliver
