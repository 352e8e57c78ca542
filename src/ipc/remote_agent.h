// The agent over a socket pair: RemoteAgent is the engine's end, serve_agent the agent's. Frames: doc/ipc.md.
// Many requests are under way at once; answers come in any order. When the other process goes, every request waiting
// is answered with EX_TEMPFAIL (the queue tries again) and serve_agent returns.
#pragma once

#include <memory>

#include "ipc/agent.h"
#include "net/stream.h"

namespace hky::ipc {

class RemoteAgent : public Agent {
 public:
  // Calls may come from any loop; the connection lives on `loop`.
  RemoteAgent(net::Loop& loop, std::unique_ptr<net::Stream> stream);
  ~RemoteAgent() override;

  bool connected() const;  // false once the agent has gone
  void close();

  net::Task<std::vector<Outcome>> deliver_mbox(net::Loop& loop, std::vector<DeliverMbox> batch) override;
  net::Task<Outcome> deliver_maildir(net::Loop& loop, DeliverMaildir request) override;
  net::Task<Outcome> append_file(net::Loop& loop, AppendFile request) override;
  net::Task<Outcome> run_program(net::Loop& loop, RunProgram request) override;
  net::Task<Outcome> speak_to(net::Loop& loop, RunProgram request, Descriptor input, Descriptor output) override;
  net::Task<FileText> read_forward(net::Loop& loop, ReadForward request) override;
  net::Task<FileText> read_include(net::Loop& loop, ReadInclude request) override;
  net::Task<User> lookup_user(net::Loop& loop, LookupUser request) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Answers requests from `stream` with `agent` until the other end closes; then waits for the work under way and returns.
net::Task<> serve_agent(net::Loop& loop, std::unique_ptr<net::Stream> stream, Agent& agent);

}  // namespace hky::ipc
