#include "deliver/deliverer.h"

#include "base/sysexits.h"
#include "deliver/deliverer_impl.h"
#include "deliver/header_rewrite.h"
#include "deliver/send_queue.h"

namespace hky::deliver {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);   // with hosts that do not answer QUIT

}  // namespace

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

net::Task<> Deliverer::deliver(queue::Job job, std::shared_ptr<const Settings> with, Foreground& foreground) {
  if (!with) with = impl_->settings;
  co_await impl_->work(std::move(job), std::move(with), &foreground);
}

net::Task<Fate> Deliverer::save(queue::Job job, std::shared_ptr<const Settings> with, std::string path, ipc::Who as) {
  if (!with) with = impl_->settings;
  Fate fate = co_await impl_->save(std::move(job), std::move(with), std::move(path), std::move(as));
  co_return fate;
}

net::Task<> Deliverer::close(Foreground& foreground) {
  const auto pool = std::move(foreground.pool);
  if (!pool) co_return;
  pool->tell_unwelcome();
  const MonoTime until = impl_->s.clock.mono() + kPatience;
  while (pool->connections() > 0 && impl_->s.clock.mono() < until) {
    const size_t before = pool->connections();
    pool->close_latest();
    while (pool->connections() == before && impl_->s.clock.mono() < until) co_await impl_->s.loop.sleep(std::chrono::milliseconds(2));
  }
}

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

net::Task<> Deliverer::Impl::work(queue::Job job, std::shared_ptr<const Settings> with, Foreground* foreground) {
  Work w(s.loop, std::move(job), std::move(with));
  w.started = now();
  w.foreground = foreground;
  const bool there = co_await open_message(w);
  if (!there) co_return;
  if (queue::waited(w.envelope())) w.envelope().priority += w.settings->config->options.retry_factor;   // sendmail: readqf()
  if (refused_whole(w) || left_untried(w)) {
    co_await conclude(w);
    co_return;
  }
  w.loops = has_too_many_hops(w);
  Resolved resolved = co_await resolver.resolve(w);
  co_await sort_send_queue(s.loop, finder, w, resolved);
  w.mailers.assign(w.envelope().rcpts.size(), nullptr);
  if (w.loops) {
    co_await refuse_loop(w);
    co_await conclude(w);
    co_return;
  }
  // a report that a command waits for is not handed out again: at worst, after a crash, it is told twice; a list's part of it has its own sender
  const bool shown = foreground != nullptr && w.envelope().is_report && resolved.owned.empty();
  if (!shown && (resolved.grown || !resolved.owned.empty())) {
    co_await regroup(w, std::move(resolved));
    co_return;
  }
  co_await attempt(w, std::move(resolved.targets));
  co_await conclude(w);
}

net::Task<Fate> Deliverer::Impl::save(queue::Job job, std::shared_ptr<const Settings> with, std::string path, ipc::Who as) {
  Work w(s.loop, std::move(job), std::move(with));
  Fate fate = local_fate(EX_CONFIG, "5.3.5", "no mailer for files");
  const cf::Mailer* file = w.settings->config->find_mailer("*file*");
  if (file == nullptr || !w.job.body) co_return fate;
  read_header(w);
  set_envelope_macros(w.scope, w.envelope(), w.policy());
  cf::Mailer plain = *file;
  plain.flags.reset('9');   // sendmail: savemail(): as it came
  Copy copy = co_await make_copy(w, plain);
  w.envelope().rcpts.resize(1);
  w.fates.assign(1, std::nullopt);
  std::vector<Target> targets(1);
  targets[0].mailer = &plain;
  targets[0].user = std::move(path);
  targets[0].controller = std::move(as);
  co_await local.deliver(w, std::move(targets), std::move(copy.head), std::move(copy.from_line));
  if (w.fates[0]) fate = *w.fates[0];
  co_return fate;
}

}  // namespace hky::deliver
