// sendmail -bs: SMTP on standard input and output, spoken by the engine (local_session.h); this end only carries bytes.
// Under inetd standard input is the client's socket. sendmail: main.c MD_SMTP.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/sysexits.h"
#include "cmd/caller_rights.h"
#include "cmd/engine_access.h"
#include "cmd/modes.h"
#include "cmd/paths.h"
#include "cmd/request_changes.h"
#include "cmd/runtime.h"
#include "cmd/traffic_file.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

constexpr auto kAnswerLimit = std::chrono::minutes(2);
constexpr int kTries = 30;   // an engine that another command started may be about to leave
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr auto kSessionLimit = std::chrono::hours(24 * 365);   // the session's own time-outs are the engine's

// inetd's client, where standard input is an internet socket.
json peer_of_input() {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  if (::getpeername(STDIN_FILENO, reinterpret_cast<sockaddr*>(&at), &size) != 0) return nullptr;
  char text[INET6_ADDRSTRLEN] = "";
  if (at.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(at);
    ::inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    return json{{"address", text}, {"port", ntohs(in.sin_port)}};
  }
  if (at.ss_family != AF_INET6) return nullptr;
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(at);
  ::inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text);
  return json{{"address", text}, {"port", ntohs(in6.sin6_port)}};
}

std::string request_of(const Invocation& call, const SendmailOptions& options) {
  json j{{"verb", "smtp"}};
  write_changes(j, options.config_file, options.options, options.macros);
  if (json peer = peer_of_input(); !peer.is_null()) j["peer"] = std::move(peer);
  else j["submit_cf"] = uses_submit_cf(call, options);   // who comes over the network is met by the daemon's rules
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

// Standard input may be a file, which no event loop waits for: a thread of its own reads it, one piece ahead of the engine.
struct Input {
  std::mutex mutex;
  net::Loop* loop = nullptr;      // null: the session is over
  net::Stream* stream = nullptr;
  TrafficLines* log = nullptr;    // -X
  bool greeted = false, ended = false;
  std::string early;              // what came before that: greet_pause looks at it, -X has the greeting first

  void note(std::string_view bytes) {   // "": the end
    early += bytes;
    ended = ended || bytes.empty();
    if (greeted) log_noted();
  }
  void log_noted() {
    const std::string bytes = std::exchange(early, "");
    if (log != nullptr && !bytes.empty()) log->received(bytes);
    if (std::exchange(ended, false) && log != nullptr) log->end_of_input();
  }

  static net::Task<> hand_over(std::shared_ptr<Input> self, std::string bytes, std::shared_ptr<std::promise<void>> done) {
    if (self->loop == nullptr) {
      // the session ended meanwhile
    } else if (bytes.empty()) {
      self->note("");
      self->stream->shutdown_write();
    } else {
      self->note(bytes);
      const MonoTime until = self->loop->clock().mono() + kSessionLimit;
      auto sent = co_await self->stream->write(bytes, until);
      (void)sent;
    }
    done->set_value();
  }
  static void read(std::shared_ptr<Input> self) {
    char buffer[16 * 1024];
    for (ssize_t n = 1; n > 0;) {
      n = ::read(STDIN_FILENO, buffer, sizeof buffer);
      auto done = std::make_shared<std::promise<void>>();
      auto taken = done->get_future();
      {
        const std::lock_guard lock(self->mutex);
        if (self->loop == nullptr) return;
        std::string bytes(buffer, n > 0 ? static_cast<size_t>(n) : 0);
        self->loop->post([self, bytes, done] {
          if (self->loop != nullptr) self->loop->spawn(hand_over(self, bytes, done));   // else: the session ended meanwhile
        });
      }
      taken.wait();
    }
  }
};

net::Task<> carry(net::Loop& loop, net::Stream& stream, TrafficLines* log) {
  auto input = std::make_shared<Input>();
  input->loop = &loop;
  input->stream = &stream;
  input->log = log;
  std::thread(Input::read, input).detach();
  std::string buffer(16 * 1024, '\0');
  while (true) {
    std::span<char> room(buffer);
    const MonoTime until = loop.clock().mono() + kSessionLimit;
    auto got = co_await stream.read(room, until);
    if (!got.ok() || *got == 0) break;
    const std::string_view bytes(buffer.data(), *got);
    if (log != nullptr) log->sent(bytes);
    if (!write_all(bytes)) break;
    input->greeted = true;
    input->log_noted();
  }
  const std::lock_guard lock(input->mutex);
  input->loop = nullptr;
}

// The client's words are what comes in, as the engine's are what goes out. `cut`: why the engine did not answer; nothing was begun then.
net::Task<int> session(net::Loop& loop, std::string socket, std::string request, TrafficLog* log, std::string& cut) {
  admin::Frame frame(std::move(request), "");
  auto asked = co_await admin::ask_and_stay(loop, net::system_network(), std::move(socket), std::move(frame), kAnswerLimit);
  if (!asked.ok()) {
    cut = asked.error().text;
    co_return EX_TEMPFAIL;
  }
  const json answer = json::parse(asked->answer.json, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false)) {
    fmt::print(stderr, "sendmail: {}\n", answer.is_object() ? answer.value("error", "refused") : "unreadable answer of the engine");
    co_return answer.is_object() && !answer.value("temporary", true) ? EX_NOPERM : EX_TEMPFAIL;
  }
  std::unique_ptr<TrafficLines> lines;
  if (log != nullptr) lines = std::make_unique<TrafficLines>(*log, log->number());
  co_await carry(loop, *asked->stream, lines.get());
  co_return EX_OK;
}

