// sendmail -bd, -bD: the daemon; -q30m beside it, or alone (queue runs without SMTP); -q, -qR… -qS… -qI…: a queue run now.
// sendmail: main.c (MD_DAEMON, MD_FGDAEMON, MD_QUEUERUN).
#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "base/sysexits.h"
#include "cmd/caller_rights.h"
#include "cmd/engine.h"
#include "cmd/engine_access.h"
#include "cmd/modes.h"
#include "cmd/queue_words.h"
#include "cmd/request_changes.h"
#include "cmd/told.h"
#include "cmd/traffic_file.h"

namespace hky::cmd {
namespace {

EngineOptions engine_options(const Invocation& call, const SendmailOptions& options) {
  EngineOptions e;
  e.runtime = runtime_request(call, options);
  e.command_line = call.program;
  for (const std::string& word : call.args) e.command_line += " " + word;
  e.confined = call.confined;
  e.traffic_fd = options.traffic_fd;
  e.queue_interval = seconds_of_interval(options.queue_interval);
  return e;
}

// A one-shot engine that a command started, and a queue daemon, make room for the daemon: they are asked to leave (design,
// section 3). A queue daemon's interval is the new one's where it has none of its own.
void take_over(const Invocation& call, EngineOptions& next) {
  EngineAccess engine(call);
  auto reply = engine.ask_running(admin::Frame(R"({"verb":"yield"})", ""), std::chrono::seconds(10));
  if (!reply.ok()) return;
  const auto answer = nlohmann::json::parse(reply->json, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false)) return;
  if (next.queue_interval == 0) next.queue_interval = answer.value("every", int64_t{0});
  net::Loop loop(system_clock());
  for (int i = 0; i < 200; ++i) {
    if (!engine.ask_running(admin::Frame(R"({"verb":"ping"})", ""), std::chrono::seconds(10)).ok()) return;
    auto pause = [](net::Loop& l) -> net::Task<int> {
      co_await l.sleep(std::chrono::milliseconds(50));
      co_return 0;
    };
    (void)net::run_blocking(loop, pause(loop));
  }
}

nlohmann::json run_request(const SendmailOptions& options) {
  const bool logged = options.traffic_fd >= 0;
  nlohmann::json j{{"verb", "queue.run"}, {"foreground", options.queue_foreground || options.verbose}, {"verbose", options.verbose}, {"traffic", logged ? ::getpid() : 0}};
  if (options.quarantine) j["quarantine"] = options.quarantine_reason;
  write_selection(j, options);
  write_changes(j, options.config_file, options.options, options.macros);
  return j;
}

int queue_run(const Invocation& call, const SendmailOptions& options) {
  if (const int rc = may_submit(call, options); rc != EX_OK) {
    if (!open_runtime(runtime_request(call, options))->config->options.privacy(cf::kPrivRestrictQrun)) return rc;
    fmt::print("You do not have permission to process the queue\n");   // sendmail: main() looks at that, too
    return EX_NOPERM;
  }
  if (!knows_queue_group(call, options)) return EX_OK;
  EngineAccess engine(call);
  auto reply = engine.ask(admin::Frame(run_request(options).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), ""), std::chrono::hours(24));
  if (!reply.ok()) {
    fmt::print(stderr, "sendmail: {}\n", reply.error().text);
    return EX_TEMPFAIL;
  }
  const auto answer = nlohmann::json::parse(reply->json, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false)) {
    fmt::print("{}\n", answer.is_object() ? answer.value("error", "refused") : "unreadable answer of the engine");
    return answer.is_object() && answer.value("temporary", false) ? EX_TEMPFAIL : EX_NOPERM;
  }
  print_told(*reply, traffic_log_to(options.traffic_fd, ::getpid(), true).get());
  if (!options.queue_foreground && !options.verbose) engine.finish_in_background();
  return answer.value("exit_code", EX_OK);
}

}  // namespace

int64_t seconds_of_interval(const std::string& text) {
  int64_t total = 0, number = 0;
  bool digits = false;
  for (const char c : text) {
    if (is_digit(c)) {
      number = number * 10 + (c - '0');
      digits = true;
      if (number > 100'000'000) return 0;
      continue;
    }
    const int64_t unit = c == 's' ? 1 : c == 'm' ? 60 : c == 'h' ? 3600 : c == 'd' ? 86400 : c == 'w' ? 604800 : 0;
    if (unit == 0 || !digits) return 0;
    total += number * unit;
    number = 0;
    digits = false;
  }
  return total + (digits ? number * 60 : 0);  // sendmail: minutes where no unit stands
}

int mode_bd(const Invocation& call, const SendmailOptions& options) {
  warn_of_writable_file(call, options);
  EngineOptions e = engine_options(call, options);
  take_over(call, e);
  return start_system(e);
}

int mode_bD(const Invocation& call, const SendmailOptions& options) {
  EngineOptions e = engine_options(call, options);
  take_over(call, e);
  e.daemonize = false;
  e.listen = call.receives;
  return start_system(e);
}

// Where an engine listens already, it runs the queue: two of them would have one store. -Ac -q30m has nothing to do: what users left
// in the drop folder every engine takes in by itself, and there is no other queue of the submission program.
int mode_q(const Invocation& call, const SendmailOptions& options) {
  if (options.queue_interval.empty()) return queue_run(call, options);
  EngineOptions e = engine_options(call, options);
  if (options.config_kind == 'c') return report_diagnostics(*open_runtime(e.runtime));
  e.listen = false;
  take_over(call, e);
  const nlohmann::json every{{"verb", "queue.every"}, {"seconds", e.queue_interval}};
  const auto reply = EngineAccess(call).ask_running(admin::Frame(every.dump(), ""), std::chrono::seconds(60));
  const auto answer = nlohmann::json::parse(reply.ok() ? reply->json : "", nullptr, false);
  if (answer.is_object() && answer.value("ok", false)) return EX_OK;
  return start_system(e);
}

}  // namespace hky::cmd
