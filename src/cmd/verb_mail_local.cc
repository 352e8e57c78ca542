// mail.local [-7] [-b] [-d] [-l] [-f FROM | -r FROM] [-h FILE] USER...: the message on standard input into the users' mailboxes, or, with
// -l, LMTP on standard input and output. Appends as the engine's own [mbox] mailer does (agent/mbox.h), as each user. Run by root: by an
// older configuration's local mailer, or by hand. sendmail: mail.local(8).
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "agent/local_agent.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/sysexits.h"
#include "cmd/children.h"
#include "cmd/host_identity.h"
#include "cmd/mail_local_lmtp.h"
#include "cmd/paths.h"
#include "cmd/small_options.h"
#include "cmd/submission.h"
#include "proto/mail/body_writer.h"
#include "proto/mail/date.h"
#include "proto/mail/from_line.h"

namespace hky::cmd {
namespace {

using Verdict = MailLocalLmtp::Verdict;

constexpr std::string_view kLetters = "7bdD:f:h:r:l";
constexpr std::string_view kUsage = "usage: mail.local [-7] [-b] [-d] [-l] [-f from|-r from] [-h filename] user ...";
constexpr std::string_view kMailboxes = "/var/mail";

// A line that looks like the next message's first is no such line; the last one has its end.
std::string mbox_text(const std::string& sender, std::string_view message) {
  mail::BodyStyle style;
  style.escape_from = true;
  mail::BodyWriter writer(style);
  std::string out = mail::from_line(sender, mail::ctime_date(unix_seconds(system_clock().wall()), gmt_offset_minutes()));
  writer.write(message, out);
  writer.finish(out);
  return out + '\n';
}

class MailLocal {
 public:
  MailLocal(const Invocation& call, std::string file, bool bounces_when_full)
      : root_(call.root), file_(std::move(file)), bounces_when_full_(bounces_when_full), log_(system_log(call.root)), agent_(kernel_file_system(), system_clock(), *log_, options()) {}

  ipc::User find(std::string_view name) {
    ipc::LookupUser question;
    question.name = std::string(name);
    ipc::User user = net::run_blocking(loop_, agent_.lookup_user(loop_, question));
    user.found = user.found && user.name == name;
    return user;
  }

  Verdict deliver(const ipc::User& user, const std::string& sender, std::string_view message) {
    if (::geteuid() != 0 && root_.empty()) return failed(fmt::format("setreuid(0, {}): Operation not permitted (r={}, e={})", user.uid, ::getuid(), ::geteuid()));
    ipc::DeliverMbox request;
    request.as = ipc::Who{user.name, user.uid, user.gid, user.home};
    const std::string path = file_.empty() ? fmt::format("{}/{}", kMailboxes, user.name) : user.home + "/" + file_;
    request.path = root_ + path;
    if (const std::string fault = fault_of(request.path, user.uid); !fault.empty()) return failed(path + ": " + fault);
    request.message = mbox_text(sender, message);
    const auto done = net::run_blocking(loop_, put(agent_, loop_, std::move(request)));
    Verdict v;
    v.sent = done.exit_code == EX_OK;
    v.temporary = done.exit_code == EX_TEMPFAIL && !(bounces_when_full_ && done.dsn == "4.2.2");
    v.dsn = v.temporary || done.dsn.empty() ? done.dsn : "5" + done.dsn.substr(1);
    v.words = done.output;
    return v;
  }

  void complain(const std::string& words) {
    fmt::print(stderr, "mail.local: {}\n", words);
    log_->line(0, LogPriority::kError, "", words);
  }

