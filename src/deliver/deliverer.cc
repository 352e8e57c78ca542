#include "deliver/deliverer.h"

#include "deliver/deliverer_impl.h"

namespace hky::deliver {

Deliverer::Deliverer(Services services, std::shared_ptr<const Settings> settings)
    : impl_(std::make_unique<Impl>(services, std::move(settings))) {}
Deliverer::~Deliverer() = default;

net::Task<> Deliverer::run() { co_await impl_->run(); }

net::Task<> Deliverer::Impl::run() {
  while (!stopping) {
    const bool free = co_await room.acquire();
    if (!free || stopping) co_return;
    std::optional<queue::Job> job = co_await s.queue.next_due(s.loop);
    if (!job) co_return;
    if (stopping) {
      s.queue.give_back(job->envelope.id);
      co_return;
    }
    jobs.spawn(work_and_leave(std::move(*job), settings));
  }
}

net::Task<> Deliverer::Impl::work_and_leave(queue::Job job, std::shared_ptr<const Settings> with) {
  co_await work(std::move(job), std::move(with), nullptr);
  room.release();
}

void Deliverer::take(queue::Job job) { impl_->jobs.spawn(impl_->work(std::move(job), impl_->settings, nullptr)); }

net::Task<> Deliverer::deliver(queue::Job job, Reasons* reasons) { co_await impl_->work(std::move(job), impl_->settings, reasons); }

void Deliverer::reload(std::shared_ptr<const Settings> settings) {
  impl_->settings = std::move(settings);
  impl_->pool.close_idle(false);
}

net::Task<> Deliverer::stop(Duration at_most) {
  impl_->stopping = true;
  impl_->pool.close_idle(true);
  const MonoTime until = impl_->s.clock.mono() + at_most;
  while (impl_->jobs.size() > 0 && impl_->s.clock.mono() < until) co_await impl_->s.loop.sleep(std::chrono::milliseconds(20));
  while (impl_->pool.connections() > 0 && impl_->s.clock.mono() < until) co_await impl_->s.loop.sleep(std::chrono::milliseconds(20));
}

size_t Deliverer::active_jobs() const { return impl_->jobs.size(); }
size_t Deliverer::open_connections() const { return impl_->pool.connections(); }

net::Task<> Deliverer::Impl::work(queue::Job job, std::shared_ptr<const Settings> with, Reasons* reasons) {
  Work w(s.loop, std::move(job), std::move(with), reasons);
  w.started = now();
  const bool there = co_await open_message(w);
  if (!there) co_return;
  if (too_many_hops(w)) {
    co_await conclude(w);
    co_return;
  }
  Resolved resolved = co_await resolver.resolve(w);
  w.mailers.assign(w.envelope().rcpts.size(), nullptr);
  if (resolved.grown || !resolved.owned.empty()) {
    co_await regroup(w, std::move(resolved));
    co_return;
  }
  co_await attempt(w, std::move(resolved.targets));
  co_await conclude(w);
}

}  // namespace hky::deliver
