// makemap, editmap: database maps from text, in the format sendmail reads (the work is maps/makemap.h).
#include <pwd.h>
#include <unistd.h>

#include <cstdio>

#include "base/file_system.h"
#include "cmd/paths.h"
#include "cmd/verbs.h"
#include "maps/makemap.h"

namespace hky::cmd {
namespace {

// sendmail: a map that root reads or writes is root's or TrustedUser's.
bool is_trusted(const std::string& cf, unsigned uid) {
  if (uid == 0) return true;
  const auto text = kernel_file_system().read_file(cf);
  const std::string_view option = "\nO TrustedUser=";
  const size_t at = text.ok() ? text->find(option) : std::string::npos;
  if (at == std::string::npos) return false;
  const size_t from = at + option.size();
  const std::string name = text->substr(from, text->find('\n', from) - from);
  const passwd* user = ::getpwnam(name.c_str());
  return user != nullptr ? user->pw_uid == uid : name == std::to_string(uid);
}

maps::CommandIo standard_io(const Invocation& call) {
  maps::CommandIo io;
  if (::geteuid() == 0)
    io.trusts = [&call](const std::string& cf, unsigned uid) { return is_trusted(rooted(call, cf.empty() ? kSendmailCf : std::string_view(cf)), uid); };
  io.read_line = [](std::string& line) {
    line.clear();
    int c = 0;
    while ((c = std::getc(stdin)) != EOF) {
      if (c == '\n') return true;
      line += static_cast<char>(c);
    }
    return !line.empty();
  };
  io.out = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };
  io.err = [](std::string_view text) {
    std::fflush(stdout);
    std::fwrite(text.data(), 1, text.size(), stderr);
  };
  return io;
}

}  // namespace

int verb_makemap(const Invocation& call) {
  maps::CommandIo io = standard_io(call);
  return maps::makemap_main(call.args, call.root, io);
}

int verb_editmap(const Invocation& call) {
  maps::CommandIo io = standard_io(call);
  return maps::editmap_main(call.args, call.root, io);
}

}  // namespace hky::cmd
