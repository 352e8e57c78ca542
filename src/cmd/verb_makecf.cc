// `hikyaku makecf [--library DIR] FILE.mc`: a .cf on standard output from the operator's .mc file, by GNU m4 and our macro
// library (issue 5, requirements B4, F1, G1); cf/mc does it. Messages go to standard error as FILE:LINE: ...
// Exit codes: 0 made, 64 usage, 65 the .mc file has faults (nothing is printed then), 66 cannot be read, 69 no m4 or library.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "base/sysexits.h"
#include "cf/mc/make_cf.h"
#include "cmd/verbs.h"

namespace hky::cmd {
namespace {

// Where the library may be: as told, as the environment says, beside the installed binary, where this was built from.
std::vector<std::string> library_places(const std::string& told) {
  if (!told.empty()) return {told};
  std::vector<std::string> places;
  if (const char* env = std::getenv("HIKYAKU_CF")) places.emplace_back(env);
  std::error_code ec;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ec);
  if (!ec) places.push_back((self.parent_path().parent_path() / "share/hikyaku/cf").string());
  places.emplace_back(HKY_CF_SOURCE);
  return places;
}

}  // namespace

int verb_makecf(const Invocation& call) {
  std::string told, file;
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (call.args[i] == "--library" && i + 1 < call.args.size()) told = call.args[++i];
    else if (file.empty() && !call.args[i].starts_with("--")) file = call.args[i];
    else file.clear(), i = call.args.size();
  }
  if (file.empty()) {
    std::fputs("usage: hikyaku makecf [--library DIR] FILE.mc > FILE.cf\n", stderr);
    return EX_USAGE;
  }
  if (::access(file.c_str(), R_OK) != 0) {
    std::fprintf(stderr, "hikyaku makecf: cannot read %s\n", file.c_str());
    return EX_NOINPUT;
  }
  const std::string library = cf::mc::find_library(library_places(told));
  if (library.empty()) {
    std::fputs("hikyaku makecf: no macro library (share/hikyaku/cf) found; name it with --library\n", stderr);
    return EX_UNAVAILABLE;
  }
  cf::mc::InstalledM4 m4;
  const cf::mc::MadeCf made = cf::mc::make_cf(library, file, m4);
  for (const std::string& message : made.messages) std::fprintf(stderr, "%s\n", message.c_str());
  if (made.outcome == cf::mc::MadeCf::Outcome::kNoM4) {
    std::fputs("hikyaku makecf: m4 cannot be run (install GNU m4)\n", stderr);
    return EX_UNAVAILABLE;
  }
  std::fputs(made.text.c_str(), stdout);
  return made.outcome == cf::mc::MadeCf::Outcome::kMade ? EX_OK : EX_DATAERR;
}

}  // namespace hky::cmd
