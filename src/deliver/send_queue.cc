#include "deliver/send_queue.h"

#include <algorithm>
#include <numeric>

#include "base/strings.h"
#include "deliver/grouping.h"

namespace hky::deliver {
namespace {

Signatures::key_type host_of(const Addressed& a) { return {a.mailer, lower(a.host)}; }

Place place_of(const Work& w, Addressed a) {
  if (a.mailer == nullptr) return {"localhost", std::move(a.user)};
  const auto known = w.signatures.find(host_of(a));
  const bool nowhere = known == w.signatures.end() || known->second.empty();
  return {nowhere ? lower(a.host) : known->second, std::move(a.user)};
}

bool sorts_by_signature(const queue::Envelope& e, const cf::Options& options) {
  if (e.tries > 0) return true;
  return e.is_report ? queue::mode_of(e) == '\0' : options.fast_split <= 0;
}

std::vector<size_t> pending_places(const queue::Envelope& e) {
  std::vector<size_t> out;
  for (size_t i = 0; i < e.rcpts.size(); ++i)
    if (e.rcpts[i].state == queue::RcptState::kPending) out.push_back(i);
  return out;
}

// The recipient that is number from[i] becomes number to[i].
void renumber(Work& w, Resolved& resolved, const std::vector<size_t>& from, const std::vector<size_t>& to) {
  queue::Envelope& e = w.envelope();
  std::vector<size_t> number(e.rcpts.size());
  std::iota(number.begin(), number.end(), 0);
  std::vector<queue::Rcpt> rcpts = e.rcpts;
  std::vector<std::optional<Fate>> fates = w.fates;
  for (size_t i = 0; i < to.size(); ++i) {
    e.rcpts[to[i]] = std::move(rcpts[from[i]]);
    w.fates[to[i]] = std::move(fates[from[i]]);
    number[from[i]] = to[i];
  }
  for (Target& t : resolved.targets) t.rcpt = number[t.rcpt];
  std::stable_sort(resolved.targets.begin(), resolved.targets.end(), [](const Target& a, const Target& b) { return a.rcpt < b.rcpt; });
}

}  // namespace

net::Task<std::vector<Place>> find_places(net::Loop& loop, HostFinder& finder, Work& w, std::vector<Addressed> addresses) {
  std::set<Signatures::key_type> hosts;
  for (const Addressed& a : addresses) hosts.insert(host_of(a));
  const bool several = hosts.size() > 1;
  std::erase_if(hosts, [](const Signatures::key_type& host) { return host.first == nullptr; });
  if (several) co_await find_signatures(loop, finder, w, std::move(hosts));
  std::vector<Place> out;
  for (Addressed& a : addresses) out.push_back(place_of(w, std::move(a)));
  co_return out;
}

net::Task<> sort_send_queue(net::Loop& loop, HostFinder& finder, Work& w, Resolved& resolved) {
  const queue::Envelope& e = w.envelope();
  if (!sorts_by_signature(e, w.settings->config->options)) {
    std::stable_sort(resolved.targets.begin(), resolved.targets.end(), [](const Target& a, const Target& b) { return lower(a.host) < lower(b.host); });
    co_return;
  }
  const std::vector<size_t> pending = pending_places(e);
  std::vector<Addressed> addresses;
  for (const size_t i : pending) {
    const queue::Rcpt& r = e.rcpts[i];
    addresses.push_back({r.mailer.empty() ? nullptr : w.settings->config->find_mailer(r.mailer), r.host, r.user});
  }
  const std::vector<Place> places = co_await find_places(loop, finder, w, std::move(addresses));
  std::vector<size_t> turn(pending.size());
  std::iota(turn.begin(), turn.end(), 0);
  std::stable_sort(turn.begin(), turn.end(), [&places](size_t a, size_t b) { return places[a].before(places[b]); });
  std::vector<size_t> sorted;
  for (const size_t i : turn) sorted.push_back(pending[i]);
  if (sorted != pending) renumber(w, resolved, sorted, pending);
}

}  // namespace hky::deliver
