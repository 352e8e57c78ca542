// sendmail -bp, mailq: the queue in sendmail's form (sendmail: queue.c printqueue()). The messages come from the engine.
#include <pwd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "admin/envelope_json.h"
#include "admin/json_field.h"
#include "base/file_system.h"
#include "base/random.h"
#include "base/strings.h"
#include "base/sysexits.h"
#include "cmd/caller_rights.h"
#include "cmd/engine_access.h"
#include "cmd/host_identity.h"
#include "cmd/modes.h"
#include "cmd/paths.h"
#include "cmd/queue_words.h"
#include "cmd/runtime.h"
#include "proto/mail/address_list.h"
#include "queue/drop.h"
#include "queue/run_order.h"
#include "route/aliases.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

std::string field(const json& m, const char* key) { return admin::field(m, key, ""); }

// sendmail: printqueue(): what cannot be printed in octal ("caf\303\251"), and a backslash is told from one of those.
std::string escaped(const std::string& address) {
  std::string out;
  for (const char c : address) {
    if (c == '\\') out += "\\\\";
    else if (c >= ' ' && c < 0x7f) out += c;
    else out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  }
  return out;
}

// Why a recipient waits: "Deferred: 450 4.2.1 mailbox busy".
std::string deferral(const json& rcpt) {
  const std::string reply = field(rcpt, "last_reply");
  return !reply.empty() && reply[0] >= '0' && reply[0] <= '9' ? "Deferred: " + reply : reply;
}

// As whom an alias's programs and files run: "joe:2001:100:ftp-bugs", said where it changes. sendmail: queue.c printctladdr().
class ControllingUsers {
 public:
  explicit ControllingUsers(const Runtime* runtime) : runtime_(runtime) {}
  void tell(const json& rcpt) {
    const std::string now = of(rcpt);
    if (now != last_) fmt::print("\t\t\t\t\t\t(---{:.64}---)\n", now);
    last_ = now;
  }

 private:
  std::string of(const json& rcpt) const {
    const std::string alias = field(rcpt, "alias_of"), user = field(rcpt, "controlling_user");
    if (alias.empty()) return alias;
    const passwd* who = user.empty() ? nullptr : ::getpwnam(user.c_str());
    if (who != nullptr && who->pw_uid != 0) return fmt::format("{}:{}:{}:{}", user, who->pw_uid, who->pw_gid, alias);
    const unsigned default_uid = runtime_->config->options.default_user.uid;
    // sendmail: include(): a list is its file's owner's, and root's is nobody's
    const bool nobody = who != nullptr || default_uid == 0 || alias.starts_with(":include:");
    const std::string name = nobody ? "" : alias_among({alias, field(rcpt, "final_rcpt")});
    return name.empty() ? ":" + alias : fmt::format("{}:{}:0:{}", name, default_uid, alias);
  }
  // What came out of an alias is the default user's; where ruleset 5 alone was at work it is nobody's.
  std::string alias_among(std::initializer_list<std::string> addresses) const {
    net::Loop loop(system_clock());
    cf::MacroScope scope(*runtime_->config);
    rewrite::Context ctx = runtime_->context(loop, scope);
    for (const std::string& address : addresses) {
      const std::string name = local_part(address);
      if (!name.empty() && net::run_blocking(loop, route::lookup_alias(ctx, name)).found) return name;
    }
    return {};
  }
  // "Foo <List@us.test>" -> "list"
  std::string local_part(const std::string& alias) const {
    const std::string address = mail::parse_mailbox(alias).address;
    const cf::Mailer* local = runtime_->config->find_mailer("local");
    const std::string name = address.substr(0, address.rfind('@'));
    return local != nullptr && local->flag('u') ? name : lower(name);
  }
  const Runtime* runtime_;
  std::string last_;
};

// `runtime`: for -v.
void print_message(const json& m, bool verbose, const Runtime* runtime) {
  const char mark = m.value("busy", false) ? '*' : m.value("held", false) ? '-' : ' ';
  const auto created = fmt::localtime(static_cast<std::time_t>(m.value("created", 0ll)));
  if (verbose)
    fmt::print("{:13}{} {:7} {:10}{}{:%b %e %H:%M} {:.78}\n", field(m, "id"), mark, m.value("size", 0ull), m.value("priority", 0l), m.value("warned", false) ? '+' : ' ', created,
               escaped(field(m, "given_as")));
  else
    fmt::print("{:13}{} {:7} {:%a %b %e %H:%M} {:.39}\n", field(m, "id"), mark, m.value("size", 0ull), created, escaped(field(m, "given_as")));
  if (!field(m, "quarantine").empty()) fmt::print("     QUARANTINE: {:.{}}\n", field(m, "quarantine"), verbose ? 100 : 60);
  std::string why = field(m, "message");
  for (const auto& r : m["rcpts"])   // of an envelope of version 2
    if (why.empty() && field(r, "state") == "pending") why = deferral(r);
  const std::string body_type = field(m, "body_type");
  if (!why.empty()) fmt::print("    {:>10.10}   ({:.{}})\n", body_type, why, verbose ? 100 : 60);
  else if (!body_type.empty()) fmt::print("    {:>10.10}\n", body_type);
  ControllingUsers controlling(runtime);
  for (const auto& r : m["rcpts"]) {
    if (field(r, "state") != "pending") continue;
    if (verbose) controlling.tell(r);
    if (verbose) fmt::print("\t\t\t\t\t\t{:.78}\n", escaped(field(r, "address")));
    else fmt::print("\t\t\t\t\t {:.38}\n", escaped(field(r, "address")));
    if (verbose && r.value("answered", false)) fmt::print("\t\t ({:.100})\n", deferral(r));
  }
}

