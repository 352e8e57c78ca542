#include "admin/control.h"

namespace hky::admin {

net::Task<Result<Asked>> ask_and_stay(net::Loop& loop, net::Network& network, std::string socket_path, Frame request, Duration limit) {
  const MonoTime until = loop.clock().mono() + limit;
  net::Endpoint at;
  at.address = socket_path;
  at.is_unix = true;
  auto stream = co_await network.connect(loop, at, net::LocalEnd(), until);
  if (!stream.ok()) {
    Error nobody = temporary_error("no engine is running (" + socket_path + ": " + stream.error().text + ")");
    nobody.sys = stream.error().sys;
    co_return nobody;
  }
  auto sent = co_await write_frame(**stream, std::move(request), until);
  if (!sent.ok()) co_return sent.error();
  FrameLimits limits;
  auto answer = co_await read_frame(**stream, limits, until);
  if (!answer.ok()) co_return answer.error();
  Asked asked;
  asked.answer = std::move(*answer);
  asked.stream = std::move(*stream);
  co_return asked;
}

net::Task<Result<Frame>> ask(net::Loop& loop, net::Network& network, std::string socket_path, Frame request, Duration limit) {
  auto asked = co_await ask_and_stay(loop, network, std::move(socket_path), std::move(request), limit);
  if (!asked.ok()) co_return asked.error();
  co_return std::move(asked->answer);
}

}  // namespace hky::admin
