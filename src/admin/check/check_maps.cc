// The maps that K lines and AliasFile name: is the database there, is it as new as its text, does every line of the text
// say what it is meant to say?
#include <unordered_map>

#include <fmt/format.h>

#include "admin/check/check.h"
#include "base/strings.h"
#include "maps/makemap.h"
#include "route/aliases.h"

namespace hky::admin::check {
namespace {

bool is_database(const std::string& map_class) { return map_class == "hash" || map_class == "btree"; }

std::string text_of(const std::string& source) { return source.ends_with(".db") ? source.substr(0, source.size() - 3) : source; }

// A map text line by line, as makemap reads it.
void source_lines(const World& world, const maps::MapSpec& spec, const std::string& path, Findings& out) {
  const auto text = world.read(path);
  if (!text.ok()) return;
  maps::SourceFormat format;
  format.fold = !spec.no_fold;
  std::unordered_map<std::string, int> seen;
  int number = 0;
  for (const std::string_view line : split(*text, '\n')) {
    ++number;
    std::string key;
    std::string_view value;
    switch (maps::parse_source_line(line, format, key, value)) {
      case maps::SourceLine::kNothing: break;
      case maps::SourceLine::kLeadingSpace:
        if (trim(line).empty()) break;
        out.warning("map-line", path, number, "begins with a blank: makemap refuses the line", "Begin the line with its key, or with # where it is a comment.");
        break;
      case maps::SourceLine::kNoValue:
        out.warning("map-line", path, number, fmt::format("key \"{}\" has no value: makemap refuses the line", key), "Write the value after the key, or remove the line.");
        break;
      case maps::SourceLine::kTooLong:
        out.warning("map-line", path, number, "is too long or holds a NUL byte: makemap stops here", "Shorten the line.");
        break;
      case maps::SourceLine::kEntry: {
        const auto [at, fresh] = seen.emplace(key, number);
        if (fresh) break;
        out.warning("map-duplicate", path, number, fmt::format("key \"{}\" stands in line {} already; only that one counts", key, at->second), "Remove one of the two lines.");
        break;
      }
    }
  }
}

void database(const World& world, const maps::MapSpec& spec, Findings& out) {
  const std::string source = text_of(spec.source);
  const std::string db = source + ".db";
  const auto made = world.stat(db);
  const auto text = world.stat(source);
  const std::string build = fmt::format("Run make maps in {}, or makemap {} {} < {}.", world.mail_directory, spec.map_class, source, source);
  if (!made.ok()) {
    if (!spec.optional) {
      out.error("map-missing", spec.file, spec.line, fmt::format("map {} needs {}, which is missing: look-ups fail and mail is put off", spec.name, db),
                text.ok() ? build : fmt::format("Write {} and build it, or mark the map optional (-o).", source));
    } else if (text.ok()) {
      out.warning("map-missing", source, 0, fmt::format("was never made into {}: nothing in it is in use", db), build);
    }
  } else {
    std::string why;
    if (!world.maps.open(spec.name, why) && !why.empty()) {
      out.error("map-damaged", db, 0, fmt::format("map {} cannot be opened: {}", spec.name, why), build);
    }
    if (text.ok() && text->mtime_ns > made->mtime_ns) {
      out.warning("map-stale", db, 0, fmt::format("is older than {}: the changes made there are not in use", source), build);
    }
  }
  if (text.ok()) source_lines(world, spec, source, out);
}

void plain_file(const World& world, const maps::MapSpec& spec, Findings& out) {
  if (!world.exists(spec.source) && !spec.optional) {
    out.error("map-missing", spec.file, spec.line, fmt::format("map {} needs {}, which is missing", spec.name, spec.source), "Write the file, or mark the map optional (-o).");
  }
}

void members(const World& world, const maps::MapSpec& spec, Findings& out) {
  for (const std::string_view name : split_words(spec.args)) {
    if (name.starts_with("-") || world.maps.find(lower(name)) != nullptr || world.maps.find(name) != nullptr) continue;
    out.error("map-missing", spec.file, spec.line, fmt::format("map {} is a sequence with \"{}\", and no K line declares that", spec.name, name), "Declare the map before the sequence, or take its name out.");
  }
}

void alias_database(const World& world, const std::string& entry, Findings& out) {
  const route::AliasFileSpec spec = route::parse_alias_file(entry);
  const int line = line_of_option(world.main.lines, "AliasFile");
  const bool known = is_database(spec.map_class) || spec.map_class == "implicit" || spec.map_class == "text" || spec.map_class == "stab";
  if (!known) {
    // maps with no file (ldap ...) are looked up as they are
    if (!spec.path.starts_with("/")) return;
    out.error("map-class", world.main.path, line, fmt::format("AliasFile asks for a map of class {}, which cannot be had", spec.map_class), "Write hash:/etc/mail/aliases, and run newaliases.");
    return;
  }
  const auto text = world.stat(spec.path);
  if (!text.ok()) {
    if (!spec.optional) out.error("aliases-missing", world.main.path, line, fmt::format("the alias file {} is missing", spec.path), "Write it, with a line for postmaster at least, and run newaliases.");
    return;
  }
  if (!is_database(spec.map_class) && spec.map_class != "implicit") return;
  const std::string db = spec.path + ".db";
  const auto made = world.stat(db);
  if (!made.ok()) {
    out.warning("aliases-not-built", spec.path, 0, fmt::format("was never made into {}", db), "Run newaliases.");
  } else if (text->mtime_ns > made->mtime_ns) {
    out.warning("aliases-stale", db, 0, fmt::format("is older than {}: the changes made there are not in use", spec.path), "Run newaliases.");
  }
}

}  // namespace

void check_maps(const World& world, Findings& out) {
  for (const maps::MapSpec& declared : world.config().maps) {
    if (declared.file.empty()) continue;   // built in
    maps::MapSpec spec = declared;
    if (spec.source.empty() && spec.raw_flags.empty() && !maps::parse_map_args(spec).ok()) continue;   // the reader complained
    if (is_database(spec.map_class)) database(world, spec, out);
    else if (spec.map_class == "text" || spec.map_class == "stab") plain_file(world, spec, out);
    else if (spec.map_class == "sequence") members(world, spec, out);
  }
  for (const std::string& entry : world.config().options.alias_file) alias_database(world, entry, out);
}

}  // namespace hky::admin::check
