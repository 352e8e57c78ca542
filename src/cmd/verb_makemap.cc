// makemap, editmap: database maps from text, in the format sendmail reads (the work is maps/makemap.h).
#include <unistd.h>

#include <cstdio>

#include "cf/reader.h"
#include "cmd/host_identity.h"
#include "cmd/paths.h"
#include "cmd/verbs.h"
#include "maps/makemap.h"

namespace hky::cmd {
namespace {

// sendmail: a map that root reads or writes is root's or TrustedUser's.
bool is_trusted(const Invocation& call, const std::string& file, unsigned uid) {
  if (uid == 0) return true;
  cf::ReadRequest read;
  read.path = file.empty() ? std::string(kSendmailCf) : file;
  read.doors = system_read_doors(call.root);
  const cf::UserId user = cf::read_config(read).config->options.trusted_user;
  return user.set && user.uid == uid;
}

maps::CommandIo standard_io(const Invocation& call) {
  maps::CommandIo io;
  if (::geteuid() == 0) io.trusts = [&call](const std::string& file, unsigned uid) { return is_trusted(call, file, uid); };
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