// What waits in one place: `shown` of so many.
struct Listed { std::string directory; std::vector<json> shown; size_t requests = 0; };

void print_queue(const Listed& q, bool verbose, const Runtime* runtime) {
  if (q.shown.empty()) {
    fmt::print("{} is empty\n", q.directory);
    return;
  }
  const std::string only = q.shown.size() < q.requests ? fmt::format(", only {} printed", q.shown.size()) : "";
  fmt::print("\t\t{} ({} request{}{})\n", q.directory, q.requests, q.requests == 1 ? "" : "s", only);
  fmt::print("{}\n", verbose ? "-----Q-ID----- --Size-- -Priority- ---Q-Time--- --------Sender/Recipient--------"
                              : "-----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------");
  for (const json& m : q.shown) print_message(m, verbose, runtime);
}

// `one`: that group alone was asked for.
void print_queues(const std::vector<Listed>& queues, bool one, bool verbose, const Runtime* runtime) {
  size_t requests = 0;
  for (const Listed& q : queues) {
    print_queue(q, verbose, runtime);
    requests += q.requests;
  }
  if (!one) fmt::print("\t\tTotal requests: {}\n", requests);
}

// The submission program's queue is the drop folder: what users left while no engine ran. Only root and the engine may list it.
int print_dropped(const Invocation& call, const SendmailOptions& options) {
  RuntimeRequest request = runtime_request(call, options);
  if (!options.config_given) request.config_file = std::string(kSubmitCf);
  const auto runtime = open_runtime(request);
  if (const int rc = report_diagnostics(*runtime); rc != EX_OK) return rc;
  auto dropped = queue::read_drops(kernel_file_system(), rooted(call, kDropDirectory));
  if (!dropped.ok() && dropped.error().sys != ENOENT) {
    fmt::print(stderr, "You are not permitted to see the queue\n");
    return EX_NOPERM;
  }
  std::vector<queue::Envelope> waiting;
  if (dropped.ok())
    for (queue::Dropped& d : *dropped) {
      d.envelope.id = d.name;
      waiting.push_back(std::move(d.envelope));
    }
  const queue::RunRules rules = queue::rules_of(runtime->config->options);
  queue::sort_for_run(waiting, rules, system_random());
  const std::string& directory = runtime->config->options.queue_directory;
  Listed listed;
  listed.directory = directory.empty() ? rooted(call, kDropDirectory) : directory;
  listed.requests = queue::cut_for_run(waiting, rules);
  for (const queue::Envelope& e : waiting) listed.shown.push_back(json::parse(admin::envelope_to_json(e, false), nullptr, false));
  print_queues({listed}, false, options.verbose, runtime.get());
  return EX_OK;
}

}  // namespace

int mode_bp(const Invocation& call, const SendmailOptions& options) {
  if (options.config_kind == 'c') return print_dropped(call, options);
  if (const int rc = may_submit(call, options); rc != EX_OK) return rc;
  if (!knows_queue_group(call, options)) return EX_OK;
  EngineAccess engine(call);
  json wanted{{"verb", "queue.list"}, {"as_run", true}};
  write_selection(wanted, options);
  write_run_rules(wanted, options);
  auto reply = engine.ask(admin::Frame(wanted.dump(-1, ' ', false, json::error_handler_t::replace), ""), std::chrono::seconds(60));
  if (!reply.ok()) {
    fmt::print(stderr, "mailq: {}\n", reply.error().text);
    return EX_TEMPFAIL;
  }
  const json answer = json::parse(reply->json, nullptr, false);
  if (!answer.is_object() || !answer.value("ok", false)) {
    fmt::print(stderr, "You are not permitted to see the queue\n");  // sendmail: restrictmailq, savemail.c
    return EX_NOPERM;
  }
  const json& zone = answer["time_zone"];
  use_time_zone(zone.is_string() ? std::optional<std::string>(zone.get<std::string>()) : std::nullopt);
  std::vector<Listed> queues;
  for (const json& group : answer["groups"]) {
    const json& messages = group["messages"];
    queues.push_back(Listed{field(group, "directory"), {messages.begin(), messages.end()}, group.value("requests", messages.size())});
  }
  const auto runtime = options.verbose ? open_runtime(runtime_request(call, options)) : nullptr;
  print_queues(queues, options.queue_group.has_value(), options.verbose, runtime.get());
  return EX_OK;
}

// sendmail -bP: how many messages, from shared memory; there is none, which is what sendmail says then too.
int mode_bP(const Invocation& call, const SendmailOptions& options) {
  if (const int rc = may_submit(call, options); rc != EX_OK) return rc;
  fmt::print("Data unavailable: shared memory not updated\n");
  return EX_OK;
}

}  // namespace hky::cmd
