#include "admin/control.h"

namespace hky::admin {

net::Task<Result<Frame>> ask(net::Loop& loop, net::Network& network, std::string socket_path, Frame request, Duration limit) {
  const MonoTime until = loop.clock().mono() + limit;
  net::Endpoint at;
  at.address = socket_path;
  at.is_unix = true;
  auto stream = co_await network.connect(loop, at, std::string(), until);
  if (!stream.ok()) co_return temporary_error("no engine is running (" + socket_path + ": " + stream.error().text + ")");
  auto sent = co_await write_frame(**stream, std::move(request), until);
  if (!sent.ok()) co_return sent.error();
  FrameLimits limits;
  co_return co_await read_frame(**stream, limits, until);
}

}  // namespace hky::admin
