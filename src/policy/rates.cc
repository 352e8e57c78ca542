#include "policy/rates.h"

#include <algorithm>
#include <numeric>

namespace hky::policy {

void Rates::Window::advance(int64_t to) {
  if (to <= step) return;
  int64_t gone = to - step;
  for (int64_t i = 1; i <= gone && i <= kSteps; ++i) counts[static_cast<size_t>((step + i) % kSteps)] = 0;
  step = to;
}

unsigned Rates::Window::sum() const { return std::accumulate(counts.begin(), counts.end(), 0u); }

Rates::Counts Rates::opened(std::string_view client, int64_t now) {
  std::lock_guard lock(mutex_);
  int64_t step = now * kSteps / window_;
  auto [it, fresh] = clients_.try_emplace(std::string(client));
  Client& c = it->second;
  if (fresh) {
    c.window.step = step;
    order_.push_back(it->first);
  } else {
    order_.splice(order_.end(), order_, c.seen);
  }
  c.seen = std::prev(order_.end());
  for (Window* w : {&c.window, &total_}) {
    w->advance(step);
    ++w->counts[static_cast<size_t>(w->step % kSteps)];
  }
  ++c.open;
  ++open_;
  Counts out{c.window.sum(), total_.sum(), c.open, static_cast<unsigned>(open_)};
  forget_old();
  return out;
}

void Rates::forget_old() {
  while (clients_.size() > kMaxClients) {
    auto it = clients_.find(order_.front());
    if (it->second.open > 0) {  // still here: counts as seen
      order_.splice(order_.end(), order_, order_.begin());
      return;
    }
    order_.pop_front();
    clients_.erase(it);
  }
}

void Rates::closed(std::string_view client) {
  std::lock_guard lock(mutex_);
  auto it = clients_.find(std::string(client));
  if (it != clients_.end() && it->second.open > 0) --it->second.open;
  if (open_ > 0) --open_;
}

size_t Rates::open() const {
  std::lock_guard lock(mutex_);
  return open_;
}

void Rates::set_window(int64_t seconds) {
  std::lock_guard lock(mutex_);
  const int64_t window = std::max<int64_t>(seconds, kSteps);
  if (window == window_) return;
  window_ = window;
  total_ = Window();
  for (auto& [name, client] : clients_) client.window = Window();
}

Rates::Turn Rates::enter(std::string_view daemon, int64_t now, long at_once, long per_second) {
  std::lock_guard lock(mutex_);
  if (at_once > 0 && inside_ >= at_once) return Turn::kTooMany;
  if (per_second > 0) {
    auto it = seconds_.find(daemon);
    if (it == seconds_.end()) it = seconds_.emplace(std::string(daemon), Second()).first;
    if (it->second.at != now) it->second = Second{now, 0};
    if (it->second.came >= per_second) return Turn::kTooFast;
    ++it->second.came;
  }
  ++inside_;
  return Turn::kYours;
}

void Rates::left() {
  std::lock_guard lock(mutex_);
  --inside_;
}

}  // namespace hky::policy
