// Programs that would be run: mailers' P=, class files that are programs, program maps, what mailer.conf names.
#include <fmt/format.h>

#include "admin/check/check.h"
#include "admin/check/programs.h"
#include "admin/check/safety.h"
#include "base/strings.h"

namespace hky::admin::check {

bool check_program(const World& world, const std::string& path, const std::string& who, const std::string& file, int line, Severity severity, Findings& out) {
  const auto st = world.stat_program(path);
  if (!st.ok()) {
    out.add(severity, "program-missing", file, line, fmt::format("{} runs {}, which does not exist", who, path), "Install the program, or name the right path.");
    return false;
  }
  if (!st->is_file() || (st->mode & 0111) == 0) {
    out.add(severity, "program-not-executable", file, line, fmt::format("{} runs {}, which nobody may execute", who, path), fmt::format("chmod +x {}, or name the right path.", path));
    return false;
  }
  check_path(world, kProgram, path, out);
  return true;
}

namespace {

void mailers(const World& world, const CfFile& cf, Findings& out) {
  for (const cf::Mailer& m : cf.config->mailers) {
    if (!m.path.starts_with("/") || m.name.starts_with("*")) continue;   // [IPC], [lmtp]; *file* and *include* run nothing
    // Mail to users and to programs of aliases goes through these two; the others matter when a table names them.
    const Severity severity = iequals(m.name, "local") || iequals(m.name, "prog") ? Severity::kError : Severity::kWarning;
    check_program(world, m.path, "mailer " + m.name, m.place.file.empty() ? cf.path : m.place.file, m.place.line, severity, out);
  }
}

void class_programs(const World& world, const CfFile& cf, Findings& out) {
  for (const ClassSource& source : class_sources(cf.lines)) {
    const auto words = split_words(source.path);
    if (!source.is_program || words.empty()) continue;
    check_program(world, std::string(words[0]), "class " + source.cls, cf.path, source.line, source.optional ? Severity::kWarning : Severity::kError, out);
  }
}

void program_maps(const World& world, Findings& out) {
  for (const maps::MapSpec& spec : world.config().maps) {
    if (spec.map_class != "program") continue;
    for (const std::string_view word : split_words(spec.args)) {
      if (word.starts_with("-")) continue;
      check_program(world, std::string(word), "map " + spec.name, spec.file, spec.line, spec.optional ? Severity::kWarning : Severity::kError, out);
      break;
    }
  }
}

// mailer.conf(5) of FreeBSD: NAME PROGRAM ARGUMENTS.
void mailer_conf(const World& world, const std::string& path, Findings& out) {
  const auto text = world.read(path);
  if (!text.ok()) return;
  std::set<std::string> names;
  int number = 0;
  for (const std::string_view row : split(*text, '\n')) {
    ++number;
    const auto words = split_words(row.substr(0, row.find('#')));
    if (words.empty()) continue;
    const std::string name(words[0]);
    if (!names.insert(name).second) {
      out.warning("mailer-conf", path, number, fmt::format("{} stands above already; this line is not looked at", name), "Remove one of the two lines.");
    } else if (words.size() == 1) {
      out.error("mailer-conf", path, number, fmt::format("{} is given no program", name), fmt::format("Write \"{} /usr/sbin/hikyaku\", or remove the line.", name));
    } else {
      check_program(world, std::string(words[1]), "the command " + name, path, number, Severity::kError, out);
    }
  }
  for (const char* needed : {"sendmail", "mailq", "newaliases"}) {
    if (names.count(needed) != 0) continue;
    out.warning("mailer-conf", path, 0, fmt::format("has no line for {}: the command fails", needed), fmt::format("Add a line \"{} PROGRAM\".", needed));
  }
}

}  // namespace

void check_programs(const World& world, Findings& out) {
  mailers(world, world.main, out);
  class_programs(world, world.main, out);
  if (world.submit) {
    mailers(world, *world.submit, out);
    class_programs(world, *world.submit, out);
  }
  program_maps(world, out);
  // FreeBSD: a port's file is looked at first, and alone.
  const std::string port = "/usr/local/etc/mail/mailer.conf";
  mailer_conf(world, world.exists(port) ? port : world.mail_directory + "/mailer.conf", out);
}

}  // namespace hky::admin::check
