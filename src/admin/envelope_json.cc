#include "admin/envelope_json.h"

#include <nlohmann/json.hpp>

namespace hky::admin {
namespace {

const char* state_name(queue::RcptState state) {
  switch (state) {
    case queue::RcptState::kPending: return "pending";
    case queue::RcptState::kDelivered: return "delivered";
    case queue::RcptState::kFailed: return "failed";
    case queue::RcptState::kExpanded: return "expanded";
  }
  return "pending";
}

std::string bare(const std::string& s) { return s.size() >= 2 && s.front() == '<' && s.back() == '>' ? s.substr(1, s.size() - 2) : s; }

nlohmann::json rcpt_to_json(const queue::Rcpt& r) {
  nlohmann::json j{{"address", r.address}, {"state", state_name(r.state)}};
  if (!r.mailer.empty()) j["mailer"] = r.mailer;
  if (!r.host.empty()) j["host"] = r.host;
  if (!r.user.empty()) j["user"] = r.user;
  if (!r.alias_of.empty()) j["alias_of"] = r.alias_of;
  if (!r.final_rcpt.empty()) j["final_rcpt"] = r.final_rcpt;
  if (!r.controlling_user.empty()) j["controlling_user"] = r.controlling_user;
  if (r.tries > 0) {
    j["tries"] = r.tries;
    j["last_try"] = r.last_try;
  }
  if (!r.status.empty()) j["status"] = r.status;
  if (!r.last_reply.empty()) j["last_reply"] = r.last_reply;
  if (r.answered) j["answered"] = true;
  if (!r.remote_mta.empty()) j["remote_mta"] = r.remote_mta;
  for (const queue::Attempt& a : r.attempts) j["attempts"].push_back({{"when", a.when}, {"relay", a.relay}, {"status", a.status}, {"reply", a.reply}});
  return j;
}

}  // namespace

std::string envelope_to_json(const queue::Envelope& e, bool busy) {
  const std::string given = queue::sender_as_given(e, e.sender);
  const std::string shown = !given.empty() ? given : e.is_report ? "MAILER-DAEMON" : "<>";   // as mailq shows it
  nlohmann::json j{{"id", e.id},         {"sender", bare(given)},  {"given_as", shown},      {"size", e.size},
                   {"created", e.created}, {"next_try", e.next_try}, {"tries", e.tries},
                   {"priority", e.priority}, {"busy", busy},           {"held", e.held}, {"warned", e.warning_sent}};
  if (!e.message.empty()) j["message"] = e.message;
  if (!e.quarantine_reason.empty()) j["quarantine"] = e.quarantine_reason;
  if (!e.queue_group.empty()) j["queue_group"] = e.queue_group;
  if (!e.body_type.empty()) j["body_type"] = e.body_type;
  j["rcpts"] = nlohmann::json::array();
  for (const auto& r : e.rcpts) j["rcpts"].push_back(rcpt_to_json(r));
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace hky::admin
