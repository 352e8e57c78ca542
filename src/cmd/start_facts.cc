// What a start must know before it forks: read in a child, because reading a configuration starts threads (resolver, workers).
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <set>

#include "base/descriptor.h"
#include "base/strings.h"
#include "base/sysexits.h"
#include "cf/port_options.h"
#include "cmd/engine.h"
#include "cmd/snapshot.h"
#include "deliver/host_status.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

// sendmail: daemon.c setsockaddropt(): P= port or service, A= address, F= inet/inet6, L= backlog, d= disabled by O=…
json listen_of(const Runtime& runtime, const cf::PortOptions& options, size_t index) {
  const bool v6 = iequals(cf::port_option(options, 'f'), "inet6");
  std::string address = address_named(runtime, cf::port_option(options, 'a'), v6);
  if (v6 && address.empty()) address = "::";
  const long backlog = std::strtol(cf::port_option(options, 'l').c_str(), nullptr, 10);
  const bool optional = cf::port_option(options, 'm').find('O') != std::string::npos;
  return json{{"address", address}, {"port", cf::port_number(cf::port_option(options, 'p'))}, {"backlog", backlog > 0 ? backlog : 1024}, {"daemon", index}, {"optional", optional},
              {"send_buffer", cf::buffer_size(options, 'S')}, {"receive_buffer", cf::buffer_size(options, 'R')}};
}

// Where the files lie that the configuration names: sendmail.cf's own folder, maps, alias files, the service switch, the hosts file, ErrorHeader, HelpFile.
std::set<std::string> directories_of(const Runtime& runtime) {
  std::set<std::string> out;
  auto add = [&](std::string path) {
    if (const size_t colon = path.find(":/"); colon != std::string::npos) path.erase(0, colon + 1);  // "hash:/etc/mail/aliases"
    const size_t slash = path.rfind('/');
    if (!path.empty() && path[0] == '/' && slash > 0) out.insert(runtime.root + path.substr(0, slash));
  };
  add(runtime.config->file);
  for (const std::string& file : runtime.config->options.alias_file) add(file);
  for (const auto& map : runtime.config->maps) add(map.source);
  add(runtime.config->options.service_switch_file);
  add(runtime.config->options.hosts_file);
  add(cf::to_display(runtime.config->options.error_header, runtime.config->names));
  add(runtime.config->options.help_file);
  return out;
}

// sendmail: HostStatusDirectory, and the folder of StatusFile.
std::set<std::string> written_of(const Runtime& runtime) {
  std::set<std::string> out;
  const cf::Options& o = runtime.config->options;
  if (!o.host_status_directory.empty()) out.insert(runtime.root + deliver::host_status_directory(o));
  if (const size_t slash = o.status_file.rfind('/'); slash != std::string::npos && slash > 0) out.insert(runtime.root + o.status_file.substr(0, slash));
  return out;
}

json json_of(const cf::HostIdentity& id) {
  json j{{"hostname", id.hostname}, {"node_name", id.node_name}, {"aliases", id.aliases}, {"addresses", id.addresses}};
  for (const auto& at : id.interfaces) j["interfaces"].push_back({{"address", at.address}, {"names", at.names}, {"loopback", at.loopback}});
  return j;
}

cf::HostIdentity identity_of(const json& j) {
  cf::HostIdentity id;
  id.hostname = j.value("hostname", "");
  id.node_name = j.value("node_name", "");
  id.aliases = j.value("aliases", std::vector<std::string>());
  id.addresses = j.value("addresses", std::vector<std::string>());
  for (const json& at : j.value("interfaces", json::array()))
    id.interfaces.push_back({at.value("address", ""), at.value("names", std::vector<std::string>()), at.value("loopback", false)});
  return id;
}

std::string facts_of(const EngineOptions& options) {
  const auto runtime = open_runtime(options.runtime);
  json j{{"exit_code", EX_OK}, {"listen", json::array()}, {"pid_file", runtime->config->options.pid_file}, {"status_file", runtime->config->options.status_file}};
  std::string problem;
  for (const auto& d : runtime->config->diagnostics) {
    if (!problem.empty()) problem += '\n';
    problem += cf::to_line(d);
  }
  if (runtime->errors > 0) j["exit_code"] = EX_CONFIG;
  j["problem"] = problem;
  j["directories"] = directories_of(*runtime);
  j["written"] = written_of(*runtime);
  j["identity"] = json_of(runtime->identity);
  j["class_programs"] = runtime->class_programs;
  size_t index = 0;
  for (const auto& entry : runtime->config->options.daemon_port_options) {
    if (cf::needs_tls(entry)) j["not_served"].push_back(cf::why_not_served(entry));
    else j["listen"].push_back(listen_of(*runtime, entry, index));
    ++index;
  }
  if (index == 0) j["listen"].push_back(listen_of(*runtime, {}, 0));
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

StartFacts find_start_facts(const EngineOptions& options) {
  StartFacts facts;
  facts.exit_code = EX_OSERR;
  facts.problem = "hikyaku: cannot read the configuration in a child process";
  auto ends = open_pipe();
  if (!ends.ok()) return facts;
  auto& [from, to] = *ends;
  const pid_t child = ::fork();
  if (child < 0) return facts;
  if (child == 0) {
    const std::string text = facts_of(options);
    size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = ::write(to.get(), text.data() + done, text.size() - done);
      if (n <= 0) break;
      done += static_cast<size_t>(n);
    }
    ::_exit(0);
  }
  to.reset();
  std::string text;
  char buf[4096];
  for (ssize_t n = 0; (n = ::read(from.get(), buf, sizeof buf)) > 0;) text.append(buf, static_cast<size_t>(n));
  ::waitpid(child, nullptr, 0);
  const json j = json::parse(text, nullptr, false);
  if (!j.is_object()) return facts;
  facts.exit_code = j.value("exit_code", EX_SOFTWARE);
  facts.problem = j.value("problem", "");
  facts.pid_file = j.value("pid_file", "");
  facts.status_file = j.value("status_file", "");
  facts.not_served = j.value("not_served", std::vector<std::string>());
  if (auto it = j.find("directories"); it != j.end()) facts.directories = it->get<std::vector<std::string>>();
  if (auto it = j.find("written"); it != j.end()) facts.written = it->get<std::vector<std::string>>();
  facts.class_programs = j.value("class_programs", std::map<std::string, std::string>());
  if (auto it = j.find("identity"); it != j.end()) facts.identity = identity_of(*it);
  for (const auto& l : j["listen"]) {
    process::ListenAt at;
    at.address = l.value("address", "");
    at.port = l.value("port", 25);
    at.backlog = l.value("backlog", 1024);
    at.daemon = l.value("daemon", size_t{0});
    at.optional = l.value("optional", false);
    at.send_buffer = l.value("send_buffer", 0);
    at.receive_buffer = l.value("receive_buffer", 0);
    facts.listen.push_back(std::move(at));
  }
  return facts;
}

}  // namespace hky::cmd
