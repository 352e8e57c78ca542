#include "cmd/verbs.h"

#include <array>

namespace hky::cmd {
namespace {

constexpr bool kPersonality = true;
[[maybe_unused]] constexpr bool kVerb = false;

constexpr auto kVerbs = std::to_array<Verb>({
#define HKY_VERB(word, function, kind, summary) {word, function, summary, kind},
#include "cmd/verbs.def"
#undef HKY_VERB
});

std::string_view base_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// Takes --root off the front of `args` from position `at` on; true when it stood there.
bool take_root(std::vector<std::string>& args, size_t at, std::string& root) {
  constexpr std::string_view kFlag = "--root";
  if (at >= args.size()) return false;
  const auto where = args.begin() + static_cast<std::ptrdiff_t>(at);
  if (*where == kFlag && at + 1 < args.size()) {
    root = *(where + 1);
    args.erase(where, where + 2);
  } else if (where->starts_with("--root=")) {
    root = where->substr(kFlag.size() + 1);
    args.erase(where);
  } else {
    return false;
  }
  while (root.size() > 0 && root.back() == '/') root.pop_back();
  return true;
}

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

const Verb* find_verb(std::string_view name) {
  for (const Verb& verb : kVerbs) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

Invocation dissect(int argc, char** argv) {
  Invocation call;
  call.program = argc > 0 ? argv[0] : "hikyaku";
  for (int i = 1; i < argc; ++i) call.args.emplace_back(argv[i]);
  take_root(call.args, 0, call.root);
  const Verb* verb = find_verb(base_name(call.program));
  if (verb != nullptr && verb->personality) {
    call.name = verb->name;
    return call;
  }
  if (call.args.empty()) return call;
  call.name = call.args.front();
  call.args.erase(call.args.begin());
  verb = find_verb(call.name);
  if (verb == nullptr || verb->personality) {
    take_root(call.args, 0, call.root);
  } else {
    for (size_t i = 0; i < call.args.size(); ++i) take_root(call.args, i, call.root);
  }
  return call;
}

std::string rooted(const Invocation& call, std::string_view path) {
  std::string out = call.root;
  return out.append(path);
}

}  // namespace hky::cmd
