// rmail [-D DOMAIN] [-T] RECIPIENT...: mail that uuxqt brings (requirement F3). The From_ lines that the hosts on the way put
// before the message become one return path, nearest host first ("far!near!user" reads near's line last), and the rest goes to
// sendmail as a gateway's submission. RFC 976 2.4 has the lines. Called by uuxqt as its own user, which sendmail must trust (T line).
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/sysexits.h"
#include "cmd/modes.h"
#include "cmd/rmail_path.h"

namespace hky::cmd {
namespace {

constexpr int kMaxFromLines = 100;   // more hosts than any hop count lets pass

struct Arguments {
  std::string domain = "UUCP";
  std::vector<std::string> rcpts;
  bool usage = false;
};

Arguments read_arguments(const std::vector<std::string>& args) {
  Arguments a;
  size_t i = 0;
  for (; i < args.size() && args[i].size() > 1 && args[i][0] == '-'; ++i) {
    if (args[i] == "-T") continue;   // sendmail's rmail prints what it does; explain and -bt show it here
    if (args[i].starts_with("-D") && args[i].size() > 2) a.domain = args[i].substr(2);
    else if (args[i] == "-D" && i + 1 < args.size()) a.domain = args[++i];
    else a.usage = true;
  }
  a.rcpts.assign(args.begin() + static_cast<std::ptrdiff_t>(i), args.end());
  a.usage = a.usage || a.rcpts.empty();
  return a;
}

// Standard input begins anew with `first` and what was not read yet.
bool put_back(const char* first, size_t size) {
  std::FILE* rest = std::tmpfile();
  if (rest == nullptr) return false;
  char block[65536];
  bool fine = std::fwrite(first, 1, size, rest) == size;
  for (size_t n = 0; fine && (n = std::fread(block, 1, sizeof block, stdin)) > 0;) fine = std::fwrite(block, 1, n, rest) == n;
  fine = fine && std::ferror(stdin) == 0 && std::fflush(rest) == 0 && ::dup2(::fileno(rest), STDIN_FILENO) == STDIN_FILENO;
  std::fclose(rest);
  std::rewind(stdin);
  return fine;
}

}  // namespace

int verb_rmail(const Invocation& call) {
  const Arguments a = read_arguments(call.args);
  if (a.usage) {
    fmt::print(stderr, "usage: rmail [-D domain] [-T] recipient ...\n");
    return EX_USAGE;
  }
  ReturnPath path;
  char* line = nullptr;
  size_t room = 0;
  ssize_t n = 0;
  int seen = 0;
  while ((n = ::getline(&line, &room, stdin)) > 0 && seen < kMaxFromLines && path.take(std::string_view(line, static_cast<size_t>(n)))) ++seen;
  const bool kept = put_back(line, n > 0 ? static_cast<size_t>(n) : 0);
  std::free(line);
  if (!kept) {
    fmt::print(stderr, "rmail: the message cannot be kept while it is read\n");
    return EX_TEMPFAIL;
  }
  if (seen == 0) {
    fmt::print(stderr, "rmail: the message has no From line\n");
    return EX_DATAERR;
  }
  Invocation with = call;
  with.args = {"-G", "-oee", "-oi", "-f" + path.address()};
  if (!path.nearest().empty()) with.args.push_back(fmt::format("-pUUCP:{}.{}", path.nearest(), a.domain));
  for (const std::string& rcpt : a.rcpts) with.args.push_back(rcpt[0] == '-' ? "<" + rcpt + ">" : rcpt);   // no address is an option
  return run_sendmail(with);
}

}  // namespace hky::cmd
