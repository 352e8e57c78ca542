#include "storage/notices.h"

#include <vector>

namespace hky::storage {

void Notices::notice(uint16_t channel, const Bytes& text) {
  std::vector<std::shared_ptr<Listener>> called;
  {
    std::lock_guard lock(hub_->mutex);
    auto [first, last] = hub_->listeners.equal_range(channel);
    for (auto it = first; it != last;) {
      auto listener = it->second.lock();
      if (!listener) {
        it = hub_->listeners.erase(it);
        continue;
      }
      called.push_back(std::move(listener));
      ++it;
    }
  }
  for (const auto& listener : called) {
    std::lock_guard lock(listener->busy);
    if (listener->heard) listener->heard(text);
  }
}

std::shared_ptr<void> Notices::listen(uint16_t channel, std::function<void(Bytes)> heard) {
  auto listener = std::make_shared<Listener>();
  listener->heard = std::move(heard);
  {
    std::lock_guard lock(hub_->mutex);
    hub_->listeners.emplace(channel, listener);
  }
  return {listener.get(), [listener](void*) {
            std::lock_guard lock(listener->busy);
            listener->heard = nullptr;
          }};
}

}  // namespace hky::storage
