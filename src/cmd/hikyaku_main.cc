// The one binary of Hikyaku: chooses a personality by argv[0] or a verb by the first word, and runs it.
#include <cstdio>

#include <fmt/format.h>

#include "cmd/verbs.h"

namespace {

constexpr int kExUsage = 64;  // sysexits

int usage(std::FILE* out) {
  fmt::print(out, "hikyaku {}: a mail host\nusage: hikyaku [--root DIR] WORD [ARGUMENT...]\n", HKY_VERSION);
  for (const auto& verb : hky::cmd::verbs()) fmt::print(out, "  {:<12} {}\n", verb.name, verb.summary);
  return out == stdout ? 0 : kExUsage;
}

}  // namespace

int main(int argc, char** argv) {
  const hky::cmd::Invocation call = hky::cmd::dissect(argc, argv);
  if (call.name == "help" || call.name == "--help" || call.name == "-h") return usage(stdout);
  if (call.name == "--version") {
    fmt::print("hikyaku {}\n", HKY_VERSION);
    return 0;
  }
  if (call.name.empty()) return usage(stderr);
  if (const hky::cmd::Verb* verb = hky::cmd::find_verb(call.name)) return verb->run(call);
  fmt::print(stderr, "hikyaku: {}: no such command (hikyaku help lists them)\n", call.name);
  return kExUsage;
}
