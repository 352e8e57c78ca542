// Every file that the configuration names, and the folders above it: who else may write there? See safety.h.
#include "admin/check/check.h"
#include "admin/check/safety.h"
#include "base/strings.h"
#include "route/aliases.h"

namespace hky::admin::check {
namespace {

void configuration(const World& world, const CfFile& cf, Findings& out) {
  check_path(world, kConfigFile, cf.path, out);
  for (const ClassSource& source : class_sources(cf.lines)) {
    if (!source.is_program) check_path(world, kClassFile, source.path, out);
  }
}

// Both the text, which the next make turns into the database, and the database.
void with_database(const World& world, const Kind& kind, const std::string& path, Findings& out) {
  check_path(world, kind, path, out);
  check_path(world, kind, path + ".db", out);
}

void options(const World& world, Findings& out) {
  const cf::Options& o = world.config().options;
  check_path(world, kHelpFile, o.help_file, out);
  cf::MacroScope scope(world.config());
  const std::string header = cf::expand_to_string(o.error_header, scope);
  if (header.starts_with("/")) check_path(world, kErrorHeader, header, out);
  check_path(world, kConfigFile, o.service_switch_file, out);
}

}  // namespace

void check_permissions(const World& world, Findings& out) {
  configuration(world, world.main, out);
  if (world.submit) configuration(world, *world.submit, out);
  for (const char* name : {"/sendmail.mc", "/submit.mc", "/mailer.conf", "/Makefile"}) check_path(world, kConfigFile, world.mail_directory + name, out);
  for (const maps::MapSpec& declared : world.config().maps) {
    maps::MapSpec spec = declared;
    if (spec.file.empty()) continue;
    if (spec.source.empty() && !maps::parse_map_args(spec).ok()) continue;
    if (spec.map_class == "hash" || spec.map_class == "btree") with_database(world, kMapFile, spec.source, out);
    else if (spec.map_class == "text" || spec.map_class == "stab") check_path(world, kMapFile, spec.source, out);
  }
  for (const std::string& entry : world.config().options.alias_file) with_database(world, kAliasFile, route::parse_alias_file(entry).path, out);
  options(world, out);
}

}  // namespace hky::admin::check
