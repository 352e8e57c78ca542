// sendmail -bp, mailq: the queue in sendmail's form (sendmail: queue.c printqueue()). The messages come from the engine.
#include <cstdio>
#include <nlohmann/json.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/strings.h"
#include "base/sysexits.h"
#include "cmd/engine_access.h"
#include "cmd/modes.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

std::string field(const json& m, const char* key) { return m.contains(key) && m[key].is_string() ? m[key].get<std::string>() : ""; }

bool contains_folded(const std::string& haystack, const std::string& needle) {
  return lower(haystack).find(lower(needle)) != std::string::npos;
}

// sendmail: -qI -qR -qS -qQ, each negated by '!': sub-string, case ignored.
bool selected(const json& m, const std::vector<QueueSelect>& wanted) {
  for (const QueueSelect& w : wanted) {
    bool hit = false;
    if (w.field == 'I') hit = contains_folded(field(m, "id"), w.value);
    if (w.field == 'S') hit = contains_folded(field(m, "sender"), w.value);
    if (w.field == 'Q') hit = contains_folded(field(m, "quarantine"), w.value);
    if (w.field == 'R')
      for (const auto& r : m["rcpts"]) hit = hit || (field(r, "state") == "pending" && contains_folded(field(r, "address"), w.value));
    if (hit == w.negate) return false;
  }
  return true;
}

void print_message(const json& m, bool verbose) {
  const char mark = m.value("busy", false) ? '*' : m.value("held", false) ? '-' : ' ';
  const auto created = fmt::localtime(static_cast<std::time_t>(m.value("created", 0ll)));
  if (verbose)
    fmt::print("{:13}{} {:8} {:10} {:%b %e %H:%M} {:.78}\n", field(m, "id"), mark, m.value("size", 0ull), m.value("priority", 0l), created, field(m, "sender"));
  else
    fmt::print("{:13}{} {:7} {:%a %b %e %H:%M} {:.39}\n", field(m, "id"), mark, m.value("size", 0ull), created, field(m, "sender"));
  if (!field(m, "quarantine").empty()) fmt::print("     QUARANTINE: {:.{}}\n", field(m, "quarantine"), verbose ? 100 : 60);
  std::string last;
  for (const auto& r : m["rcpts"]) {
    const std::string reply = field(r, "last_reply");
    if (field(r, "state") == "pending" && !reply.empty() && reply != last) {
      fmt::print("{}({:.{}})\n", verbose ? "                 " : "      ", reply, verbose ? 100 : 60);
      last = reply;
    }
  }
  for (const auto& r : m["rcpts"]) {
    if (field(r, "state") != "pending") continue;
    if (verbose) fmt::print("\t\t\t\t\t\t{:.78}\n", field(r, "address"));
    else fmt::print("\t\t\t\t\t {:.38}\n", field(r, "address"));
  }
}

}  // namespace

int mode_bp(const Invocation& call, const SendmailOptions& options) {
  EngineAccess engine(call);
  auto reply = engine.ask(admin::Frame(R"({"verb":"queue.list"})", ""), std::chrono::seconds(60));
  if (!reply.ok()) {
    fmt::print(stderr, "mailq: {}\n", reply.error().text);
    return EX_TEMPFAIL;
  }
  const json answer = json::parse(reply->json, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false)) {
    fmt::print(stderr, "You are not permitted to see the queue\n");  // sendmail: restrictmailq, savemail.c
    return EX_NOPERM;
  }
  // sendmail: quarantined messages are listed by -qQ, and only they.
  std::vector<json> shown;
  for (const auto& m : answer["messages"]) {
    const bool quarantined = !field(m, "quarantine").empty();
    if (quarantined == (options.queue_kind == 'Q') && selected(m, options.queue_select)) shown.push_back(m);
  }
  const std::string directory = "/var/spool/mqueue";
  if (shown.empty()) {
    fmt::print("{} is empty\n", directory);
  } else {
    fmt::print("\t\t{} ({} request{})\n", directory, shown.size(), shown.size() == 1 ? "" : "s");
    fmt::print("{}\n", options.verbose ? "-----Q-ID----- --Size-- -Priority- ---Q-Time--- --------Sender/Recipient--------"
                                       : "-----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------");
    for (const auto& m : shown) print_message(m, options.verbose);
  }
  fmt::print("\t\tTotal requests: {}\n", shown.size());
  return EX_OK;
}

}  // namespace hky::cmd
