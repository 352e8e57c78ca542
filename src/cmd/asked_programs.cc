#include "cmd/asked_programs.h"

#include "agent/local_agent.h"
#include "base/file_system.h"

namespace hky::cmd {
namespace {

constexpr int kPatience = 300;                  // seconds; sendmail waits for ever
constexpr size_t kLongestClass = 64u << 20;     // bytes

}  // namespace

ipc::RunProgram asked_program(std::vector<std::string> words, const cf::UserId& user) {
  ipc::RunProgram run;
  run.as.user = user.name;
  run.as.uid = user.uid;
  run.as.gid = user.gid;
  run.path = words.front();
  run.argv = std::move(words);
  run.env = {"AGENT=sendmail"};
  run.directory = std::string(1, '/');   // an assignment of a literal warns (GCC 12)
  run.timeout_seconds = kPatience;
  run.answers = true;
  return run;
}

Result<std::string> class_program_output(const std::string& command, const cf::UserId& user) {
  agent::AgentOptions options;
  options.output_limit = kLongestClass;
  agent::LocalAgent agent(kernel_file_system(), system_clock(), null_log(), options);
  ipc::RunProgram run = asked_program({"/bin/sh", "-c", command}, user);
  net::Loop loop(system_clock());
  ipc::Outcome done = net::run_blocking(loop, agent.run_program(loop, std::move(run)));
  return std::move(done.output);
}

}  // namespace hky::cmd
