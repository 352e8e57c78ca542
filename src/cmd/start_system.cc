// From a configuration to running processes: see engine.h.
#include <algorithm>
#include <cstdio>
#include <thread>

#include "base/sysexits.h"
#include "cmd/children.h"
#include "cmd/confinement.h"
#include "cmd/paths.h"
#include "cmd/status_file.h"
#include "process/directories.h"
#include "process/users.h"

namespace hky::cmd {
namespace {

Result<std::string> confine(const EngineOptions& options, const process::Confinement& may) {
  if (!options.confined) return std::string("nothing (--unconfined)");
  HKY_TRY_ASSIGN(const process::Confined done, process::confine(may));
  return done.text();
}

}  // namespace

int start_system(const EngineOptions& options) {
  const StartFacts facts = find_start_facts(options);
  if (facts.exit_code != EX_OK) {
    std::fprintf(stderr, "%s\n", facts.problem.c_str());
    return facts.exit_code;
  }
  if (options.listen)
    for (const std::string& why : facts.not_served) std::fprintf(stderr, "hikyaku: %s\n", why.c_str());
  const std::string& root = options.runtime.root;
  process::MasterPlan plan;
  if (options.listen) plan.listen = facts.listen;
  plan.loops = options.listen ? std::clamp(std::thread::hardware_concurrency(), 1u, 8u) : 1;   // alone, messages for one host share a connection
  plan.control_path = root + std::string(kControlSocket);
  if (options.write_pid && !facts.pid_file.empty()) plan.pid_file = root + facts.pid_file;
  plan.command_line = options.command_line;
  plan.engine_user = std::string(kEngineUser);
  plan.engine_directories = {root + std::string(kStoreDirectory)};
  const process::Identity identity = process::engine_identity(plan.engine_user);
  // Everybody may leave a message there, nobody but the engine may list it (sendmail's clientmqueue is set-gid instead).
  if (auto made = process::make_directory(root + std::string(kDropDirectory), 01733, identity.uid, identity.gid); !made.ok()) {
    std::fprintf(stderr, "hikyaku: %s\n", made.error().text.c_str());
    return EX_CANTCREAT;
  }
  if (!facts.status_file.empty() && process::running_as_root()) take_over_status_file(kernel_file_system(), root + facts.status_file, status_file_users(root));
  plan.daemonize = options.daemonize;
  EngineOptions engine_options = options;
  engine_options.runtime.identity = facts.identity;
  engine_options.runtime.class_programs = facts.class_programs;
  plan.run_engine = [engine_options, may = engine_may(root, facts)](process::EngineChannels channels) {
    const auto confined = confine(engine_options, may);
    if (!confined.ok()) {
      channels.failed(EX_OSERR, confined.error().text);
      return EX_OSERR;
    }
    return run_engine(engine_options, *confined, std::move(channels));
  };
  plan.run_agent = [options, directories = facts.directories](int fd, int broker) { return run_agent(options, fd, broker, directories); };
  plan.auth_user = std::string(kAuthUser);
  plan.auth_group = std::string(kAuthGroup);
  plan.run_auth = [options, may = auth_may(root)](int fd) {
    if (const auto confined = confine(options, may); !confined.ok()) {
      system_log(options.runtime.root)->line(0, LogPriority::kError, "", confined.error().text);
      return EX_OSERR;
    }
    return run_auth(options, fd);
  };
  plan.log = [&root](const std::string& line) { system_log(root)->line(0, LogPriority::kCrit, "", line); };
  return process::run_master(std::move(plan));
}

}  // namespace hky::cmd
