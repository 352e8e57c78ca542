// The agent's work in this process: see local_agent.h.
#include "agent/local_agent.h"

#include "agent/append_journal.h"
#include "agent/maildir.h"
#include "agent/mbox.h"
#include "agent/program.h"
#include "agent/safe_file.h"
#include "agent/user_lookup.h"
#include "agent/world.h"

namespace hky::agent {

struct LocalAgent::Impl {
  Impl(FileSystem& files, const Clock& clock, Log& log, AgentOptions o)
      : options(std::move(o)), world(kernel_world(files, clock, log, options.host)), files_pool(options.workers),
        program_pool(options.programs), spoken_pool(options.programs) {
    world.lock_wait = options.lock_wait;
  }
  AgentOptions options;
  World world;
  std::unique_ptr<AppendJournal> journal;
  net::WorkerPool files_pool, program_pool, spoken_pool;  // last: their work refers to the rest
};

LocalAgent::LocalAgent(FileSystem& files, const Clock& clock, Log& log, AgentOptions options)
    : impl_(std::make_unique<Impl>(files, clock, log, std::move(options))) {}
LocalAgent::~LocalAgent() = default;

Result<> LocalAgent::recover() {
  const std::string& dir = impl_->options.state_directory;
  if (dir.empty()) return {};
  HKY_TRY(impl_->world.files.make_directories(dir, 0700));
  HKY_TRY_ASSIGN(impl_->journal, AppendJournal::open(impl_->world.files, dir + "/appends"));
  impl_->world.journal = impl_->journal.get();
  return recover_appends(impl_->world);
}

namespace {

ipc::Outcome append_one(const World& w, const ipc::AppendFile& request) {
  AppendJob job;
  job.as = request.as;
  job.path = request.path;
  job.messages.push_back(request.message);
  job.dot_lock = false;
  job.symlinks = request.symlinks;
  job.hard_links = request.hard_links;
  job.set_id = request.set_id;
  job.below = request.below;
  Result<> done = append_messages(w, job);
  return done.ok() ? delivered() : failed(done.error());
}

std::vector<ipc::Outcome> append_batch(const World& w, const std::vector<ipc::DeliverMbox>& batch) {
  AppendJob job;
  job.as = batch.front().as;
  job.path = batch.front().path;
  for (const ipc::DeliverMbox& d : batch) job.messages.push_back(d.message);
  Result<> done = append_messages(w, job);
  return std::vector<ipc::Outcome>(batch.size(), done.ok() ? delivered() : failed(done.error()));
}

}  // namespace

net::Task<std::vector<ipc::Outcome>> LocalAgent::deliver_mbox(net::Loop& loop, std::vector<ipc::DeliverMbox> batch) {
  if (batch.empty()) co_return std::vector<ipc::Outcome>();
  auto held = std::make_shared<std::vector<ipc::DeliverMbox>>(std::move(batch));
  World& w = impl_->world;
  std::function<std::vector<ipc::Outcome>()> work = [held, &w] { return append_batch(w, *held); };
  co_return co_await impl_->files_pool.run<std::vector<ipc::Outcome>>(loop, std::move(work));
}

net::Task<ipc::Outcome> LocalAgent::deliver_maildir(net::Loop& loop, ipc::DeliverMaildir request) {
  auto held = std::make_shared<ipc::DeliverMaildir>(std::move(request));
  World& w = impl_->world;
  std::function<ipc::Outcome()> work = [held, &w] {
    Result<> done = agent::deliver_maildir(w, *held);
    return done.ok() ? delivered() : failed(done.error());
  };
  co_return co_await impl_->files_pool.run<ipc::Outcome>(loop, std::move(work));
}

net::Task<ipc::Outcome> LocalAgent::append_file(net::Loop& loop, ipc::AppendFile request) {
  auto held = std::make_shared<ipc::AppendFile>(std::move(request));
  World& w = impl_->world;
  std::function<ipc::Outcome()> work = [held, &w] { return append_one(w, *held); };
  co_return co_await impl_->files_pool.run<ipc::Outcome>(loop, std::move(work));
}

net::Task<ipc::Outcome> LocalAgent::run_program(net::Loop& loop, ipc::RunProgram request) {
  auto held = std::make_shared<ipc::RunProgram>(std::move(request));
  World& w = impl_->world;
  size_t limit = impl_->options.output_limit;
  std::function<ipc::Outcome()> work = [held, &w, limit] { return agent::run_program(w, *held, limit); };
  co_return co_await impl_->program_pool.run<ipc::Outcome>(loop, std::move(work));
}

net::Task<ipc::Outcome> LocalAgent::speak_to(net::Loop& loop, ipc::RunProgram request, Descriptor input, Descriptor output) {
  struct Held { ipc::RunProgram request; Descriptor input, output; };
  auto held = std::make_shared<Held>(Held{std::move(request), std::move(input), std::move(output)});
  World& w = impl_->world;
  size_t limit = impl_->options.output_limit;
  std::function<ipc::Outcome()> work = [held, &w, limit] { return speak_to_program(w, held->request, std::move(held->input), std::move(held->output), limit); };
  co_return co_await impl_->spoken_pool.run<ipc::Outcome>(loop, std::move(work));
}

net::Task<ipc::FileText> LocalAgent::read_forward(net::Loop& loop, ipc::ReadForward request) {
  auto held = std::make_shared<ipc::ReadForward>(std::move(request));
  World& w = impl_->world;
  std::function<ipc::FileText()> work = [held, &w] { return agent::read_forward(w, *held); };
  co_return co_await impl_->files_pool.run<ipc::FileText>(loop, std::move(work));
}

net::Task<ipc::FileText> LocalAgent::read_include(net::Loop& loop, ipc::ReadInclude request) {
  auto held = std::make_shared<ipc::ReadInclude>(std::move(request));
  World& w = impl_->world;
  std::function<ipc::FileText()> work = [held, &w] { return agent::read_include(w, *held); };
  co_return co_await impl_->files_pool.run<ipc::FileText>(loop, std::move(work));
}

net::Task<ipc::User> LocalAgent::lookup_user(net::Loop& loop, ipc::LookupUser request) {
  auto held = std::make_shared<ipc::LookupUser>(std::move(request));
  std::function<ipc::User()> work = [held] { return agent::lookup_user(*held); };
  co_return co_await impl_->files_pool.run<ipc::User>(loop, std::move(work));
}

}  // namespace hky::agent
