// The agent and the auth process: see children.h. The engine has a file of its own.
#include "cmd/children.h"

#include <unistd.h>

#include <cstdio>
#include <thread>

#include "agent/local_agent.h"
#include "auth/serve_sasl.h"
#include "base/file_system.h"
#include "base/sysexits.h"
#include "cmd/host_identity.h"
#include "cmd/paths.h"
#include "ipc/remote_agent.h"
#include "process/file_broker.h"

namespace hky::cmd {

constexpr unsigned kAuthThreads = 16;   // saslauthd may keep each waiting

std::unique_ptr<Log> system_log(const std::string& root) {
  if (root.empty()) return syslog_log(system_clock(), "sendmail");
  return file_log(kernel_file_system(), system_clock(), root + std::string(kMailLog), "localhost", "sendmail");
}

int run_agent(const EngineOptions& options, int fd, int broker_fd, const std::vector<std::string>& directories) {
  std::thread([broker_fd, directories] { process::serve_files(broker_fd, directories); }).detach();
  const std::string& root = options.runtime.root;
  std::unique_ptr<Log> log = system_log(root);
  agent::AgentOptions agent_options;
  agent_options.state_directory = root + std::string(kAgentDirectory);
  agent_options.host = kernel_host_name();
  agent::LocalAgent agent(kernel_file_system(), system_clock(), *log, agent_options);
  if (auto done = agent.recover(); !done.ok()) log->line(0, LogPriority::kError, "", done.error().text);
  net::Loop loop(system_clock());
  auto body = [](net::Loop& l, std::unique_ptr<net::Stream> s, agent::LocalAgent& a) -> net::Task<int> {
    co_await ipc::serve_agent(l, std::move(s), a);
    co_return EX_OK;
  };
  return net::run_blocking(loop, body(loop, net::adopt_stream(loop, fd), agent));
}

int run_auth(const EngineOptions& options, int fd) {
  const std::string& root = options.runtime.root;
  std::string config_path;
  for (std::string_view directory : kSaslDirectories) config_path += (config_path.empty() ? "" : ":") + root + std::string(directory);
  auth::SaslLibrary& library = auth::cyrus_sasl(config_path);
  if (const std::string warning = auth::cyrus_sasl_warning(); !warning.empty()) system_log(root)->line(1, LogPriority::kWarning, "", warning);
  net::Loop loop(system_clock());
  net::WorkerPool workers(kAuthThreads);
  net::run_blocking(loop, auth::serve_sasl(loop, net::adopt_stream(loop, fd), library, workers));
  std::fflush(nullptr);
  ::_exit(EX_OK);
}

}  // namespace hky::cmd
