// sendmail user..., sendmail -t: a message from standard input, handed to the engine; where none runs a one-shot engine
// delivers it (root, or --root as oneself), else it goes into the drop folder. Exit codes: sysexits. sendmail: main.c, collect.c.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/random.h"
#include "base/strings.h"
#include "base/sysexits.h"
#include "cf/options.h"
#include "cmd/caller_rights.h"
#include "cmd/engine_access.h"
#include "cmd/modes.h"
#include "cmd/paths.h"
#include "cmd/request_changes.h"
#include "cmd/runtime.h"
#include "cmd/told.h"
#include "cmd/traffic_file.h"
#include "queue/drop.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

// A line of a single dot ends the message and one that begins with two loses the first, unless -i; a last dot without an end of line is
// dropped; CRLF becomes LF. sendmail: collect().
std::string read_message(bool ignore_dots, TrafficLog* log) {
  std::string all;
  char* line = nullptr;
  size_t room = 0;
  bool ended = false;
  for (ssize_t n = 0; (n = ::getline(&line, &room, stdin)) > 0;) {
    std::string_view text(line, static_cast<size_t>(n));
    if (text.ends_with("\r\n")) text.remove_suffix(2);
    else if (text.ends_with('\n')) text.remove_suffix(1);
    if (log != nullptr) log->line(::getpid(), TrafficLog::kIn, text);
    const bool cut_off = line[n - 1] != '\n';
    if (text == "." && (!ignore_dots || cut_off)) {
      ended = !ignore_dots;
      break;
    }
    if (!ignore_dots && text.starts_with("..")) text.remove_prefix(1);
    all += text;
    if (!cut_off) all += '\n';   // who needs an end of line there writes one
  }
  std::free(line);
  if (log != nullptr && !ended) log->line(::getpid(), TrafficLog::kIn, "[EOF]");
  return all;
}

// Options that this side, or the request itself, takes care of; the rest is another configuration for this message.
struct Taken {
  std::string delivery_mode, error_mode, queue_directory;
  std::vector<OptionWord> rest;
};

Taken take_options(const SendmailOptions& options) {
  Taken t;
  for (const OptionWord& word : options.options) {
    const cf::OptionInfo* known = known_option(word);   // ambiguous: the reader complains
    const std::string_view name = known == nullptr ? std::string_view() : known->name;
    if (name == "DeliveryMode") t.delivery_mode = word.value.substr(0, 1);
    else if (name == "ErrorMode") t.error_mode = word.value.substr(0, 1);
    else if (name == "IgnoreDots" || name == "Verbose") continue;   // options.ignore_dots, options.verbose
    else if (name == "QueueDirectory") t.queue_directory = word.value;   // ours is the engine's affair; noted in the message
    else t.rest.push_back(word);
  }
  return t;
}

int exit_code_of(const json& answer) {
  if (answer.value("temporary", false)) return EX_TEMPFAIL;
  const std::string dsn = answer.value("enhanced", "");
  if (dsn == "5.1.3") return EX_USAGE;
  if (dsn == "5.1.1") return EX_NOUSER;
  return EX_UNAVAILABLE;
}

int leave_in_drop(const Invocation& call, const SendmailOptions& options, const std::string& message) {
  queue::Envelope e;
  e.sender = options.from;
  if (!options.envid.empty()) e.envid = options.envid;
  e.body_type = options.body_type;
  if (iequals(options.ret, "full")) e.ret = queue::Envelope::Ret::kFull;
  if (iequals(options.ret, "hdrs")) e.ret = queue::Envelope::Ret::kHdrs;
  for (const std::string& rcpt : options.rcpts) {
    queue::Rcpt r;
    r.address = rcpt;
    r.notify = queue::notify_bits(options.notify);
    e.rcpts.push_back(std::move(r));
  }
  auto name = queue::write_drop(kernel_file_system(), system_random(), rooted(call, kDropDirectory), e, message);
  if (!name.ok()) {
    fmt::print(stderr, "sendmail: no engine is running and the drop folder cannot be written: {}\n", name.error().text);
    return EX_TEMPFAIL;
  }
  return EX_OK;
}

