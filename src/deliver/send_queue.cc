#include "deliver/send_queue.h"

#include <algorithm>
#include <numeric>

#include "base/strings.h"
#include "deliver/grouping.h"

namespace hky::deliver {
namespace {

Signatures::key_type host_of(const Work& w, const queue::Rcpt& r) { return {r.mailer.empty() ? nullptr : w.settings->config->find_mailer(r.mailer), lower(r.host)}; }

// Where `places` go, in their order: the recipient of place new_places[i] goes to places[i].
void move_to(Work& w, Resolved& resolved, const std::vector<size_t>& places, const std::vector<size_t>& new_places) {
  queue::Envelope& e = w.envelope();
  std::vector<size_t> now_at(e.rcpts.size());
  std::iota(now_at.begin(), now_at.end(), 0);
  std::vector<queue::Rcpt> rcpts = e.rcpts;
  std::vector<std::optional<Fate>> fates = w.fates;
  for (size_t i = 0; i < places.size(); ++i) {
    e.rcpts[places[i]] = std::move(rcpts[new_places[i]]);
    w.fates[places[i]] = std::move(fates[new_places[i]]);
    now_at[new_places[i]] = places[i];
  }
  for (Target& t : resolved.targets) t.rcpt = now_at[t.rcpt];
  std::stable_sort(resolved.targets.begin(), resolved.targets.end(), [](const Target& a, const Target& b) { return a.rcpt < b.rcpt; });
}

}  // namespace

bool sorts_by_signature(const queue::Envelope& envelope, const cf::Options& options) {
  if (envelope.tries > 0) return true;
  return envelope.is_report ? queue::mode_of(envelope) == '\0' : options.fast_split <= 0;
}

net::Task<> sort_by_signature(net::Loop& loop, HostFinder& finder, Work& w, Resolved& resolved) {
  const std::vector<queue::Rcpt>& rcpts = w.envelope().rcpts;
  std::vector<size_t> places;
  Signatures signatures;
  for (size_t i = 0; i < rcpts.size(); ++i) {
    if (rcpts[i].state != queue::RcptState::kPending) continue;
    places.push_back(i);
    const Signatures::key_type of = host_of(w, rcpts[i]);
    signatures.try_emplace(of, of.first == nullptr ? "localhost" : of.second);
  }
  if (places.size() < 2) co_return;
  if (signatures.size() > 1) co_await find_signatures(loop, finder, *w.settings, signatures);
  for (auto& [of, signature] : signatures)
    if (signature.empty()) signature = of.second;   // DNS knows none
  std::vector<size_t> sorted = places;
  std::stable_sort(sorted.begin(), sorted.end(), [&](size_t a, size_t b) {
    const int by_host = signatures[host_of(w, rcpts[a])].compare(signatures[host_of(w, rcpts[b])]);
    return by_host != 0 ? by_host < 0 : rcpts[a].user > rcpts[b].user;
  });
  if (sorted != places) move_to(w, resolved, places, sorted);
}

void sort_by_host(std::vector<Target>& targets) {
  std::stable_sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) { return lower(a.host) < lower(b.host); });
}

}  // namespace hky::deliver
