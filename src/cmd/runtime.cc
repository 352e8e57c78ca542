#include "cmd/runtime.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "agent/local_agent.h"
#include "base/file_system.h"
#include "base/strings.h"
#include "base/sysexits.h"
#include "cmd/asked_programs.h"
#include "cmd/host_identity.h"
#include "cmd/paths.h"
#include "dns/system_resolver.h"
#include "route/file_trust.h"

namespace hky::cmd {
namespace {

constexpr unsigned kWorkers = 4;

constexpr const char* kHostsFile = "/etc/hosts";   // HostsFile where no line says otherwise

// sendmail: the service switch file: "hosts<TAB>files dns".
std::vector<dns::Service> host_services(std::string_view text) {
  for (const std::string_view row : split(text, '\n')) {
    const auto words = split_words(row.substr(0, row.find('#')));
    if (words.empty() || words[0] != "hosts") continue;
    std::vector<dns::Service> order;
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "files") order.push_back(dns::Service::kFiles);
      if (words[i] == "dns") order.push_back(dns::Service::kDns);
    }
    return order;
  }
  return {dns::Service::kFiles, dns::Service::kDns};
}

std::string read_or_empty(const std::string& path) {
  const auto text = kernel_file_system().read_file(path);
  return text.ok() ? *text : std::string();
}

void apply_options(Runtime& r) {
  const cf::Options& o = r.config->options;
  r.names.dont_expand_cnames = o.dont_expand_cnames;
  for (const std::string& word : o.resolver_options) {
    if (iequals(word, "haswildcardmx")) r.names.has_wildcard_mx = true;
    if (iequals(word, "-defnames") || iequals(word, "-dnsrch")) r.names.use_defnames = false;
  }
  cf::MacroScope scope(*r.config);
  if (const cf::Text* domain = scope.find('m')) r.names.local_domain = cf::expand_to_string(*domain, scope);
  if (!o.service_switch_file.empty()) {
    const std::string text = read_or_empty(r.root + o.service_switch_file);
    if (!text.empty()) r.names.order = host_services(text);
  }
  if (o.hosts_file != kHostsFile) r.hosts = dns::HostsTable::parse(read_or_empty(r.root + o.hosts_file));
  use_time_zone(o.time_zone_spec);
}

// What a class's program printed: at the start where the request knows that, else now.
Result<std::string> class_words(Runtime& r, const RuntimeRequest& request, const cf::Options& so_far, const std::string& command) {
  if (!request.class_programs) {
    Result<std::string> printed = class_program_output(command, so_far.default_user);
    if (printed.ok()) r.class_programs[command] = *printed;
    return printed;
  }
  const auto known = request.class_programs->find(command);
  if (known == request.class_programs->end()) return permanent_error("programs of classes run at the start: restart");
  return known->second;
}

// What a class's map says of a key, at the start or a reload.
Result<std::string> class_entry(Runtime& r, const cf::Options& so_far, maps::MapSpec map, const std::string& key) {
  if (const auto parsed = maps::parse_map_args(map); !parsed.ok()) return bug_error(parsed.error().text);
  maps::Environment env;
  env.root = r.root;
  env.workers = r.workers.get();
  env.names = &r.names;
  env.ldap_default_spec = so_far.ldap_default_spec;
  const std::string name = map.name, class_of_map = map.map_class;
  const std::unique_ptr<maps::MapSet> set = maps::open_map_set({std::move(map)}, std::move(env));
  std::string why;
  if (!set->open(name, why) && !why.empty()) return permanent_error(why);
  net::Loop loop(system_clock());
  const maps::MapAnswer answer = net::run_blocking(loop, set->lookup_verbatim(loop, name, key));
  if (answer.status == maps::Status::kTempFail) return temporary_error(fmt::format("{} map \"{}\" gives no answer", class_of_map, name));
  return answer.status == maps::Status::kOk ? answer.value : std::string();
}

maps::Environment map_environment(Runtime& r, const RuntimeRequest& request) {
  const cf::Options& o = r.config->options;
  maps::Environment env;
  env.root = r.root;
  env.workers = r.workers.get();
  env.names = &r.names;
  env.service_switch = o.service_switch_file;
  env.alias_files = o.alias_file;
  env.ldap_default_spec = o.ldap_default_spec;
  env.user_database_spec = o.user_database_spec;
  const std::function<ipc::Agent*()> agent = request.agent ? request.agent : [own = r.own_agent.get()] { return own; };
  env.run_program = [agent, user = o.default_user](net::Loop& loop, std::vector<std::string> words) {
    return agent()->run_program(loop, asked_program(std::move(words), user));
  };
  env.distrust = [config = r.config, root = r.root](const std::string& path) {
    return route::why_not_believed(kernel_file_system(), config->options, route::SystemFile::kMap, root, path);
  };
  env.log = request.log;
  return env;
}

}  // namespace

RuntimeRequest runtime_request(const Invocation& call, const SendmailOptions& options) {
  RuntimeRequest request;
  request.root = call.root;
  request.config_file = options.config_file;
  request.macros.emplace_back("opMode", std::string(1, options.mode == '\0' ? 'm' : options.mode));
  request.macros.insert(request.macros.end(), options.macros.begin(), options.macros.end());
  for (const OptionWord& word : options.options) {
    cf::Override o;
    if (word.by_letter) {
      o.letter = static_cast<unsigned char>(word.name.empty() ? 0 : word.name[0]);
    } else {
      o.name = word.name;
    }
    o.value = word.value;
    request.options.push_back(std::move(o));
  }
  return request;
}