 private:
  static agent::AgentOptions options() {
    agent::AgentOptions o;
    o.host = kernel_host_name();
    return o;
  }
  static net::Task<ipc::Outcome> put(agent::LocalAgent& agent, net::Loop& loop, ipc::DeliverMbox request) {
    std::vector<ipc::DeliverMbox> batch;
    batch.push_back(std::move(request));
    std::vector<ipc::Outcome> done = co_await agent.deliver_mbox(loop, std::move(batch));
    co_return std::move(done.at(0));
  }
  static Verdict failed(std::string words) {
    Verdict v;
    v.dsn = "5.2.0";
    v.words = std::move(words);
    return v;
  }
  // What mail.local will not write to, in its words.
  static std::string fault_of(const std::string& path, unsigned uid) {
    const auto st = kernel_file_system().lstat(path);
    if (!st.ok()) return {};
    if (st->links != 1) return "too many links";
    if (!st->is_file()) return "irregular file";
    if (::geteuid() == 0 && st->uid != uid) return fmt::format("wrong ownership ({})", st->uid);
    return {};
  }

  std::string root_, file_;
  bool bounces_when_full_;
  std::unique_ptr<Log> log_;
  agent::LocalAgent agent_;
  net::Loop loop_{system_clock()};
};

// Lines of standard input, answered as they come: what is read ahead must not wait.
int serve_lmtp(MailLocal& local, bool eight_bit) {
  MailLocalLmtp::Doors doors;
  doors.find = [&local](std::string_view name) { return local.find(name).found ? std::string(name) : std::string(); };
  doors.deliver = [&local](const std::string& user, const std::string& sender, const std::string& message) { return local.deliver(local.find(user), sender, message); };
  MailLocalLmtp session(kernel_host_name(), eight_bit, std::move(doors));
  std::string answer = session.greeting();
  char* line = nullptr;
  size_t room = 0;
  for (ssize_t n = 0; !session.over();) {
    std::fwrite(answer.data(), 1, answer.size(), stdout);
    std::fflush(stdout);
    if ((n = ::getline(&line, &room, stdin)) <= 0) break;
    std::string_view text(line, static_cast<size_t>(n));
    if (text.ends_with('\n')) text.remove_suffix(1);
    answer = session.line(text);
  }
  if (session.over()) std::fwrite(answer.data(), 1, answer.size(), stdout);
  std::free(line);
  return EX_OK;
}

std::string read_all() {
  std::string all;
  char block[64 * 1024];
  for (size_t n = 0; (n = std::fread(block, 1, sizeof block, stdin)) > 0;) all.append(block, n);
  return all;
}

}  // namespace

int verb_mail_local(const Invocation& call) {
  const SmallOptions o = small_options(call.args, kLetters);
  MailLocal local(call, o.value('h'), o.has('b'));
  if (!o.complaint.empty()) fmt::print(stderr, "{}: {}\n", call.program, o.complaint);
  size_t senders = 0;
  for (const auto& [letter, value] : o.given) senders += letter == 'f' || letter == 'r' ? 1 : 0;
  if (senders > 1) local.complain("Multiple -f options");
  const bool lmtp = o.has('l');
  if (!o.complaint.empty() || senders > 1 || (o.words.empty() && !lmtp)) {
    local.complain(std::string(kUsage));
    return EX_UNAVAILABLE;
  }
  if (o.has('D')) {   // other programs' databases of users: we have none
    local.complain(fmt::format("Can not open mailbox database {}: Service unavailable", o.value('D')));
    return EX_UNAVAILABLE;
  }
  if (lmtp && !o.words.empty()) {
    fmt::print("421 Users should not be specified in command line if LMTP required\r\n");
    return EX_TEMPFAIL;
  }
  if (lmtp) return serve_lmtp(local, !o.has('7'));
  const std::string sender = senders == 0 ? user_name(::getuid()) : o.value(o.has('f') ? 'f' : 'r');
  const std::string message = read_all();
  int code = EX_OK;
  for (const std::string& name : o.words) {
    const ipc::User user = local.find(name);
    const Verdict v = user.found ? local.deliver(user, sender, message) : Verdict{false, user.temp_fail, "5.1.1", name + ": User unknown"};
    if (v.sent) continue;
    local.complain(v.words);
    if (code != EX_TEMPFAIL) code = v.temporary ? EX_TEMPFAIL : EX_UNAVAILABLE;
  }
  return code;
}

}  // namespace hky::cmd
