// makemap, editmap: database maps from text, in the format sendmail reads (the work is maps/makemap.h).
#include <cstdio>

#include "cmd/verbs.h"
#include "maps/makemap.h"

namespace hky::cmd {
namespace {

maps::CommandIo standard_io() {
  maps::CommandIo io;
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
  maps::CommandIo io = standard_io();
  return maps::makemap_main(call.args, call.root, io);
}

int verb_editmap(const Invocation& call) {
  maps::CommandIo io = standard_io();
  return maps::editmap_main(call.args, call.root, io);
}

}  // namespace hky::cmd
