// mailwrapper: run under the name sendmail, mailq, newaliases ..., it runs the program that mailer.conf names for it (C1).
// Files: /usr/local/etc/mail/mailer.conf, else /etc/mail/mailer.conf. Neither: the default sendmail, and a log line.
// A name that is not in the file, or a program that is this one again, is an error. Exit codes: sysexits.
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "mailwrapper/mailer_conf.h"

namespace {

using hky::mailwrapper::Lookup;

constexpr const char* kFiles[] = {"/usr/local/etc/mail/mailer.conf", "/etc/mail/mailer.conf"};
constexpr const char* kDefault = HKY_DEFAULT_SENDMAIL;
// Wrappers that call each other by way of scripts: the count travels in the environment.
constexpr const char* kDepth = "MAILWRAPPER_DEPTH";
constexpr int kDeepest = 8;

int give_up(int code, const std::string& why) {
  std::fprintf(stderr, "mailwrapper: %s\n", why.c_str());
  ::syslog(LOG_MAIL | LOG_ERR, "%s", why.c_str());
  return code;
}

// Where there is no /proc (FreeBSD) the count of calls finds it out.
bool is_this_program(const std::string& path) {
  struct stat mine {}, other {};
  return ::stat("/proc/self/exe", &mine) == 0 && ::stat(path.c_str(), &other) == 0 && mine.st_dev == other.st_dev && mine.st_ino == other.st_ino;
}

int run(const std::string& file, const std::string& program, const std::vector<std::string>& first, int argc, char** argv) {
  if (is_this_program(program)) return give_up(EX_CONFIG, file + ": " + program + " is mailwrapper itself: it would call itself for ever");
  const char* so_far = std::getenv(kDepth);
  const int depth = so_far == nullptr ? 0 : std::atoi(so_far);
  if (depth >= kDeepest) return give_up(EX_CONFIG, file + ": " + program + " comes back to mailwrapper again and again");
  ::setenv(kDepth, std::to_string(depth + 1).c_str(), 1);
  std::vector<char*> words{argv[0]};
  for (const std::string& word : first) words.push_back(const_cast<char*>(word.c_str()));
  for (int i = 1; i < argc; ++i) words.push_back(argv[i]);
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  return give_up(EX_OSERR, file + ": cannot run " + program + ": " + std::strerror(errno));
}

}  // namespace

int main(int argc, char** argv) {
  ::openlog("mailwrapper", LOG_PID, LOG_MAIL);
  if (argc < 1) return EX_USAGE;
  const char* slash = std::strrchr(argv[0], '/');
  const std::string name = slash == nullptr ? argv[0] : slash + 1;
  for (const char* file : kFiles) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      if (errno == ENOENT || errno == ENOTDIR) continue;
      return give_up(EX_OSFILE, std::string("cannot open ") + file + ": " + std::strerror(errno));
    }
    std::ostringstream text;
    text << in.rdbuf();
    const Lookup found = hky::mailwrapper::find_mapping(text.str(), name);
    if (!found.problem.empty()) return give_up(EX_CONFIG, std::string(file) + ": " + found.problem);
    if (!found.mapping) return give_up(EX_CONFIG, std::string(file) + ": nothing is said of " + name + "; add a line: " + name + " " + kDefault);
    return run(file, found.mapping->program, found.mapping->arguments, argc, argv);
  }
  ::syslog(LOG_MAIL | LOG_WARNING, "neither %s nor %s is there: %s is run", kFiles[0], kFiles[1], kDefault);
  return run("no mailer.conf", kDefault, {}, argc, argv);
}
