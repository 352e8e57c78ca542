// WorkerPool: threads for what blocks: see loop.h.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "net/loop.h"

namespace hky::net {

struct WorkerPool::Impl {
  std::mutex mutex;
  std::condition_variable more;
  std::deque<std::function<void()>> work;
  bool stopping = false;
  unsigned idle = 0;
  unsigned limit = 1;
  std::vector<std::thread> threads;

  void serve() {
    std::unique_lock hold(mutex);
    for (;;) {
      ++idle;
      more.wait(hold, [this] { return stopping || !work.empty(); });
      --idle;
      if (work.empty()) return;
      auto job = std::move(work.front());
      work.pop_front();
      hold.unlock();
      job();
      job = nullptr;
      hold.lock();
    }
  }
};

WorkerPool::WorkerPool(unsigned threads) : impl_(std::make_unique<Impl>()) { impl_->limit = threads == 0 ? 1 : threads; }

// Work already submitted is done first.
WorkerPool::~WorkerPool() {
  {
    std::lock_guard hold(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->more.notify_all();
  for (std::thread& t : impl_->threads) t.join();
}

void WorkerPool::submit(std::function<void()> work) {
  std::lock_guard hold(impl_->mutex);
  impl_->work.push_back(std::move(work));
  // Threads come with the work, so that a process which never blocks has none.
  if (impl_->idle < impl_->work.size() && impl_->threads.size() < impl_->limit) {
    impl_->threads.emplace_back([impl = impl_.get()] { impl->serve(); });
  } else {
    impl_->more.notify_one();
  }
}

}  // namespace hky::net
