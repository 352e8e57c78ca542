#include "queue/envelope.h"

#include <algorithm>

#include "base/strings.h"

namespace hky::queue {

constexpr std::string_view kDeliveryMode = "deliveryMode", kList = "list", kAuthor = "list_author" /* as queues have it that only lists wrote */, kTracedId = "traced_id";

uint8_t notify_bits(std::string_view words) {
  uint8_t bits = 0;
  for (const std::string_view word : split(words, ',')) {
    const std::string_view w = trim(word);
    if (iequals(w, "never")) bits |= kNotifyNever;
    if (iequals(w, "success")) bits |= kNotifySuccess;
    if (iequals(w, "failure")) bits |= kNotifyFailure;
    if (iequals(w, "delay")) bits |= kNotifyDelay;
  }
  return bits;
}

bool hears_of_failure(const Rcpt& rcpt) {
  return (rcpt.notify & kNotifyNever) == 0 && (rcpt.notify == 0 || (rcpt.notify & kNotifyFailure) != 0);
}

void note_attempt(Rcpt& rcpt, Attempt attempt) {
  if (attempt.reply.size() > kMaxAttemptReply) attempt.reply.resize(kMaxAttemptReply);
  if (rcpt.attempts.size() == kMaxAttempts) rcpt.attempts.erase(rcpt.attempts.begin());
  rcpt.attempts.push_back(std::move(attempt));
}

std::string sender_as_given(const Envelope& envelope, const std::string& address) {
  bool session = false;
  for (const auto& [name, value] : envelope.macros) {
    if (name == "mail_from" && address == envelope.sender) return value;
    session = session || (name == "r" && !value.empty());
  }
  return session && address.find('@') != std::string::npos ? "<" + address + ">" : address;
}

void trace_deliver_by(Envelope& envelope) { envelope.macros.emplace_back("deliver_by_trace", "T"); }

bool deliver_by_trace(const Envelope& envelope) {
  return std::any_of(envelope.macros.begin(), envelope.macros.end(), [](const auto& m) { return m.first == "deliver_by_trace"; });
}

void set_mode(Envelope& envelope, char mode) {
  end_mode(envelope);
  envelope.macros.emplace_back(kDeliveryMode, std::string(1, mode));
}

char mode_of(const Envelope& envelope) {
  const auto it = std::find_if(envelope.macros.begin(), envelope.macros.end(), [](const auto& m) { return m.first == kDeliveryMode; });
  return it == envelope.macros.end() || it->second.empty() ? '\0' : it->second.front();
}

bool deferred(const Envelope& envelope) { return mode_of(envelope) == 'd'; }

void end_mode(Envelope& envelope) {
  std::erase_if(envelope.macros, [](const auto& m) { return m.first == kDeliveryMode; });
}

void trace_as(Envelope& part, const QueueId& whole) {
  if (traced_id(part) == part.id) part.macros.emplace_back(kTracedId, whole);
}

QueueId traced_id(const Envelope& envelope) {
  for (const auto& [name, value] : envelope.macros)
    if (name == kTracedId) return value;
  return envelope.list_copy ? QueueId() : envelope.id;
}

void add_list(Envelope& envelope, const std::string& list) {
  const std::pair<std::string, std::string> named(kList, list);
  if (std::find(envelope.macros.begin(), envelope.macros.end(), named) == envelope.macros.end()) envelope.macros.push_back(named);
}

std::vector<std::string> lists_of(const Envelope& envelope) {
  std::vector<std::string> out;
  for (const auto& [name, value] : envelope.macros)
    if (name == kList) out.push_back(value);
  return out;
}

size_t pending(const std::vector<Rcpt>& rcpts) {
  return static_cast<size_t>(std::count_if(rcpts.begin(), rcpts.end(), [](const Rcpt& r) { return r.state == RcptState::kPending; }));
}

void add_multiple(Envelope& envelope, Rcpt rcpt, bool owned) {
  if (owned) add_list(envelope, rcpt.address);
  rcpt.state = RcptState::kExpanded;
  envelope.rcpts.push_back(std::move(rcpt));
}

bool is_list(const Envelope& envelope, const Rcpt& rcpt) {
  const std::vector<std::string> lists = lists_of(envelope);
  return std::find(lists.begin(), lists.end(), rcpt.address) != lists.end();
}

void send_as(Envelope& envelope, std::string sender) {
  std::erase_if(envelope.macros, [](const auto& m) { return m.first == "mail_from"; });
  if (author(envelope).empty()) set_author(envelope, envelope.sender);
  envelope.sender = std::move(sender);
}

void set_author(Envelope& envelope, std::string author) { envelope.macros.emplace_back(kAuthor, std::move(author)); }

std::string author(const Envelope& envelope) {
  for (const auto& [name, value] : envelope.macros)
    if (name == kAuthor) return value;
  return {};
}

}  // namespace hky::queue
