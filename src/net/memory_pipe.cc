// Two stream ends in memory: see stream.h. What one end writes the other reads; nothing is lost, nothing waits to be written.
#include <algorithm>
#include <cstring>

#include "net/address.h"
#include "net/stream.h"
#include "net/waiter.h"

namespace hky::net {
namespace {

struct Direction {
  std::string bytes;
  bool ended = false;  // the writer is done
  WaitQueue readers;
};

class MemoryStream : public Stream {
 public:
  MemoryStream(Loop& loop, std::shared_ptr<Direction> in, std::shared_ptr<Direction> out)
      : loop_(loop), in_(std::move(in)), out_(std::move(out)) {}
  ~MemoryStream() override { MemoryStream::close(); }

  Task<Result<size_t>> read(std::span<char> buf, MonoTime deadline) override {
    std::shared_ptr<Direction> in = in_;
    for (;;) {
      std::optional<Result<size_t>> got = try_read(buf);
      if (got) co_return std::move(*got);
      Waiter w(loop_);
      w.join(in->readers);
      w.set_deadline(deadline);
      Waiter::Outcome how = co_await w;
      if (how == Waiter::Outcome::kTimedOut) co_return timed_out();
      if (how == Waiter::Outcome::kClosed) co_return closed_here();
    }
  }

  std::optional<Result<size_t>> try_read(std::span<char> buf) override {
    if (closed_) return Result<size_t>(closed_here());
    size_t n = std::min(buf.size(), in_->bytes.size());
    if (n == 0) return in_->ended ? std::optional<Result<size_t>>(size_t{0}) : std::nullopt;
    std::memcpy(buf.data(), in_->bytes.data(), n);
    in_->bytes.erase(0, n);
    return Result<size_t>(n);
  }

  Task<Result<>> write(std::string_view bytes, MonoTime) override {
    if (closed_) co_return closed_here();
    if (out_->ended) co_return socket_error(EPIPE, "write to", peer());
    out_->bytes += bytes;
    out_->readers.finish_all(Waiter::Outcome::kDone);
    co_return Result<>();
  }
  Task<Result<>> write2(std::string_view a, std::string_view b, MonoTime deadline) override {
    Result<> first = co_await write(a, deadline);
    if (!first.ok()) co_return first;
    co_return co_await write(b, deadline);
  }

  void shutdown_write() override {
    out_->ended = true;
    out_->readers.finish_all(Waiter::Outcome::kDone);
  }
  void close() override {
    if (closed_) return;
    closed_ = true;
    shutdown_write();
    in_->ended = true;  // the other end's writes fail
    in_->readers.finish_all(Waiter::Outcome::kClosed);
  }
  Endpoint peer() const override { return here(); }
  Endpoint local() const override { return here(); }

 private:
  static Endpoint here() {
    Endpoint e;
    e.address = "127.0.0.1";
    return e;
  }

  Loop& loop_;
  std::shared_ptr<Direction> in_, out_;
  bool closed_ = false;
};

}  // namespace

std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> memory_pipe(Loop& loop) {
  auto there = std::make_shared<Direction>();
  auto back = std::make_shared<Direction>();
  return {std::make_unique<MemoryStream>(loop, back, there), std::make_unique<MemoryStream>(loop, there, back)};
}

}  // namespace hky::net
