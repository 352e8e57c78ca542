// What fails a message as a whole, before anybody is asked: too many hops, and what refused it while a command handed it over.
// sendmail: deliver.c sendall(), envelope.c dropenvelope().
#include <fmt/format.h>

#include <algorithm>

#include "base/sysexits.h"
#include "deliver/deliverer_impl.h"

namespace hky::deliver {
namespace {

bool came_by_smtp(const queue::Envelope& e) {
  return std::any_of(e.macros.begin(), e.macros.end(), [](const auto& m) { return m.first == "r" && !m.second.empty(); });
}

// sendmail: e_sendqueue: who is first in it: also one for whom others stand, where the message was not taken apart: it has one recipient, its
// expansion met a fault, or it was read from the queue.
std::string first_of(const queue::Envelope& e) {
  const auto fault = [](const std::string& line) { return line.starts_with('4') || line.starts_with('5'); };
  const bool whole = queue::pending(e.rcpts) == 1 || read_anew(e) || std::any_of(e.said.begin(), e.said.end(), fault);
  for (const queue::Rcpt& r : e.rcpts) {
    if (r.state == queue::RcptState::kDelivered || r.state == queue::RcptState::kFailed) continue;
    if (!whole || r.alias_of.empty()) return r.address;
    const std::string& named = r.final_rcpt.empty() ? r.alias_of : r.final_rcpt;
    return came_by_smtp(e) ? "<" + named + ">" : named;
  }
  return {};
}

}  // namespace

// sendmail: sendall(): MaxHopCount, our own Received: counted.
bool Deliverer::Impl::has_too_many_hops(const Work& w) {
  const queue::Envelope& e = w.job.envelope;
  return !e.is_report && e.hops + 1 > w.settings->config->options.max_hop_count;
}

// All recipients fail, whatever else is wrong with one.
net::Task<> Deliverer::Impl::refuse_loop(Work& w) {
  const queue::Envelope& e = w.envelope();
  const long max = w.settings->config->options.max_hop_count;
  std::string via = "localhost";
  for (const auto& [name, value] : e.macros)
    if (name == "client_ptr" && !value.empty()) via = value;   // sendmail: RealHostName
  for (size_t i = 0; i < e.rcpts.size(); ++i) {
    if (e.rcpts[i].state != queue::RcptState::kPending) continue;
    // a command's expansion said it already
    const std::string said = w.fates[i] ? w.fates[i]->said : "";
    if (!said.empty() && std::find(e.said.begin(), e.said.end(), said) == e.said.end()) w.transcript.push_back(said);
    w.fates[i] = local_fate(EX_UNAVAILABLE, "5.4.6", "Too many hops");
    w.fates[i]->reply = "554 5.4.6 Too many hops";
    w.fates[i]->stated = false;
    w.mailers[i] = w.settings->config->find_mailer(e.rcpts[i].mailer);
    if (w.mailers[i] != nullptr) continue;
    std::string address = e.rcpts[i].address;
    const route::Address to = co_await route::parse_address(w.ctx, std::move(address), route::Role::kEnvelopeRcpt);
    w.mailers[i] = to.mailer;
  }
  const std::string text = fmt::format("554 5.4.6 Too many hops {} ({} max): from {} via {}, to {}", e.hops + 1, max,
                                       e.sender.empty() ? "<>" : queue::sender_as_given(e, e.sender), via, first_of(e));
  s.log.line(2, LogPriority::kError, e.id, "SYSERR: " + text.substr(text.find("Too")));
  w.transcript.push_back(text);
}

// Timeout.queuereturn=now, as an operator says it to a queue run.
bool Deliverer::Impl::left_untried(Work& w) {
  if (!queue::waited(w.envelope()) || !queue::returned_untried(w.policy().retry, w.envelope())) return false;
  w.mailers.assign(w.envelope().rcpts.size(), nullptr);
  w.fates.assign(w.envelope().rcpts.size(), std::nullopt);
  return true;
}

// The message itself was refused while a command handed it over.
bool Deliverer::Impl::refused_whole(Work& w) {
  if (w.foreground == nullptr || !w.foreground->refuse_all) return false;
  const std::vector<queue::Rcpt>& rcpts = w.envelope().rcpts;
  w.mailers.assign(rcpts.size(), nullptr);
  w.fates.assign(rcpts.size(), std::nullopt);
  for (size_t i = 0; i < rcpts.size(); ++i)
    if (rcpts[i].state == queue::RcptState::kPending) w.fates[i] = w.foreground->refuse_all;
  return true;
}

}  // namespace hky::deliver
