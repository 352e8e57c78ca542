// What fails a message as a whole, before anybody is asked: too many hops, and what refused it while a command handed it over.
// sendmail: deliver.c sendall(), envelope.c dropenvelope().
#include <fmt/format.h>

#include <algorithm>

#include "base/sysexits.h"
#include "deliver/deliverer_impl.h"

namespace hky::deliver {
namespace {

// sendmail: e_sendqueue: who is first in it: also one for whom others stand, where the message was not taken apart: it has one recipient, or its
// expansion met a fault.
std::string first_of(const queue::Envelope& e) {
  const auto fault = [](const std::string& line) { return line.starts_with('4') || line.starts_with('5'); };
  const bool whole = queue::pending(e.rcpts) == 1 || std::any_of(e.said.begin(), e.said.end(), fault);
  for (const queue::Rcpt& r : e.rcpts) {
    if (r.state == queue::RcptState::kDelivered || r.state == queue::RcptState::kFailed) continue;
    if (!whole || r.alias_of.empty()) return r.address;
    return r.final_rcpt.empty() ? r.alias_of : r.final_rcpt;
  }
  return {};
}

}  // namespace

// sendmail: sendall(): MaxHopCount, our own Received: counted. All recipients fail.
net::Task<bool> Deliverer::Impl::too_many_hops(Work& w) {
  const queue::Envelope& e = w.envelope();
  const long max = w.settings->config->options.max_hop_count;
  if (e.is_report || e.hops + 1 <= max) co_return false;
  std::string via = "localhost";
  for (const auto& [name, value] : e.macros)
    if (name == "client_ptr" && !value.empty()) via = value;   // sendmail: RealHostName
  w.fates.assign(e.rcpts.size(), std::nullopt);
  w.mailers.assign(e.rcpts.size(), nullptr);
  for (size_t i = 0; i < e.rcpts.size(); ++i) {
    if (e.rcpts[i].state != queue::RcptState::kPending) continue;
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
  co_return true;
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