std::string config_path(const RuntimeRequest& request) { return request.root + (request.config_file.empty() ? std::string(kSendmailCf) : request.config_file); }

std::unique_ptr<Runtime> open_runtime(const RuntimeRequest& request) {
  auto r = std::make_unique<Runtime>();
  r->root = request.root;
  r->workers = std::make_unique<net::WorkerPool>(kWorkers);
  if (!request.agent) r->own_agent = std::make_unique<agent::LocalAgent>(kernel_file_system(), system_clock(), null_log(), agent::AgentOptions());
  r->hosts = dns::HostsTable::parse(read_or_empty(dns::network_file(r->root, kHostsFile)));
  r->names.hosts = &r->hosts;
  auto resolver = dns::make_system_resolver(dns::system_resolver_options(r->root), system_clock());
  if (resolver.ok()) r->resolver = std::move(*resolver);
  r->names.resolver = r->resolver.get();

  net::Loop loop(system_clock());
  cf::ReadRequest read;
  read.path = request.config_file.empty() ? std::string(kSendmailCf) : request.config_file;
  read.doors = system_read_doors(r->root);
  read.doors.run_program = [&r, &request](const cf::Options& so_far, const std::string& command) { return class_words(*r, request, so_far, command); };
  read.doors.read_map = [&r](const cf::Options& so_far, const maps::MapSpec& map, const std::string& key) { return class_entry(*r, so_far, map, key); };
  r->identity = request.identity ? *request.identity : find_host_identity(loop, r->names);
  read.identity = r->identity;
  read.options = request.options;
  read.macros = request.macros;
  cf::ReadOutcome outcome = cf::read_config(read);
  r->config = outcome.config;
  r->errors = outcome.errors;
  apply_options(*r);
  std::vector<cf::Diagnostic> problems;
  r->program = rewrite::compile(r->config, problems);
  for (cf::Diagnostic& problem : problems) {
    if (problem.fatal) ++r->errors;
    r->config->diagnostics.push_back(std::move(problem));
  }
  r->maps = maps::open_map_set(r->config->maps, map_environment(*r, request));
  return r;
}

namespace {

bool no_file(const cf::Diagnostic& d) { return d.exit == EX_OSERR || (d.place.line == 0 && d.text.starts_with("cannot open")); }

// sendmail: syserr(), usrerr(), message()
const char* reply_code(const cf::Diagnostic& d) {
  if (!d.fatal) return d.exit == EX_OK ? "050 " : "550 ";
  return no_file(d) ? "451 4.0.0 " : "554 5.0.0 ";
}

}  // namespace

int report_diagnostics(const Runtime& runtime, bool verbose, bool replies) {
  for (const cf::Diagnostic& d : runtime.config->diagnostics)
    if (const bool reply = replies && !d.plain; !cf::is_of_override(d)) fmt::print("{}{}{}\n", reply ? reply_code(d) : "", cf::to_line(d), reply ? "\r" : "");
  const cf::MacroScope scope(*runtime.config);
  const cf::Text* name = scope.find('j');
  const std::string j = name == nullptr ? "" : cf::expand_to_string(*name, scope);
  if (verbose && j.find('.') == std::string::npos) {
    fmt::print("WARNING: local host name ({}) is not qualified; see cf/README: WHO AM I?\n", j);
  }
  if (runtime.errors == 0) return EX_OK;
  const std::vector<cf::Diagnostic>& all = runtime.config->diagnostics;
  for (const cf::Diagnostic& d : all)
    if (d.fatal && d.exit != EX_OK && d.exit != EX_OSERR) return d.exit;
  const auto first = std::find_if(all.begin(), all.end(), [](const cf::Diagnostic& d) { return d.fatal; });   // sendmail: setstat()
  if (first->exit == EX_OSERR) return EX_OSERR;
  return no_file(*first) ? EX_OSFILE : EX_SOFTWARE;
}

void warn_of_file(const Invocation& call, const SendmailOptions& options) {
  const RuntimeRequest request = runtime_request(call, options);
  cf::ReadRequest read;
  read.path = request.config_file.empty() ? std::string(kSendmailCf) : request.config_file;
  read.doors = system_read_doors(request.root);
  read.options = request.options;
  read.macros = request.macros;
  const cf::ReadOutcome outcome = cf::read_config(read);
  if (outcome.errors != 0) return;
  for (const cf::Diagnostic& d : outcome.config->diagnostics)
    if (!cf::is_of_override(d)) fmt::print("{}\n", cf::to_line(d));
}

void warn_of_writable_file(const Invocation& call, const SendmailOptions& options) {
  const RuntimeRequest request = runtime_request(call, options);
  const std::string path = config_path(request);
  const auto st = kernel_file_system().stat(path);
  if (st.ok() && (st->mode & 022) != 0) fmt::print(stderr, "{}: WARNING: dangerous write permissions\n", path.substr(request.root.size()));
}

int exit_with(const Runtime& runtime, int code) {
  for (const cf::Diagnostic& d : runtime.config->diagnostics)
    if (code == EX_OK) code = d.exit;
  return code;
}

}  // namespace hky::cmd
