// What stands in the tables everybody edits: access, mailertable, virtusertable. The map's text is read; a word nobody knows is
// told before it becomes a refusal text or a mailer that does not exist.
// sendmail: cf/README, "Anti-spam configuration control", "USING MAILERTABLES", FEATURE(virtusertable).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "admin/check/check.h"
#include "admin/uses.h"
#include "base/strings.h"
#include "cf/mc/make_cf.h"
#include "maps/makemap.h"

namespace hky::admin::check {
namespace {

struct Row {
  int line;
  std::string key;
  std::string value;
};

// The rows of the map's text; none where the map is no file. `path` is where they stand.
std::vector<Row> rows_of(const World& world, std::string_view map, std::string& path) {
  std::vector<Row> out;
  const maps::MapSpec* spec = world.maps.find(map);
  if (spec == nullptr || (spec->map_class != "hash" && spec->map_class != "btree")) return out;
  path = spec->source;
  const auto text = world.read(path);
  if (!text.ok()) return out;
  int number = 0;
  for (const std::string_view line : split(*text, '\n')) {
    ++number;
    Row row;
    std::string_view value;
    if (maps::parse_source_line(line, maps::SourceFormat(), row.key, value) != maps::SourceLine::kEntry) continue;
    row.line = number;
    row.value = std::string(trim(value));
    out.push_back(std::move(row));
  }
  return out;
}

const std::vector<std::string>& access_words() {
  static const std::vector<std::string> kWords{"OK", "RELAY", "REJECT", "DISCARD", "SKIP", "FRIEND", "HATER", "SUBJECT", "QUARANTINE", "ERROR"};
  return kWords;
}

// Tags whose values are other words: rates, pauses, TLS, SRV.
bool is_other_tag(std::string_view key) {
  static constexpr std::array<std::string_view, 4> kMail{"connect", "from", "to", "ipv6"};
  const size_t colon = key.find(':');
  return colon != std::string_view::npos && std::find(kMail.begin(), kMail.end(), key.substr(0, colon)) == kMail.end();
}

bool is_refusal(std::string_view value) {
  return value.size() > 3 && is_digit(value[0]) && is_digit(value[1]) && is_digit(value[2]) && is_space(value[3]);
}

void access(const World& world, Findings& out) {
  std::string path;
  for (const Row& row : rows_of(world, "access", path)) {
    if (const UseInfo* tag = tag_not_obeyed(row.key))
      out.add(tag->severity, "access-tag", path, row.line, fmt::format("{}: {}", row.key, tag->why), std::string(tag->cure));
    if (is_other_tag(row.key) || is_refusal(row.value)) continue;
    std::string word = row.value.substr(0, row.value.find(':'));
    const auto& known = access_words();
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const std::string near = cf::mc::nearest_name(upper(word), known);
    out.warning("access-word", path, row.line, fmt::format("\"{}\" is no word of access: {} gets it as the text of a refusal, or nothing", row.value, row.key),
                near.empty() ? "Use OK, RELAY, REJECT, DISCARD, SKIP, ERROR:... or \"550 text\"." : fmt::format("Did you mean {}?", near));
  }
}

void mailertable(const World& world, Findings& out) {
  std::string path;
  for (const Row& row : rows_of(world, "mailertable", path)) {
    const size_t colon = row.value.find(':');
    const std::string mailer = row.value.substr(0, colon);
    if (colon == std::string::npos) {
      out.error("mailertable-value", path, row.line, fmt::format("\"{}\" names no mailer", row.value), "Write MAILER:HOST, as in \"esmtp:[mail.example.net]\".");
    } else if (!iequals(mailer, "error") && world.config().find_mailer(mailer) == nullptr) {
      std::vector<std::string> known;
      for (const cf::Mailer& m : world.config().mailers) known.push_back(m.name);
      const std::string near = cf::mc::nearest_name(mailer, known);
      out.error("mailertable-value", path, row.line, fmt::format("the configuration has no mailer \"{}\"", mailer),
                near.empty() ? fmt::format("Add MAILER({}) to the .mc file, or name another: {}.", mailer, join(known, ", ")) : fmt::format("Did you mean {}?", near));
    }
  }
}

// "@domain" or a whole address; the domain has to be one that virtusertable is asked for.
void virtusertable(const World& world, Findings& out) {
  std::string path;
  cf::NameId hosts = 0;
  const bool has_hosts = world.config().names.find("VirtHost", hosts);
  for (const Row& row : rows_of(world, "virtuser", path)) {
    const size_t at = row.key.rfind('@');
    if (at == std::string::npos) {
      out.warning("virtuser-key", path, row.line, fmt::format("\"{}\" has no @ and is never looked up", row.key), "Write user@domain or @domain; plain names belong into aliases.");
      continue;
    }
    const std::string domain = row.key.substr(at + 1);
    if (domain.empty()) continue;
    bool here = world.config().in_class('w', domain);
    // FEATURE(virtuser_entire_domain): what stands below a VIRTUSER_DOMAIN counts too
    for (size_t dot = 0; has_hosts && !here && dot != std::string::npos; dot = domain.find('.', dot + 1)) {
      here = world.config().in_class(hosts, domain.substr(dot == 0 ? 0 : dot + 1));
    }
    if (here) continue;
    out.warning("virtuser-domain", path, row.line, fmt::format("{} is neither in class w nor a VIRTUSER_DOMAIN: the line is never looked up", domain),
                fmt::format("Add {} to /etc/mail/local-host-names (or VIRTUSER_DOMAIN), and restart.", domain));
  }
}

}  // namespace

void check_tables(const World& world, Findings& out) {
  access(world, out);
  mailertable(world, out);
  virtusertable(world, out);
}

}  // namespace hky::admin::check
