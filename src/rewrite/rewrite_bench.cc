// Issue 3: parsing a remote address (rulesets 3 and 0) at most 20 us, check_rcpt of a relayed recipient at most 40 us,
// both on the configuration inet with its maps answered at once. HKY_GOLDEN_CF names the folder
// that test/golden/make-cf.sh wrote; without it, the build tree's own (test/golden/prepare.sh).
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "rewrite/rewrite_test_support.h"

namespace hky::rewrite {
namespace {

struct World {
  std::shared_ptr<const cf::Config> config;
  std::shared_ptr<const Program> program;
};

Result<std::string> file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return permanent_error("cannot open " + path);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

// Null where the generated configuration is not at hand, or not whole.
World* world() {
  static World* w = [] () -> World* {
    const char* dir = std::getenv("HKY_GOLDEN_CF");
    std::string inet = std::string(dir == nullptr ? HKY_GOLDEN_CF_MADE : dir) + "/inet";
    if (!file_text(inet + "/sendmail.cf").ok()) return nullptr;
    cf::ReadRequest request;
    request.path = inet + "/sendmail.cf";
    request.identity.hostname = "mail.example.com";
    request.doors.read_file = [inet](const std::string& path) {
      return file_text(path.starts_with("/etc/mail/") ? inet + path.substr(9) : path);
    };
    static World made;
    made.config = cf::read_config(request).config;
    std::vector<cf::Diagnostic> errors;
    made.program = compile(made.config, errors);
    for (const char* needed : {"canonify", "parse", "check_rcpt"})
      if (made.program->find_ruleset(needed) < 0) return nullptr;
    return &made;
  }();
  return w;
}

struct Session {
  explicit Session(const World& w) : scope(*w.config), maps(*w.config) { maps.keep_asked = false; }
  void macro(const World& w, const char* name, const char* value) {
    cf::NameId id = 0;
    if (w.config->names.find(name, id)) scope.set(id, std::string_view(value));
  }
  cf::MacroScope scope;
  test::ScriptedMaps maps;
};

Tokens once(const World& w, Session& s, const char* ruleset, Tokens in) {
  Machine machine(*w.program, s.scope, s.maps, nullptr, nullptr);
  machine.start(w.program->find_ruleset(ruleset), std::move(in));
  while (auto need = machine.run()) machine.answer(maps::MapAnswer{});
  return machine.take_result();
}

void ParseRemoteAddress(benchmark::State& state) {
  World* w = world();
  if (w == nullptr) return state.SkipWithError("no inet/sendmail.cf: run make-cf.sh and set HKY_GOLDEN_CF");
  Session s(*w);
  s.maps.put("host", "remote.example", "remote.example.");
  Tokens out;
  for (auto _ : state) {
    Tokens in = prescan("joe.user@remote.example", '\0', *w->config, TokenTable::kExternal).tokens;
    out = once(*w, s, "0", once(*w, s, "3", std::move(in)));
    benchmark::DoNotOptimize(out);
  }
  state.SetLabel(display(out, *w->config));
}
BENCHMARK(ParseRemoteAddress)->Unit(benchmark::kMicrosecond);

void CheckRcptOfRelayedRecipient(benchmark::State& state) {
  World* w = world();
  if (w == nullptr) return state.SkipWithError("no inet/sendmail.cf: run make-cf.sh and set HKY_GOLDEN_CF");
  Session s(*w);
  s.maps.put("host", "remote.example", "remote.example.");
  s.maps.put("access", "Connect:128.32", "RELAY");
  s.maps.put("access", "128.32", "RELAY");
  s.macro(*w, "client_addr", "128.32.1.2");
  s.macro(*w, "client_name", "relay.example.net");
  s.macro(*w, "client_resolve", "OK");
  s.macro(*w, "mail_addr", "sender@remote.example");
  s.macro(*w, "addr_type", "e r");
  Tokens out;
  for (auto _ : state) {
    Tokens in = prescan("<joe.user@remote.example>", '\0', *w->config, TokenTable::kExternal).tokens;
    out = once(*w, s, "check_rcpt", std::move(in));
    benchmark::DoNotOptimize(out);
  }
  state.SetLabel(display(out, *w->config));
}
BENCHMARK(CheckRcptOfRelayedRecipient)->Unit(benchmark::kMicrosecond);

void ReadAndCompile(benchmark::State& state) {
  World* w = world();
  if (w == nullptr) return state.SkipWithError("no inet/sendmail.cf: run make-cf.sh and set HKY_GOLDEN_CF");
  for (auto _ : state) {
    std::vector<cf::Diagnostic> errors;
    benchmark::DoNotOptimize(compile(w->config, errors));
  }
}
BENCHMARK(ReadAndCompile)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace hky::rewrite

BENCHMARK_MAIN();
