#include "policy/rates.h"

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
  in_second_ = now == second_ ? in_second_ + 1 : 1;
  second_ = now;
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

unsigned Rates::this_second(int64_t now) const {
  std::lock_guard lock(mutex_);
  return now == second_ ? in_second_ : 0;
}

}  // namespace hky::policy
