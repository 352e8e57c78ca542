#include "cmd/submission.h"

#include <pwd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/json_field.h"
#include "base/sysexits.h"
#include "cmd/paths.h"
#include "cmd/request_changes.h"

namespace hky::cmd {
namespace {

using nlohmann::json;

receive::SubmitRequest request_of(const json& j) {
  receive::SubmitRequest r;
  r.sender = admin::field(j, "sender", "");
  r.sender_given = admin::field(j, "sender_given", "").c_str()[0];
  r.full_name = admin::field(j, "full_name", "");
  r.read_rcpts = admin::field(j, "read_rcpts", false);
  r.notify = admin::field(j, "notify", "");
  r.ret = admin::field(j, "ret", "");
  r.envid = admin::field(j, "envid", "");
  r.body_type = admin::field(j, "body_type", "");
  r.protocol = admin::field(j, "protocol", "");
  r.protocol_host = admin::field(j, "protocol_host", "");
  r.hop_count = admin::field(j, "hop_count", 0);
  r.no_alias = admin::field(j, "no_alias", false);
  r.gateway = admin::field(j, "gateway", false);
  r.verbose = admin::field(j, "verbose", false);
  const std::string mode = admin::field(j, "delivery_mode", ""), errors = admin::field(j, "error_mode", "");
  if (!mode.empty()) r.delivery_mode = mode[0];
  if (!errors.empty()) r.error_mode = errors[0];
  for (const json& rcpt : admin::list_field(j, "rcpts"))
    if (rcpt.is_string()) r.rcpts.push_back(rcpt.get<std::string>());
  return r;
}

net::Task<receive::DeliveredNow> deliver_now(deliver::Deliverer& deliverer, std::shared_ptr<const deliver::Settings> with, queue::Job job,
                                             receive::DeliverNow how, std::shared_ptr<Told> told) {
  deliver::Foreground f;
  f.traffic_log = told->log;
  f.verbose = how.verbose;
  f.keep_failures = how.keep_failures;
  f.reports_wait = how.reports_wait;
  f.tells_of_report = how.tells_of_report;
  f.say = [told](std::string line) { told->say(line); };
  if (how.refuse_all) {
    const smtp::Reply& reply = *how.refuse_all;
    deliver::Fate refused = deliver::local_fate(EX_UNAVAILABLE, "5.0.0", reply.lines.empty() ? "refused" : reply.lines[0]);
    // sendmail: said while the message was read, of no recipient; what is too large does not go back either
    if (!refused.text.empty()) refused.said = fmt::format("{} {} {}", reply.code, reply.enhanced, refused.text);
    refused.stated = false;
    refused.body_stays = receive::is_too_large(reply);
    f.refuse_all = std::move(refused);
  }
  f.pool = told->pool;
  co_await deliverer.deliver(std::move(job), std::move(with), f);
  told->pool = f.pool;
  receive::DeliveredNow done;
  done.exit_code = how.refuse_all ? EX_OK : f.exit;
  done.failed = std::move(f.failed);
  co_return done;
}

net::Task<bool> save_letter(deliver::Deliverer& deliverer, std::shared_ptr<const deliver::Settings> with, queue::Job job, std::string path,
                            ipc::Who who) {
  deliver::Fate fate = co_await deliverer.save(std::move(job), std::move(with), std::move(path), std::move(who));
  co_return fate.sent();
}

net::Task<> deliver_alone(deliver::Deliverer& deliverer, std::shared_ptr<const deliver::Settings> with, queue::Job job) {
  deliver::Foreground f;
  co_await deliverer.deliver(std::move(job), std::move(with), f);
}

net::Task<> deliver_shown(deliver::Deliverer& deliverer, std::shared_ptr<const deliver::Settings> with, queue::Job job, std::function<void(std::string)> say) {
  auto over = std::make_shared<bool>(false);   // the end of its connections is not shown: sendmail's stay for the session's next message
  deliver::Foreground f;
  f.verbose = true;
  f.say = [say = std::move(say), over](std::string line) {
    if (!*over) say(std::move(line));
  };
  co_await deliverer.deliver(std::move(job), std::move(with), f);
  *over = true;
  co_await deliverer.close(f);
}

}  // namespace

std::function<net::Task<>(queue::Job, std::function<void(std::string)>)> deliver_shown_by(deliver::Deliverer& deliverer, std::shared_ptr<const deliver::Settings> with) {
  deliver::Deliverer* d = &deliverer;
  return [d, with](queue::Job job, std::function<void(std::string)> say) { return deliver_shown(*d, with, std::move(job), std::move(say)); };
}

std::function<void(queue::Job)> deliver_later_by(deliver::Deliverer& deliverer, net::Loop& loop, std::shared_ptr<const deliver::Settings> with) {
  if (!with) return {};
  deliver::Deliverer* d = &deliverer;
  net::Loop* l = &loop;
  return [d, l, with](queue::Job job) { l->spawn(deliver_alone(*d, with, std::move(job))); };
}

std::string user_name(unsigned uid) {
  const passwd* pw = ::getpwuid(uid);
  return pw != nullptr ? pw->pw_name : "unknown";
}

receive::SubmitDoors Submission::doors_for(std::shared_ptr<const deliver::Settings> with, std::shared_ptr<Told> told) {
  receive::SubmitDoors doors;
  doors.say = [told](std::string line) { told->say(line); };
  deliver::Deliverer* d = &deliverer_;
  doors.deliver = [d, with, told](queue::Job job, receive::DeliverNow how) { return deliver_now(*d, with, std::move(job), std::move(how), told); };
  doors.save = [d, with](queue::Job job, std::string path, ipc::Who who) { return save_letter(*d, with, std::move(job), std::move(path), std::move(who)); };
  doors.deliver_later = deliver_later_by(deliverer_, services_.loop, std::move(with));
  return doors;
}

net::Task<Result<admin::SubmitAnswer>> Submission::submit(admin::Caller caller, json j, std::string message) {
  if (!j.is_object() || !caller.uid) co_return permanent_error("submission without a known submitter", 550, "5.7.0");
  auto settings = own_.of(j, caller.privileged, services_.settings());
  if (!settings.ok()) co_return settings.error();
  receive::SubmitRequest r = request_of(j);
  r.user = user_name(*caller.uid);
  const auto receive = settings->receive;
  r.trusted = *caller.uid == 0 || receive->config->trusted_users.count(r.user) != 0;
  // sendmail: main(): auth_warning() of a queue directory that the command line named
  const std::string queue = admin::field(j, "queue_directory", "");
  if (!queue.empty() && *caller.uid != 0) r.warnings.push_back("Processed from queue " + queue);
  auto told = std::make_shared<Told>(admin::field(j, "traffic", 0));
  r.watched = told->log != nullptr;
  receive::Services own = services_;
  own.settings = [receive] { return receive; };
  receive::SubmitDoors doors = doors_for(settings->deliver, told);
  auto outcome = co_await receive::submit_message(own, std::move(doors), std::move(r), std::move(message));
  // sendmail: finis(): connections are closed when all is told
  deliver::Foreground last;
  last.pool = std::move(told->pool);
  co_await deliverer_.close(last);
  if (!outcome.ok()) co_return outcome.error();
  admin::SubmitAnswer answer;
  answer.id = outcome->id;
  answer.exit_code = outcome->exit_code;
  answer.text = std::move(told->text);
  answer.traffic = std::move(told->traffic);
  co_return answer;
}

net::Task<Result<>> Submission::submit_dropped(queue::Dropped dropped) {
  receive::SubmitRequest r;
  r.user = user_name(dropped.uid);
  r.sender = dropped.envelope.sender;
  r.sender_given = r.sender.empty() ? '\0' : 'f';
  r.read_rcpts = dropped.envelope.rcpts.empty();
  r.drop = dropped.envelope.drop;
  r.error_mode = 'm';   // nobody waits for an answer
  for (const auto& rcpt : dropped.envelope.rcpts) r.rcpts.push_back(rcpt.address);
  receive::SubmitDoors doors = doors_for(nullptr, std::make_shared<Told>(0));
  auto outcome = co_await receive::submit_message(services_, std::move(doors), std::move(r), std::move(dropped.message));
  if (!outcome.ok()) co_return outcome.error();
  co_return Result<>();
}

}  // namespace hky::cmd
