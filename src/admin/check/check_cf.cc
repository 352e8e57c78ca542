// The configuration files themselves: what the reader complains of, whether the .cf was made from the .mc that lies beside
// it, whether the host has a full name.
#include <fmt/format.h>

#include "admin/check/check.h"
#include "base/strings.h"
#include "cf/mc/make_cf.h"

namespace hky::admin::check {
namespace {

// The name that was meant, for complaints of the reader that end in one.
std::string cure_for(const std::string& text) {
  constexpr std::string_view kOption = "unknown option name ";
  if (const size_t at = text.find(kOption); at != std::string::npos) {
    std::vector<std::string> known;
    for (const cf::OptionInfo& info : cf::option_table()) known.emplace_back(info.name);
    const std::string near = cf::mc::nearest_name(text.substr(at + kOption.size()), known);
    return near.empty() ? "Remove the line, or take the option's name from the list in doc/." : fmt::format("Did you mean {}?", near);
  }
  if (text.find("cannot open") != std::string::npos) return "Create the file, or mend its permissions; an F line with -o may do without its file.";
  if (text.find("not available") != std::string::npos) return "Use a map class that is built in: hash, btree, text, ldap or socket; rebuild the map with makemap.";
  if (text.find("unknown user") != std::string::npos) return "Create the account, or name another in the .mc file.";
  return "Mend the .mc file and run make in /etc/mail; where the .cf is written by hand, mend that line.";
}

void diagnostics(const CfFile& cf, Findings& out) {
  for (const cf::Diagnostic& d : cf.config->diagnostics) {
    const std::string file = d.place.file.empty() ? cf.path : d.place.file;
    if (d.fatal) out.error("cf-error", file, d.place.line, d.text, cure_for(d.text));
    else out.warning("cf-warning", file, d.place.line, d.text, cure_for(d.text));
  }
}

// sendmail.cf is made from sendmail.mc (Debian) or HOST.mc by way of HOST.cf (FreeBSD's Makefile).
void age(const World& world, const std::string& cf, const std::string& mc, Findings& out) {
  const auto made = world.stat(cf);
  const auto source = world.stat(mc);
  if (!made.ok() || !source.ok() || made->mtime_ns >= source->mtime_ns) return;
  out.warning("cf-stale", cf, 0, fmt::format("is older than {}: changes made there are not in use", mc),
              fmt::format("Run make in {}, then make install restart.", world.mail_directory));
}

void ages(const World& world, Findings& out) {
  const std::string dir = world.mail_directory + "/";
  age(world, world.main.path, dir + "sendmail.mc", out);
  if (world.submit) age(world, world.submit->path, dir + "submit.mc", out);
  const std::string host = world.identity.hostname;
  if (host.empty()) return;
  const std::string host_cf = dir + host + ".cf";
  age(world, host_cf, dir + host + ".mc", out);
  age(world, dir + host + ".submit.cf", dir + host + ".submit.mc", out);
  const auto made = world.read(host_cf);
  const auto used = world.read(world.main.path);
  if (made.ok() && used.ok() && *made != *used) {
    out.warning("cf-not-installed", world.main.path, 0, fmt::format("differs from {}, which make builds", host_cf),
                fmt::format("Run make install restart in {}.", world.mail_directory));
  }
}

void full_name(const World& world, Findings& out) {
  const std::string j = world.host_name();
  if (j.find('.') != std::string::npos) return;
  out.warning("name-unqualified", world.main.path, 0,
              fmt::format("this host calls itself {}, which is no full name: others refuse its HELO and its senders", j.empty() ? "nothing" : "\"" + j + "\""),
              "Give the host its full name first in /etc/hosts (\"192.0.2.1 mail.example.org mail\"), or define `confDOMAIN_NAME' in the .mc file.");
}

}  // namespace

void check_cf(const World& world, Findings& out) {
  diagnostics(world.main, out);
  if (world.submit) diagnostics(*world.submit, out);
  ages(world, out);
  if (!world.main.readable) return;
  full_name(world, out);
}

}  // namespace hky::admin::check
