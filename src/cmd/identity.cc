#include "cmd/identity.h"

#include <charconv>

#include <fmt/format.h>

#include "base/strings.h"
#include "cmd/runtime.h"

namespace hky::cmd {
namespace {

constexpr std::string_view kBuiltIn[] = {"DNSMAP", "IPV6_FULL", "LDAPMAP", "LOG", "MAP_REGEX", "MATCHGECOS", "MIME7TO8", "MIME8TO7", "NAMED_BIND", "NETINET",
                                         "NETINET6", "NETUNIX", "NEWDB", "PIPELINING", "ROCKSDB", "SASLv2", "SOCKETMAP", "UNBOUND", "USERDB"};
constexpr size_t kWidth = 64;   // of a line of words

void print_built_in() {
  std::string line = " Compiled with:";
  size_t column = 0;
  for (const std::string_view word : kBuiltIn) {
    if (column + word.size() + 1 > kWidth) {
      fmt::print("{}\n", line);
      line = "\t\t" + std::string(word);
      column = word.size();
      continue;
    }
    line += fmt::format(" {}", word);
    column += word.size() + 1;
  }
  fmt::print("{}\n", line);
}

}  // namespace

int identity_level(std::string_view words) {
  int level = 0;
  for (std::string_view word : split(words, ',')) {
    const size_t dot = word.find('.');
    const std::string_view range = word.substr(0, dot);
    if (range.substr(0, range.find('-')) != "0") continue;
    level = 1;
    if (dot != std::string_view::npos) std::from_chars(word.data() + dot + 1, word.data() + word.size(), level);
  }
  return level;
}

void print_identity(const Invocation& call, const SendmailOptions& options) {
  const int level = identity_level(options.debug);
  if (level < 1) return;
  const auto runtime = open_runtime(runtime_request(call, options));
  const cf::MacroScope scope(*runtime->config);
  const auto value = [&scope](char name) { return cf::macro_value(scope, static_cast<char16_t>(name)); };
  fmt::print("Version {}\n", HKY_VERSION);
  print_built_in();
  if (level >= 4) {
    fmt::print("Canonical name: {}\n UUCP nodename: {}\n", value('j'), value('k'));
    for (const std::string& name : runtime->identity.aliases) fmt::print("\ta.k.a.: {}\n", name);
    for (const std::string& address : runtime->identity.addresses) fmt::print("\ta.k.a.: [{}]\n", address);
  }
  fmt::print("\n============ SYSTEM IDENTITY (after readcf) ============\n");
  fmt::print("      (short domain name) $w = {}\n", value('w'));
  fmt::print("  (canonical domain name) $j = {}\n", value('j'));
  fmt::print("         (subdomain name) $m = {}\n", value('m'));
  fmt::print("              (node name) $k = {}\n", value('k'));
  fmt::print("========================================================\n\n");
}

}  // namespace hky::cmd
