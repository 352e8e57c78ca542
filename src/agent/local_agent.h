// LocalAgent: the agent's work done in this process, on worker threads: by the agent process itself behind ipc::serve_agent,
// and by commands and tests directly. Started by root it does each act as the mailbox's owner (the worker thread's own
// effective ids; programs in a child); started by anybody else it does everything as that user.
// Threads: call from one loop; it must outlive the calls.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "ipc/agent.h"
#include "net/loop.h"

namespace hky::agent {

struct AgentOptions {
  // Where the record of mbox appends under way is kept (append_journal.h); made when missing. Empty: none is kept, and
  // a crash in the middle of an append leaves its torn tail.
  std::string state_directory;
  std::string host;              // for lock files and Maildir names
  unsigned workers = 8;          // file work at once
  unsigned programs = 32;        // programs at once; and as many that are spoken to
  Duration lock_wait = std::chrono::seconds(20);   // then the delivery is deferred, 4.2.0
  size_t output_limit = 16 << 10;                  // bytes kept of what a program prints
};

class LocalAgent : public ipc::Agent {
 public:
  LocalAgent(FileSystem& files, const Clock& clock, Log& log, AgentOptions options);
  ~LocalAgent() override;

  // Cuts off the tails that appends torn by a crash left behind (blocking; before the first delivery).
  Result<> recover();

  net::Task<std::vector<ipc::Outcome>> deliver_mbox(net::Loop& loop, std::vector<ipc::DeliverMbox> batch) override;
  net::Task<ipc::Outcome> deliver_maildir(net::Loop& loop, ipc::DeliverMaildir request) override;
  net::Task<ipc::Outcome> append_file(net::Loop& loop, ipc::AppendFile request) override;
  net::Task<ipc::Outcome> run_program(net::Loop& loop, ipc::RunProgram request) override;
  net::Task<ipc::Outcome> speak_to(net::Loop& loop, ipc::RunProgram request, Descriptor input, Descriptor output) override;
  net::Task<ipc::FileText> read_forward(net::Loop& loop, ipc::ReadForward request) override;
  net::Task<ipc::FileText> read_include(net::Loop& loop, ipc::ReadInclude request) override;
  net::Task<ipc::User> lookup_user(net::Loop& loop, ipc::LookupUser request) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hky::agent
