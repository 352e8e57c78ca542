#include "policy/rates.h"

#include <algorithm>
#include <numeric>
#include <utility>

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

Rates::Daemon& Rates::daemon(std::string_view name) {
  const auto it = daemons_.find(name);
  return it != daemons_.end() ? it->second : daemons_[std::string(name)];
}

Rates::Turn Rates::enter(std::string_view name, int64_t now, const Limits& limits) {
  std::lock_guard lock(mutex_);
  Daemon& d = daemon(name);
  if (limits.at_once > 0 && inside_ >= limits.at_once) return Turn::kTooMany;
  if (limits.of_daemon > 0 && d.inside >= limits.of_daemon) return Turn::kDaemonFull;
  if (limits.per_second > 0) {
    if (std::exchange(d.second, now) != now) d.came = 0;
    if (d.came >= limits.per_second) return Turn::kTooFast;
    ++d.came;
  }
  ++d.inside;
  ++inside_;
  return Turn::kYours;
}

void Rates::left(std::string_view name) {
  std::lock_guard lock(mutex_);
  --daemon(name).inside;
  --inside_;
}

}  // namespace hky::policy
