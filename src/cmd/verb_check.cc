// `hikyaku check [-C FILE] [--no-dns] [--json] [--strict] [--root DIR]`: what is wrong or dangerous in /etc/mail, and how to
// mend it (requirements B4, B6, B7; admin/check does it). Changes nothing.
// Exit codes: 0 no errors (warnings and notes may have been printed), 78 (EX_CONFIG) errors, with --strict warnings too;
// 64 usage. So `hikyaku check && make restart` stops for what would lose mail, and for nothing else.
#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "admin/check/check.h"
#include "base/sysexits.h"
#include "cmd/host_identity.h"
#include "cmd/paths.h"
#include "cmd/runtime.h"
#include "cmd/status_file.h"
#include "dns/system_resolver.h"

namespace hky::cmd {
namespace {

namespace check = admin::check;

struct Words {
  std::string config = std::string(kSendmailCf);
  bool dns = true, json = false, strict = false, bad = false;
};

Words words_of(const Invocation& call) {
  Words w;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const std::string& word = call.args[i];
    if (word == "-C" && i + 1 < call.args.size()) w.config = call.args[++i];
    else if (word.starts_with("-C") && word.size() > 2) w.config = word.substr(2);
    else if (word == "--no-dns") w.dns = false;
    else if (word == "--json") w.json = true;
    else if (word == "--strict") w.strict = true;
    else w.bad = true;
  }
  return w;
}

// Who this host is, by its hosts file alone.
cf::HostIdentity identity_without_dns(const std::string& root) {
  const auto text = kernel_file_system().read_file(dns::network_file(root, "/etc/hosts"));
  const dns::HostsTable hosts = dns::HostsTable::parse(text.ok() ? *text : std::string());
  dns::NameEnvironment names;
  names.hosts = &hosts;
  names.order = {dns::Service::kFiles};
  net::Loop loop(system_clock());
  return find_host_identity(loop, names);
}

std::unique_ptr<Runtime> open(const Invocation& call, const std::string& file, bool dns) {
  RuntimeRequest request;
  request.root = call.root;
  request.config_file = file;
  request.macros.emplace_back("opMode", "d");   // rules see a daemon
  if (!dns) request.identity = identity_without_dns(call.root);
  auto runtime = open_runtime(request);
  if (!dns) {
    runtime->names.resolver = nullptr;
    std::erase(runtime->names.order, dns::Service::kDns);
  }
  return runtime;
}

check::CfFile cf_file(const Invocation& call, const std::string& path, const Runtime& runtime) {
  check::CfFile cf;
  cf.path = path;
  cf.config = runtime.config;
  const auto text = kernel_file_system().read_file(call.root + path);
  cf.readable = text.ok();
  if (text.ok()) cf.lines = check::cf_lines(*text);
  return cf;
}

int report(const Words& words, const check::Findings& findings) {
  const std::vector<check::Finding> all = findings.sorted();
  if (words.json) {
    fmt::print("{}", check::to_json(all));
  } else {
    for (const check::Finding& f : all) fmt::print("{}", check::to_text(f));
    fmt::print("{} error(s), {} warning(s), {} note(s)\n", findings.count(check::Severity::kError), findings.count(check::Severity::kWarning),
               findings.count(check::Severity::kNote));
  }
  const size_t counted = findings.count(check::Severity::kError) + (words.strict ? findings.count(check::Severity::kWarning) : 0);
  return counted == 0 ? EX_OK : EX_CONFIG;
}

}  // namespace

int verb_check(const Invocation& call) {
  const Words words = words_of(call);
  if (words.bad) {
    fmt::print(stderr, "usage: hikyaku check [-C FILE] [--no-dns] [--json] [--strict] [--root DIR]\n");
    return EX_USAGE;
  }
  const auto runtime = open(call, words.config, words.dns);
  net::Loop loop(system_clock());
  const cf::ReadDoors doors = system_read_doors(call.root);
  check::World world{loop, kernel_file_system(), call.root, "/etc/mail", cf_file(call, words.config, *runtime), std::nullopt, runtime->program, *runtime->maps, runtime->names};
  std::unique_ptr<Runtime> submit;
  if (words.config == kSendmailCf && world.exists(std::string(kSubmitCf))) {
    submit = open(call, std::string(kSubmitCf), words.dns);
    world.submit = cf_file(call, std::string(kSubmitCf), *submit);
  }
  world.ask_dns = words.dns;
  world.identity = runtime->identity;
  world.status_file_users = status_file_users(call.root);
  world.user_exists = [&doors](const std::string& name) { return doors.find_user(name).has_value(); };
  if (runtime->config->options.trusted_user.set) world.trusted_uids.insert(runtime->config->options.trusted_user.uid);
  if (!call.root.empty()) world.trusted_uids.insert(::getuid());   // a trial root belongs to who tries
  else world.own_users = {std::string(kEngineUser), std::string(kAuthUser)};
  check::Findings findings;
  net::run_blocking(loop, check::run_checks(world, findings));
  return report(words, findings);
}

}  // namespace hky::cmd
