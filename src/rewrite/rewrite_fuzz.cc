// Random words through rules that use everything the language has; then random rules through the same words.
#include <cstddef>
#include <cstdint>

#include "rewrite/rewrite_test_support.h"

namespace {

using namespace hky;           // NOLINT: a program of its own
using namespace hky::rewrite;  // NOLINT

constexpr const char* kRules =
    "V10/Berkeley\nCw localhost example.com\nC{Multi}one.two three\nD{Dyn}a.b\nO OperatorChars=.:%@!^/[]+\n"
    "Kstorage macro\nKm hash /x\nS1\nR$* < $+ > $*\t$: $2 $>2 $1 $3\nR$+ @ $=w\t$@ $1 $[ $2 $: none $]\n"
    "R$* $={Multi} $*\t$: $(m $1 $@ $2 $: $&{Dyn} $3 $)\nR$&{Dyn} $*\t$1\nR$+ ! $~w\t$>1 $2 @ $1\n"
    "S2\nR$* x $*\t$(storage {Dyn} $@ $1 $) $2\nR$- . $+\t$>1 $2\nR$* $| $*\t$#error $: $1\nR$* $@ y\t$1\n";

std::shared_ptr<cf::Config> read(const std::string& text) {
  cf::ReadRequest request;
  request.path = "fuzz.cf";
  request.identity.hostname = "mail.example.com";
  return cf::read_config_text(text, request).config;
}

void rewrite_with(const std::shared_ptr<const cf::Config>& config, std::string_view words) {
  std::vector<cf::Diagnostic> errors;
  std::shared_ptr<const Program> program = compile(config, errors);
  cf::MacroScope scope(*config);
  test::ScriptedMaps maps(*config);
  maps.put("m", "a", "value <one>");
  maps.put("host", "b", "b.example.");
  test::Lines trace;
  for (TokenTable table : {TokenTable::kExternal, TokenTable::kInternal, TokenTable::kKeepComments}) {
    PrescanResult in = prescan(words, ',', *config, table);
    if (cataddr(in.tokens, *config).size() > 4 * kMaxPrescan) __builtin_trap();
    int index = program->find_ruleset("1");
    if (index < 0) return;
    Machine machine(*program, scope, maps, &trace, nullptr);
    machine.start(index, in.tokens);
    while (auto need = machine.run()) machine.answer(maps.answer_to(need->map, need->key, need->args));
    if (machine.take_result().size() > kMaxAtoms) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 512) return 0;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  static const std::shared_ptr<const cf::Config> fixed = read(kRules);
  rewrite_with(fixed, text);
  // Lines of the input as rules: the first byte that is NUL ends them, the rest are words.
  size_t cut = text.find('\0');
  std::string rules = "V10/Berkeley\nKm hash /x\nS1\n";
  for (char c : text.substr(0, cut)) {
    rules.push_back(c);
    if (c == '\n') rules.push_back('R');
  }
  rewrite_with(read(rules + "\n"), cut == std::string_view::npos ? "a.b@c x" : text.substr(cut + 1));
  return 0;
}
