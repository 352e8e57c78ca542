// Change notices inside one process (clause of Store::notice): listeners by channel, called on the notifier's thread.
// A hint only: an engine that spans machines loses and doubles them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "storage/store.h"

namespace hky::storage {

class Notices {
 public:
  void notice(uint16_t channel, const Bytes& text);
  // The listener lives as long as the answer does.
  std::shared_ptr<void> listen(uint16_t channel, std::function<void(Bytes)> heard);

 private:
  struct Listener {
    std::mutex busy;                       // held during a call: after the owner let go, no call comes
    std::function<void(Bytes)> heard;
  };
  struct Hub {
    std::mutex mutex;
    std::multimap<uint16_t, std::weak_ptr<Listener>> listeners;
  };
  std::shared_ptr<Hub> hub_ = std::make_shared<Hub>();
};

}  // namespace hky::storage
