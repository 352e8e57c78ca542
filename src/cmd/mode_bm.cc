// sendmail user..., sendmail -t: a message from standard input, handed to the engine; where none runs a one-shot engine
// delivers it (root, or --root as oneself), else it goes into the drop folder. Exit codes: sysexits. sendmail: main.c, collect.c.
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/random.h"
#include "base/sysexits.h"
#include "cmd/engine_access.h"
#include "cmd/modes.h"
#include "cmd/paths.h"
#include "queue/drop.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

// A line of a single dot ends the message, unless -i; CRLF becomes LF.
std::string read_message(bool ignore_dots) {
  std::string all;
  char* line = nullptr;
  size_t room = 0;
  for (ssize_t n = 0; (n = ::getline(&line, &room, stdin)) > 0;) {
    std::string_view text(line, static_cast<size_t>(n));
    if (text.ends_with("\r\n")) text.remove_suffix(2);
    else if (text.ends_with('\n')) text.remove_suffix(1);
    if (!ignore_dots && text == ".") break;
    all += text;
    all += '\n';
  }
  std::free(line);
  return all;
}

std::string delivery_mode(const SendmailOptions& options) {
  std::string mode;
  for (const OptionWord& o : options.options)
    if (o.by_letter ? o.name == "d" : o.name == "DeliveryMode") mode = o.value.substr(0, 1);
  return mode;
}

bool ignores_dots(const SendmailOptions& options) {
  if (options.ignore_dots) return true;
  for (const OptionWord& o : options.options)
    if (o.by_letter ? o.name == "i" : o.name == "IgnoreDots") return o.value.empty() || o.value[0] != 'f';
  return false;
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
  for (const std::string& rcpt : options.rcpts) {
    queue::Rcpt r;
    r.address = rcpt;
    e.rcpts.push_back(std::move(r));
  }
  auto name = queue::write_drop(kernel_file_system(), system_random(), rooted(call, kDropDirectory), e, message);
  if (!name.ok()) {
    fmt::print(stderr, "sendmail: no engine is running and the drop folder cannot be written: {}\n", name.error().text);
    return EX_TEMPFAIL;
  }
  return EX_OK;
}

}  // namespace

int mode_bm(const Invocation& call, const SendmailOptions& options) {
  if (options.rcpts.empty() && !options.read_rcpts) {
    fmt::print("Recipient names must be specified\n");  // sendmail: main.c
    return EX_USAGE;
  }
  const std::string message = read_message(ignores_dots(options));
  json j{{"verb", "submit"},           {"rcpts", options.rcpts},     {"read_rcpts", options.read_rcpts},
         {"sender", options.from},      {"sender_given", options.from_given}, {"full_name", options.full_name},
         {"notify", options.notify},    {"ret", options.ret},        {"envid", options.envid},
         {"body_type", options.body_type}, {"protocol", options.protocol}, {"delivery_mode", delivery_mode(options)}};
  const admin::Frame frame(j.dump(-1, ' ', false, json::error_handler_t::replace), message);
  EngineAccess engine(call);
  auto reply = engine.ask_running(frame, std::chrono::seconds(300));
  if (!reply.ok() && (::geteuid() == 0 || !call.root.empty())) reply = engine.ask(frame, std::chrono::seconds(300));
  if (!reply.ok()) return leave_in_drop(call, options, message);
  const json answer = json::parse(reply->json, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false)) {
    fmt::print(stderr, "{}\n", answer.is_object() ? answer.value("error", "refused") : "unreadable answer of the engine");
    return answer.is_object() ? exit_code_of(answer) : EX_TEMPFAIL;
  }
  if (delivery_mode(options) == "i") {
    (void)engine.ask_running(admin::Frame(R"({"verb":"queue.idle","wait":600})", ""), std::chrono::seconds(660));
  }
  return EX_OK;
}

}  // namespace hky::cmd
