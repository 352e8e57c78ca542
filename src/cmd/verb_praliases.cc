// praliases [-C cffile] [-f aliasfile] [key ...]: what the alias databases hold, as newaliases stored it.
// sendmail: praliases(8): it reads the databases of option AliasFile one after the other, or the one of -f; a key is looked up as it
// is written. A database that cannot be read is said, and the exit code stays 0.
#include <algorithm>
#include <cstdio>
#include <system_error>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/sysexits.h"
#include "cmd/paths.h"
#include "cmd/runtime.h"
#include "cmd/small_options.h"
#include "cmd/verbs.h"
#include "maps/makemap.h"
#include "route/aliases.h"

namespace hky::cmd {
namespace {

std::string without_nul(std::string text) {
  if (!text.empty() && text.back() == '\0') text.pop_back();
  return text;
}

void print_entries(const std::vector<maps::DbEntry>& entries, const std::vector<std::string>& keys) {
  if (keys.empty()) {
    for (const maps::DbEntry& e : entries) fmt::print("{}:{}\n", without_nul(e.key), without_nul(e.value));
    return;
  }
  for (const std::string& key : keys) {
    const auto found = std::find_if(entries.begin(), entries.end(), [&key](const maps::DbEntry& e) { return without_nul(e.key) == key; });
    if (found == entries.end()) fmt::print("{}: No such key\n", key);
    else fmt::print("{}:{}\n", key, without_nul(found->value));
  }
}

void print_file(const Invocation& call, const std::string& entry, const std::vector<std::string>& keys) {
  const route::AliasFileSpec spec = route::parse_alias_file(entry);
  if (spec.map_class != "hash" && spec.map_class != "btree") {
    fmt::print(stderr, "praliases: Skipping non-file based alias type {}\n", spec.map_class);
    return;
  }
  const std::string path = rooted(call, spec.path + ".db");
  if (!kernel_file_system().stat(path).ok()) {
    const bool named = entry.find(':') != std::string::npos;   // sendmail: any kind of database will do where none is named
    fmt::print(stderr, "praliases: {}: open: {}\n", spec.path, named ? "No such file or directory" : "Unknown database type");
    return;
  }
  const auto entries = maps::read_db_file(path);
  if (!entries.ok()) {
    const Error& why = entries.error();
    fmt::print(stderr, "praliases: {}: open: {}\n", spec.path, why.sys != 0 ? std::generic_category().message(why.sys) : why.text);
    return;
  }
  print_entries(*entries, keys);
}

}  // namespace

int verb_praliases(const Invocation& call) {
  const SmallOptions options = small_options(call.args, "C:f:");
  if (!options.complaint.empty()) {
    fmt::print(stderr, "praliases: {}\nusage: praliases [-C cffile] [-f aliasfile] [key ...]\n", options.complaint);
    return EX_USAGE;
  }
  std::vector<std::string> files{options.value('f')};
  if (!options.has('f')) {
    RuntimeRequest request;
    request.root = call.root;
    request.config_file = options.has('C') ? options.value('C') : std::string(kSendmailCf);
    if (!kernel_file_system().stat(rooted(call, request.config_file)).ok()) {
      fmt::print(stderr, "praliases: {}: No such file or directory\n", request.config_file);
      return EX_NOINPUT;
    }
    files = open_runtime(request)->config->options.alias_file;
  }
  for (const std::string& file : files) print_file(call, file, options.words);
  return EX_OK;
}

}  // namespace hky::cmd