// Once more where an engine that another command had started left before it answered: another one takes its place.
int speak(const Invocation& call, EngineAccess& engine, const std::string& request, TrafficLog* log) {
  const bool may_start = ::geteuid() == 0 || !call.root.empty();
  std::string cut;
  for (int tries = 1;; ++tries) {
    auto there = engine.ensure();
    const bool first = cut.empty();
    if (there.ok()) {
      auto* loop = new net::Loop(system_clock());   // never destroyed: the thread that waits for input may outlive the session
      cut.clear();
      const int rc = net::run_blocking(*loop, session(*loop, rooted(call, kControlSocket), request, log, cut));
      if (cut.empty()) return rc;
    }
    if (tries == kTries || !may_start || (first && !there.ok())) {
      fmt::print("421 4.3.0 {}\r\n", there.ok() ? cut : there.error().text);  // the client's words, and the operator's
      return EX_TEMPFAIL;
    }
    std::this_thread::sleep_for(kPause);
  }
}

// What is wrong with the file; an engine that runs goes on with the one it has.
int tell_of_file(const Invocation& call, const SendmailOptions& options, EngineAccess& engine) {
  if (uses_submit_cf(call, options)) return EX_OK;
  if (!options.config_given && engine.runs()) return EX_OK;
  const auto runtime = open_runtime(runtime_request(call, options));
  return runtime->errors == 0 ? EX_OK : report_diagnostics(*runtime, false, true);
}

}  // namespace

int mode_bs(const Invocation& call, const SendmailOptions& options) {
  const auto log = traffic_log_to(options.traffic_fd, ::getpid(), true);
  ::signal(SIGPIPE, SIG_IGN);
  if (const int rc = may_submit(call, options); rc != EX_OK) return rc;
  int rc = EX_TEMPFAIL;
  {
    EngineAccess engine(call);
    if (rc = tell_of_file(call, options, engine); rc != EX_OK) return rc;
    std::fflush(stdout);   // what is said of the configuration comes before the greeting
    rc = speak(call, engine, request_of(call, options), log.get());
  }
  // Nor may the end of the process take away what that thread stands on.
  std::fflush(nullptr);
  ::_exit(rc);
}

// sendmail -ba: the ARPANET's mail over a session of the caller's: a submission whose complaints look like SMTP.
int mode_ba(const Invocation& call, const SendmailOptions& options) {
  if (options.rcpts.empty() && !options.read_rcpts) {
    warn_of_file(call, options);
    if (const int rc = may_submit(call, options); rc != EX_OK) return rc;
    fmt::print("550 {}\r\n", kNobodyNamed);
    return EX_USAGE;
  }
  return mode_bm(call, options);
}

}  // namespace hky::cmd
