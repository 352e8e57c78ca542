// The control socket: how commands ask the running engine (design, section 3: commands never open the database).
// A unix stream socket under the run directory; one request Frame, one answer Frame, then the next.
//
//   {"verb":"queue.list"}                         -> {"ok":true,"messages":[...]}     (envelope_json.h), in a queue run's order
//   {"verb":"queue.list","as_run":true}           -> {"ok":true,"groups":[{"directory":D,"requests":N,"messages":[...]},...]}: by queue
//                                                 group; of N no more than one run takes (queue_select.h)
//   {"verb":"queue.show","id":ID}                 -> {"ok":true,"message":{...}} + blob: the message
//   {"verb":"queue.hold|release|purge","ids":[..] or "all":true}     -> {"ok":true,"changed":N}
//   {"verb":"queue.flush","ids"|"rcpt"|"sender"|"all"}               -> {"ok":true,"changed":N}
//   {"verb":"queue.run", ...}                     -> {"ok":true,"changed":N} + blob: what -v shows (cmd/queue_run.h)
//   {"verb":"queue.take"} + blob: a drop file      -> {"ok":true,"id":QID}               (hikyaku adopt: it is queued as it is)
//   {"verb":"queue.idle","wait":SECONDS}          -> {"ok":true,"idle":bool}
//   {"verb":"submit", ...} + blob                 -> {"ok":true,"id":QID,"exit":N} + blob: what to print; or {"ok":false,"code","enhanced","error","temporary"}
//   {"verb":"smtp", ...}                          -> {"ok":true}, and the connection is an SMTP session (cmd/local_session.h)
//   {"verb":"reload"|"stop"|"ping"}
//   {"verb":"stop","unused":true}                 a one-shot engine, by the command that started it: when the queue is at rest and
//                                                 no session, submission or queue run of another command is under way
//   {"verb":"yield"}                              -> {"ok":true,"every":SECONDS}: a starting daemon asks a one-shot engine or a queue
//                                                 daemon to leave, and goes on with its queue runs; others refuse
//   {"verb":"queue.every","seconds":N}            -> {"ok":true}: the engine runs the queue every N seconds from now on (sendmail -q30m
//                                                 beside a daemon that listens)
//
// Who may: everybody may submit, open a session and ping; the rest is root's, the engine user's and (listing) what PrivacyOptions leave.
// The caller's uid comes from the kernel (SO_PEERCRED), never from the request.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "admin/frame.h"
#include "cf/config.h"
#include "queue/queue.h"

namespace hky::admin {

struct Caller { std::optional<unsigned> uid; bool privileged = false; };  // root or the engine's own user

// What became of a submission: its queue id ("" where nothing was kept), sendmail's exit code, what the command prints.
// `traffic`: what -X writes down, where that was asked for ("traffic": the number of its lines); it follows the text in the answer's
// blob, whose "text" says how long that is.
struct SubmitAnswer { std::string id; int exit_code = 0; std::string text, traffic; };

struct RunAnswer { size_t changed = 0; int exit_code = 0; std::string text, traffic; };   // exit_code: of the first that failed for good, in the foreground

// What the engine lends to the control socket. All are called on the control loop.
struct ControlHooks {
  queue::Queue* queue = nullptr;
  // A message handed over by a command; `request` is what the frame says. Durable when it returns.
  std::function<net::Task<Result<SubmitAnswer>>(Caller, nlohmann::json request, std::string message)> submit;
  // Takes the connection over, the answer to the request included.
  std::function<net::Task<>(Caller, nlohmann::json request, std::unique_ptr<net::Stream>)> smtp;
  // sendmail -q. Who may is its own to decide.
  std::function<net::Task<Result<RunAnswer>>(Caller, nlohmann::json request)> run_queue;
  std::function<std::shared_ptr<const cf::Config>()> config;
  std::function<net::Task<Result<>>()> reload;
  // Queue runs from time to time: how often now (0: never), and how often from now on.
  std::function<int64_t()> interval;
  std::function<void(int64_t seconds)> run_every;
  std::function<void()> stop;
  bool one_shot = false;                 // started by a command for its own work: yields to a daemon
};

class ControlServer {
 public:
  ControlServer(net::Loop& loop, std::unique_ptr<net::Listener> listener, ControlHooks hooks, unsigned own_uid);
  ~ControlServer();
  void start();
  // No other request is taken; those that came are answered.
  void stop();
  // A command that handed a message over has no answer yet.
  bool answers_due() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// The command's side. An engine that does not run is the temporary error "no engine is running (PATH: reason)".
net::Task<Result<Frame>> ask(net::Loop& loop, net::Network& network, std::string socket_path, Frame request, Duration limit);
// As ask(), and keeps the connection for what follows the answer.
struct Asked { Frame answer; std::unique_ptr<net::Stream> stream; };
net::Task<Result<Asked>> ask_and_stay(net::Loop& loop, net::Network& network, std::string socket_path, Frame request, Duration limit);

}  // namespace hky::admin
