// The engine's end of the agent: see remote_agent.h.
#include "ipc/remote_agent.h"

#include "base/sysexits.h"
#include "ipc/messages.h"
#include "ipc/requests.h"

namespace hky::ipc {
namespace {

constexpr const char* kGone = "delivery agent is not there";

Outcome deferred() {
  Outcome o;
  o.exit_code = EX_TEMPFAIL;
  o.dsn = "4.3.0";
  o.output = kGone;
  return o;
}

}  // namespace

struct RemoteAgent::Impl {
  explicit Impl(std::shared_ptr<Requests> r) : requests(std::move(r)) {}

  // The reply's fields into `reply`; false: the agent went, or said what we do not understand.
  template <class Request, class Reply>
  net::Task<bool> call(net::Loop& caller, Kind kind, Request request, Reply& reply, std::vector<Descriptor> with = {}) {
    std::string payload;
    Encoder e(payload);
    put(e, request);
    Requests::Answer a = co_await requests->ask(caller, uint8_t(kind), std::move(payload), Duration::max(), std::move(with));
    if (!a.arrived) co_return false;
    Decoder d(a.payload);
    get(d, reply);
    co_return d.finished();
  }

  std::shared_ptr<Requests> requests;
};

RemoteAgent::RemoteAgent(net::Loop& loop, std::unique_ptr<net::Stream> stream)
    : impl_(std::make_shared<Impl>(Requests::open(loop, std::move(stream)))) {}

RemoteAgent::~RemoteAgent() { close(); }

bool RemoteAgent::connected() const { return impl_->requests->connected(); }
void RemoteAgent::close() { impl_->requests->close(); }

net::Task<std::vector<Outcome>> RemoteAgent::deliver_mbox(net::Loop& loop, std::vector<DeliverMbox> batch) {
  const size_t count = batch.size();
  std::vector<Outcome> out;
  bool answered = co_await impl_->call(loop, Kind::kDeliverMbox, std::move(batch), out);
  if (!answered || out.size() != count) out.assign(count, deferred());
  co_return out;
}

net::Task<Outcome> RemoteAgent::deliver_maildir(net::Loop& loop, DeliverMaildir request) {
  Outcome out;
  bool answered = co_await impl_->call(loop, Kind::kDeliverMaildir, std::move(request), out);
  if (!answered) out = deferred();
  co_return out;
}

net::Task<Outcome> RemoteAgent::append_file(net::Loop& loop, AppendFile request) {
  Outcome out;
  bool answered = co_await impl_->call(loop, Kind::kAppendFile, std::move(request), out);
  if (!answered) out = deferred();
  co_return out;
}

net::Task<Outcome> RemoteAgent::run_program(net::Loop& loop, RunProgram request) {
  Outcome out;
  bool answered = co_await impl_->call(loop, Kind::kRunProgram, std::move(request), out);
  if (!answered) out = deferred();
  co_return out;
}

net::Task<Outcome> RemoteAgent::speak_to(net::Loop& loop, RunProgram request, Descriptor input, Descriptor output) {
  std::vector<Descriptor> ends;
  ends.push_back(std::move(input));
  ends.push_back(std::move(output));
  Outcome out;
  bool answered = co_await impl_->call(loop, Kind::kSpeakTo, std::move(request), out, std::move(ends));
  if (!answered) out = deferred();
  co_return out;
}

net::Task<FileText> RemoteAgent::read_forward(net::Loop& loop, ReadForward request) {
  FileText out;
  bool answered = co_await impl_->call(loop, Kind::kReadForward, std::move(request), out);
  if (!answered) {
    out = FileText();
    out.problem = kGone;
    out.passes = true;
  }
  co_return out;
}

net::Task<FileText> RemoteAgent::read_include(net::Loop& loop, ReadInclude request) {
  FileText out;
  bool answered = co_await impl_->call(loop, Kind::kReadInclude, std::move(request), out);
  if (!answered) {
    out = FileText();
    out.problem = kGone;
    out.passes = true;
  }
  co_return out;
}

net::Task<User> RemoteAgent::lookup_user(net::Loop& loop, LookupUser request) {
  User out;
  bool answered = co_await impl_->call(loop, Kind::kLookupUser, std::move(request), out);
  if (!answered) {
    out = User();
    out.temp_fail = true;
  }
  co_return out;
}

}  // namespace hky::ipc
