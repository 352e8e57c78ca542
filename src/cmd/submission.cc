#include "cmd/submission.h"

#include <pwd.h>

#include <nlohmann/json.hpp>

#include "admin/json_field.h"

namespace hky::cmd {

std::string user_name(unsigned uid) {
  const passwd* pw = ::getpwuid(uid);
  return pw != nullptr ? pw->pw_name : "unknown";
}
net::Task<Result<std::string>> Submission::submit(admin::Caller caller, std::string request, std::string message) {
  const auto j = nlohmann::json::parse(request, nullptr, false);
  if (!j.is_object() || !caller.uid) co_return permanent_error("submission without a known submitter", 550, "5.7.0");
  receive::SubmitRequest r;
  r.user = user_name(*caller.uid);
  const auto config = services_.settings()->config;
  r.trusted = *caller.uid == 0 || config->trusted_users.count(r.user) != 0;
  r.sender = admin::field(j, "sender", "");
  r.sender_given = admin::field(j, "sender_given", false);
  r.full_name = admin::field(j, "full_name", "");
  r.read_rcpts = admin::field(j, "read_rcpts", false);
  r.notify = admin::field(j, "notify", "");
  r.ret = admin::field(j, "ret", "");
  r.envid = admin::field(j, "envid", "");
  r.body_type = admin::field(j, "body_type", "");
  r.protocol = admin::field(j, "protocol", "");
  const std::string mode = admin::field(j, "delivery_mode", "");
  if (!mode.empty()) r.delivery_mode = mode[0];
  for (const auto& rcpt : admin::list_field(j, "rcpts"))
    if (rcpt.is_string()) r.rcpts.push_back(rcpt.get<std::string>());
  co_return co_await receive::submit_message(services_, std::move(r), std::move(message));
}

net::Task<Result<>> Submission::submit_dropped(queue::Dropped dropped) {
  receive::SubmitRequest r;
  r.user = user_name(dropped.uid);
  r.sender = dropped.envelope.sender;
  r.sender_given = !r.sender.empty();
  r.read_rcpts = dropped.envelope.rcpts.empty();
  r.drop = dropped.envelope.drop;
  for (const auto& rcpt : dropped.envelope.rcpts) r.rcpts.push_back(rcpt.address);
  auto id = co_await receive::submit_message(services_, std::move(r), std::move(dropped.message));
  if (!id.ok()) co_return id.error();
  co_return Result<>();
}

}  // namespace hky::cmd
