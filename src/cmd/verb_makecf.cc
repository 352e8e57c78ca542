// `hikyaku makecf [--library DIR] FILE.mc`: a .cf on standard output from the operator's .mc file, by GNU m4 and our macro
// library (issue 5, requirements B4, F1, G1). What m4 and the library say goes to standard error as FILE:LINE: ..., an unknown
// name with the nearest one there is. Exit codes: 0 made, 64 usage, 65 the .mc file has faults (nothing is printed then), 69 no m4 or library.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/sysexits.h"
#include "cmd/verbs.h"

namespace hky::cmd {
namespace {

namespace fs = std::filesystem;

// Where the library is: as told, beside the installed binary, else where this was built from.
std::string find_library(const std::string& told) {
  std::error_code ec;
  std::vector<fs::path> places;
  if (!told.empty()) places.emplace_back(told);
  else {
    if (const char* env = std::getenv("HIKYAKU_CF")) places.emplace_back(env);
    const fs::path self = fs::read_symlink("/proc/self/exe", ec);
    if (!ec) places.push_back(self.parent_path().parent_path() / "share/hikyaku/cf");
    places.emplace_back(HKY_CF_SOURCE);
  }
  for (const fs::path& p : places)
    if (fs::exists(p / "m4/cf.m4", ec)) return p.string() + "/";
  return {};
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

// The names the library knows of one kind: its files, or the conf names of conf-names.m4.
std::vector<std::string> known_names(const std::string& library, const std::string& kind) {
  std::vector<std::string> names;
  if (kind == "name") {
    std::ifstream in(library + "m4/conf-names.m4");
    for (std::string line; std::getline(in, line);)
      if (const size_t end = line.find('\''); line.starts_with("_conf(`") && end != std::string::npos) names.push_back(line.substr(7, end - 7));
    return names;
  }
  std::string folder = kind;
  std::transform(folder.begin(), folder.end(), folder.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::error_code ec;
  for (const fs::directory_entry& e : fs::directory_iterator(library + folder, ec)) names.push_back(e.path().stem().string());
  return names;
}

// "... unknown KIND NAME" gets the nearest name there is, where one is near enough to be meant.
std::string with_suggestion(const std::string& line, const std::string& library) {
  const size_t at = line.find(": error: unknown ");
  const size_t space = line.rfind(' ');
  if (at == std::string::npos || space <= at) return line;
  const std::string name = line.substr(space + 1);
  const size_t before = line.rfind(' ', space - 1);
  std::string best;
  size_t distance = std::max<size_t>(3, name.size() / 3) + 1;
  for (const std::string& candidate : known_names(library, line.substr(before + 1, space - before - 1)))
    if (const size_t d = edit_distance(name, candidate); d < distance || (d == distance && !best.empty() && candidate < best)) {
      distance = d;
      best = candidate;
    }
  return best.empty() ? line : line + " (did you mean " + best + "?)";
}

std::string slurp(int fd) {
  std::string text;
  char buffer[4096];
  ::lseek(fd, 0, SEEK_SET);
  for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(n));
  return text;
}

// Runs m4 with its output in two nameless files: neither can block the other.
int run_m4(const std::string& library, const std::string& file, int out, int err) {
  const pid_t pid = ::fork();
  if (pid < 0) return -1;
  if (pid == 0) {
    ::dup2(out, 1);
    ::dup2(err, 2);
    ::execlp("m4", "m4", ("-D_CF_DIR_=" + library).c_str(), (library + "m4/cf.m4").c_str(), file.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The .cf without the empty lines that the .mc file's own lines leave behind.
void print_squeezed(const std::string& text) {
  bool blank = true;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line(text.data() + at, end - at);
    const bool empty = line.find_first_not_of(" \t") == std::string_view::npos;
    if (!empty || !blank) std::printf("%.*s\n", empty ? 0 : static_cast<int>(line.size()), line.data());
    blank = empty;
    at = end + 1;
  }
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
  const std::string library = find_library(told);
  if (library.empty()) {
    std::fputs("hikyaku makecf: no macro library (share/hikyaku/cf) found; name it with --library\n", stderr);
    return EX_UNAVAILABLE;
  }
  std::FILE* out = std::tmpfile();
  std::FILE* err = std::tmpfile();
  if (out == nullptr || err == nullptr) return EX_OSERR;
  const int rc = run_m4(library, file, ::fileno(out), ::fileno(err));
  const std::string said = slurp(::fileno(err));
  for (size_t at = 0; at < said.size();) {
    const size_t end = std::min(said.find('\n', at), said.size());
    std::fprintf(stderr, "%s\n", with_suggestion(said.substr(at, end - at), library).c_str());
    at = end + 1;
  }
  if (rc == 127) std::fputs("hikyaku makecf: m4 cannot be run (install GNU m4)\n", stderr);
  if (rc == 0) print_squeezed(slurp(::fileno(out)));
  std::fclose(out);
  std::fclose(err);
  return rc == 0 ? EX_OK : rc == 127 ? EX_UNAVAILABLE : EX_DATAERR;
}

}  // namespace hky::cmd
