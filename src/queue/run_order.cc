#include "queue/run_order.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "base/strings.h"

namespace hky::queue {
namespace {

// sendmail: gatherq(): "x@mail.example.com" -> "moc.elpmaxe.liam"; "" where nobody is of another host.
std::string host_backwards(const Envelope& e) {
  for (const Rcpt& r : e.rcpts) {
    const size_t at = r.address.rfind('@');
    if (r.state != RcptState::kPending || at == std::string::npos) continue;
    const std::string host = lower(r.address.substr(at + 1));
    return std::string(host.rbegin(), host.rend());
  }
  return "";
}

// sendmail: the time of the qf file, which each try writes anew.
int64_t changed_at(const Envelope& e) {
  int64_t last = e.created;
  for (const Rcpt& r : e.rcpts) last = std::max(last, r.last_try);
  return last;
}

template <class KeyOf>
void sort_by(std::vector<Envelope>& messages, KeyOf&& key_of) {
  using Key = std::tuple<decltype(key_of(messages.front())), long, int64_t, QueueId>;
  std::vector<std::pair<Key, size_t>> keys;
  for (size_t i = 0; i < messages.size(); ++i) {
    const Envelope& e = messages[i];
    keys.emplace_back(Key(key_of(e), e.priority, e.created, e.id), i);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<Envelope> sorted;
  for (const auto& [key, i] : keys) sorted.push_back(std::move(messages[i]));
  messages = std::move(sorted);
}

}  // namespace

RunRules rules_of(const cf::Options& options) {
  RunRules rules;
  rules.most = options.max_queue_run_size > 0 ? static_cast<size_t>(options.max_queue_run_size) : 0;
  rules.order = options.queue_sort_order;
  return rules;
}

void sort_for_run(std::vector<Envelope>& messages, const RunRules& rules, Random& random) {
  switch (rules.order) {
    case 'h': return sort_by(messages, host_backwards);
    case 't': return sort_by(messages, [](const Envelope& e) { return e.created; });
    case 'f': return sort_by(messages, [](const Envelope& e) { return e.id; });
    case 'm': return sort_by(messages, changed_at);
    case 'n': return;
    case 'r':
    case 's':
      for (size_t left = messages.size(); left > 1; --left) std::swap(messages[left - 1], messages[random.below(left)]);
      return;
    default: return sort_by(messages, [](const Envelope& e) { return e.priority; });
  }
}

size_t cut_for_run(std::vector<Envelope>& messages, const RunRules& rules) {
  const size_t all = messages.size();
  if (rules.most > 0 && all > rules.most) messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(rules.most), messages.end());
  return all;
}

}  // namespace hky::queue