json request_of(const Invocation& call, const SendmailOptions& options, const Taken& taken) {
  json j{{"verb", "submit"},
         {"rcpts", options.rcpts},
         {"read_rcpts", options.read_rcpts},
         {"sender", options.from},
         {"sender_given", options.from_given == 0 ? "" : std::string(1, options.from_given)},
         {"full_name", options.full_name},
         {"notify", options.notify},
         {"ret", options.ret},
         {"envid", options.envid},
         {"body_type", options.body_type},
         {"protocol", options.protocol},
         {"protocol_host", options.protocol_host},
         {"hop_count", std::max(0, options.hop_count)},
         {"no_alias", options.no_alias},
         {"gateway", options.gateway},
         {"delivery_mode", taken.delivery_mode},
         {"error_mode", taken.error_mode},
         {"verbose", options.verbose},
         {"queue_directory", taken.queue_directory},
         {"traffic", options.traffic_fd >= 0 ? ::getpid() : 0},
         {"submit_cf", uses_submit_cf(call, options)}};
  write_changes(j, options.config_file, taken.rest, options.macros);
  return j;
}

int answer_of(const admin::Frame& reply, TrafficLog* log) {
  const json answer = json::parse(reply.json, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false)) {
    fmt::print(stderr, "{}\n", answer.is_object() ? answer.value("error", "refused") : "unreadable answer of the engine");
    return answer.is_object() ? exit_code_of(answer) : EX_TEMPFAIL;
  }
  print_told(reply, log);
  return answer.value("exit", EX_OK);
}

}  // namespace

int mode_bm(const Invocation& call, const SendmailOptions& options) {
  const Taken taken = take_options(options);
  int floor = EX_OK;   // what options leave with where nothing worse comes
  if (options.config_kind == 'c' && !options.config_given && !uses_submit_cf(call, options)) {
    RuntimeRequest submit = runtime_request(call, options);
    submit.config_file = std::string(kSubmitCf);
    return report_diagnostics(*open_runtime(submit), options.verbose);   // it cannot be opened
  }
  if (options.config_given || !taken.rest.empty() || !options.macros.empty()) {
    const auto runtime = open_runtime(runtime_request(call, options));
    if (const int rc = report_diagnostics(*runtime, options.verbose); rc != EX_OK) return rc;
    floor = exit_with(*runtime, EX_OK);
  } else {
    SendmailOptions of_file = options;
    if (uses_submit_cf(call, options)) of_file.config_file = kSubmitCf;
    warn_of_file(call, of_file);
  }
  if (const int rc = may_submit(call, options); rc != EX_OK) return rc;
  // sendmail: main(): before the message is read; behind what is wrong with a sender that -f names, which the engine tells
  const bool unaddressed = options.rcpts.empty() && !options.read_rcpts, told = unaddressed && options.from_given == 0;
  if (told) {
    fmt::print("{}\n", kNobodyNamed);
    std::fflush(stdout);
  }
  const auto log = traffic_log_to(options.traffic_fd, ::getpid(), true);
  const std::string message = read_message(options.ignore_dots, log.get());
  const json j = request_of(call, options, taken);
  const admin::Frame frame(j.dump(-1, ' ', false, json::error_handler_t::replace), message);
  EngineAccess engine(call);
  const auto limit = std::chrono::hours(1);   // a delivery in the foreground takes its time
  auto reply = engine.ask_running(frame, limit);
  if (!reply.ok() && (::geteuid() == 0 || !call.root.empty())) reply = engine.ask(frame, limit);
  if (!reply.ok() && unaddressed) {
    if (!told) fmt::print("{}\n", kNobodyNamed);
    return EX_USAGE;
  }
  if (!reply.ok()) return leave_in_drop(call, options, message);
  if (taken.delivery_mode != "i" && !options.verbose) engine.finish_in_background();
  const int code = answer_of(*reply, log.get());
  return code == EX_OK ? floor : code;
}

}  // namespace hky::cmd
